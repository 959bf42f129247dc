"""`python -m mockint.cli`."""

from mockint.cli import run

run()
