"""Links that show chosen feedback to somebody without an account.

The token comes from a random seed and the installation's key, so its owner can read the address
again while only its hash is looked up; neither the row nor the key alone opens anything. What a
link shows is read anew each time, so feedback that is withdrawn vanishes from it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from mockint.adapters import links
from mockint.db import db, transaction
from mockint.domain.errors import NotYours
from mockint.domain.progress import sharing
from mockint.models import Person, PracticeSharing, ProgressShare, ProgressShareItem
from mockint.queries import progress as progress_query
from mockint.queries import shares as query
from mockint.services import audit
from mockint.services.links import token_hash
from mockint.settings import active

SEED_BYTES = 16


def make(
    person_id: int, *, name: str, interviews: Collection[int], life: str, now: datetime
) -> ProgressShare:
    """A new link to the feedback of these interviews; `life` is a key of `sharing.LIVES`."""
    name = sharing.clean_name(name)
    ends = sharing.expiry(life, now)
    seed = secrets.token_hex(SEED_BYTES)
    with transaction():
        db.session.get_one(Person, person_id, with_for_update={"of": Person})
        readable = [row.booking_id for row in progress_query.released(person_id)]
        sharing.require_choice(interviews, readable)
        mine = select(func.count()).where(ProgressShare.person_id == person_id)
        sharing.require_room(db.session.scalar(mine) or 0)
        row = ProgressShare(
            person_id=person_id,
            name=name,
            seed=seed,
            token_hash=token_hash(_token(seed)),
            made_at=now,
            expires_at=ends,
            items=[ProgressShareItem(booking_id=one) for one in sorted(set(interviews))],
        )
        db.session.add(row)
        db.session.flush()
        audit.record("progress_share.make", f"progress_share:{row.id}", by=person_id, now=now)
    return row


def end(share_id: int, *, by: int, now: datetime) -> None:
    """End a link at once and for good; its address answers like one that never was."""
    with transaction():
        row = db.session.get(ProgressShare, share_id)
        if row is None or row.person_id != by:
            raise NotYours
        db.session.delete(row)
        audit.record("progress_share.end", f"progress_share:{share_id}", by=by, now=now)


def address(row: ProgressShare) -> str | None:
    """The absolute address; None after the installation's key was changed, though it works on."""
    token = _token(row.seed)
    if not secrets.compare_digest(token_hash(token), row.token_hash):
        return None
    return links.absolute(active().base_url, "shared", token)


def _token(seed: str) -> str:
    return links.derive(active(), "share", seed)


def find(token: str, *, now: datetime) -> ProgressShare:
    """The link with this token while it works; NotYours for one that ended or never was."""
    row = query.of_token(token_hash(token))
    if row is None or not sharing.works(row.expires_at, now):
        raise NotYours
    return row


def open_(token: str, *, now: datetime) -> ProgressShare:
    """As `find`, when somebody pressed the button: note when."""
    with transaction():
        row = find(token, now=now)
        row.opened_at = now
    return row


def show_practice(person_id: int, *, shown: bool, now: datetime) -> None:
    """Let later interviewers see what is practised, once their scores are in; or no longer."""
    with transaction():
        row = db.session.get(PracticeSharing, person_id)
        if shown and row is None:
            db.session.add(PracticeSharing(person_id=person_id, since=now))
        elif not shown and row is not None:
            db.session.delete(row)
