"""Prove the plan in the project's own Python before anything is written: load, rehearse, build, compare.

Two processes: one loads the edited application on a play database and works through all checks up to the stamp, which it leaves
to one that runs nothing of the application; beside it a rehearsal starts the same edited application on an empty database named by
the variable. What the rehearsal cannot do decides the variant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from hooks.base.errors import ProjectFailed, ScriptDied, ScriptTimedOut, StampFailed
from hooks.base.facts import Interpreter
from hooks.base.verified import VerifiedDatabase, databases_of
from hooks.detect.files import is_test_file
from hooks.edit.python.changes import Variant, is_named
from hooks.environment.project_python import ProjectPython
from hooks.planning.flask_app import flask_app_by_path, longest_flask_app_spec
from hooks.planning.plan import Plan
from hooks.prove.database_of_tests import DatabaseOfTests
from hooks.prove.ladder import MakeOverlay, Overlay, ladder, misses_something
from hooks.prove.missing import evidence
from hooks.prove.processes import Processes
from hooks.prove.step_detail import step_detail

NOT_TRIED = "no-scratch-database"  # why a rehearsal says nothing about the application
SETTINGS = (".py", ".ini", ".cfg", ".conf", ".toml", ".json", ".yaml")


def first_variant(plan: Plan, interpreter: Interpreter | None = None) -> Variant:
    """The variant that is tried first, with as few changes as the plan allows; with no `interpreter`, for Flask-SQLAlchemy 3."""
    version = interpreter.installed.get("flask-sqlalchemy", "") if interpreter else ""
    return Variant(keep_create_all=plan.tests_need_create_all, has_engines=not re.match(r"[012]\.", version))


@dataclass
class Proven:
    """All checks have passed and the process waits: `facts` is its fact sheet, `variant` what the rehearsal has settled."""

    facts: Mapping[str, Any]
    variant: Variant
    rehearsal: Mapping[str, Any] | None
    process: ProjectPython
    flask_app: str | None  # what `.flaskenv` must say, None: nothing
    missed: Mapping[str, Any]  # why the application did not load on an empty database, {} where it did

    @property
    def databases(self) -> tuple[VerifiedDatabase, ...]:
        """What was shown of each database, the default one first."""
        return databases_of(self.facts)

    @property
    def needs_tables(self) -> Mapping[str, Any]:
        """What of the application failed on an empty database without its create_all(), which stays for that; {} if nothing."""
        found: Mapping[str, Any] = (self.rehearsal or {}).get("needs_tables", {})
        return found

    def stamp(self, wanted: bool) -> dict[str, str]:
        """Let the process stamp the existing databases and read them back: {name of the database: revision}, {} when it is not to.

        Raises:
            StampFailed: the one write failed, or reading it back gave something else.
        """
        self.process.send({"go": True, "stamp": wanted})
        stamped = {}
        for event in self.process.events():
            if event["event"] == "stamped":
                stamped[str(event["name"])] = str(event["revision"])
            elif event["event"] == "error":
                done = [database.database for database in self.databases if database.name in stamped]
                raise StampFailed(str(event.get("database", "")), event, done)
        return stamped


@dataclass(frozen=True)
class Prover(Processes):
    """Proves a plan with the processes of one run."""

    @contextmanager
    def proven(self, make_overlay: MakeOverlay) -> Iterator[Proven]:
        """Run both processes; on leaving, none of them is left running and no scratch database remains.

        Raises:
            ProjectFailed: what happened in the project's own Python, with the place in the user's code.
        """
        first = first_variant(self.plan, self.interpreter)
        with ThreadPoolExecutor(max_workers=1) as pool:
            rehearsals: list[Future[tuple[Variant, Mapping[str, Any]]]] = []

            def on_loaded(url: str, *, in_memory: bool = False) -> None:
                if not rehearsals:
                    rehearsals.append(pool.submit(self.rehearse, make_overlay, first, url, in_memory=in_memory))

            if self.environ.get("EMPTY_DATABASE_URL"):  # one empty database for both: one after the other
                on_loaded(self.environ["EMPTY_DATABASE_URL"])
                rehearsals[0].result()
            why: ProjectFailed | None = None
            for overlay, more in ladder(make_overlay, first):
                try:
                    with self.checked(overlay, on_loaded, **more) as (process, facts):
                        yield self._settled(process, facts, rehearsals, first, why)
                        return
                except ProjectFailed as stop:
                    if why is not None and stop.reason == "nothing-to-copy":
                        break
                    if not misses_something(stop):
                        raise
                    why = why or stop
            assert why is not None
            raise why

    def _settled(
        self,
        process: ProjectPython,
        facts: Mapping[str, Any],
        rehearsals: list[Future[tuple[Variant, Mapping[str, Any]]]],
        first: Variant,
        why: ProjectFailed | None,
    ) -> Proven:
        variant, rehearsal = rehearsals[0].result() if rehearsals else (first, None)
        facts = self.compared(process, facts)
        if facts.get("reflected") and rehearsal and not rehearsal["starts"] and rehearsal.get("reason") != NOT_TRIED:
            raise ProjectFailed("tables-reflected", {**rehearsal, "reflected": facts["reflected"]})
        following = (rehearsal or {}).get("of_tests", {}).get("following")
        if following:
            whole = [site for site in self.plan.uri_sites if not site.is_made_up]
            older = list(dict.fromkeys(name for site in whole for name in site.variables))
            facts = {"following": following, "variable": self.plan.variable, "older": older}
            raise ProjectFailed("tests-would-follow", facts)
        flask_app = (rehearsal or {}).get("flask_app", self.plan.flask_app)
        return Proven(facts, variant, rehearsal, process, flask_app, why.facts if why else {})

    def compared(self, process: ProjectPython, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fact sheet, with what became of the existing databases while the application was loaded; nothing of it runs any more.

        Raises:
            ProjectFailed: one of them was changed.
        """
        process.send({"compare": True})
        for event in process.events():
            if event["event"] == "step":
                self.report.step_done(event["name"], event["seconds"], step_detail(event))
            elif event["event"] == "error":
                raise ProjectFailed(event["reason"], event, process.stderr_tail())
            elif event["event"] == "compared":
                unclear = {key: one["unclear"] for one in event["databases"] for key in one["keys"]}
                databases = [{**one, "unclear": unclear.get(one["keys"][0])} for one in facts["databases"]]
                return {**facts, "databases": databases}
        raise ProjectFailed("script-died", {}, process.stderr_tail())

    @contextmanager
    def checked(
        self, overlay: Overlay, on_loaded: Callable[..., None], **more: Any
    ) -> Iterator[tuple[ProjectPython, Mapping[str, Any]]]:
        """One process up to the point where only the stamp is left; its steps are shown as they end."""
        with self.process(self.request(overlay, **more)) as process:
            for event in process.events():
                if event["event"] == "step":
                    self.report.step_done(event["name"], event["seconds"], step_detail(event))
                elif event["event"] == "progress":
                    self.report.progress(event["name"], event["done"], event["total"])
                elif event["event"] == "waiting":
                    self.report.line(f"  {'waiting':<10}           {event['line']}")
                elif event["event"] == "fingerprints":
                    self.existing.note(event)
                elif event["event"] == "loaded" and event.get("url"):
                    on_loaded(str(event["url"]), in_memory=bool(event.get("in_memory")))
                elif event["event"] == "error":
                    process.close()  # only then all that it has printed is here
                    raise ProjectFailed(event["reason"], {**event, **self.circumstances(event)}, process.stderr_tail())
                elif event["event"] == "verified":
                    yield process, event
                    return
            raise ProjectFailed("script-died", {}, process.stderr_tail())

    def circumstances(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """What the source tells about a failure, for its message."""
        has_wsgi = "wsgi.py" in self.project.files
        known: dict[str, Any] = {"attachments": self.plan.all_attachments, "tried_as": self.plan.app.spec, "has_wsgi": has_wsgi}
        if event.get("missing_module") == self.plan.app.module.partition(".")[0]:
            known["folder"] = self.plan.app.folder
        if event.get("missing_module") == self.root.name and not self.plan.app.folder:
            known["folder"] = ".."
        psycopg2 = {"psycopg2", "psycopg2-binary"} & self.interpreter.installed.keys()
        if event.get("missing_module") == "psycopg" and psycopg2:
            known["other_driver"] = "psycopg2"
        return {**known, **evidence(self.root, self.project, event)}

    @property
    def may_follow_already(self) -> bool:
        """Whether code or settings name the variable: a settings file may be read with the environment put in."""
        paths = (path for path in self.project.files if path.endswith(SETTINGS) and not is_test_file(path))
        return is_named(self.root, paths, self.plan.variable)

    def rehearse(
        self, make_overlay: MakeOverlay, variant: Variant, url: str, *, in_memory: bool = False
    ) -> tuple[Variant, Mapping[str, Any]]:
        """Find the variant with which the edited application starts on an empty database and follows the variable.

        Returns the variant and the facts: `starts` is False where neither variant starts, as before the edits; `flask_app` is
        what FLASK_APP must say, None: nothing; `flask_exception` why a plain `flask` does not get there all the same;
        `needs_tables` what failed without create_all(), {} if nothing. Where there is no empty database to try it on, a call
        that may be needed stays; so it does for a database in memory, which is empty at each start.
        """
        flask_app = self.plan.flask_app
        if in_memory and self.plan.start_up_create_all:
            variant = replace(variant, keep_create_all=True)
        needs_tables: Mapping[str, Any] = {}
        facts = self.rehearse_once(make_overlay(variant), url, flask_app)
        if facts.get("reason") == NOT_TRIED:
            variant = replace(variant, keep_create_all=bool(self.plan.start_up_create_all))
            variant, of_tests = self.keep_tests_apart(make_overlay, variant, url, facts)
            return variant, {**facts, "of_tests": of_tests, "in_memory": in_memory}
        if not facts["starts"] and self.plan.start_up_create_all and not variant.keep_create_all:
            kept = replace(variant, keep_create_all=True)
            retried = self.rehearse_once(make_overlay(kept), url, flask_app)
            if retried["starts"]:
                variant, facts, needs_tables = kept, retried, facts
        if facts["starts"] and not facts.get("follows_variable") and not self.plan.at_attachment and not self.plan.caller_decides:
            attached = replace(variant, at_attachment=True)
            retried = self.rehearse_once(make_overlay(attached), url, flask_app)
            if retried["starts"] and retried.get("follows_variable"):
                variant, facts = attached, retried
        unedited = replace(variant, follows_already=True)
        if facts["starts"] and make_overlay(unedited) != make_overlay(variant) and self.may_follow_already:
            retried = self.rehearse_once(make_overlay(unedited), url, flask_app)
            if retried["starts"] and retried.get("follows_variable"):
                variant, facts = unedited, retried
        if facts.get("flask_exception") and not self.plan.said_flask_app:
            by_path = flask_app_by_path(self.plan.app, self.project)
            for spec in filter(None, (longest_flask_app_spec(self.plan.app), by_path)):
                named = self.rehearse_once(make_overlay(variant), url, spec)
                if named["starts"] and not named["flask_exception"]:
                    facts = named
                    break
        variant, of_tests = self.keep_tests_apart(make_overlay, variant, url, facts)
        return variant, {**facts, "needs_tables": needs_tables, "of_tests": of_tests, "in_memory": in_memory}

    def keep_tests_apart(
        self, make_overlay: MakeOverlay, variant: Variant, url: str, facts: Mapping[str, Any]
    ) -> tuple[Variant, Mapping[str, Any]]:
        """The variant with which tests keep their database, and what was looked at: see `DatabaseOfTests.settle`."""

        def still_follows(other: Variant) -> bool:
            if not facts.get("follows_variable"):
                return True
            return bool(self.rehearse_once(make_overlay(other), url, facts.get("flask_app")).get("follows_variable"))

        return DatabaseOfTests(self, make_overlay, url, still_follows).settle(variant)

    def rehearse_once(self, overlay: Overlay, url: str, flask_app: str | None) -> dict[str, Any]:
        """Start the application once on an empty database, as a plain `flask` does; by its name where that fails.

        Failing to start is an answer, not an error.
        """
        facts = self.started(overlay, url, flask_app, by_flask=True)
        facts["flask_app"] = flask_app
        if facts["starts"] or facts["reason"] in (NOT_TRIED, "app-queries-while-loading", "app-writes-while-loading"):
            return {**facts, "flask_exception": ""}
        named = self.started(overlay, url, flask_app, by_flask=False)
        return {**named, "flask_app": flask_app, "flask_exception": failure(facts) if named["starts"] else ""}

    def started(self, overlay: Overlay, url: str, flask_app: str | None, *, by_flask: bool) -> dict[str, Any]:
        """Whether the application starts on an empty database, or the reason why not."""
        request = self.request(overlay, mode="rehearse", base_url=url, flask_app=flask_app or "", by_flask=by_flask)
        try:
            with self.another_process(request) as process:
                for event in process.events():
                    if event["event"] == "rehearsed":
                        return {**event, "starts": True}
                    if event["event"] == "error":
                        return {**event, "starts": False}
        except (ScriptDied, ScriptTimedOut) as ended:
            return {"starts": False, "reason": ended.reference}
        return {"starts": False, "reason": "no answer"}


def failure(facts: Mapping[str, Any]) -> str:
    """Why loading the application failed, in one line: the exception and the line of the project."""
    what = str(facts.get("exception") or facts.get("reason", ""))
    return f"{what} ({facts['path']}:{facts['line']})" if facts.get("path") else what
