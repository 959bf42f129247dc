"""What a booking costs over HTTP beside the floor, and how soon its invitations are there."""

from __future__ import annotations

from tests.prove.bookings import Load
from tests.prove.outcome import Options, Outcome

CLAIM = "A booking costs at most twice a bare ORM insert; its invitations are there in 2 seconds."
DATABASES = ("postgresql",)


def run(options: Options) -> Outcome:
    return Load(options).run()
