"""A dozen of the kills that `python -m tests.attacks.kills` makes by the hundred."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.kills import BEGIN_S, Moment, try_once
from tests.attacks.runs import Bench, bench
from tests.servers import require_server

MOMENTS = {
    "sqlite": (Moment(0.5), Moment(0.0, "detect"), Moment(0.0, "load"), Moment(BEGIN_S, "write")),
    "postgresql": (Moment(0.9), Moment(0.05, "python"), Moment(BEGIN_S, "baseline"), Moment(0.0, "write")),
    "mariadb": (Moment(0.02, "plan"), Moment(0.02, "existing"), Moment(BEGIN_S, "upgrade"), Moment(0.02, "write")),
}


@pytest.fixture(scope="module", params=MOMENTS)
def killing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, str]]:
    """What all kills on one server need."""
    if request.param != "sqlite":
        require_server(request.param)
    base = tmp_path_factory.mktemp("kills").resolve()
    with bench(base, Path(sys.executable), (request.param,)) as made:
        yield made, request.param


@pytest.mark.parametrize("number", range(4))
def test_killed_run_is_made_good_by_the_next_one(killing: tuple[Bench, str], number: int) -> None:
    """Tree, database and stamp are as after a run that was not killed, nothing is left, and both runs said what was so."""
    bench, server = killing

    killed = try_once(bench, server, MOMENTS[server][number])

    assert killed.problems == (), "\n".join([str(killed.moment), killed.was, *killed.said])
