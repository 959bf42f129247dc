"""The `mockint` command."""

from __future__ import annotations

import click


@click.group()
@click.version_option(package_name=None, version="0.1.0", prog_name="mockint")
def main() -> None:
    """Mock interviews for a community."""


if __name__ == "__main__":
    main()
