"""What an organiser may set."""

from __future__ import annotations

from typing import Any

import pytest

from mockint.domain.community import Community, checked
from mockint.domain.errors import Invalid


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("name", "x" * 61),
        ("contact", "nobody"),
        ("lengths_min", ()),
        ("lengths_min", (60, 61)),
        ("default_length_min", 25),
        ("step_min", 20),
        ("horizon_days", 0),
        ("hold_min", 0),
        ("max_upcoming", 0),
        ("cutoff_cancel_min", -1),
        ("reminders_min", (60, 30, 20, 15, 10, 5)),
        ("reminders_min", (1,)),
    ],
)
def test_an_unusable_value_names_its_field(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        checked(Community(), {field: value})
    assert refused.value.field == field


def test_a_length_that_is_no_longer_allowed_cannot_stay_the_usual_one() -> None:
    with pytest.raises(Invalid) as refused:
        checked(Community(), {"lengths_min": (30, 45)})
    assert refused.value.field == "default_length_min"


def test_values_are_put_in_order() -> None:
    after = checked(Community(), {"reminders_min": (60, 1440, 60), "lengths_min": (60, 30)})
    assert after.reminders_min == (1440, 60)
    assert after.lengths_min == (30, 60)
