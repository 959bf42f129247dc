"""`python -m bench.matching 1000 300 > round.json`: a made-up round as a neutral file."""

from __future__ import annotations

import argparse
import json
import sys

from bench.matching import market


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.matching", description=__doc__)
    parser.add_argument("candidates", type=int)
    parser.add_argument("interviewers", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--supply", type=int, default=7, help="most days an interviewer offers")
    parser.add_argument("--caps", type=float, default=1.0, help="1.0 is short, 1.8 ample")
    parser.add_argument("--step", type=int, default=0, help="minutes between overlapping starts")
    asked = vars(parser.parse_args(arguments))
    seed = asked.pop("seed")
    json.dump(market.as_json(market.make(market.Shape(**asked), seed)), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
