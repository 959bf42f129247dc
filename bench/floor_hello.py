"""The floor of an answer that is not worked out: Flask says hello. No database, no words, no page.

Serve it with gunicorn like the application: `gunicorn bench.floor_hello:app`.
"""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/hello")
def hello() -> str:
    return "hello\n"
