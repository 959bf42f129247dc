"""The account page: name, zone, address, password, roles, devices, and the way out."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint import settings
from mockint.adapters import links as signed
from mockint.domain import zones
from mockint.domain.account import LinkUseless
from mockint.domain.errors import N_, Invalid, Refusal
from mockint.queries import people
from mockint.services import account, booking, departure, links, logins
from mockint.web import presenters
from mockint.web.accounts import limits, passwords, sessions
from mockint.web.accounts.blueprint import blueprint
from mockint.web.accounts.entry import useless
from mockint.web.accounts.forms import (
    ChangeEmailForm,
    LeaveForm,
    NewcomerForm,
    NewPasswordForm,
    ZoneForm,
)
from mockint.web.accounts.targets import local_path
from mockint.web.extensions import csrf
from mockint.web.guards import ANYONE, SIGNED_IN, allow
from mockint.web.typed import whole

LOCALES = ("en",)


def _back(words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("accounts.account"), 303)


def _page(**forms: Any) -> str:
    shown = {
        "name_form": NewcomerForm(formdata=None, data={"name": current_user.name}),
        "email_form": ChangeEmailForm(formdata=None),
        "password_form": NewPasswordForm(formdata=None),
        "devices": people.devices(current_user.id),
        "this": current_user.login_id,
        "mine": people.by_id(current_user.id),
    } | forms
    return render_template("accounts/account.html", **shown)


@blueprint.get("/account", endpoint="account")
@allow(SIGNED_IN)
def account_page() -> ResponseReturnValue:
    """Everything somebody can set for themselves."""
    return _page()


@blueprint.post("/account/name")
@allow(SIGNED_IN)
def name() -> ResponseReturnValue:
    """What everybody else sees."""
    form = NewcomerForm()
    try:
        account.set_name(current_user.id, name=form.text("name"), locale=LOCALES[0])
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(name_form=form), refusal.status
    return _back(_("Your name is saved."))


@blueprint.route("/account/zone", methods=["GET", "POST"])
@allow(SIGNED_IN)
def zone() -> ResponseReturnValue:
    """Where somebody is; times are shown and weekly hours count there."""
    after = local_path(request.values.get("next", ""))
    wanted = zones.canonical(request.args.get("zone", "")) or current_user.zone
    form = ZoneForm(data={"zone": wanted} if request.method == "GET" else None)
    shown = {
        "form": form,
        "after": after,
        "interviews": people.interviewer(current_user.id) is not None,
    }
    if request.method == "GET":
        return render_template("accounts/zone.html", **shown)
    try:
        saved = account.set_zone(current_user.id, form.text("zone"))
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("accounts/zone.html", **shown), refusal.status
    flash(
        _("Times are for %(zone)s from now on.", zone=zones.label(saved, presenters.now())),
        "success",
    )
    return redirect(after or url_for("accounts.account"), 303)


@blueprint.post("/account/role")
@allow(SIGNED_IN)
def role() -> ResponseReturnValue:
    """Look through another role on this device."""
    sessions.rotate(role=request.form.get("role", ""))
    return redirect(url_for("pages.home"), 303)


@blueprint.post("/account/reminders")
@allow(SIGNED_IN)
def reminders() -> ResponseReturnValue:
    """Reminders before an interview, on or off."""
    answer = request.form.get("wanted")
    if answer not in ("y", "n"):
        raise Invalid("wanted", N_("Say whether you want reminders: switch them on or off."))
    wanted = answer == "y"
    account.set_reminders(current_user.id, wanted)
    return _back(_("Reminders are on.") if wanted else _("Reminders are off."))


@blueprint.route("/reminders/<token>", methods=["GET", "POST"])
@allow(ANYONE)
@csrf.exempt
def reminders_by_mail(token: str) -> ResponseReturnValue:
    """Switch reminders off from a mail, signed in or not.

    The signed token is the permission, so mail programs can do it with one click (RFC 8058).
    """
    person_id = signed.read(settings.active(), "reminders", token)
    if person_id is None:
        abort(404)
    if request.method == "POST":
        account.set_reminders(person_id, False)
    return render_template("accounts/reminders.html", token=token, done=request.method == "POST")


# Address and password


def _require_present_password(typed: str) -> None:
    person = people.by_id(current_user.id)
    if person.password and not passwords.fits(typed, person):
        raise Invalid("current", N_("This is not your present password."))


@blueprint.post("/account/email")
@allow(SIGNED_IN)
@limits.a_network
@limits.a_mailbox
def email() -> ResponseReturnValue:
    """Ask for a link at the new address."""
    form = ChangeEmailForm()
    try:
        _require_present_password(form.text("current"))
        wanted = account.address(form.text("email"))
        account.ask_for_address(current_user.id, wanted, now=presenters.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(email_form=form), refusal.status
    return _back(
        _("We wrote to %(address)s. Your address changes when you open that link.", address=wanted)
    )


@blueprint.route("/account/email/<token>", methods=["GET", "POST"])
@allow(ANYONE)
@limits.a_network
def change_email(token: str) -> ResponseReturnValue:
    """The new mailbox is theirs."""
    now = presenters.now()
    try:
        if request.method == "GET":
            link = links.read("email", token, now=now)
            return render_template("accounts/change_email.html", token=token, link=link)
        person = account.change_address(token, now=now)
    except LinkUseless as refusal:
        return useless(refusal, "accounts.account")
    flash(_("Your address is %(address)s now.", address=person.email), "success")
    here = current_user.is_authenticated
    return redirect(url_for("accounts.account" if here else "accounts.login"), 303)


@blueprint.post("/account/password")
@allow(SIGNED_IN)
@limits.a_network
def new_password() -> ResponseReturnValue:
    """Set or change the password; every other device is signed out."""
    form = NewPasswordForm()
    try:
        _require_present_password(form.text("current"))
        kept = passwords.hashed(
            form.text("password"), about=(current_user.email, current_user.name)
        )
        account.change_password(
            current_user.id, password_hash=kept, but=current_user.login_id, now=presenters.now()
        )
        sessions.rotate()
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(password_form=form), refusal.status
    return _back(_("Your password is set. All other devices are signed out."))


@blueprint.post("/account/logins/end")
@allow(SIGNED_IN)
def logins_end() -> ResponseReturnValue:
    """Sign one device out, or with `others` all but this one."""
    now = presenters.now()
    if request.form.get("others"):
        logins.end_all(current_user.id, but=current_user.login_id, now=now)
        return _back(_("All other devices are signed out."))
    logins.end(whole(request.form.get("login")) or 0, person_id=current_user.id, now=now)
    return _back(_("The device is signed out."))


# Data, and the way out


@blueprint.post("/account/export")
@allow(SIGNED_IN)
def export() -> ResponseReturnValue:
    """Everything about me, as a file."""
    data = people.everything(current_user.id, now=presenters.now())
    return Response(
        json.dumps(data, ensure_ascii=False, indent=2) + "\n",
        mimetype="application/json",
        headers={
            "Content-Disposition": "attachment; filename=mockint-about-me.json",
            "Cache-Control": "private, no-store",
        },
    )


@blueprint.route("/account/deletion", methods=["GET", "POST"])
@allow(SIGNED_IN)
def leave() -> ResponseReturnValue:
    """Delete the account; what is booked is named first, and cancelled with it."""
    now = presenters.now()
    form = LeaveForm()
    try:
        if request.method == "POST":
            if not form.sure.data:
                raise Invalid("sure", N_("Tick the box to delete your account."))
            departure.delete_account(current_user.id, reason=form.text("reason"), now=now)
            sessions.forget()
            flash(_("Your account is deleted."), "success")
            return redirect(url_for("pages.home"), 303)
    except Refusal as refusal:
        form.refuse(refusal)
    futures = booking.futures_of(current_user.id, now=now)
    page = render_template("accounts/leave.html", form=form, futures=futures)
    return page, (422 if form.errors else 200)
