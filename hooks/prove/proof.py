"""Prove the plan in the project's own Python before anything is written: load, rehearse, build, compare.

Two processes: one loads the edited application on a play database and works through all checks up to the stamp, which it leaves
to one that runs nothing of the application; beside it a rehearsal starts the same edited application on an empty database named by
the variable. What the rehearsal cannot do decides the variant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from hooks.base.errors import Circumstances, ProjectFailed, ScriptDied, ScriptTimedOut, StampFailed
from hooks.base.facts import Interpreter
from hooks.base.verified import VerifiedDatabase, databases_of
from hooks.detect.files import is_test_file
from hooks.edit.python.changes import Variant
from hooks.edit.python.elsewhere import is_named
from hooks.environment.project_python import ProjectPython
from hooks.inside.base.messages import (
    Compared,
    Failed,
    Fingerprints,
    Go,
    LeftBehind,
    Loaded,
    Progress,
    Rehearsed,
    Stamped,
    Step,
    Verified,
    Waiting,
)
from hooks.planning.flask_app import flask_app_by_path, longest_flask_app_spec
from hooks.planning.plan import Plan
from hooks.prove.database_of_tests import DatabaseOfTests
from hooks.prove.ladder import MakeOverlay, Overlay, better_cause, ladder, misses_something
from hooks.prove.missing import with_evidence
from hooks.prove.processes import Processes
from hooks.prove.rehearsal import NOT_TRIED, OfTests, Rehearsal
from hooks.prove.step_detail import step_detail

SETTINGS = (".py", ".ini", ".cfg", ".conf", ".toml", ".json", ".yaml")


def first_variant(plan: Plan, interpreter: Interpreter | None = None) -> Variant:
    """The variant that is tried first, with as few changes as the plan allows; with no `interpreter`, for Flask-SQLAlchemy 3."""
    version = interpreter.installed.get("flask-sqlalchemy", "") if interpreter else ""
    return Variant(keep_create_all=plan.tests_need_create_all, has_engines=not re.match(r"[012]\.", version))


@dataclass
class Proven:
    """All checks have passed and the process waits: `facts` is what it has found, `variant` what the rehearsal has settled."""

    facts: Verified
    variant: Variant
    rehearsal: Rehearsal | None
    process: ProjectPython
    flask_app: str | None  # what `.flaskenv` must say, None: nothing
    missed: Failed | None  # why the application did not load on an empty database
    left_behind: list[str] = field(default_factory=list)  # why databases of the run are still there after it

    @property
    def databases(self) -> tuple[VerifiedDatabase, ...]:
        """What was shown of each database, the default one first."""
        return databases_of(self.facts.databases)

    @property
    def needs_tables(self) -> Failed | None:
        """What of the application failed on an empty database without its create_all(), which stays for that."""
        return self.rehearsal.needs_tables if self.rehearsal else None

    @property
    def of_tests(self) -> OfTests:
        """What was seen of the configurations for tests."""
        return self.rehearsal.of_tests if self.rehearsal else OfTests()

    def stamp(self, wanted: bool) -> dict[str, str]:
        """Let the process stamp the existing databases and read them back: {name of the database: revision}, {} when it is not to.

        Raises:
            StampFailed: the one write failed, or reading it back gave something else.
        """
        self.process.send(Go(stamp=wanted))
        stamped = {}
        for event in self.process.events():
            if isinstance(event, Stamped):
                stamped[event.name] = event.revision
            elif isinstance(event, LeftBehind):
                self.left_behind.append(event.exception)
            elif isinstance(event, Failed):
                raise StampFailed(event, [database.database for database in self.databases if database.name in stamped])
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
            rehearsals: list[Future[tuple[Variant, Rehearsal]]] = []

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
                    why = better_cause(why, stop, more)
            assert why is not None
            raise why

    def _settled(
        self,
        process: ProjectPython,
        facts: Verified,
        rehearsals: list[Future[tuple[Variant, Rehearsal]]],
        first: Variant,
        why: ProjectFailed | None,
    ) -> Proven:
        variant, rehearsal = rehearsals[0].result() if rehearsals else (first, None)
        facts = self.compared(process, facts)
        if facts.reflected and rehearsal and rehearsal.failed and rehearsal.is_tried:
            failed = replace(rehearsal.failed, reason="tables-reflected")
            raise ProjectFailed(failed, known=Circumstances(reflected=tuple(facts.reflected)))
        if rehearsal and rehearsal.of_tests.following:
            whole = [site for site in self.plan.uri_sites if not site.is_made_up]
            older = tuple(dict.fromkeys(name for site in whole for name in site.variables))
            known = Circumstances(following=rehearsal.of_tests.following, variable=self.plan.variable, older=older)
            raise ProjectFailed(Failed("tests-would-follow"), known=known)
        flask_app = rehearsal.flask_app if rehearsal else self.plan.flask_app
        return Proven(facts, variant, rehearsal, process, flask_app, why.failed if why else None)

    def compared(self, process: ProjectPython, facts: Verified) -> Verified:
        """What was found, with what became of the existing databases while the application was loaded; nothing of it runs any more.

        Raises:
            ProjectFailed: one of them was changed.
        """
        process.send(Go(compare=True))
        for event in process.events():
            if isinstance(event, Step):
                self.report.step_done(event.name, event.seconds, step_detail(event))
            elif isinstance(event, Failed):
                raise ProjectFailed(event, process.stderr_tail())
            elif isinstance(event, Compared):
                unclear = {key: one["unclear"] for one in event.databases for key in one["keys"]}
                return replace(facts, databases=[{**one, "unclear": unclear.get(one["keys"][0])} for one in facts.databases])
        raise ProjectFailed(Failed("script-died"), process.stderr_tail())

    @contextmanager
    def checked(self, overlay: Overlay, on_loaded: Callable[..., None], **more: Any) -> Iterator[tuple[ProjectPython, Verified]]:
        """One process up to the point where only the stamp is left; its steps are shown as they end."""
        with self.process(self.request(overlay, **more)) as process:
            for event in process.events():
                if isinstance(event, Step):
                    self.report.step_done(event.name, event.seconds, step_detail(event))
                elif isinstance(event, Progress):
                    self.report.progress(event.name, event.done, event.total)
                elif isinstance(event, Waiting):
                    self.report.line(f"  {'waiting':<10}           {event.line}")
                elif isinstance(event, Fingerprints):
                    self.existing.note(event)
                elif isinstance(event, Loaded) and event.url:
                    on_loaded(event.url, in_memory=event.in_memory)
                elif isinstance(event, Failed):
                    process.close()  # only then all that it has printed is here
                    raise ProjectFailed(event, process.stderr_tail(), self.circumstances(event))
                elif isinstance(event, Verified):
                    yield process, event
                    return
            raise ProjectFailed(Failed("script-died"), process.stderr_tail())

    def circumstances(self, failed: Failed) -> Circumstances:
        """What the source tells about a failure, for its message."""
        known = Circumstances(attachments=self.plan.all_attachments, has_wsgi="wsgi.py" in self.project.files)
        if failed.missing_module == self.plan.app.module.partition(".")[0]:
            known = replace(known, folder=self.plan.app.folder)
        if failed.missing_module == self.root.name and not self.plan.app.folder:
            known = replace(known, folder="..")
        if failed.missing_module == "psycopg" and {"psycopg2", "psycopg2-binary"} & self.interpreter.installed.keys():
            known = replace(known, other_driver="psycopg2")
        return with_evidence(known, self.root, self.project, failed)

    @property
    def may_follow_already(self) -> bool:
        """Whether code or settings name the variable: a settings file may be read with the environment put in."""
        paths = (path for path in self.project.files if path.endswith(SETTINGS) and not is_test_file(path))
        return is_named(self.root, paths, self.plan.variable)

    def rehearse(
        self, make_overlay: MakeOverlay, variant: Variant, url: str, *, in_memory: bool = False
    ) -> tuple[Variant, Rehearsal]:
        """Find the variant with which the edited application starts on an empty database and follows the variable.

        Where neither variant starts, as before the edits, that is an answer. Where there is no empty database to try it on, a call
        that may be needed stays; so it does for a database in memory, which is empty at each start.
        """
        flask_app = self.plan.flask_app
        if in_memory and self.plan.start_up_create_all:
            variant = replace(variant, keep_create_all=True)
        needs_tables: Failed | None = None
        found = self.rehearse_once(make_overlay(variant), url, flask_app)
        if not found.is_tried:
            variant = replace(variant, keep_create_all=bool(self.plan.start_up_create_all))
            variant, of_tests = self.keep_tests_apart(make_overlay, variant, url, found)
            return variant, replace(found, of_tests=of_tests, in_memory=in_memory)
        if not found.starts and self.plan.start_up_create_all and not variant.keep_create_all:
            kept = replace(variant, keep_create_all=True)
            retried = self.rehearse_once(make_overlay(kept), url, flask_app)
            if retried.starts:
                variant, found, needs_tables = kept, retried, found.failed
        if found.starts and not found.follows and not self.plan.at_attachment and not self.plan.caller_decides:
            attached = replace(variant, at_attachment=True)
            retried = self.rehearse_once(make_overlay(attached), url, flask_app)
            if retried.follows:
                variant, found = attached, retried
        unedited = replace(variant, follows_already=True)
        if found.starts and make_overlay(unedited) != make_overlay(variant) and self.may_follow_already:
            retried = self.rehearse_once(make_overlay(unedited), url, flask_app)
            if retried.follows:
                variant, found = unedited, retried
        if found.flask_exception and not self.plan.said_flask_app:
            by_path = flask_app_by_path(self.plan.app, self.project)
            for spec in filter(None, (longest_flask_app_spec(self.plan.app), by_path)):
                named = self.rehearse_once(make_overlay(variant), url, spec)
                if named.starts and not named.flask_exception:
                    found = named
                    break
        in_ci = self.lacking(make_overlay(variant), url, found)
        variant, of_tests = self.keep_tests_apart(make_overlay, variant, url, found)
        return variant, replace(found, needs_tables=needs_tables, of_tests=of_tests, in_memory=in_memory, in_ci=in_ci)

    def lacking(self, overlay: Overlay, url: str, found: Rehearsal) -> Failed | None:
        """Why the application, which starts here, does not where no more is set than CI has; None where it does."""
        if not found.starts or self.bare is None:
            return None
        there = replace(self, environ=self.bare.environ)
        is_found = not found.flask_exception
        started = there.started({**overlay, **self.bare.files}, url, found.flask_app, by_flask=is_found)
        return started if isinstance(started, Failed) else None

    def keep_tests_apart(self, make_overlay: MakeOverlay, variant: Variant, url: str, found: Rehearsal) -> tuple[Variant, OfTests]:
        """The variant with which tests keep their database, and what was looked at: see `DatabaseOfTests.settle`."""

        def still_follows(other: Variant) -> bool:
            return not found.follows or self.rehearse_once(make_overlay(other), url, found.flask_app).follows

        return DatabaseOfTests(self, make_overlay, url, still_follows).settle(variant)

    def rehearse_once(self, overlay: Overlay, url: str, flask_app: str | None) -> Rehearsal:
        """Start the application once on an empty database, as a plain `flask` does; by its name where that fails.

        Failing to start is an answer, not an error.
        """
        found = self.started(overlay, url, flask_app, by_flask=True)
        if isinstance(found, Rehearsed):
            return Rehearsal(found, flask_app=flask_app)
        if found.reason in (NOT_TRIED, "app-queries-while-loading", "app-writes-while-loading"):
            return Rehearsal(failed=found, flask_app=flask_app)
        named = self.started(overlay, url, flask_app, by_flask=False)
        if isinstance(named, Rehearsed):
            return Rehearsal(named, flask_app=flask_app, flask_exception=failure(found))
        return Rehearsal(failed=named, flask_app=flask_app)

    def started(self, overlay: Overlay, url: str, flask_app: str | None, *, by_flask: bool) -> Rehearsed | Failed:
        """How the application starts on an empty database, or why it does not."""
        request = self.request(overlay, mode="rehearse", base_url=url, flask_app=flask_app or "", by_flask=by_flask)
        try:
            with self.another_process(request) as process:
                for event in process.events():
                    if isinstance(event, (Rehearsed, Failed)):
                        return event
        except (ScriptDied, ScriptTimedOut) as ended:
            return Failed(ended.reference)
        return Failed("no answer")


def failure(failed: Failed) -> str:
    """Why loading the application failed, in one line: the exception and the line of the project."""
    what = failed.exception or failed.reason
    return f"{what} ({failed.path}:{failed.line})" if failed.path else what
