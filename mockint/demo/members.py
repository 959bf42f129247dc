"""The people of the demo community, written with their hours and profiles."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from mockint.db import db
from mockint.demo import content
from mockint.models import (
    AvailabilityException,
    AvailabilityRule,
    CandidateProfile,
    InterviewerProfile,
    Person,
    Role,
)
from mockint.web.hours.forms import DAYS, MINUTES

BEFORE = timedelta(weeks=8)
"""Everybody joined before the six weeks that are played."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the demo and what only the demo knows of them."""

    person: Person
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody, by role."""

    organisers: list[Member]
    interviewers: list[Member]
    candidates: list[Member]


def _person(data: Mapping[str, Any], roles: Iterable[Role], password: str, at: datetime) -> Person:
    return Person(
        email=data["email"],
        name=data["display_name"],
        zone=data["zone"],
        password=password,
        fs_uniquifier=uuid.uuid4().hex,
        confirmed_at=at,
        created_at=at,
        roles=list(roles),
    )


def _volunteer(data: Mapping[str, Any], state: str, at: datetime) -> InterviewerProfile:
    plain = unicodedata.normalize("NFKD", data["display_name"]).encode("ascii", "ignore").decode()
    room = plain.lower().replace(" ", "-").replace(".", "")
    return InterviewerProfile(
        state=state,
        company=data["company"],
        title=data["title"],
        years=data["years"],
        tracks=tuple(data["tracks"]),
        levels=tuple(data["levels"]),
        languages=tuple(data["languages"]),
        bio=data["bio"],
        meeting_link=f"https://meet.harbour.example/{room}",
        applied_at=at,
        decided_at=at if state == "approved" else None,
        notice_min=720,
        buffer_min=15,
        max_per_day=2,
        max_per_week=data.get("max_per_week", 3),
    )


def _hours(person: Person, weekly: Mapping[str, list[list[str]]]) -> None:
    db.session.add_all(
        AvailabilityRule(
            person_id=person.id, weekday=weekday, start_min=MINUTES[start], end_min=MINUTES[end]
        )
        for weekday, key in enumerate(DAYS)
        for start, end in weekly.get(key, [])
    )


def join(now: datetime, password: str) -> Cast:
    """Write everybody; `password` is the hash all demo people share."""
    roles = {role.name: role for role in db.session.scalars(select(Role))}
    data, at = content.people(), now - BEFORE
    cast = Cast([], [], [])
    known: dict[str, Member] = {}
    for each in data["interviewers"]:
        person = _person(each, [roles["interviewer"]], password, at)
        person.interviewer = _volunteer(each, "approved", at)
        member = known[each["email"]] = Member(person, each)
        cast.interviewers.append(member)
    for each in data["candidates"]:
        person = _person(each, [roles["candidate"]], password, at)
        person.candidate = CandidateProfile(
            target_role=each["target_role"],
            target_level=each["level"],
            tracks=tuple(each["tracks"]),
            languages=tuple(each["languages"]),
            target_companies=tuple(each["target_companies"]),
            current_employer=each["current_employer"] or "",
            interview_on=(now + timedelta(weeks=each["weeks_until_interview"])).date(),
            goals=each["goals"],
        )
        cast.candidates.append(Member(person, each))
    for each in data["organisers"]:
        if each["email"] in known:
            known[each["email"]].person.roles.append(roles["organiser"])
            cast.organisers.append(known[each["email"]])
            continue
        cast.organisers.append(Member(_person(each, [roles["organiser"]], password, at), each))
    for each in data["applications"]:
        applied = now - timedelta(days=each["waiting_days"], hours=3)
        person = _person(each, [], password, applied)
        person.interviewer = _volunteer(each, "applied", applied)
        db.session.add(person)
    only_organise = [m for m in cast.organisers if m not in cast.interviewers]
    for group in (only_organise, cast.interviewers, cast.candidates):
        db.session.add_all(member.person for member in group)
        db.session.flush()
    for member in cast.interviewers:
        _hours(member.person, member.data["weekly_hours"])
    _holiday(cast, now)
    return cast


def _holiday(cast: Cast, now: datetime) -> None:
    """A few volunteers are away for a week, as people are."""
    for number, member in enumerate(cast.interviewers[3::9]):
        first = (now + timedelta(days=9 + 5 * number)).date()
        db.session.add(
            AvailabilityException(
                person_id=member.person.id,
                first_on=first,
                last_on=first + timedelta(days=6),
                blocks=[],
            )
        )
