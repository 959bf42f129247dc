"""`mockint feedback calibrate` as an operator runs it: files in, files out, or one sentence."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import simulation
from tests.unit.calibration.test_fit import rows

ROOT = Path(__file__).resolve().parents[2]
HEADER = "feedback_id,interview_id,candidate_id,rater_id,occurred_day,is_shadow,dimension,score\n"
LINE = "f1,i1,c1,r1,3,0,depth,2\n"


def run(folder: Path, *more: str, ratings: str = "ratings.csv") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockint.cli", "feedback", "calibrate", ratings,
         "--candidates", "candidates.csv", "--raters", "raters.csv", *more],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("MOCKINT_")}
        | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )  # fmt: skip


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def community(tmp_path: Path) -> Path:
    ratings, _ = simulation.made(simulation.World(candidates=40, raters=8, missing=0.1), 2)
    with (tmp_path / "ratings.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.strip().split(","))
        for one in rows(ratings):
            shadow, score = int(one.shadow), "" if one.score is None else one.score
            writer.writerow([*one[:4], one.day, shadow, one.dimension, score])
    return tmp_path


def test_levels_and_severities_are_written_and_the_rest_is_said(community: Path) -> None:
    done = run(community, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["fitted"] is True
    assert said["components"] == [{"candidates": 40, "raters": 8}]
    assert set(said["variances"]) == {"ability", "deviation", "luck", "severity", "walk"}
    assert set(said["alpha"]) <= set(simulation.DIMENSIONS)
    assert said["seconds"] > 0
    candidates = table(community / "candidates.csv")
    names = [
        f"{part}_{one}" for one in simulation.DIMENSIONS for part in ("adjusted", "lo90", "hi90")
    ]
    assert list(candidates[0]) == ["candidate_id", "adjusted", "lo90", "hi90", *names]
    assert len(candidates) == 40
    for row in candidates:
        assert 1 <= float(row["lo90"]) < float(row["adjusted"]) < float(row["hi90"]) <= 4
        dimensions = [float(row[f"adjusted_{one}"]) for one in simulation.DIMENSIONS]
        assert float(row["adjusted"]) == pytest.approx(sum(dimensions) / 5, abs=1e-6)
    raters = table(community / "raters.csv")
    assert list(raters[0]) == [
        "rater_id", "severity", "severity_points", "lo90", "hi90", "drift", "halo",
    ]  # fmt: skip
    for row in raters:
        assert float(row["lo90"]) < float(row["severity_points"]) < float(row["hi90"])
        assert (float(row["severity"]) > 0) == (float(row["severity_points"]) > 0)


def test_learning_and_plain_words(community: Path) -> None:
    done = run(community, "--learning")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("40 candidates, 8 raters, ")


def test_a_few_ratings_say_that_nothing_was_fitted(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text(HEADER + LINE + "f2,i2,c2,r2,2026-1-1,0,depth,\n")
    assert run(tmp_path).returncode == 2
    (tmp_path / "ratings.csv").write_text(HEADER + LINE + "f2,i2,c2,r2,4,1,depth,\n")
    done = run(tmp_path)
    assert done.returncode == 0
    assert "Too few feedbacks for a fit" in done.stdout
    assert "2 groups never met" in done.stdout
    [first, _] = table(tmp_path / "raters.csv")
    assert (first["drift"], first["halo"]) == ("", "")


BAD = {
    "nothing": ("", "has no column feedback_id"),
    "only a header": (HEADER, "has no ratings under its first line."),
    "no column": (HEADER.replace("rater_id", "rater") + LINE, "has no column rater_id."),
    "twice a column": (HEADER.strip() + ",score\n" + LINE, "has the column score twice."),
    "a score of 7": (HEADER + LINE.replace(",2\n", ",7\n"), "line 2: score is '7'."),
    "a half score": (HEADER + LINE.replace(",2\n", ",2.5\n"), "line 2: score is '2.5'."),
    "a word as shadow": (HEADER + LINE.replace(",0,", ",maybe,"), "line 2: is_shadow is 'maybe'."),
    "no candidate": (HEADER + LINE.replace("c1", " "), "line 2: candidate_id is empty."),
    "a wrong day": (HEADER + LINE.replace(",3,", ",soon,"), "line 2: occurred_day is 'soon'."),
    "two kinds of day": (
        HEADER + LINE + LINE.replace("1,", "2,").replace(",3,", ",2026-11-23,"),
        "line 3: occurred_day mixes numbers and dates.",
    ),
    "a short line": (HEADER + LINE + "f2,i2\n", "line 3: there are 2 cells instead of 8."),
    "the same twice": (HEADER + LINE + LINE, "line 3: This feedback already has a score"),
    "two candidates": (
        HEADER + LINE + "f1,i1,c2,r1,3,0,tests,2\n",
        "line 3: An interview has one candidate.",
    ),
    "no score": (HEADER + LINE.replace(",2\n", ",\n"), "has no score."),
    "a quote left open": (HEADER + '"f1,i1\n', "is not a CSV file"),
}


@pytest.mark.parametrize("content, sentence", BAD.values(), ids=BAD)  # noqa: PT006
def test_what_cannot_be_used_is_said_in_one_line_and_nothing_is_written(
    tmp_path: Path, content: str, sentence: str
) -> None:
    (tmp_path / "ratings.csv").write_text(content)
    done = run(tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["ratings.csv"]


def test_files_that_cannot_be_read_or_written(community: Path) -> None:
    assert "cannot be read: No such file" in run(community, ratings="none.csv").stderr
    (community / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8 text" in run(community, ratings="bytes.csv").stderr
    same = run(community, "--raters", "candidates.csv")
    assert (same.returncode, same.stdout) == (2, "")
    assert "name the same file" in same.stderr
    lost = run(community, "--raters", "none/raters.csv")
    assert "none/raters.csv cannot be written: No such file" in lost.stderr
    assert not list(community.glob("*candidates*")), "the other file is not left alone"
