"""From loading the app to what its revisions build and where its databases stand; nothing is generated, and no database written to.

The work is that of `python -m migrations.adopt status`, with the env.py that replaces the team's.
"""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from .base.messages import Verified
from .base.stop import Stop
from .baseline import baseline
from .load import models
from .load.databases import find_databases
from .retrofit import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flask import Flask

    from adopt.history.chain import Chain
    from adopt.history.loading import Database
    from adopt.verdict.look import Seen
    from adopt.verdict.verdict import Verdict

    from .base.types import Facts
    from .baseline.types import Session
    from .load.databases import LoadedDatabase


ABSENT, UNREACHABLE, PRESENT = "absent", "unreachable", "present"
WHY_NOT = {"absent": "it does not exist", "empty": "it holds no table of the revisions"}
STATES = {"absent": ABSENT, "empty": ABSENT, "unreachable": UNREACHABLE, "not-permitted": UNREACHABLE}


def takeover(session: Session) -> None:
    """Emit every step, "loaded" and "verified"."""
    request, pipe = session.request, session.pipe
    app, loaded = load(session)
    require_directory(session, app)
    with pipe.step("existing"), session.policy.permitted():
        seen = {one.name: session.adopt("look").look(one) for one in session.adopt("loading").databases()}
    settled = models.settle(request, session, loaded, lambda: table_names(seen.values()))
    databases = find_databases(app, session).databases
    views = {database.keys[0]: views_of(database, seen[database.name]) for database in databases if database.name in seen}
    imports = models.project_ini(settled, {}, views)
    session.overlay.add(os.path.join(session.root, "migrations", "project.ini"), imports)
    with pipe.step("revisions") as detail, session.policy.permitted():
        chain, verdicts, why_unproven = judged(session)
        detail["revisions"] = len(chain.graph.revisions)
    databases = [database for database in databases if database.name in verdicts]
    known = {one.name: one for one in session.adopt("loading").databases()}
    own = own_tables(known, databases)
    found = [facts_of(session, database, verdicts[database.name], own) for database in databases]
    unmanaged = {one.keys[0]: [it["table"] for it in found[number]["unmanaged"]] for number, one in enumerate(databases)}
    register = models.project_ini(settled, unmanaged, views)
    session.overlay.add(os.path.join(session.root, "migrations", "project.ini"), register)
    if not why_unproven:
        with pipe.step("check"), session.policy.permitted():
            add_findings(session, known, chain, found)
    pipe.emit(
        Verified(
            databases=found,
            project_ini=register,
            picture=picture(session, databases),
            failed_models=settled.failed,
            imported_modules=settled.imports,
            loaded_on=session.load_on,
            revisions=len(chain.graph.revisions),
            heads=list(chain.graph.heads),
            unproven=why_unproven,
            failures=[vars(failure) for failure in chain.failures],
        ),
        private=[],
    )


def picture(session: Session, databases: Sequence[LoadedDatabase]) -> str:
    """The section of migrations/SCHEMA.md that draws the schema of the models, as `python -m migrations.adopt diagram` does."""
    diagram = session.adopt("diagram")
    return diagram.section({one.name: diagram.drawn(one.tables, one.dialect) for one in databases})  # type: ignore[no-any-return]  # of adopt/


def require_directory(session: Session, app: Flask) -> None:
    """The directory that `Migrate(...)` was told of is the one that is taken over.

    Raises:
        Stop: `flask db` would look elsewhere.
    """
    directory = str(getattr(app.extensions["migrate"], "directory", None) or "migrations")
    if os.path.realpath(os.path.join(session.root, directory)) != os.path.join(session.root, "migrations"):
        raise Stop("migrations-elsewhere", directory=directory)


def judged(session: Session) -> tuple[Chain, dict[str, Verdict], str]:
    """(the chain of the first database, a Verdict on each by its name, why there is no chain): what `status` finds."""
    adopting, chains = session.adopt("adopting"), session.adopt("chains").Chains()
    databases = session.adopt("loading").databases()
    verdicts = {one.name: adopting.adopt(one, chains, write=False, with_objects=True) for one in databases}
    try:
        chain = chains.replayed(databases[0], session.adopt("look").look(databases[0]))
    except session.adopt("errors").AdoptError as error:  # no scratch database
        return session.adopt("chain").Chain(chains.graph), verdicts, error.reason
    return chain, verdicts, ""


def own_tables(known: Mapping[str, Database], databases: Sequence[LoadedDatabase]) -> set[str]:
    """The tables of models that the project declares; a package makes those of its own, as Flask-Session does when it is loaded."""
    return {
        table.fullname
        for database in databases
        for table in database.tables
        if not (known[database.name].places.of({"what": "table", "table": table.fullname}) or "").startswith("the package ")
    }


def add_findings(session: Session, known: Mapping[str, Database], chain: Chain, found: Iterable[Facts]) -> None:
    """Note in the facts `found` why `python -m migrations.adopt check` would fail: by what the models say, or by the revisions.

    Where there is no scratch database, the verdict on that database has said so.
    """
    if chain.failures or len(chain.graph.heads) != 1:
        return
    for facts in found:
        try:
            findings = session.adopt("checking").check(known[facts["name"]], chain.graph).findings
        except session.adopt("errors").AdoptError:
            continue
        facts["unwritten"] = [line for one in findings if one.reference == "models-differ" for line in one.evidence]
        facts["check_fails"] = [vars(one) for one in findings if one.reference != "models-differ"]


def table_names(seen: Iterable[Seen]) -> set[str] | None:
    """The tables of the existing databases, or None where there is none to ask."""
    known = [one.snapshot["tables"] for one in seen if one.snapshot is not None]
    if not known:
        return None
    return {name.rpartition(".")[2] for names in known for name in names} | {name for names in known for name in names}


def views_of(database: LoadedDatabase, seen: Seen) -> list[str]:
    """The views of an existing database that models read."""
    views = set(seen.snapshot["views"]) if seen.snapshot is not None else set()
    return sorted(table.fullname for table in database.tables if table.fullname in views)


def facts_of(session: Session, database: LoadedDatabase, verdict: Verdict, tables: set[str]) -> Facts:
    """One database as data: what its verdict says, in words as well; `tables` are those of the project's own models."""
    unmanaged = [dict(one) for one in verdict.unmanaged if one["table"] not in tables]
    made_otherwise = [one["table"] for one in verdict.unmanaged if one["table"] in tables]
    good, wrong = session.adopt("verdict_text").lines(dataclasses.replace(verdict, unmanaged=unmanaged), is_status=True)  # type: ignore[arg-type]  # a list is as good
    return {
        "name": database.name,
        "keys": database.keys,
        "database": verdict.database,
        "dialect": baseline.server_name(database.dialect),
        "tables": len(database.tables),
        "existing": STATES.get(verdict.state, PRESENT),
        "existing_reason": verdict.reason or WHY_NOT.get(verdict.state, ""),
        "state": verdict.state,
        "stamped": list(verdict.stamped),
        "words": good,
        "wrong": wrong,
        "unmanaged": unmanaged,
        "made_otherwise": made_otherwise,
        "unwritten": [],
        "check_fails": [],
        "unverified": [],
    }
