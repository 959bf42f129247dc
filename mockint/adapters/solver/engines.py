"""The two programs that find a cheapest flow: OR-tools, and HiGHS inside scipy.

Both are loaded when first used, so that nobody else pays for them.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mockint.adapters.solver.network import Arcs, Engine
from mockint.domain.errors import N_, Refusal
from mockint.domain.round.instance import IntArray

FloatArray = NDArray[np.float64]
EngineName = Literal["auto", "ortools", "highs"]


class Unsolved(Refusal):
    """An engine gave up; says which and how."""


def engine(name: EngineName) -> Engine:
    """The engine of a name; "auto" is OR-tools where it is installed."""
    if name == "highs":
        return highs
    if find_spec("ortools") is None:
        if name == "ortools":
            raise Unsolved(N_("OR-tools is not installed on this machine. Use highs or auto."))
        return highs
    return ortools


def ortools(arcs: Arcs, supply: IntArray) -> IntArray:
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # loaded when used

    flow = SimpleMinCostFlow()
    numbers = flow.add_arcs_with_capacity_and_unit_cost(
        arcs.tail, arcs.head, arcs.capacity, arcs.cost
    )
    flow.set_nodes_supplies(np.arange(len(supply), dtype=np.int32), supply)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise Unsolved(N_("OR-tools ended with %(status)s."), status=status.name)
    return np.asarray(flow.flows(numbers), np.int64)


def highs(arcs: Arcs, supply: IntArray) -> IntArray:
    """The simplex of HiGHS: a vertex of a flow with integer capacities is whole."""
    from scipy.optimize import linprog  # loaded when used
    from scipy.sparse import coo_array

    columns = np.arange(len(arcs.tail))
    if not len(columns):
        return columns
    balance = coo_array(
        (
            np.concatenate([np.ones(len(columns)), -np.ones(len(columns))]),
            (np.concatenate([arcs.tail, arcs.head]), np.concatenate([columns, columns])),
        ),
        shape=(len(supply), len(columns)),
    ).tocsc()
    bounds = np.column_stack([np.zeros(len(columns)), arcs.capacity])
    found = linprog(
        arcs.cost.astype(float), A_eq=balance, b_eq=supply, bounds=bounds, method="highs-ds"
    )
    if found.status != 0:
        raise Unsolved(N_("HiGHS ended with: %(status)s"), status=found.message)
    flow: FloatArray = np.rint(found.x)
    if np.abs(flow - found.x).max(initial=0.0) > 1e-6:
        raise Unsolved(N_("HiGHS ended with a flow that is not whole."))
    return flow.astype(np.int64)
