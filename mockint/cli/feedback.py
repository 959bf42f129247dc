"""`mockint feedback`: calibrate ratings from a file, or those of this installation."""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
import time
from array import array
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from mockint.domain.calibration.fit import Calibration
    from mockint.domain.calibration.ratings import Ratings

COLUMNS = (
    "feedback_id", "interview_id", "candidate_id", "rater_id",
    "occurred_day", "is_shadow", "dimension", "score",
)  # fmt: skip
SCORES = {"": None} | {text: int(text[0]) for one in "1234" for text in (one, f"{one}.0")}
YES_NO = {"": False} | dict.fromkeys(("0", "false", "no"), False)
YES_NO |= dict.fromkeys(("1", "true", "yes"), True)
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@click.group()
def feedback() -> None:
    """Calibrate feedback, from files or of this installation."""


@feedback.command()
@click.argument("ratings", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--candidates", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--raters", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--learning", is_flag=True, help="Candidates may grow from interview to interview.")
@click.option("--json", "as_json", is_flag=True, help="Print what else was found as JSON.")
def calibrate(ratings: Path, candidates: Path, raters: Path, learning: bool, as_json: bool) -> None:
    """Estimate levels of candidates and severities of raters from RATINGS, a CSV of one track.

    Columns: feedback_id, interview_id, candidate_id, rater_id, occurred_day (a whole number or a
    date), is_shadow (0 or 1), dimension, score (1 to 4, empty when not observed). The results are
    CSV files: docs/calibration.md has their columns. Exits 2 and names the line if the file cannot
    be used; nothing is written then.
    """
    for name in THREADS:
        os.environ[name] = "1"  # many small matrices are several times slower with more
    began = time.perf_counter()
    if candidates.resolve() == raters.resolve():
        _stop("--candidates and --raters name the same file. Give each its own.")
    from mockint.domain.calibration import fit  # numpy, after its threads are set

    given = _read(ratings)
    found = fit.calibrate(given, learning=learning)
    _write(
        (candidates, _candidates(found)),
        (raters, _raters(found)),
    )
    said = _summary(found, time.perf_counter() - began)
    click.echo(json.dumps(said, allow_nan=False) if as_json else _words(said))


@feedback.command()
@click.argument("track")
@click.argument("output", type=click.File("w", encoding="utf-8", lazy=False), default="-")
def ratings(track: str, output: Any) -> None:
    """Write the scores of TRACK that count, as `calibrate` reads them; people are numbers."""
    from mockint.cli import app_from_environment  # the application only where it is needed
    from mockint.domain.rubric import TRACKS
    from mockint.queries import calibration

    if track not in TRACKS:
        _stop(f"There is no track {track}. Use one of {', '.join(TRACKS)}.")
    with app_from_environment().app_context():
        rows = calibration.ratings(track)
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(COLUMNS)
    for *names, shadow, dimension, score in rows:
        writer.writerow([*names, int(shadow), dimension, "" if score is None else score])


@feedback.command()
def recalibrate() -> None:
    """Calibrate every track of this installation now, in this process's stead of a worker's.

    Exits 1 when it came to nothing; the former results stand then.
    """
    from mockint import clock
    from mockint.cli import app_from_environment  # the application only where it is needed
    from mockint.queries import calibration as query
    from mockint.services import calibration

    with app_from_environment().app_context():
        calibration.ask_nightly(now=clock.now())
        while calibration.work_due(lambda: False):
            pass
        job, runs = query.job(), query.runs()
        if job is not None and job.asked_at is not None:
            raise click.ClickException("A worker has it in hand. Look again when it is done.")
        if job is not None and job.trouble:
            raise click.ClickException(job.trouble)
        for run in runs.values():
            click.echo(
                f"{run.track}: {run.feedbacks} feedbacks, {run.candidates} candidates,"
                f" {run.raters} raters; {'fitted' if run.fitted else 'too few to fit'},"
                f" model {run.model_version}, data {run.data_hash[:12]}, {run.seconds:.1f} s."
            )
        if not runs:
            click.echo("There is no sealed feedback yet.")


# In


def _read(path: Path) -> Ratings:
    from mockint.domain.calibration.ratings import BadRatings, Ratings

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            columns, lines = _columns(path, csv.reader(file, strict=True))
    except OSError as error:
        _stop(f"{path} cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        _stop(f"{path} is not UTF-8 text. Save it as CSV in UTF-8.")
    except csv.Error as error:
        _stop(f"{path} is not a CSV file: {error}.")
    try:
        found = Ratings.of_columns(*columns)
    except BadRatings as fault:
        _stop(f"{path}, line {lines[fault.row]}: {fault.sentence}")
    if not found.seen.any():
        _stop(f"{path} has no score. Give at least one row a score of 1 to 4.")
    return found


def _columns(path: Path, rows: Any) -> tuple[list[list[Any]], array[int]]:
    """The file's columns in our order, and the line each row ends on."""
    header = [name.strip() for name in next(rows, [])]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        _stop(f"{path} has no column {missing[0]}. Its first line must name {', '.join(COLUMNS)}.")
    for name in COLUMNS:
        if header.count(name) > 1:
            _stop(f"{path} has the column {name} twice. Remove one.")
    places = [header.index(name) for name in COLUMNS]
    *names, day_at, shadow_at, dimension_at, score_at = places
    columns: list[list[Any]] = [[] for _ in COLUMNS]
    lines = array("q")
    known: dict[str, str] = {}
    days: dict[str, int] = {}
    for row in rows:
        if not row:
            continue
        line = rows.line_num
        if len(row) != len(header):
            _stop(f"{path}, line {line}: there are {len(row)} cells instead of {len(header)}.")
        for column, name, at in zip(columns, COLUMNS, names, strict=False):
            column.append(_named(path, line, name, row[at], known))
        day = row[day_at].strip()
        if day not in days:
            days[day] = _day(path, line, day, days)
        columns[4].append(days[day])
        columns[5].append(_one_of(path, line, "is_shadow", row[shadow_at], YES_NO, "0 or 1"))
        columns[6].append(_named(path, line, "dimension", row[dimension_at], known))
        score = _one_of(path, line, "score", row[score_at], SCORES, "1, 2, 3, 4 or empty")
        columns[7].append(score)
        lines.append(line)
    if not lines:
        _stop(f"{path} has no ratings under its first line.")
    return columns, lines


def _named(path: Path, line: int, column: str, cell: str, known: dict[str, str]) -> str:
    text = cell.strip()
    if not text:
        _stop(f"{path}, line {line}: {column} is empty.")
    return known.setdefault(text, text)


def _one_of(
    path: Path, line: int, column: str, cell: str, meanings: dict[str, Any], allowed: str
) -> Any:
    text = cell.strip().lower()
    if text not in meanings:
        _stop(f"{path}, line {line}: {column} is {cell.strip()[:40]!r}. Use {allowed}.")
    return meanings[text]


def _day(path: Path, line: int, text: str, days: dict[str, int]) -> int:
    """Whole numbers as they are, dates as days; a file has one or the other."""
    try:
        number = int(text) if _whole(text) else datetime.fromisoformat(text).date().toordinal()
    except ValueError:
        number = None
    if number is None or abs(number) > date.max.toordinal():
        _stop(
            f"{path}, line {line}: occurred_day is {text[:40]!r}."
            " Use a whole number of days, or a date such as 2026-11-23."
        )
    if days and _whole(next(iter(days))) != _whole(text):
        _stop(f"{path}, line {line}: occurred_day mixes numbers and dates. Use one of them.")
    return number


def _whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


# Out


def _candidates(found: Calibration) -> Iterable[Sequence[object]]:
    dimensions = found.ratings.dimensions
    yield [
        *("candidate_id", "adjusted", "lo90", "hi90"),
        *(f"{part}_{name}" for name in dimensions for part in ("adjusted", "lo90", "hi90")),
    ]
    rows: list[list[object]] = [[] for _ in found.ratings.candidates]
    for part in found.estimates:
        for row, candidate in enumerate(part.block.candidates):
            columns = (part.value[row, -1], part.low[row, -1], part.high[row, -1])
            each = [_number(one) for triple in zip(*columns, strict=True) for one in triple]
            rows[candidate] = [found.ratings.candidates[candidate], *each[-3:], *each[:-3]]
    yield from rows


def _raters(found: Calibration) -> Iterable[Sequence[object]]:
    yield "rater_id", "severity", "severity_points", "lo90", "hi90", "drift", "halo"
    for name, one in found.raters.items():
        points = (one.points.value, one.points.low, one.points.high)
        optional = ("" if value is None else _number(value) for value in (one.drift, one.halo))
        yield name, _number(one.severity), *map(_number, points), *optional


def _number(value: float) -> str:
    return f"{value:.9f}"


def _write(*files: tuple[Path, Iterable[Sequence[object]]]) -> None:
    """All of them or none: each beside its place first, then moved."""
    moved: list[tuple[str, Path]] = []
    try:
        for path, rows in files:
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            moved.append((name, path))
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
        mask = os.umask(0)
        os.umask(mask)
        for name, path in moved:
            os.chmod(name, 0o666 & ~mask)
            os.replace(name, path)
    except OSError as error:
        for name, _ in moved:
            Path(name).unlink(missing_ok=True)
        _stop(f"{path} cannot be written: {error.strerror}.")


def _summary(found: Calibration, seconds: float) -> dict[str, Any]:
    from mockint.domain.calibration.groups import sizes
    from mockint.domain.calibration.level import FAR_APART

    spread = found.spread
    parts = ("ability", "deviation", "luck", "severity", "walk")
    variances = {name: getattr(spread, name) ** 2 for name in parts}
    return {
        "model_version": found.model_version,
        "data_hash": found.data_hash,
        "fitted": found.fitted,
        "candidates": len(found.ratings.candidates),
        "raters": len(found.ratings.raters),
        "feedbacks": len(found.ratings.feedbacks),
        "scores": int(found.ratings.seen.sum()),
        "components": [
            {"candidates": candidates, "raters": raters}
            for candidates, raters in sizes(found.ratings, found.component)
        ],
        "comparable": found.components == 1,
        "variances": variances,
        "gain": found.gain,
        "alpha": {name: one.alpha for name, one in found.agreement.items()},
        "agreement": {
            name: {
                "interviews": one.interviews,
                "alpha": one.alpha,
                "lo95": one.low,
                "hi95": one.high,
                "kappa": one.kappa,
                "exact": one.exact,
                "within_one": one.within_one,
            }
            for name, one in found.agreement.items()
        },
        "mixed_gap": found.mixed_gap,
        "mixed_far_apart": found.mixed_gap is not None and found.mixed_gap > FAR_APART,
        "seconds": round(seconds, 3),
    }


def _words(said: dict[str, Any]) -> str:
    lines = [
        f"{said['candidates']} candidates, {said['raters']} raters, {said['feedbacks']} feedbacks,"
        f" {said['scores']} scores, {said['seconds']} s."
    ]
    if not said["fitted"]:
        lines.append(
            "Too few feedbacks for a fit: the usual spread is assumed, and intervals are wide."
        )
    if not said["comparable"]:
        lines.append(
            f"{len(said['components'])} groups never met through a rater."
            " Do not compare candidates of different groups."
        )
    if said["mixed_far_apart"]:
        lines.append(
            f"A simpler model differs by up to {said['mixed_gap']:.2f} points."
            " Look at the data before you rely on single levels."
        )
    return "\n".join(lines)


def _stop(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(2)
