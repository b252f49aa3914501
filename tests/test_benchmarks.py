"""What `python -m benchmarks` makes of results; the measurements themselves are no tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as table
from benchmarks.results import Result, Times, compared, told

HELD = Result("held", 1, 1, 1.0, 1.0, 1.3)
ABOVE = Result("above", 2, 1, 2.0, 1.9, 1.3)
MISSING = Result("missing", problem="nothing answers there", is_missing=True)
UNDONE = Result("undone", problem="flask db stamp head has stamped nothing")


def test_ratio_is_that_of_medians_and_of_the_least_processor_times() -> None:
    """One slow round changes neither."""
    pairs = [(Times(3, 2), Times(2, 1)), (Times(9, 8), Times(2, 4)), (Times(4, 3), Times(2, 1))]
    assert compared("x", pairs, 1.5) == Result("x", 4, 2, 2.0, 2.0, 1.5, "3.00/2.00 9.00/2.00 4.00/2.00")


@pytest.mark.parametrize(
    ("result", "kept", "expected"),
    [
        (HELD, None, "held"),
        (HELD, 1.0, "held, +0%"),
        (HELD, 0.8, "held, LOST +25%"),
        (ABOVE, 2.0, "above the budget, -5%"),
        (Result("small", 1, 1, 1, 1), None, "new"),
        (Result("small", 1, 1, 1, 1), 0.9, "+11%"),
        (MISSING, 1.0, "not measured"),
    ],
)
def test_verdict(result: Result, kept: float | None, expected: str) -> None:
    """The budget is for the time that passes, what was kept for that of the processor."""
    assert table.verdict(result, kept) == expected


@pytest.mark.parametrize(
    ("result", "check", "status"),
    [(HELD, True, 0), (ABOVE, False, 0), (ABOVE, True, 1), (MISSING, False, 0), (MISSING, True, 1), (UNDONE, False, 1)],
)
def test_status_of_one_program(result: Result, check: bool, status: int) -> None:
    """A server that is not there fails a check alone; what was not done is never overlooked."""
    assert told([HELD, result], check=check) == status


@pytest.mark.parametrize(("kept", "status"), [({"held": 0.9}, 0), ({"held": 0.8}, 1), ({}, 0)])
def test_loss_ends_in_1(
    kept: dict[str, float], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """More than 15 % slower than what was kept; the results are written all the same, and kept where that is asked for."""
    monkeypatch.setattr(table, "KEPT", tmp_path / "kept.json")
    monkeypatch.setattr(table, "quick", lambda: iter([HELD]))
    table.KEPT.write_text(json.dumps(kept))
    monkeypatch.setattr("sys.argv", ["benchmarks", "--quick", "--keep", "--json", str(tmp_path / "build" / "results.json")])

    assert table.main() == status

    written = json.loads((tmp_path / "build" / "results.json").read_text())
    assert [(one["what"], one["ratio"], one["kept"]) for one in written["results"]] == [("held", 1.0, kept.get("held"))]
    assert json.loads(table.KEPT.read_text()) == {"held": 1.0}
    assert ("LOST" in capsys.readouterr().out) == bool(status)


def test_loss_that_is_none_the_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other work was in the way."""
    monkeypatch.setattr(table, "KEPT", tmp_path / "kept.json")
    table.KEPT.write_text(json.dumps({"held": 1.0}))
    rounds = iter([Result("held", 1, 1, 1.0, 1.2), Result("held", 1, 1, 1.0, 1.1)])
    monkeypatch.setattr(table, "quick", lambda: iter([next(rounds)]))
    monkeypatch.setattr("sys.argv", ["benchmarks", "--quick"])

    assert table.main() == 0
