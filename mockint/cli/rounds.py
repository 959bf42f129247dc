"""`mockint rounds`: solve a round from a file, and check a result. No database, no settings."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import click

from mockint.domain.errors import Invalid, Refusal


@click.group()
def rounds() -> None:
    """Match rounds of people from files."""


@rounds.command()
@click.argument("instance", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--objective", type=click.Choice(["A", "B", "C"]), required=True)
@click.option("--overlap", is_flag=True, help="Starts of an interviewer may exclude each other.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides between equals.")
@click.option(
    "--engine", type=click.Choice(["auto", "ortools", "highs"]), default="auto", show_default=True
)
def solve(
    instance: str, objective: str, overlap: bool, as_json: bool, seed: int, engine: Any
) -> None:
    """Find the best matching of INSTANCE, a neutral file (docs/rounds-files.md), plain or .gz.

    A: most interviews, then quality. B: most interviews, then most of the highest priority and so
    on, then quality. C: most interviews, then most of the previous matching kept, then quality.
    Exits 2 and names the field when the file cannot be used.
    """
    from mockint.adapters.solver import solve as find  # numpy is not for every command
    from mockint.domain.round import files
    from mockint.domain.round.solution import Objective

    raw = _read(instance)
    try:
        round_ = files.load(raw)
        with _progress() as progress:
            found = find(
                round_,
                Objective(objective),
                overlap=overlap,
                engine=engine,
                seed=seed,
                progress=progress,
            )
    except Invalid as refusal:
        _stop(f"{refusal.field}: {refusal}")
    except Refusal as refusal:
        _stop(str(refusal))
    result = found.as_json() | {"instance": {"file": instance, "sha256": sha256(raw).hexdigest()}}
    click.echo(json.dumps(result) if as_json else _summary(result))


@rounds.command()
@click.argument("result", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("instance", type=click.Path(dir_okay=False, path_type=Path), required=False)
def verify(result: Path, instance: Path | None) -> None:
    """Check RESULT, what `rounds solve --json` printed, with the standard library only.

    INSTANCE is looked for where the result says it was, unless it is given. Exits 1 when the result
    does not hold, 2 when a file cannot be read.
    """
    from mockint.domain.round.verify import decoded
    from mockint.domain.round.verify import verify as check

    try:
        said = decoded(result)
        path = instance or _instance_of(said, result)
        given = decoded(path)
        if instance is None and said["instance"]["sha256"] != sha256(path.read_bytes()).hexdigest():
            _stop(f"{path} has changed since it was solved. Name the right file as the second one.")
    except (OSError, EOFError, ValueError) as error:
        _stop(f"A file cannot be read: {error}.")
    problems = check(given, said)
    for one in problems:
        click.echo(one)
    if problems:
        raise SystemExit(1)
    matched, proven = said["matched"], said["certificate"] is not None
    click.echo(
        f"{matched} interviews keep every limit, and the prices prove that no matching is better."
        if proven
        else f"{matched} interviews keep every limit. There is no certificate to check."
    )


def _instance_of(said: Any, result: Path) -> Path:
    """The file that a result names: as it stands there, or beside the result."""
    try:
        named = Path(said["instance"]["file"])
    except (KeyError, TypeError):
        _stop("The result names no instance. Give its file as the second one.")
    return named if named.exists() else result.parent / named.name


@contextmanager
def _progress() -> Iterator[Callable[[float, str], None] | None]:
    """A bar, for people only."""
    if not sys.stderr.isatty():
        yield None
        return
    from mockint.demo.progress import bar  # loaded for people only

    with bar("Matching") as advance:
        yield lambda share, words: advance(int(100 * share), 100)


def _summary(result: dict[str, Any]) -> str:
    served = ", ".join(
        f"{count} of priority {priority}"
        for priority, count in zip(result["classes"], result["priority_profile"], strict=True)
        if count
    )
    lines = [f"{result['matched']} interviews" + (f": {served}." if served else ".")]
    lines.append(f"Quality {result['quality']}, {result['kept']} kept of the previous matching.")
    if result["certificate"] is not None:
        lines.append("Proven: no matching is better.")
    elif result["status"] == "optimal":
        lines.append("No matching is better: the value reaches its bound.")
    else:
        lines.append(
            f"At most {100 * result['gap']:.4g} % below the best (bound {result['bound']})."
        )
    lines.append(f"{result['seconds']:.1f} s, {result['peak_mb']:.0f} MB.")
    return "\n".join(lines)


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        _stop(f"{name} cannot be read: {error.strerror}.")


def _stop(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(2)
