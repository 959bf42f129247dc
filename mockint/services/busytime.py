"""An interviewer connects their own calendars: addresses that are read again, files read once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import delete, select, update

from mockint.adapters.expansion import Job, expand
from mockint.adapters.fetching import PRIVATE, spells_private
from mockint.db import db, insert, transaction
from mockint.domain import owncalendars as rules
from mockint.domain.account import clean_line
from mockint.domain.busytime import Busy, CalendarRefused, Owner
from mockint.domain.errors import N_, Invalid, LimitReached, NotYours, Refusal
from mockint.domain.timespan import Span, cells_around
from mockint.models import Booking, BusyCalendar, BusyQuestion, BusyTime, Occupancy, Person
from mockint.services import availability, occupancy, outbox, stamps
from mockint.settings import active

GONE_AFTER = timedelta(days=8)
"""Busy times that are over go; caps and pages look no further back."""
_AT_ONCE = 5000
_expanding = Lock()
"""Of a web process, so that files sent together do not take half a GiB each."""


# What its owner does


def add_url(person_id: int, *, url: str, name: str, now: datetime) -> BusyCalendar:
    """Read the calendar at this address from now on; the worker begins within seconds."""
    url = rules.clean_url("url", url, ours=active().base_url)
    if spells_private(url, allowed=active().calendar_allowed):
        raise Invalid("url", PRIVATE)
    name = clean_line("name", name, rules.NAME_MAX) or rules.host_of(url)
    with transaction():
        known = _locked(person_id)
        if url in {one.url for one in known}:
            raise Invalid("url", N_("This calendar is on your list already."))
        _require_room(known)
        made = BusyCalendar(
            person_id=person_id, kind="url", name=name, url=url, added_at=now, next_look_at=now
        )
        db.session.add(made)
    return made


def add_file(person_id: int, *, name: str, body: bytes, now: datetime) -> BusyCalendar:
    """Read this file once, for a year from now, and keep nothing else of it.

    It takes the place of the one with the same name. CalendarRefused says why it cannot be read.
    """
    name = clean_line("file", name, 255) or "calendar.ics"
    if not body:
        raise Invalid("file", N_("Choose a calendar file; it often ends in .ics."))
    if len(body) > rules.MOST_OCTETS:
        raise Invalid("file", N_("Choose a file of at most 10 MiB."))
    with transaction():
        _locked(person_id)
        owner = owner_of(db.session.get_one(Person, person_id))
    window = Span(rules.window(now, 0).start, rules.window(now, 0).start + rules.FILE_REACH)
    with _expanding:
        (outcome,) = expand([Job(0, body, owner, window)])
    if outcome.busy is None:
        raise outcome.refusal or CalendarRefused(N_("The calendar cannot be read."))
    with transaction():
        known = _locked(person_id)
        occupancy.lock_people([person_id])
        found = next((one for one in known if (one.kind, one.name) == ("file", name)), None)
        if found is None:
            _require_room(known)
            found = BusyCalendar(person_id=person_id, kind="file", name=name, added_at=now)
            db.session.add(found)
            db.session.flush()
        found.read_as = rules.read_as(owner, window)
        found.digest = rules.digest(body)
        found.tried_at = now
        note_read(found, outcome.busy, now=now)
    return found


def remove(person_id: int, calendar_id: int) -> None:
    """Forget the calendar and its address; what it blocked is free at once."""
    with transaction():
        db.session.delete(_own(person_id, calendar_id))
        stamps.touch([person_id])


def look_soon(person_id: int, calendar_id: int, *, now: datetime) -> None:
    """Have the worker read it with its next look."""
    with transaction():
        found = _own(person_id, calendar_id)
        if found.kind != "url":
            raise Invalid("file", N_("A file is read once. Upload it again when it has changed."))
        found.next_look_at = now


def keep(booking_id: int, *, interviewer_id: int, now: datetime) -> None:
    """The interview stays where it is, whatever the calendar says; saying so twice is fine."""
    with transaction():
        booking = db.session.get(Booking, booking_id)
        if booking is None or booking.interviewer_id != interviewer_id:
            raise NotYours()
        db.session.execute(
            update(BusyQuestion)
            .where(
                BusyQuestion.booking_id == booking_id,
                BusyQuestion.start_at == booking.start_at,
                BusyQuestion.kept_at.is_(None),
            )
            .values(kept_at=now)
        )


def drop_old(*, now: datetime) -> None:
    """Forget busy times that are over, of files above all, as nobody reads those again."""
    gone = cells_around(Span(now - GONE_AFTER, now)).start
    with transaction():
        db.session.execute(delete(BusyTime).where(BusyTime.end_cell <= gone))


def _locked(person_id: int) -> list[BusyCalendar]:
    """Their calendars, while nobody else adds one; refused for who is no interviewer."""
    availability.profile(person_id)
    query = select(BusyCalendar).where(BusyCalendar.person_id == person_id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _require_room(known: list[BusyCalendar]) -> None:
    if len(known) >= rules.MOST:
        raise LimitReached(
            N_("You have %(most)s calendars already. Remove one first."), most=rules.MOST
        )


def _own(person_id: int, calendar_id: int) -> BusyCalendar:
    found = db.session.get(BusyCalendar, calendar_id, with_for_update={"of": BusyCalendar})
    if found is None or found.person_id != person_id:
        raise NotYours()
    return found


def owner_of(person: Person) -> Owner:
    """Whose zone and address decide what an entry means, and which entries come from here."""
    return Owner.of(person.zone, [person.email], active().host)


# What a look found; inside a transaction that has locked the person and the row


def note_read(row: BusyCalendar, busy: Busy | None, *, now: datetime) -> None:
    """It was read; None: it is as before. Whoever is newly in the way is asked about."""
    changed = _replace(row, busy.spans) if busy is not None else False
    if busy is not None:
        row.caveats = [[one.sentence, one.about] for one in busy.warnings]
    if changed or row.closed:
        stamps.touch([row.person_id])
    row.read_at, row.failing_since, row.closed = now, None, False
    row.trouble, row.trouble_about = "", {}
    _ask(row, now=now)


def note_failure(row: BusyCalendar, refusal: Refusal, *, now: datetime) -> None:
    """It could not be read; what was read last still counts, but not for ever."""
    row.trouble, row.trouble_about = refusal.sentence, dict(refusal.params)
    if row.failing_since is None:
        row.failing_since = now
        _owe(row, "failing", due_at=now + rules.TELL_OWNER_AFTER, now=now)
    if not row.closed and rules.must_close(row.failing_since, now):
        row.closed = True
        stamps.touch([row.person_id])
        _owe(row, "closed", due_at=now, now=now)


def _replace(row: BusyCalendar, spans: Iterable[Span]) -> bool:
    """Keep these busy times instead; False when they are the same."""
    table = BusyTime.__table__
    before = db.session.execute(
        select(table.c.first_cell, table.c.end_cell).where(table.c.calendar_id == row.id)
    )
    cells = rules.blocked(spans)
    if {(first, end) for first, end in before} == set(cells):
        return False
    db.session.execute(delete(BusyTime).where(BusyTime.calendar_id == row.id))
    for start in range(0, len(cells), _AT_ONCE):
        db.session.execute(
            insert(table),
            [
                {"calendar_id": row.id, "first_cell": first, "end_cell": end}
                for first, end in cells[start : start + _AT_ONCE]
            ],
        )
    return True


def _ask(row: BusyCalendar, *, now: datetime) -> None:
    """Ask about each booked interview that this calendar is busy at, once for each start."""
    clashing = db.session.scalars(
        select(Booking)
        .where(
            Booking.interviewer_id == row.person_id,
            Booking.state == "confirmed",
            Booking.start_at > now,
            Booking.id.in_(
                select(Occupancy.booking_id).where(
                    Occupancy.person_id == row.person_id,
                    Occupancy.cell >= BusyTime.first_cell,
                    Occupancy.cell < BusyTime.end_cell,
                    BusyTime.calendar_id == row.id,
                )
            ),
        )
        .order_by(Booking.id)
    ).unique()
    for booking in clashing.all():
        question = {"booking_id": booking.id, "start_at": booking.start_at, "asked_at": now}
        outbox_key = f"booking:{booking.id}:interviewer:calendar-busy:{booking.sequence}"
        asked = db.session.execute(insert(BusyQuestion).values(question).on_conflict_do_nothing())
        if asked.rowcount:  # type: ignore[attr-defined]  # a cursor result
            outbox.record(
                key=outbox_key,
                kind="calendar-busy",
                person_id=row.person_id,
                booking_id=booking.id,
                side="interviewer",
                sequence=booking.sequence,
                due_at=now,
                now=now,
            )


def _owe(row: BusyCalendar, what: str, *, due_at: datetime, now: datetime) -> None:
    since = row.failing_since or now
    outbox.record(
        key=f"calendar:{row.id}:{what}:{since.isoformat()}",
        kind="calendar-failing",
        person_id=row.person_id,
        payload={"calendar_id": row.id, "since": since.isoformat()},
        due_at=due_at,
        now=now,
    )
