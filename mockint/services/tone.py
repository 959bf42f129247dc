"""Hints of the tone check that an author sets aside; the texts themselves stay in the feedback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import structlog
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain.account import clean_line
from mockint.domain.errors import N_, Conflict, Invalid, NotYours
from mockint.domain.feedback import require_draft
from mockint.domain.tone import Finding
from mockint.models import Feedback, ToneDismissal
from mockint.queries import feedback as feedback_query
from mockint.queries import tone as query

REASON_MAX = 300
log = structlog.get_logger()


def note(found: Iterable[Finding]) -> None:
    """Log how many hints of each kind there are, and nothing of what was written."""
    log.debug("tone_checked", **Counter(one.kind for one in found))


def set_aside(
    booking_id: int, *, author_id: int, finding: Finding, reason: str, now: datetime
) -> None:
    """Keep the words a hint names, saying why; setting it aside twice changes nothing.

    Conflict when the words stand there no more; slurs and threats cannot be set aside.
    """
    reason = clean_line("reason", reason, REASON_MAX)
    if len(reason) < 3:
        raise Invalid("reason", N_("Say in a few words why it stays."))
    with transaction():
        found = db.session.scalar(
            select(Feedback)
            .where(Feedback.booking_id == booking_id, Feedback.author_id == author_id)
            .with_for_update(of=Feedback)
        )
        if found is None:
            raise NotYours
        require_draft(found.state)
        present = {one.key: one for one in query.findings(feedback_query.content(found))}
        meant = present.get(finding.key)
        if meant is None or meant.refused:
            raise Conflict(N_("These words do not stand there any more."))
        if meant.key not in {query.key_of(row) for row in query.dismissals(found.id)}:
            db.session.add(
                ToneDismissal(
                    feedback_id=found.id,
                    author_id=author_id,
                    step=meant.step,
                    field=meant.field,
                    kind=meant.kind,
                    words=meant.said,
                    reason=reason,
                    created_at=now,
                )
            )
