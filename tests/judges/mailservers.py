"""Postfix and Dovecot on loopback, in a folder of their own: SMTP in, LMTP through, IMAP out."""

from __future__ import annotations

import os
import pwd
import smtplib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from urllib.parse import quote

from imap_tools import MailBoxUnencrypted

from tests.prove.processes import Service
from tests.support.servers import PATIENCE_SECONDS, Unavailable, free_port

PASSWORD = "loopback"
AUTHSERV_ID = "mail.harbour.example"

POSTFIX = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = {host}
mydestination =
local_recipient_maps =
alias_maps =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
virtual_mailbox_domains = {domains}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
recipient_delimiter = +
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
smtputf8_enable = no
"""
SERVICES = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{proven} inet n - n - - smtpd
    -o {{ smtpd_sender_restrictions = check_sender_access inline:{{ {verdicts} }} }}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
recipient_delimiter = +
postmaster_address = postmaster@{host}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""


@dataclass(frozen=True)
class MailServers:
    """Where they listen."""

    smtp: int
    proven: int
    """As `smtp`, but a verdict on the sender is put on top, in the place of a DMARC filter."""
    imap: int

    @property
    def smtp_url(self) -> str:
        return f"smtp://127.0.0.1:{self.smtp}"

    def imap_url(self, user: str) -> str:
        return f"imap://{quote(user, safe='')}:{PASSWORD}@127.0.0.1:{self.imap}/INBOX"

    def submit(self, raw: bytes, *, sender: str, to: str, proven: bool) -> None:
        """What somebody's own mail server does with an answer."""
        with smtplib.SMTP("127.0.0.1", self.proven if proven else self.smtp, timeout=10) as link:
            link.sendmail(sender, [to], raw)

    def inbox(self, user: str, count: int = 1) -> list[EmailMessage]:
        """The mails of a person, once there are so many."""
        with MailBoxUnencrypted("127.0.0.1", self.imap, timeout=10) as box:
            box.login(user, PASSWORD)
            _wait(lambda: len(box.uids()) >= count)
            return [one.obj for one in box.fetch(mark_seen=False)]  # type: ignore[misc]


def _wait(until: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (done := until()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return done


@contextmanager
def running(folder: Path, users: Sequence[str], host: str) -> Iterator[MailServers]:
    """Both, with a mailbox for each of these addresses; whoever else is written to is unknown."""
    smtp, proven, imap, lmtp = (free_port() for _ in range(4))
    with ExitStack() as servers:
        for made, ports in (
            (_dovecot(folder / "dovecot", users, host, imap=imap, lmtp=lmtp), (imap, lmtp)),
            (_postfix(folder / "postfix", users, host, smtp, proven, lmtp), (smtp, proven)),
        ):
            made.start()
            servers.callback(made.stop)
            if not _wait(partial(_all_greet, ports)):
                raise Unavailable(f"{made.name} did not come up:\n{made.words()}")
        yield MailServers(smtp, proven, imap)


def _dovecot(folder: Path, users: Sequence[str], host: str, *, imap: int, lmtp: int) -> Service:
    owner = pwd.getpwnam("nobody")
    mail = folder / "mail"
    mail.mkdir(parents=True)
    os.chown(mail, owner.pw_uid, owner.pw_gid)
    lines = (
        f"{user}:{PASSWORD}:{owner.pw_uid}:{owner.pw_gid}::{mail}/{user}::\n" for user in users
    )
    (folder / "users").write_text("".join(lines), encoding="ascii")
    settings = folder / "dovecot.conf"
    text = DOVECOT.format(folder=folder, host=host, imap=imap, lmtp=lmtp)
    settings.write_text(text, encoding="ascii")
    command = ["/usr/sbin/dovecot", "-F", "-c", str(settings)]
    return Service("Dovecot", command, os.environ, folder / "words")


def _postfix(
    folder: Path, users: Sequence[str], host: str, smtp: int, proven: int, lmtp: int
) -> Service:
    domains = sorted({user.partition("@")[2] for user in users})
    owner = pwd.getpwnam("postfix")
    for name in ("queue", "data"):
        (folder / name).mkdir(parents=True)
    os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
    main = POSTFIX.format(folder=folder, host=host, domains=" ".join(domains), lmtp=lmtp)
    (folder / "main.cf").write_text(main, encoding="ascii")
    verdicts = " ".join(
        f"{{ {one} = PREPEND Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from={one} }}"
        for one in domains
    )
    services = SERVICES.format(smtp=smtp, proven=proven, verdicts=verdicts)
    (folder / "master.cf").write_text(services, encoding="ascii")
    subprocess.run(["postfix", "-c", str(folder), "check"], check=True, capture_output=True)
    where = ["postconf", "-c", str(folder), "-h", "daemon_directory"]
    programs = subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip()
    command = [f"{programs}/master", "-c", str(folder), "-s"]
    return Service("Postfix", command, os.environ, folder / "words")


def _all_greet(ports: Sequence[int]) -> bool:
    return all(map(_greets, ports))


def _greets(port: int) -> bool:
    """Whether a server says its first word here."""
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as link:
            return bool(link.recv(1))
    except OSError:
        return False
