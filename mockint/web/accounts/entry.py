"""Signing up, signing in by link or password, and the pages behind one-time links.

Looking at such a page changes nothing, however often a mail scanner does; its button does.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain.account import LinkUseless
from mockint.domain.errors import N_, Invalid, Refusal
from mockint.models import Person
from mockint.queries import people
from mockint.services import account, links, logins
from mockint.web import presenters
from mockint.web.accounts import limits, passwords, sessions
from mockint.web.accounts.blueprint import blueprint
from mockint.web.accounts.forms import (
    MailForm,
    NewPasswordForm,
    PasswordLoginForm,
    SignUpForm,
)
from mockint.web.accounts.targets import after_login, local_path
from mockint.web.errors import sentence
from mockint.web.guards import ANYONE, SIGNED_IN, allow

SENT = "sent"
"""Where the session keeps what was just asked for: kind of mail, address."""


def useless(refusal: LinkUseless, again: str) -> ResponseReturnValue:
    """The page for a link that does not work; `again` is where to get a new one."""
    page = render_template(
        "accounts/link_useless.html", sentence=sentence(refusal), again=url_for(again)
    )
    return page, refusal.status


# Signing up


@blueprint.route("/signup", methods=["GET", "POST"])
@allow(ANYONE)
@limits.a_network
@limits.a_mailbox
def signup() -> ResponseReturnValue:
    """Make an account; the answer is the same when there is one."""
    form = SignUpForm()
    if request.method == "GET":
        if request.args.get("wish") == "interview":
            form.wish.data = "interview"
        return render_template("accounts/signup.html", form=form)
    try:
        email = account.address(form.text("email"))
        if form.wish.data not in ("practise", "interview"):
            raise Invalid("wish", N_("Choose from the list."))
        typed = form.text("password")
        account.sign_up(
            email=email,
            name=form.text("name"),
            zone=form.text("zone"),
            password_hash=passwords.hashed(typed, about=(email, form.text("name")))
            if typed
            else None,
            practises=form.wish.data == "practise",
            now=presenters.now(),
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("accounts/signup.html", form=form), refusal.status
    return _sent("confirm", email)


def _sent(kind: str, email: str) -> ResponseReturnValue:
    session[SENT] = [kind, email]
    return redirect(url_for("accounts.sent"), 303)


@blueprint.get("/sent")
@allow(ANYONE)
def sent() -> ResponseReturnValue:
    """Look into your mail."""
    kept = session.get(SENT)
    if not isinstance(kept, list):
        return redirect(url_for("accounts.login"))
    return render_template("accounts/sent.html", kind=kept[0], email=kept[1])


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@allow(ANYONE)
@limits.a_network
def confirm(token: str) -> ResponseReturnValue:
    """Prove the mailbox, and come in."""
    now = presenters.now()
    try:
        if request.method == "GET":
            link = links.read("confirm", token, now=now)
            person = people.by_id(link.person_id)
            return render_template("accounts/confirm.html", token=token, link=link, who=person)
        person = account.confirm(token, now=now)
    except LinkUseless as refusal:
        return useless(refusal, "accounts.login")
    sessions.start(person, now=now)
    flash(_("Your address is confirmed and you are signed in."), "success")
    return redirect(after_login(person), 303)


# Signing in


def _login_page(
    form: MailForm | None = None, by_password: PasswordLoginForm | None = None, after: str = ""
) -> str:
    after = after or local_path(request.values.get("next", ""))
    form = form or MailForm(formdata=None)
    by_password = by_password or PasswordLoginForm(formdata=None)
    return render_template("accounts/login.html", form=form, by_password=by_password, after=after)


@blueprint.get("/login")
@allow(ANYONE)
def login() -> ResponseReturnValue:
    """The door."""
    if current_user.is_authenticated:
        return redirect(local_path(request.args.get("next", "")) or url_for("pages.home"))
    return _login_page()


@blueprint.post("/login/link")
@allow(ANYONE)
@limits.a_network
@limits.a_mailbox
def login_link() -> ResponseReturnValue:
    """Ask for a sign-in link; unknown addresses get the same answer."""
    form = MailForm()
    after = local_path(request.form.get("next", ""))
    try:
        email = account.address(form.text("email"))
        query = "?" + urlencode({"next": after}) if after else ""
        account.ask_for_login(email, after=query, now=presenters.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _login_page(form), refusal.status
    return _sent("login", email)


@blueprint.post("/login/password")
@allow(ANYONE)
@limits.a_network
@limits.an_account
def password() -> ResponseReturnValue:
    """Sign in by password."""
    form = PasswordLoginForm()
    now = presenters.now()
    try:
        email = account.address(form.text("email"))
        person = people.with_address(email)
        if not passwords.fits(form.text("password"), person) or person is None:
            raise Invalid("password", N_("Address and password do not belong together."))
        if person.confirmed_at is None:
            account.confirm_again(person.id, now=now)
            return _sent("confirm", email)
    except Refusal as refusal:
        form.refuse(refusal)
        return _login_page(by_password=form), refusal.status
    sessions.start(person, now=now)
    return redirect(local_path(request.form.get("next", "")) or after_login(person), 303)


@blueprint.route("/login/<token>", methods=["GET", "POST"])
@allow(ANYONE)
@limits.a_network
def login_with_link(token: str) -> ResponseReturnValue:
    """Sign in by the link of a mail."""
    now = presenters.now()
    after = local_path(request.values.get("next", ""))
    try:
        if request.method == "GET":
            link = links.read("login", token, now=now)
            return render_template("accounts/login_link.html", token=token, link=link, after=after)
        person = account.log_in_by_link(token, now=now)
    except LinkUseless as refusal:
        return useless(refusal, "accounts.login")
    sessions.start(person, now=now)
    return redirect(after or after_login(person), 303)


@blueprint.post("/logout")
@allow(SIGNED_IN)
def logout() -> ResponseReturnValue:
    """End this device's login, or every device's with `everywhere`."""
    if request.form.get("everywhere"):
        logins.end_all(current_user.id, now=presenters.now())
    else:
        logins.end(current_user.login_id, person_id=current_user.id, now=presenters.now())
    sessions.forget()
    return redirect(url_for("pages.home"), 303)


# A forgotten password


@blueprint.route("/forgot", methods=["GET", "POST"])
@allow(ANYONE)
@limits.a_network
@limits.a_mailbox
def forgot() -> ResponseReturnValue:
    """Ask for a link to choose a new password with."""
    form = MailForm()
    if request.method == "GET":
        return render_template("accounts/forgot.html", form=form)
    try:
        email = account.address(form.text("email"))
        account.ask_for_reset(email, now=presenters.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("accounts/forgot.html", form=form), refusal.status
    return _sent("reset", email)


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@allow(ANYONE)
@limits.a_network
def reset(token: str) -> ResponseReturnValue:
    """Choose a new password."""
    now = presenters.now()
    form = NewPasswordForm()
    shown: dict[str, Any] = {"form": form, "token": token}
    try:
        link = links.read("reset", token, now=now)
        shown["link"] = link
        if request.method == "GET":
            return render_template("accounts/reset.html", **shown)
        person: Person = people.by_id(link.person_id)
        kept = passwords.hashed(form.text("password"), about=(person.email, person.name))
        person = account.reset_password(token, password_hash=kept, now=now)
    except LinkUseless as refusal:
        return useless(refusal, "accounts.forgot")
    except Refusal as refusal:
        form.refuse(refusal)
        return render_template("accounts/reset.html", **shown), refusal.status
    sessions.start(person, now=now)
    flash(_("Your new password is set. All other devices are signed out."), "success")
    return redirect(after_login(person), 303)
