"""Linear programmes: the simplex of OR-tools, or of HiGHS inside scipy where that is missing."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, csr_matrix

from mockint.adapters.solver.engines import FloatArray, Unsolved
from mockint.domain.errors import N_

NODES = 2000
"""Branches after which the search for a whole solution ends with the best found."""


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """The greatest `worth @ x` with `rows @ x <= most` and 0 <= x <= `upper`."""

    worth: FloatArray
    rows: csr_array
    most: FloatArray
    upper: FloatArray

    def solved(self) -> tuple[FloatArray, FloatArray]:
        """The best x, and what one more of each row's most would add, at least 0."""
        if not self.worth.size:
            return np.zeros(0), np.zeros(len(self.most))
        x, prices = self._glop() if find_spec("ortools") else self._highs()
        return x, np.maximum(prices, 0.0)

    def _glop(self) -> tuple[FloatArray, FloatArray]:
        """Its primal simplex needs a tenth of the time of the dual one on these."""
        builder: Any = import_module("ortools.linear_solver.python.model_builder_helper")
        model, glop = builder.ModelBuilderHelper(), builder.ModelSolverHelper("glop")
        model.fill_model_from_sparse_data(
            np.zeros(len(self.worth)),
            self.upper,
            -self.worth,
            np.full(len(self.most), -np.inf),
            self.most,
            csr_matrix(self.rows),
        )
        glop.solve(model)
        if glop.status() != builder.SolveStatus.OPTIMAL:
            raise Unsolved(N_("OR-tools ended with %(status)s."), status=glop.status().name)
        return np.array(glop.variable_values()), -np.array(glop.dual_values())

    def _highs(self) -> tuple[FloatArray, FloatArray]:
        found = linprog(
            -self.worth,
            A_ub=self.rows,
            b_ub=self.most,
            bounds=np.column_stack([np.zeros(len(self.worth)), self.upper]),
            method="highs-ds",
        )
        if found.status != 0:
            raise Unsolved(N_("HiGHS ended with: %(status)s"), status=found.message)
        return np.asarray(found.x), -np.asarray(found.ineqlin.marginals)

    def whole(self, fixed: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
        """A whole x that takes what is fixed: the best, unless the search was too long."""
        if not self.worth.size:
            return np.zeros(0, np.bool_)
        found = milp(
            -self.worth,
            constraints=LinearConstraint(self.rows, -np.inf, self.most),
            integrality=np.ones(len(self.worth)),
            bounds=Bounds(fixed.astype(float), np.minimum(self.upper, 1)),
            options={"mip_rel_gap": 0, "node_limit": NODES},
        )
        return None if found.x is None else np.asarray(found.x > 0.5)
