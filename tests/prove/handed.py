"""`mockint` with a listening socket handed to it as systemd does (sd_listen_fds(3)).

`python -m tests.prove.handed DESCRIPTOR WORDS...`: the socket lives on while the command ends and
another starts, so no connection is turned away.
"""

from __future__ import annotations

import os
import sys

FIRST = 3
"""Where systemd puts the first descriptor."""


def hand_over(descriptor: int, words: list[str]) -> None:
    """Become the command, which then owns the socket too."""
    os.dup2(descriptor, FIRST, inheritable=True)
    given = os.environ | {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    os.execve(sys.executable, [sys.executable, "-m", "mockint.cli", *words], given)


if __name__ == "__main__":
    hand_over(int(sys.argv[1]), sys.argv[2:])
