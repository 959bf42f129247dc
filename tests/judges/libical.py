"""libical, the library of GNOME's and KDE's calendars, checks what RFC 5546 asks of each METHOD."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.judges import Claim
from tests.judges.story import SIDES, told

NEEDS = ("gir1.2-ical-3.0", "python3-gi")
SCRIPT = Path(__file__).with_name("check_libical.py")
PYTHON = "/usr/bin/python3"
"""The system's: bindings come as its package."""


def judge(folder: Path) -> Iterator[Claim]:
    objects = _objects(folder)
    good = next(iter(objects.values()))
    objects["an object that libical must refuse"] = good.replace(b"ORGANIZER", b"X-ORGANIZER")
    verdicts = _checked(folder, objects)
    *ours, wrong = zip(objects, verdicts, strict=True)
    for name, (holds, errors) in ours:
        yield Claim(f"{name}: 0 errors", holds and errors == 0, f"{errors} errors")
    yield Claim("it does find errors", wrong[1][1] > 0, f"{wrong[1][1]} in {wrong[0]}")


def _objects(folder: Path) -> dict[str, bytes]:
    """Every kind of calendar object that leaves mockint."""
    with told(folder / "mockint") as story:
        story.book()
        files = {f"download, {side}": story.download(side) for side in SIDES}
        feeds = {f"feed, {side}": story.feed(side) for side in SIDES}
    with told(folder / "again") as story:
        story.whole()
        feeds |= {f"feed after the cancellation, {side}": story.feed(side) for side in SIDES}
        mails = {
            f"mail {number}, {one.step}, {one.method}, {one.side}": one.calendar.encode()
            for number, one in enumerate(story.letters, 1)
        }
    with told(folder / "empty") as story:
        feeds["feed of somebody without interviews"] = story.feed("candidate")
    return mails | files | feeds


def _checked(folder: Path, objects: dict[str, bytes]) -> list[tuple[bool, int]]:
    paths = []
    for number, octets in enumerate(objects.values()):
        paths.append(folder / f"{number}.ics")
        paths[-1].write_bytes(octets)
    command = [PYTHON, "-I", str(SCRIPT), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return [(holds, errors) for holds, errors in json.loads(done.stdout)]
