"""What Prometheus reads: this machine's counters, and what the database knows of all machines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from mockint.db import db
from mockint.models.booking import STATES
from mockint.models.outbox import OUTBOX_STATES
from mockint.queries import health, moment


def text(folder: Path) -> tuple[bytes, str]:
    """The page and its content type."""
    registry = CollectorRegistry()
    if folder.is_dir():
        MultiProcessCollector(registry, path=str(folder))
    registry.register(_Database())
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Database(Collector):
    """Figures read from the database when they are asked for."""

    def collect(self) -> Iterator[Metric]:
        try:
            health.be_quick()
            found = list(_read(moment.now()))
        except SQLAlchemyError:
            db.session.rollback()
            found = []
        yield GaugeMetricFamily(
            "mockint_database_up", "Whether the database told.", 1.0 if found else 0.0
        )
        yield from found

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: the database is asked once a page."""
        return iter(())


def _read(now: datetime) -> Iterator[Metric]:
    totals = health.totals()
    yield CounterMetricFamily("mockint_bookings_made", "Interviews ever booked.", totals.booked)
    for name, about, states, numbers in (
        ("mockint_bookings", "Bookings by state.", STATES, totals.bookings),
        ("mockint_outbox", "Mails by state.", OUTBOX_STATES, totals.mails),
    ):
        family = GaugeMetricFamily(name, about, labels=("state",))
        for state in states:
            family.add_metric((state,), numbers.get(state, 0))
        yield family
    since = health.oldest_owed(now=now)
    age = max(0.0, (now - since).total_seconds()) if since else 0.0
    yield GaugeMetricFamily(
        "mockint_outbox_oldest_due_seconds", "How long the oldest due mail waits.", age
    )
    yield from _duties(now)


def _duties(now: datetime) -> Iterator[Metric]:
    beats = health.beats()
    ages = GaugeMetricFamily(
        "mockint_heartbeat_age_seconds", "Since a background duty last ended.", labels=("duty",)
    )
    times = SummaryMetricFamily(
        "mockint_duty_seconds", "How long background duties took.", labels=("duty",)
    )
    for name, beat in sorted(beats.items()):
        ages.add_metric((name,), max(0.0, (now - beat.at).total_seconds()))
        times.add_metric((name,), count_value=beat.runs, sum_value=beat.seconds)
    yield ages
    yield times
    sweep = beats.get("sweep")
    yield CounterMetricFamily(
        "mockint_mail_failures", "Tries at mails in vain.", sweep.failures if sweep else 0
    )
    yield GaugeMetricFamily(
        "mockint_mailbox_down",
        "Whether the mailbox of answers could not be read when it was last tried.",
        1.0 if health.inbox_trouble() else 0.0,
    )
    yield GaugeMetricFamily(
        "mockint_mail_server_down",
        "Whether the mail server took nothing when it was last asked.",
        1.0 if sweep and sweep.trouble else 0.0,
    )
