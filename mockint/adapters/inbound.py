"""Reads one message from outside by the standard library and authres, trusting neither.

Nothing here raises, whatever the octets: what cannot be read says so in `fault`. Parts inside
message/rfc822 are never looked at, since a bounce carries our own invitation back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any

import authres

from mockint.adapters import answer
from mockint.domain.errors import N_
from mockint.domain.invitation import plain_line
from mockint.domain.reply import Answer, Inbound, Report, Verdict

MOST_OCTETS = 2**20
MOST_PARTS, MOST_DEPTH = 30, 20
MOST_HEADERS, LONGEST_HEADER = 10, 8 * 1024
"""Of one name; what comes after them is not looked at."""
LONGEST_WORDS = 200
QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
RECIPIENTS = ("Delivered-To", "X-Original-To", "To", "Cc")
TOO_LARGE = N_("It is too large to be an answer.")
UNREADABLE = N_("It is not a message that can be read.")


def read(raw: bytes, *, authserv_id: str, recipient: str = "") -> Inbound:
    """The message; `recipient` is the envelope's, when whoever hands it over knows it."""
    whole = hashlib.sha256(raw).hexdigest()
    if len(raw) > MOST_OCTETS:
        return Inbound(key=whole, fault=TOO_LARGE)
    try:
        return _read(raw, whole, authserv_id, recipient)
    except Exception:  # the parser has its own opinion of hostile octets; all of them end here
        return Inbound(key=whole, fault=UNREADABLE)


def _read(raw: bytes, whole: str, authserv_id: str, recipient: str) -> Inbound:
    if _is_nested(raw):
        return Inbound(key=whole, fault=UNREADABLE)
    message = message_from_bytes(raw)
    recipients = [recipient] if recipient else []
    for name in RECIPIENTS:
        recipients += _addresses(message, name)
    report = _report(message)
    part = None if report else _calendar_part(message)
    octets = _octets(part) if part is not None else b""
    given: Answer | None = None
    fault = ""
    if part is not None:
        try:
            given = answer.read(octets, charset=_charset(part), declared=_method(part))
        except answer.UnreadableError as error:
            fault = str(error)
    return Inbound(
        key=_key(message, octets) if octets else whole,
        recipients=tuple(recipients),
        senders=_senders(message),
        verdict=_verdict(message, authserv_id),
        automatic=_is_automatic(message),
        report=report,
        answer=given,
        fault=fault,
    )


def _is_nested(raw: bytes) -> bool:
    """Whether it declares more boundaries than the parser, slow at these, should follow."""
    return raw.lower().count(b"boundary=") > MOST_PARTS


def _key(message: Message, octets: bytes) -> str:
    """The same for every copy of a message, whichever way it came."""
    part = hashlib.sha256(octets).hexdigest()
    return hashlib.sha256(f"{_text(message, 'Message-ID')}\n{part}".encode()).hexdigest()


# Headers


def _texts(message: Message, name: str) -> list[str]:
    """The values of a header, each on one line and printable."""
    found = message.get_all(name, [])[:MOST_HEADERS]
    return [plain_line(str(value))[:LONGEST_HEADER] for value in found]


def _text(message: Message, name: str) -> str:
    return next(iter(_texts(message, name)), "")


def _mailboxes(value: str) -> list[str]:
    """The addresses in one header; the parser raises where an encoded word hides a line break."""
    header = policy.default.header_factory("to", value)
    return [plain_line(str(address.addr_spec)) for address in header.addresses]


def _addresses(message: Message, name: str) -> list[str]:
    found: list[str] = []
    for value in _texts(message, name):
        try:
            found += _mailboxes(value)
        except Exception:  # an address nobody can read is no address; see `_mailboxes`
            continue
    return found


def _senders(message: Message) -> tuple[str, ...]:
    """Every address in every From; one header that cannot be read leaves none."""
    found: list[str] = []
    for value in _texts(message, "From"):
        try:
            found += _mailboxes(value)
        except Exception:  # see `_mailboxes`
            return ()
    return tuple(found)


def _is_automatic(message: Message) -> bool:
    """RFC 3834: never to be answered. X-Auto-Response-Suppress asks for silence, no more."""
    submitted = _text(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or _text(message, "Precedence").lower() in ("bulk", "junk", "list")
        or message.get("List-Id") is not None
        or _text(message, "Return-Path") == "<>"
    )


def _verdict(message: Message, authserv_id: str) -> Verdict:
    """What the topmost header of our own server says; anybody can write the others."""
    if not authserv_id:
        return Verdict.NONE
    for value in _texts(message, "Authentication-Results"):
        try:
            # Microsoft and others end the list with a semicolon, which authres takes for a result.
            parsed = authres.AuthenticationResultsHeader.parse_value(value.rstrip("; "))
        except Exception:  # authres raises more than its own errors on hostile input
            if value.lower().startswith(authserv_id.lower()):
                return Verdict.NONE
            continue
        if str(parsed.authserv_id).lower() == authserv_id.lower():
            return _dmarc(parsed.results, _text(message, "From"))
    return Verdict.NONE


def _dmarc(results: list[authres.AuthenticationResult], sender: str) -> Verdict:
    """A pass counts for the domain it names, and only where From can be read in one way."""
    found = [result for result in results if result.method.lower() == "dmarc"]
    said = {str(result.result).lower() for result in found}
    if "fail" in said:
        return Verdict.FAIL
    judged = {
        str(one.value).rpartition("@")[2].lower()
        for result in found
        for one in result.properties
        if (one.type, one.name) == ("header", "from")
    }
    bare = QUOTED.sub("", sender)
    domain = bare.rpartition("@")[2].rstrip("> ").lower()
    is_plain = bare.count("@") == 1 and judged <= {domain}
    return Verdict.PASS if said == {"pass"} and is_plain else Verdict.NONE


# Parts


def _parts(message: Message) -> Iterator[Message]:
    """Every part that holds something, in order; whole messages inside stay closed."""
    waiting: list[tuple[Any, int]] = [(message, 0)]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part, depth = waiting.pop(0)
        if part.get_content_maintype() == "message":
            continue
        inside = part.get_payload()
        if not isinstance(inside, list):
            yield part
        elif depth < MOST_DEPTH:
            waiting[:0] = [(one, depth + 1) for one in inside]


def _calendar_part(message: Message) -> Message | None:
    parts = list(_parts(message))
    for kind in ("text/calendar", "application/ics"):
        for part in parts:
            if part.get_content_type() == kind:
                return part
    return None


def _octets(part: Message) -> bytes:
    octets = part.get_payload(decode=True)
    return octets if isinstance(octets, bytes) else b""


def _charset(part: Message) -> str:
    return str(part.get_content_charset() or "utf-8")


def _method(part: Message) -> str:
    value = part.get_param("method")
    return plain_line(collapse_rfc2231_value(value)).upper()[:40] if value else ""


def _report(message: Message) -> Report | None:
    """A delivery report by its own fields (RFC 3464); any other report says nothing of use."""
    if message.get_content_type() != "multipart/report":
        return None
    failed, words = False, ""
    inside: Any = message.get_payload()
    for part in inside if isinstance(inside, list) else []:
        blocks = part.get_payload()
        if part.get_content_type() != "message/delivery-status" or not isinstance(blocks, list):
            continue
        for block in blocks:
            if _text(block, "Action").lower() == "failed":
                failed = True
                words = words or _text(block, "Diagnostic-Code") or _text(block, "Status")
    return Report(failed, words.removeprefix("smtp;").strip()[:LONGEST_WORDS])
