"""Which proofs there are: one a module of `tests/prove/proofs`."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import get_args

from tests.prove import proofs
from tests.prove.outcome import Database, Options, Outcome


@dataclass(frozen=True, slots=True)
class Proof:
    """One claim and the program that tries to break it."""

    name: str
    claim: str
    databases: tuple[Database, ...]
    run: Callable[[Options], Outcome]


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(proofs.__path__))


def find(name: str) -> Proof:
    module = import_module(f"{proofs.__name__}.{name}")
    databases = getattr(module, "DATABASES", get_args(Database))
    return Proof(name, module.CLAIM, databases, module.run)
