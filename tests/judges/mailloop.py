"""A real mail loop: invitation out through Postfix, answer back in, a bounce, all on loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import icalendar

from mockint.adapters.imap import Folder, Mailbox
from mockint.db import db
from mockint.models import OutboxMessage
from mockint.services import inbox
from tests.judges import Claim, equal
from tests.judges.mailservers import AUTHSERV_ID, MailServers, running
from tests.judges.packages import Missing
from tests.judges.story import HOST, Story, told
from tests.support.replies import Said, gmail

NEEDS = ("postfix", "dovecot-imapd", "dovecot-lmtpd")
OURS = f"mockint@{HOST}"
CANDIDATE, INTERVIEWER = "sanjana@people.example", "jonas@people.example"
GONE = "gone@people.example"


def judge(folder: Path) -> Iterator[Claim]:
    if os.geteuid():
        raise Missing("Postfix gives up rights that only root has. Run this judge as root.")
    folder.mkdir(parents=True)
    for each in (folder, folder.parent):
        each.chmod(0o755)  # both servers do their work as other users
    with running(folder, (OURS, CANDIDATE, INTERVIEWER), AUTHSERV_ID) as servers:
        settings = {
            "smtp_url": servers.smtp_url,
            "imap_url": servers.imap_url(OURS),
            "authserv_id": AUTHSERV_ID,
        }
        with told(folder / "loop", **settings) as story:
            yield from _loop(story, servers)
        with told(folder / "bounce", interviewer=GONE, **settings) as story:
            yield from _bounce(story, servers)


def _look(story: Story, servers: MailServers, expected: int) -> dict[str, int]:
    """One look, once that much mail has come in."""
    servers.inbox(OURS, expected)
    done = inbox.look(now=story.now, at_once=True)
    assert not done.trouble, done
    story.now += timedelta(minutes=1)  # what the look made due can be sent
    return dict(done.outcomes)


def _loop(story: Story, servers: MailServers) -> Iterator[Claim]:
    story.book()
    invited = servers.inbox(CANDIDATE)[0]
    event = _event(invited)
    start, end = event.start, event.end
    assert isinstance(start, datetime)
    assert isinstance(end, datetime)
    yield equal("the invitation went out through Postfix", str(event["UID"]), story.booking.uid)
    yield equal("so did the other side's", len(servers.inbox(INTERVIEWER)), 1)
    said = Said(
        uid=str(event["UID"]),
        organizer=str(event["ORGANIZER"]).removeprefix("mailto:"),
        attendee=CANDIDATE,
        start=start,
        end=end,
        stamp=story.now,
        trace="",
    )
    servers.submit(gmail(said), sender=CANDIDATE, to=said.organizer, proven=True)
    yield equal("the answer counts in one look", _look(story, servers, 1), {"applied": 1})
    yield equal("and is known", story.told().partstat, "ACCEPTED")
    forged = gmail(said.but(partstat="DECLINED", stamp=story.now + timedelta(seconds=1)))
    servers.submit(forged, sender=CANDIDATE, to=said.organizer, proven=False)
    yield equal("one without a verdict is held", _look(story, servers, 2), {"held": 1})
    yield equal("and changes nothing", story.told().partstat, "ACCEPTED")
    before = len(servers.inbox(CANDIDATE))
    story.send()
    yield equal("the address on file is asked instead", len(servers.inbox(CANDIDATE, before + 1)),
                before + 1)  # fmt: skip
    yield equal("a further look finds nothing", inbox.look(now=story.now, at_once=True).total, 0)


def _bounce(story: Story, servers: MailServers) -> Iterator[Claim]:
    already = len(servers.inbox(OURS))
    inbox.look(now=story.now, at_once=True)  # this database has not seen this mailbox
    story.book()
    yield equal("a real DSN is a bounce", _look(story, servers, already + 1), {"bounce": 1})
    report = servers.inbox(OURS)[-1]
    yield equal("it was one", report.get_content_type(), "multipart/report")
    rows = db.session.query(OutboxMessage).filter_by(booking_id=story.booking_id, kind="invitation")
    states = {row.side: row.state for row in rows}
    yield equal("the mail counts as lost", states, {"candidate": "sent", "interviewer": "dead"})
    yield equal("and nobody declined", (story.booking.state, story.told("interviewer").partstat),
                ("confirmed", "NEEDS-ACTION"))  # fmt: skip
    with Folder(Mailbox.of(story.settings.imap_url)) as folder:
        folder.set_aside(folder.after(0, since=story.now.date() - timedelta(days=1))[-1])
    left = len(servers.inbox(OURS))
    yield equal("Dovecot moves a message to quarantine", left, already)


def _event(message: EmailMessage) -> icalendar.Event:
    part = next(one for one in message.walk() if one.get_content_type() == "text/calendar")
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    return icalendar.Calendar.from_ical(octets).events[0]
