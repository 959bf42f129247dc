"""`mockint mail`: does mail leave this installation, do answers come in, and if not, why."""

from __future__ import annotations

import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import make_msgid

import click
from email_validator import EmailNotValidError, validate_email

from mockint import clock
from mockint.adapters.imap import ASIDE
from mockint.adapters.smtp import Permanent, SendError, Server, SmtpTransport
from mockint.cli import app_for, settings_or_exit
from mockint.cli.ingest import ingest
from mockint.settings import Settings, SettingsError

SUBJECT = "A test mail from mockint"
LOGIN_REFUSED = frozenset({530, 534, 535, 538})


@click.group()
def mail() -> None:
    """The ways to the mail server and to the mailbox of answers."""


mail.add_command(ingest)


@mail.command("test")
@click.argument("address")
def test(address: str) -> None:
    """Send one test mail to ADDRESS now and show what is said; passwords are hidden."""
    settings = settings_or_exit()
    try:
        recipient = validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise click.UsageError(f"{address} is not an e-mail address: {error}") from error
    if not settings.smtp_url:
        raise SettingsError(
            "MOCKINT_SMTP_URL is not set, so there is no mail server to ask. "
            "Set it like smtp://user:password@mail.example.org:587."
        )
    raise SystemExit(_try(settings, recipient))


@mail.command("poll")
def poll() -> None:
    """Look for answers in the mailbox of MOCKINT_IMAP_URL now, and say what was there."""
    settings = settings_or_exit()
    if not settings.imap_url:
        raise SettingsError(
            "MOCKINT_IMAP_URL is not set, so there is no mailbox to look into. "
            "Set it like imaps://mockint%40example.org:password@mail.example.org/INBOX."
        )
    app = app_for(settings)
    from mockint.queries import moment  # loaded with the application
    from mockint.services import inbox  # the same

    with app.app_context():
        done = inbox.look(now=moment.now(), at_once=True)
    if not done.claimed:
        click.echo("A worker is looking at the moment. There is nothing to do.")
        return
    for what, number in sorted(done.outcomes.items()):
        click.echo(f"{what}: {number}")
    if done.too_large:
        click.echo(f"too large, left where they are: {done.too_large}")
    if done.aside:
        click.echo(f"put into the folder {ASIDE!r}, see the log: {done.aside}")
    if done.trouble:
        click.secho(f"The mailbox cannot be read: {done.trouble}.", fg="red")
        click.echo("Check MOCKINT_IMAP_URL: host, port, user, password and folder.")
        raise SystemExit(1)
    left = " There is more: run it again." if done.more else ""
    click.secho(f"Messages read: {done.total}.{left}", fg="green")


def _try(settings: Settings, recipient: str) -> int:
    try:
        with SmtpTransport(settings.smtp_url, listener=_show) as transport:
            message = _message(settings, recipient)
            transport.send(message, sender=settings.sender, recipient=recipient, row_id=0)
    except SendError as trouble:
        click.secho(f"It was not taken: {trouble}.", fg="red")
        click.echo(advice(trouble, settings))
        return 1
    click.secho(f"The mail server took the mail for {recipient}.", fg="green")
    click.echo("If it does not arrive within minutes, look into the server's queue and into spam.")
    return 0


def _show(speaker: str, line: str) -> None:
    click.echo(f"{'>' if speaker == 'you' else '<'} {line}")


def _message(settings: Settings, recipient: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = settings.sender, recipient
    message["Subject"], message["Date"] = SUBJECT, clock.now().replace(microsecond=0)
    message["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"Mail leaves {settings.base_url}. There is nothing to do.\n")
    return message


def advice(trouble: SendError, settings: Settings) -> str:
    """What the operator does about it."""
    server, cause = Server.of(settings.smtp_url), trouble.__cause__
    where = f"{server.host} port {server.port}"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"The certificate of {where} does not fit its name, ran out or is from an authority "
            "this machine does not know. Use the name the certificate was made for; an authority "
            "of your own is trusted through SSL_CERT_FILE."
        )
    if isinstance(cause, ssl.SSLError):
        return f"{where} does not begin with encryption. Write smtp:// instead of smtps://."
    if isinstance(cause, socket.gaierror):
        return f"Nobody knows the name {server.host}. Check MOCKINT_SMTP_URL."
    if isinstance(cause, ConnectionRefusedError):
        return f"Nothing listens at {where}. Check host and port in MOCKINT_SMTP_URL."
    if isinstance(cause, smtplib.SMTPAuthenticationError) or (
        isinstance(cause, smtplib.SMTPResponseException) and cause.smtp_code in LOGIN_REFUSED
    ):
        return "The login was refused. Check user and password in MOCKINT_SMTP_URL."
    if isinstance(cause, smtplib.SMTPNotSupportedError):
        return f"{where} takes no login. Take user and password out of MOCKINT_SMTP_URL."
    if "no encryption" in str(trouble):
        return "Write smtps://, or ask for a port that offers STARTTLS, often 587."
    if isinstance(cause, OSError) and not isinstance(cause, smtplib.SMTPResponseException):
        hint = " Port 465 wants smtps://." if server.port == 465 and not server.secure else ""
        return f"{where} does not answer as it should. Check host, port and firewall.{hint}"
    if isinstance(trouble, Permanent):
        return "The server took the connection but not this recipient. Try another address."
    return "The server said why. Where it will not send for us, it wants a login or our address."
