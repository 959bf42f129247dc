"""Thunderbird, headless: what a person's calendar shows, and the answer it really writes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.judges import Claim, equal
from tests.judges.packages import PYTHON_PACKAGES
from tests.judges.story import Letter, Story, told
from tests.support.replies import AUTHSERV_ID, passes
from tests.support.servers import Unavailable, end_with_parent, free_port
from tests.support.smtp import MailServer

NEEDS = ("thunderbird",)
PROGRAM = "/usr/lib/thunderbird/thunderbird-bin"
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
PATIENCE_SECONDS = 60.0
NOTHING = "nothing to do"
"""What it says to a message that a newer one has overtaken."""


@dataclass
class Thunderbird:
    """A running one, whose person is `address`."""

    marionette: Any
    address: str
    smtp: MailServer
    """Where its mails go."""

    def ask(self, verb: str, given: Any = None) -> Any:
        answer = self.marionette.execute_async_script(SCRIPT, [verb, given])
        if "error" in answer:
            raise AssertionError(f"Thunderbird: {answer['error']}")
        return answer["told"]

    def receive(self, letter: Letter, answer: str | None = None) -> str:
        """Open the mail, and click an answer where one is given; returns what it was taken for."""
        said: str = self.ask(
            "receive",
            {
                "object": letter.calendar,
                "method": letter.method,
                "sender": str(letter.message["From"].addresses[0].addr_spec),
                "recipient": self.address,
                "answer": answer,
            },
        )
        return said

    def shows(self) -> list[tuple[str, str, int, str]]:
        """Start, end, SEQUENCE and place of what is in the calendar."""
        return [
            (one["start"], one["end"], one["sequence"], one["location"])
            for one in self.ask("items")
        ]

    def sent(self, count: int) -> list[bytes]:
        """The mails it has written, once there are so many."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.smtp.posts) < count and time.monotonic() < deadline:
            time.sleep(0.1)
        return [post.raw for post in self.smtp.posts]


def judge(folder: Path) -> Iterator[Claim]:
    with (
        told(folder / "mockint", authserv_id=AUTHSERV_ID) as story,
        running(folder / "client", story.candidate.email) as client,
    ):
        yield from _lifecycle(story, client)
    with (
        told(folder / "again", authserv_id=AUTHSERV_ID) as story,
        running(folder / "other", story.candidate.email) as client,
    ):
        yield from _answers(story, client)


def _lifecycle(story: Story, client: Thunderbird) -> Iterator[Claim]:
    """Each mail is opened as it arrives; none of them leaves a second event."""
    steps = (
        ("new", story.book),
        ("rescheduled", lambda: story.move(timedelta(hours=1))),
        ("rescheduled again", lambda: story.move(timedelta(days=1), side="interviewer")),
        ("another place", lambda: story.change_place("https://meet.example/another")),
    )
    for sequence, (name, happen) in enumerate(steps):
        happen()
        answer = "ACCEPTED" if name == "new" else None
        client.receive(story.of("candidate")[-1], answer)
        yield equal(f"{name}: one event, at the right instant", client.shows(), _one(story))
        yield equal(f"{name}: SEQUENCE", story.booking.sequence, sequence)
    stale = story.of("candidate")[1]
    yield equal("an overtaken message is refused", client.receive(stale), NOTHING)
    yield equal("and changes nothing", client.shows(), _one(story))
    story.cancel()
    yield equal("cancelled", client.receive(story.of("candidate")[-1]), "CANCEL")
    yield equal("then the event is gone", client.shows(), [])
    client.receive(story.of("candidate")[-1])
    yield equal("the same once more leaves it gone", client.shows(), [])


def _answers(story: Story, client: Thunderbird) -> Iterator[Claim]:
    """What Thunderbird writes is fed back, with the verdict our mail server would put on top."""
    story.book()
    client.receive(story.of("candidate")[0], "TENTATIVE")
    yield from _taken(story, client, 1, "TENTATIVE")
    story.move(timedelta(hours=2))
    yield equal("a move asks again", story.told().partstat, "NEEDS-ACTION")
    late = story.ingest(_delivered(client.sent(1)[0]))
    yield equal("the same answer again counts for nothing", late["outcome"], "ignored")
    client.receive(story.of("candidate")[1], "ACCEPTED")
    yield from _taken(story, client, 2, "ACCEPTED")


def _taken(story: Story, client: Thunderbird, count: int, partstat: str) -> Iterator[Claim]:
    written = client.sent(count)
    yield equal(f"{partstat}: it has written an answer", len(written), count)
    done = story.ingest(_delivered(written[-1]))
    yield equal(f"{partstat}: `mockint mail ingest` takes it", (done["outcome"], done["partstat"]),
                ("applied", partstat))  # fmt: skip
    yield equal(f"{partstat}: it is known", story.told().partstat, partstat)


def _delivered(raw: bytes) -> bytes:
    """The mail as the mail server of the community's mailbox hands it on."""
    return passes().encode() + b"\r\n" + raw


def _one(story: Story) -> list[tuple[str, str, int, str]]:
    found = story.booking
    return [(_utc(found.start_at), _utc(found.end_at), found.sequence, found.meeting_link)]


def _utc(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"


# The program


@contextmanager
def running(folder: Path, address: str) -> Iterator[Thunderbird]:
    """A Thunderbird on a new profile, with an account of `address` that sends to a mail server."""
    smtp, port = MailServer(), free_port()
    profile = folder / "profile"
    profile.mkdir(parents=True)
    lines = (
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
        for name, value in _preferences(address, port, smtp.port).items()
    )
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    command = [
        PROGRAM, "--headless", "--profile", str(profile), "--marionette",
        "--remote-allow-system-access", "--no-remote",
    ]  # fmt: skip
    smtp.start()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=os.environ | {"HOME": str(folder), "MOZ_HEADLESS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: end_with_parent(signal.SIGTERM),
        )
    try:
        yield Thunderbird(_connected(port, process), address, smtp)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        smtp.stop()


def _connected(port: int, process: subprocess.Popen[bytes]) -> Any:
    sys.path.append(str(PYTHON_PACKAGES))
    from marionette_driver.marionette import Marionette  # part of the judges' own packages

    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            marionette = Marionette("127.0.0.1", port=port)
            marionette.start_session()
        except Exception as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(f"Thunderbird did not come up: {error}") from error
            time.sleep(0.2)
        else:
            marionette.set_context("chrome")
            marionette.timeout.script = 30
            return marionette


def _preferences(address: str, port: int, smtp_port: int) -> dict[str, str | int | bool]:
    """One account that fetches nothing; nothing reaches further than this machine."""
    user = address.partition("@")[0]
    account, server, who, out = (
        "mail.account.account1", "mail.server.server1", "mail.identity.id1",
        "mail.smtpserver.smtp1",
    )  # fmt: skip
    return {
        "marionette.port": port,
        "mail.accountmanager.accounts": "account1",
        "mail.accountmanager.defaultaccount": "account1",
        f"{account}.server": "server1",
        f"{account}.identities": "id1",
        f"{server}.type": "pop3",
        f"{server}.hostname": "127.0.0.1",
        f"{server}.port": 1,
        f"{server}.userName": user,
        f"{server}.login_at_startup": False,
        f"{server}.check_new_mail": False,
        f"{who}.useremail": address,
        f"{who}.fullName": user.capitalize(),
        f"{who}.valid": True,
        f"{who}.smtpServer": "smtp1",
        f"{who}.fcc": False,
        "mail.smtpservers": "smtp1",
        "mail.smtp.defaultserver": "smtp1",
        f"{out}.hostname": "127.0.0.1",
        f"{out}.port": smtp_port,
        f"{out}.authMethod": 1,
        f"{out}.try_ssl": 0,
        "app.update.disabledForTesting": True,
        "datareporting.policy.dataSubmissionEnabled": False,
        "mailnews.start_page.enabled": False,
        "mail.provider.suppress_dialog_on_startup": True,
        "network.proxy.type": 1,
        "network.proxy.http": "127.0.0.1",
        "network.proxy.http_port": 1,
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": 1,
        "network.proxy.no_proxies_on": "localhost, 127.0.0.1",
    }
