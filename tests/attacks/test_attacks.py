"""The quick ones of the attacks, each on one server; every second pair of them in one of the two ways, with THOROUGH=1 all in both.

`python -m tests.attacks` runs all that there are, on all of their servers, in both ways.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks.attack import ALL_SERVERS, Attack, attacks
from tests.attacks.environment import has_module, make_environment
from tests.attacks.runs import WAYS, Bench, bench
from tests.servers import require_server, why_unreachable
from tests.thorough import usual_or_all

QUICK = [one for one in attacks() if one.has("quick")]
SERVER_OF = {one: one.servers[number % len(one.servers)] for number, one in enumerate(QUICK)}
PAIRS = usual_or_all(
    [(one, WAYS[number // 3 % 2]) for number, one in enumerate(QUICK) if number // 2 % 2 == 0],
    [(one, way) for one in QUICK for way in WAYS[:2]],
)

OF_THE_SERVER = ("pymysql CREATE DATABASE", "pymysql CREATE USER", "pymysql, another database of the server")


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One environment, one rendered template, one retrofitted project for each server."""
    base = tmp_path_factory.mktemp("attacks").resolve()
    servers = tuple(one for one in ALL_SERVERS if one == "sqlite" or not why_unreachable(one))
    with bench(base, make_environment(base / "environment").python, servers) as made:
        yield made


def require(attacked: Bench, attack: Attack, server: str) -> None:
    """Skip what cannot be tried here."""
    if server != "sqlite":
        require_server(server)
    needs = attack.options.get("needs", "")
    if needs and not has_module(attacked.python, needs):
        pytest.skip(f"no {needs}")


def test_there_are_at_least_85() -> None:
    """The table is not cut short; each name stands for one attack."""
    assert len(QUICK) >= 85
    assert len({one.name for one in attacks()}) == len(attacks())


def known_open(attack: Attack, way: str) -> str:
    """Why an attack still succeeds, "" where it must not."""
    if way == "status" and attack.name in OF_THE_SERVER:
        return "databases and logins of a server are everybody's: nobody can tell who made one"
    return ""


@pytest.mark.parametrize(("attack", "way"), PAIRS, ids=[f"{one.name}-{way}" for one, way in PAIRS])
def test_attack(attacked: Bench, attack: Attack, way: str) -> None:
    """Database and tree are the same afterwards, and nothing is left; or an error names the change, and nothing is stamped."""
    server = SERVER_OF[attack]
    require(attacked, attack, server)

    outcome = attacked.retrofit(attack, server) if way == "retrofit" else attacked.command(attack, server, way)

    if outcome.problems and (reason := known_open(attack, way)):
        pytest.xfail(reason)
    assert outcome.problems == (), outcome.ended.output


@pytest.mark.parametrize("attack", [one for one in QUICK[::12] if not one.has("has_no_effect_alone")], ids=lambda one: one.name)
def test_attack_is_one(attacked: Bench, attack: Attack) -> None:
    """Where nothing is in its way, it changes something."""
    require(attacked, attack, SERVER_OF[attack])

    changes, said = attacked.alone(attack, SERVER_OF[attack])

    assert changes, said
