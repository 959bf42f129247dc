"""Check a result against its instance, with nothing but the standard library.

It shares no code with what solved the round, and can be run by itself:
`python verify.py INSTANCE RESULT`. docs/rounds-files.md says what is checked and why it is proof.
"""

from __future__ import annotations

import gzip
import itertools
import json
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

DAY = 1440
_MISCOUNTED = "the certificate has too many or too few prices"
Group = tuple[int, list[int]]
"""A cap, and the slots under it."""


def verify(instance: Any, result: Any) -> list[str]:
    """What is wrong with a result, in sentences; nothing when it holds."""
    try:
        checked = _Check(instance, result)
        return checked.matching() or checked.figures() + checked.proof()
    except (LookupError, TypeError, ValueError, AttributeError, StopIteration) as error:
        return [f"The files cannot be read: {type(error).__name__} {error}."]


def decoded(path: Path) -> Any:
    """The JSON in a file, plain or gzipped."""
    raw = path.read_bytes()
    return json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)


class _Check:
    def __init__(self, instance: Any, result: Any) -> None:
        self.duration: int = instance["duration"]
        self.people = instance["interviewers"]
        self.requests = instance["candidates"]
        self.eligible = [dict(zip(*one, strict=True)) for one in instance["eligible"]]
        self.previous = {tuple(one) for one in instance.get("previous") or []}
        self.load_price: int = instance.get("load_price", 0)
        self.starts = [sorted(one["starts"]) for one in self.people]
        self.first_slot = _first_places(self.starts)
        self.result = result
        self.matches = [tuple(one) for one in result["matching"]]

    def matching(self) -> list[str]:
        """Whether everybody can keep what they were given."""
        found = []
        by_candidate: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        by_interviewer: defaultdict[int, list[int]] = defaultdict(list)
        for who, whom, start in self.matches:
            name = f"candidate {who} with interviewer {whom} at {start}"
            if type(who) is not int or not 0 <= who < len(self.requests):
                found.append(f"There is no candidate {who}.")
            elif whom not in self.eligible[who]:
                found.append(f"This pair may not meet: {name}.")
            elif start not in self.starts[whom]:
                found.append(f"This start is not offered: {name}.")
            elif not any(
                a <= start and start + self.duration <= b for a, b in self.requests[who]["windows"]
            ):
                found.append(f"This lies in no window of the candidate: {name}.")
            else:
                by_candidate[who].append((start, whom))
                by_interviewer[whom].append(start)
        for who, agreed in by_candidate.items():
            found += self._candidate(who, sorted(agreed))
        for whom, taken in by_interviewer.items():
            found += self._interviewer(whom, sorted(taken))
        return found

    def _candidate(self, who: int, agreed: list[tuple[int, int]]) -> list[str]:
        found = []
        if len(agreed) > self.requests[who]["wants"]:
            found.append(f"Candidate {who} gets more interviews than wanted.")
        if len({whom for _, whom in agreed}) < len(agreed):
            found.append(f"Candidate {who} meets the same interviewer twice.")
        if _closest([start for start, _ in agreed]) < self.duration:
            found.append(f"Interviews of candidate {who} overlap.")
        return found

    def _interviewer(self, whom: int, taken: list[int]) -> list[str]:
        person, found = self.people[whom], []
        if _closest(taken) < self.duration + person["gap"]:
            found.append(f"Interviewer {whom} has two interviews closer than the gap.")
        if len(taken) > person["max_total"]:
            found.append(f"Interviewer {whom} has more than max_total.")
        days, weeks, _ = self._groups(whom)
        offered = self.starts[whom]
        for kind, groups in (("day", days), ("week", weeks)):
            for cap, places in groups:
                if sum(offered[place] in taken for place in places) > cap:
                    found.append(
                        f"Interviewer {whom} has more than {cap} in the {kind} of minute"
                        f" {offered[places[0]]}."
                    )
        return found

    def _groups(self, whom: int) -> tuple[list[Group], list[Group], list[int]]:
        """Days and weeks with the places of their starts, and the week of each day."""
        person, starts = self.people[whom], self.starts[whom]
        otherwise = person["max_total"]
        if "days" in person:
            days = _spans(starts, person["days"], otherwise)
        else:
            caps = {start // DAY: person["max_per_day"] for start in starts}
            spans = [[day * DAY, day * DAY + DAY, cap] for day, cap in caps.items()]
            days = _spans(starts, spans, otherwise)
        weeks = _spans(starts, person.get("weeks") or [], otherwise)
        week_of = {place: at for at, (_, places) in enumerate(weeks) for place in places}
        return days, weeks, [week_of[places[0]] for _, places in days]

    def figures(self) -> list[str]:
        """Whether the figures of the result are those of its matching."""
        result = self.result
        served = Counter(self.requests[who]["priority"] for who, _, _ in self.matches)
        classes = sorted({one["priority"] for one in self.requests}, reverse=True)
        taken = Counter(whom for _, whom, _ in self.matches)
        true = {
            "matched": len(self.matches),
            "classes": classes,
            "priority_profile": [served[one] for one in classes],
            "quality": sum(self.eligible[who][whom] for who, whom, _ in self.matches),
            "kept": len(self.previous.intersection(self.matches)),
            "load_cost": self.load_price * sum(n * (n - 1) // 2 for n in taken.values()),
        }
        return [
            f"{name} is {result[name]}, but the matching has {value}."
            for name, value in true.items()
            if result[name] != value
        ]

    def proof(self) -> list[str]:
        """Whether no matching can be worth more."""
        proof, result = self.result["certificate"], self.result
        if proof is None:
            if result["status"] == "optimal" and self._provable():
                return ["The result calls itself optimal and has no certificate."]
            return []
        if not self._provable():
            return [
                "A certificate proves nothing where candidates want several, or starts overlap."
            ]
        if result["status"] != "optimal" or result["gap"] != 0:
            return ["The result has a certificate, but does not call itself optimal."]
        ranks, rank_weight, kept_weight = self._weights()
        if (proof["rank_weight"], proof["kept_weight"]) != (rank_weight, kept_weight):
            return ["The certificate uses other weights than the objective."]
        rank_sum = sum(ranks[who] for who, _, _ in self.matches)
        value = rank_sum * rank_weight + result["kept"] * kept_weight
        value += result["quality"] - result["load_cost"]
        found = self._prices(proof, ranks)
        cost = 0 if found else self._cost(proof)
        if not found and not cost == value == result["value"] == result["bound"]:
            found.append(
                f"The matching is worth {value}, its prices add up to {cost}; the result says"
                f" {result['value']} and {result['bound']}."
            )
        return found

    def _provable(self) -> bool:
        """A certificate exists where everybody wants one and the starts of a person lie apart."""
        return all(one["wants"] == 1 for one in self.requests) and all(
            _closest(starts) >= self.duration + person["gap"]
            for starts, person in zip(self.starts, self.people, strict=True)
        )

    def _weights(self) -> tuple[list[int], int, int]:
        """The rank of each candidate and the least weights that keep the levels apart."""
        offered = [
            min(len(starts), person["max_total"])
            for starts, person in zip(self.starts, self.people, strict=True)
        ]
        most = min(len(self.requests), sum(offered))
        best = max((max(one.values(), default=0) for one in self.eligible), default=0)
        dearest = self.load_price * sum(n * (n - 1) // 2 for n in offered)
        one_more = most * best + dearest + 1
        objective = self.result["objective"]
        if objective == "B":
            classes = sorted({one["priority"] for one in self.requests})
            return [classes.index(one["priority"]) + 1 for one in self.requests], one_more, 0
        ranks = [1] * len(self.requests)
        if objective == "C" and self.previous:
            return ranks, one_more * (most + 1), one_more
        return ranks, one_more, 0

    def _prices(self, proof: Any, ranks: list[int]) -> list[str]:
        """Whether every price is whole and at least 0, and no edge is worth more than its own."""
        wholes = self._whole_prices(proof)
        lowest = [min(prices, default=0) for prices in wholes]
        for who, (pairs, request) in enumerate(zip(self.eligible, self.requests, strict=True)):
            base = ranks[who] * proof["rank_weight"] - proof["u"][who]
            spans = [(a, b - self.duration) for a, b in request["windows"]]
            for whom, quality in pairs.items():
                if base + quality + proof["kept_weight"] <= lowest[whom]:
                    continue  # most pairs of a short round end here
                starts, prices = self.starts[whom], wholes[whom]
                for first, last in spans:
                    at = bisect_left(starts, first)
                    while at < len(starts) and starts[at] <= last:
                        worth = base + quality
                        if self.previous and (who, whom, starts[at]) in self.previous:
                            worth += proof["kept_weight"]
                        if worth > prices[at]:
                            return [
                                f"Candidate {who} with interviewer {whom} at {starts[at]} is worth"
                                " more than its prices."
                            ]
                        at += 1
        return []

    def _whole_prices(self, proof: Any) -> list[list[int]]:
        """Per interviewer and start: the prices of slot, day, week and interviewer together."""
        counts = [len(self.requests), self.first_slot[-1], len(self.people)]
        if [len(proof[name]) for name in "uvz"] != counts:
            raise ValueError(_MISCOUNTED)
        y, w = iter(proof["y"]), iter(proof["w"] or self._no_weeks())
        wholes = []
        for whom, starts in enumerate(self.starts):
            days, weeks, week_of = self._groups(whom)
            week_price = [next(w) + proof["z"][whom] for _ in weeks]
            first = self.first_slot[whom]
            prices = proof["v"][first : first + len(starts)]
            for (_, places), week in zip(days, week_of, strict=True):
                day_price = next(y) + week_price[week]
                for place in places:
                    prices[place] += day_price
            wholes.append(prices)
        if [*y, *w]:
            raise ValueError(_MISCOUNTED)
        for name in "uvywz":
            if any(type(price) is not int or price < 0 for price in proof[name]):
                raise ValueError(f"a price of {name} is no whole number from 0 up")
        return wholes

    def _no_weeks(self) -> list[int]:
        return [0] * sum(len(self._groups(whom)[1]) for whom in range(len(self.people)))

    def _cost(self, proof: Any) -> int:
        """What all that is offered costs at these prices; candidates and slots count once."""
        y, w = iter(proof["y"]), iter(proof["w"] or self._no_weeks())
        total: int = sum(proof["u"]) + sum(proof["v"])
        for whom, price in enumerate(proof["z"]):
            days, weeks, _ = self._groups(whom)
            total += sum(cap * next(y) for cap, _ in days) + sum(cap * next(w) for cap, _ in weeks)
            most = min(len(self.starts[whom]), self.people[whom]["max_total"])
            total += sum(max(0, price - self.load_price * kth) for kth in range(most))
        return total


def _spans(starts: list[int], spans: Any, otherwise: int) -> list[Group]:
    """Groups of neighbouring starts under the same span; those under none share a wide cap."""
    found: list[Group] = []
    last: Any = None
    for place, start in enumerate(starts):
        at = next((at for at, (a, b, _) in enumerate(spans) if a <= start < b), None)
        before = -1 if at is not None else sum(b <= start for _, b, _ in spans)
        if (at, before) != last:
            found.append((otherwise if at is None else spans[at][2], []))
        found[-1][1].append(place)
        last = (at, before)
    return found


def _first_places(lists: list[list[int]]) -> list[int]:
    found = [0]
    for one in lists:
        found.append(found[-1] + len(one))
    return found


def _closest(starts: list[int]) -> float:
    return min((b - a for a, b in itertools.pairwise(starts)), default=float("inf"))


def _main(instance: str, result: str) -> int:
    problems = verify(decoded(Path(instance)), decoded(Path(result)))
    for one in problems:
        print(one)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(_main(*sys.argv[1:]))
