"""People as an organiser sees them: the list, one of them, volunteers, and who waits for a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import zones
from mockint.domain.account import APPLICATION_MOVES
from mockint.domain.errors import NotYours, Refusal
from mockint.domain.rubric import LANGUAGES
from mockint.models import InterviewerProfile, Person, SlotRequest
from mockint.queries import blocked, busytime, ended, files, lists, seekers
from mockint.queries import community as community_query
from mockint.queries.files import PersonFile
from mockint.services import absence, departure, organisers, volunteer
from mockint.services.booking import futures_of
from mockint.web import presenters
from mockint.web.desk import words
from mockint.web.desk.blueprint import blueprint
from mockint.web.desk.forms import ApartForm, DecisionForm, InviteForm
from mockint.web.desk.listing import listing
from mockint.web.errors import sentence
from mockint.web.guards import ORGANISER, allow
from mockint.web.slots import recommended
from mockint.web.slots.choice import from_address as choice_of

HEADS = (
    "id", "name", "email", "roles", "zone", "application", "company", "tracks", "levels",
    "joined_utc", "open",
)  # fmt: skip
DEMAND_HEADS = ("id", "since_utc", "candidate", "zone", "track", "level", "minutes")
Problems = list[tuple[str, str | None]]


def _cells(person: Person, profile: InterviewerProfile | None) -> tuple[object, ...]:
    return (
        person.id,
        person.name,
        person.email,
        " ".join(sorted(person.role_names)),
        person.zone,
        profile.state if profile else "",
        profile.company if profile else "",
        " ".join(profile.tracks) if profile else "",
        " ".join(profile.levels) if profile else "",
        presenters.machine(person.created_at),
        "yes" if person.active else "no",
    )


@blueprint.get("/people")
@allow(ORGANISER)
def people() -> ResponseReturnValue:
    """Everybody with an account."""
    g.nav = "People"
    chosen = lists.Filter.of(request.args)
    return listing(
        "people",
        lists.people(chosen),
        chosen,
        heads=HEADS,
        cells=_cells,
        roles=presenters.Named(words.ROLES),
        applications=presenters.Named(words.APPLICATIONS),
        named=words.named,
        person_state=words.person_state,
    )


@blueprint.get("/demand")
@allow(ORGANISER)
def demand() -> ResponseReturnValue:
    """Who found nothing free and waits to be told."""
    g.nav = "Desk"
    chosen = lists.Filter.of(request.args)
    now = presenters.now()

    def cells(one: SlotRequest, person: Person) -> tuple[object, ...]:
        since = presenters.machine(one.created_at)
        return one.id, since, person.name, person.zone, one.track, one.level, one.duration_min

    return listing(
        "demand",
        lists.demand(chosen),
        chosen,
        heads=DEMAND_HEADS,
        cells=cells,
        age=lambda since: words.age(since, now),
    )


@blueprint.get("/people/<int:person_id>")
@allow(ORGANISER)
def person(person_id: int) -> ResponseReturnValue:
    """Everything an organiser may know about one person; never where a candidate works."""
    return page(file_of(person_id))


def file_of(person_id: int) -> PersonFile:
    found = files.person(person_id, now=presenters.now())
    if found is None:
        raise NotYours()
    return found


def page(
    found: PersonFile,
    form: DecisionForm | None = None,
    errors: Problems | None = None,
    *,
    apart_form: ApartForm | None = None,
    choice: Sequence[Person] = (),
) -> str:
    """`choice`: those of the typed name, of whom one is to be kept apart from this person."""
    g.nav = "People"
    who, now = found.person, presenters.now()
    profile = who.interviewer
    moves = APPLICATION_MOVES[profile.state] if profile else frozenset()
    return render_template(
        "desk/person.html",
        who=who,
        file=found,
        profile=profile,
        form=form or DecisionForm(formdata=None),
        apart_form=apart_form or ApartForm(formdata=None),
        apart=blocked.shown(who.id),
        unwritten=ended.closed_count(who.id) if profile else 0,
        choice=choice,
        recommended=_recommended(who, now),
        errors=errors or [],
        state=words.person_state(who, profile),
        application=_(words.APPLICATIONS[profile.state]) if profile else "",
        decisions=[one for one in ("approved", "returned", "declined") if one in moves],
        roles=[_(words.ROLES[role]) for role in words.ROLES if role in who.role_names],
        named=words.named,
        languages=LANGUAGES,
        action=words.action,
        their_zone=zones.label(who.zone, now),
        paused=_paused(profile, zones.local_date(who.zone, now)),
        unread=[one for one in busytime.own(who.id) if one.failing_since],
        booking_state=lambda one: words.booking_state(one, now),
        myself=who.id == current_user.id,
    )


def _recommended(who: Person, now: datetime) -> list[dict[str, Any]]:
    """Who suits what a candidate prepares for first."""
    seeker = seekers.find(who.id, now=now) if who.active else None
    if seeker is None or who.candidate is None or not who.candidate.tracks:
        return []
    wish = choice_of({}, who.candidate, community_query.current())
    return recommended.entries(
        seeker,
        wish.request,
        now=now,
        page=lambda person_id: url_for("desk.person", person_id=person_id),
        times=lambda person_id: url_for(
            "desk.book", candidate=who.id, **replace(wish, who=person_id).fields()
        ),
    )


def _paused(profile: InterviewerProfile | None, today: date) -> date | None:
    """Until when they take no interviews, if they pause."""
    until = profile.paused_until if profile else None
    return until if until is not None and until > today else None


@blueprint.post("/people/<int:person_id>/decision")
@allow(ORGANISER)
def decide(person_id: int) -> ResponseReturnValue:
    """Approve a volunteer, send the application back with a note, or decline it."""
    form = DecisionForm()
    note, now = form.text("note"), presenters.now()
    decisions: dict[str, tuple[Callable[[], None], str]] = {
        "approved": (
            lambda: volunteer.approve(person_id, by=current_user.id, now=now),
            _("Approved. A mail says so, and hours can be set."),
        ),
        "returned": (
            lambda: volunteer.send_back(person_id, note=note, by=current_user.id, now=now),
            _("Sent back with your note."),
        ),
        "declined": (
            lambda: volunteer.decline(person_id, note=note, by=current_user.id, now=now),
            _("Declined. Your note goes with the mail."),
        ),
    }
    found = file_of(person_id)
    chosen = decisions.get(request.form.get("decision", ""))
    if chosen is None:
        problem = _("Choose what happens to the application.")
        return page(found, form, [(problem, "#application")]), 422
    act, done = chosen
    try:
        act()
    except NotYours:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return page(file_of(person_id), form), refusal.status
    flash(done, "success")
    return redirect(url_for("desk.person", person_id=person_id), 303)


@blueprint.post("/people/<int:person_id>/organiser")
@allow(ORGANISER)
def organiser(person_id: int) -> ResponseReturnValue:
    """Make somebody an organiser, or take that role away."""
    answer = request.form.get("wanted")
    if answer not in ("y", "n"):
        problem = _("Say whether this person is to be an organiser or not.")
        return page(file_of(person_id), errors=[(problem, "#roles")]), 422
    wanted = answer == "y"
    change = organisers.appoint if wanted else organisers.dismiss
    try:
        change(person_id, by=current_user.id, now=presenters.now())
    except NotYours:
        raise
    except Refusal as refusal:
        return page(file_of(person_id), errors=[(sentence(refusal), "#roles")]), refusal.status
    if not wanted and person_id == current_user.id:
        flash(_("You are no organiser any more."), "success")
        return redirect(url_for("pages.home"), 303)
    flash(_("Now an organiser.") if wanted else _("No organiser any more."), "success")
    return redirect(url_for("desk.person", person_id=person_id), 303)


@blueprint.route("/people/<int:person_id>/closing", methods=["GET", "POST"])
@allow(ORGANISER)
def close(person_id: int) -> ResponseReturnValue:
    """Close an account: say first what happens to each interview that is booked."""
    who = file_of(person_id).person
    errors: Problems = []
    status = 200
    if request.method == "POST":
        try:
            departure.disable(
                person_id,
                answers=absence.answers_from(request.form),
                reason=request.form.get("reason", ""),
                by=current_user.id,
                now=presenters.now(),
            )
        except NotYours:
            raise
        except Refusal as refusal:
            field = getattr(refusal, "field", None)
            errors, status = (
                [(sentence(refusal), "#reason" if field == "reason" else None)],
                refusal.status,
            )
        else:
            flash(_("Account closed. All its devices are signed out."), "success")
            return redirect(url_for("desk.person", person_id=person_id), 303)
    g.nav = "People"
    shown: dict[str, Any] = {
        "who": who,
        "errors": errors,
        "bookings": futures_of(person_id, now=presenters.now()),
        "answers": request.form,
    }
    return render_template("desk/close.html", **shown), status


@blueprint.post("/people/<int:person_id>/opening")
@allow(ORGANISER)
def open_again(person_id: int) -> ResponseReturnValue:
    """Let somebody in again."""
    departure.enable(person_id, by=current_user.id, now=presenters.now())
    flash(_("Account open again."), "success")
    return redirect(url_for("desk.person", person_id=person_id), 303)


@blueprint.route("/invite", methods=["GET", "POST"])
@allow(ORGANISER)
def invite() -> ResponseReturnValue:
    """Invite a volunteer by e-mail."""
    g.nav = "People"
    form = InviteForm()
    if request.method == "GET":
        return render_template("desk/invite.html", form=form)
    email = form.text("email")
    try:
        volunteer.invite(email=email, by=current_user.id, now=presenters.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("desk/invite.html", form=form), refusal.status
    flash(_("Invitation sent to %(email)s.", email=email.strip()), "success")
    return redirect(url_for("desk.people", role="interviewer"), 303)
