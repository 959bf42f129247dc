"""What a candidate prepares for, and what a volunteer offers."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint import settings
from mockint.domain import account as rules
from mockint.domain import zones
from mockint.domain.account import LinkUseless
from mockint.domain.errors import N_, Conflict, Refusal
from mockint.queries import people
from mockint.services import account, volunteer
from mockint.web import presenters
from mockint.web.accounts import limits, sessions
from mockint.web.accounts.blueprint import blueprint
from mockint.web.accounts.entry import useless
from mockint.web.accounts.forms import NewcomerForm, VolunteerForm, WishForm
from mockint.web.accounts.targets import local_path
from mockint.web.guards import ANYONE, SIGNED_IN, allow

WISH_LINES = ("target_role", "current_employer", "goals", "target_level")
VOLUNTEER_LINES = ("company", "title", "bio", "meeting_link")


@blueprint.route("/account/candidate", methods=["GET", "POST"])
@allow(SIGNED_IN)
def candidate() -> ResponseReturnValue:
    """What somebody prepares for; saving it makes them a candidate."""
    profile = people.candidate(current_user.id)
    after = local_path(request.values.get("next", ""))
    looking = request.method == "GET"
    form = WishForm(obj=profile, data={"languages": ["en"]}) if looking else WishForm()
    shown = {"form": form, "after": after, "first": profile is None}
    if looking:
        if profile is not None:
            form.target_companies.data = "\n".join(profile.target_companies)
            day = profile.interview_on
            form.interview_on.data = day.isoformat() if day else None
        return render_template("accounts/candidate.html", **shown)
    now = presenters.now()
    try:
        wish = rules.wish(
            **{name: form.text(name) for name in WISH_LINES},
            tracks=form.tracks.data or (),
            languages=form.languages.data or (),
            target_companies=form.text("target_companies"),
            interview_on=form.date_of_interview(),
            today=zones.local_date(current_user.zone, now),
        )
        account.save_wish(current_user.id, wish)
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("accounts/candidate.html", **shown), refusal.status
    flash(_("Saved. Interviewers see it from now on; where you work they never see."), "success")
    return redirect(after or url_for("slots.picker" if profile is None else "pages.home"), 303)


@blueprint.route("/volunteer", methods=["GET", "POST"], endpoint="volunteer")
@allow(SIGNED_IN)
def volunteer_page() -> ResponseReturnValue:
    """Apply as an interviewer, change the application, send it again."""
    profile = people.interviewer(current_user.id)
    rooms = bool(settings.active().jitsi_url)
    looking = request.method == "GET"
    form = VolunteerForm(obj=profile, data={"languages": ["en"]}) if looking else VolunteerForm()
    shown: dict[str, Any] = {
        "form": form,
        "profile": profile,
        "state": profile.state if profile else "",
        "rooms": rooms,
    }
    if looking:
        return render_template("accounts/volunteer.html", **shown)
    try:
        application = rules.application(
            **{name: form.text(name) for name in VOLUNTEER_LINES},
            years=form.years_of_work(),
            tracks=form.tracks.data or (),
            levels=form.levels.data or (),
            languages=form.languages.data or (),
            makes_link=form.makes_link.data,
            rooms=rooms,
        )
        saved = volunteer.apply(current_user.id, application, now=presenters.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("accounts/volunteer.html", **shown), refusal.status
    if saved.state == "approved":
        flash(
            _("Saved. Everybody booked with you is told if your meeting link changed."), "success"
        )
    else:
        flash(_("Your application is with the organisers. They answer by mail."), "success")
    return redirect(url_for("accounts.volunteer"), 303)


@blueprint.post("/volunteer/withdrawal")
@allow(SIGNED_IN)
def withdraw() -> ResponseReturnValue:
    """Take an undecided application back."""
    volunteer.withdraw(current_user.id, now=presenters.now())
    flash(_("Your application is taken back. You can send it again at any time."), "success")
    return redirect(url_for("accounts.volunteer"), 303)


@blueprint.route("/invited/<token>", methods=["GET", "POST"])
@allow(ANYONE)
@limits.a_network
def invited(token: str) -> ResponseReturnValue:
    """Take an invitation to volunteer: with the account of that address, or a new one."""
    now = presenters.now()
    form = NewcomerForm()
    shown: dict[str, Any] = {"form": form, "token": token}
    try:
        link, has_account = volunteer.invited(token, now=now)
        shown |= {"link": link, "has_account": has_account}
        if request.method == "GET":
            return render_template("accounts/invited.html", **shown)
        if has_account:
            _require_address(link.email)
            volunteer.accept(token, current_user.id, now=now)
        else:
            newcomer = volunteer.join(
                token, name=form.text("name"), zone=form.text("zone"), now=now
            )
            sessions.start(newcomer, now=now)
    except LinkUseless as refusal:
        return useless(refusal, "accounts.volunteer")
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("accounts/invited.html", **shown), refusal.status
    return redirect(url_for("accounts.volunteer"), 303)


def _require_address(email: str) -> None:
    if not current_user.is_authenticated or current_user.email != email:
        raise Conflict(N_("Sign in with the address this invitation was sent to."))
