"""Runs under the system's Python, which has libical's bindings: files in, a verdict for each out.

`check_libical.py FILE...` prints a JSON list of `[restrictions hold, errors found]`.
"""

import json
import sys
from pathlib import Path

import gi

gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib  # noqa: E402 - its version is chosen first

found = []
for name in sys.argv[1:]:
    component = ICalGLib.Component.new_from_string(Path(name).read_bytes().decode())
    found.append([bool(component.check_restrictions()), component.count_errors()])
print(json.dumps(found))
