"""From a plan to new file contents, all in memory: the Python edits, in the variants that are tried."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path

from hooks.base.errors import CannotEdit
from hooks.base.facts import AppKind, Demand, InheritingTest, Project, UriSite
from hooks.base.location import Location
from hooks.base.reading import read
from hooks.base.source import Source
from hooks.detect.existing import belongs_to_alembic
from hooks.detect.line_length import find_line_length, wants_imports_first
from hooks.detect.schemas import find_schemas
from hooks.edit.core.changed_files import changed_files
from hooks.edit.core.splice import Edit, Reason, Untouched
from hooks.edit.python import create_all, database_url, flask_object, test_variable, wiring
from hooks.edit.python.elsewhere import contents, is_named_elsewhere, is_needed_import, is_taken_elsewhere
from hooks.edit.python.emptied import Emptied, emptied_functions, remove_with_calls
from hooks.edit.python.subsumed import without_moot
from hooks.edit.python.unused_import import without_unused
from hooks.planning.plan import Plan

CREATE_ALL_GONE = "start-up create_all() taken out"  # what was done in a file, in the report
CREATE_ALL_KEPT = "start-up create_all() kept for an empty database"
BINDS = re.compile(rb"\bSQLALCHEMY_BINDS\b|\b__bind_key__\b|\bbind_key\b")


@dataclass(frozen=True)
class ClassForTests:
    """A configuration class for tests, and the class that gives it its URL: itself or a base, each by file and dotted name."""

    path: str
    name: str
    base_path: str
    base_name: str


@dataclass(frozen=True)
class Variant:
    """What only the project's Python, and running the application, can decide.

    `keep_create_all`: a start-up `create_all()` stays, for a database without any table; `at_attachment`: the variable is read
    where the database is attached, because the edited config values did not decide; `follows_already`: it is read already, in a way
    that text does not show. `has_engines`: the project's Flask-SQLAlchemy is 3 or newer, which has `db.engines`.
    `for_tests`: classes that configure tests, which only building them has shown; `emptied_in`: files of tests that build the
    application as it is, and that empty the variable for themselves.
    """

    keep_create_all: bool = False
    at_attachment: bool = False
    follows_already: bool = False
    has_engines: bool = True
    for_tests: tuple[ClassForTests, ...] = ()
    emptied_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class PythonChanges:
    """The edited Python files, what was done in each, and the places that were looked at and left alone."""

    files: Mapping[str, bytes]
    before: Mapping[str, bytes]
    done: tuple[tuple[str, str], ...]
    untouched: tuple[Untouched, ...]
    emptied: tuple[Emptied, ...] = ()
    demands: tuple[Demand, ...] = ()
    replaced_create_all: tuple[Location, ...] = ()  # by tests, where it does not run at each start any more
    own_statements: tuple[Location, ...] = ()  # that change tables

    @property
    def end_making_tables(self) -> bool:
        """Whether a start of the application made the tables, and no call is left that makes them in an empty database."""
        done = [what for _, what in self.done]
        return CREATE_ALL_GONE in done and not any(what.startswith(CREATE_ALL_KEPT) for what in done)

    def moved(self, where: Location) -> Location:
        """Where that is which stands in a line of the project as it was, once the edits are written."""
        if where.path in self.files:
            contents = (self.before[where.path], self.files[where.path])
            before, after = ([one.strip() for one in content.splitlines()] for content in contents)
            for start, start_edited, size in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
                if start <= where.line - 1 < start + size:
                    return replace(where, line=start_edited + where.line - start)
        return where

    def place(self, path: str, line: int) -> str:
        """The same, as `path:line`."""
        moved = self.moved(Location(path, line))
        return f"{moved.path}:{moved.line}"


def python_changes(root: Path, project: Project, plan: Plan, variant: Variant) -> PythonChanges:
    """Compute every edit of the user's Python for one variant; nothing is written.

    Raises:
        CannotEdit: a place that has to change cannot be edited safely; carries the lines to add by hand.
        Unparsable: a file that has to change is not Python that can be parsed.
    """
    sources = read_sources(root, project, plan, variant)
    results: list[Edit | Untouched] = []
    limit = find_line_length(project.files, partial(read, root))
    if plan.attachments:
        results += required(wiring.wire(sources, project, plan.database, plan.attachments, limit), plan)
    if plan.app.kind is AppKind.WRAPPED:
        results.append(flask_object.expose(sources[plan.app.where.path], plan.app))
    results += url_edits(sources, project, plan, variant, limit)
    top_names = frozenset(path.removeprefix("src/").removesuffix(".py").partition("/")[0] for path in project.files)
    if variant.emptied_in:
        first = wants_imports_first(project.files, partial(read, root))
        emptied = partial(test_variable.empty_in_tests, variable=plan.variable, top_names=top_names, imports_first=first)
        results += [emptied(sources[path]) for path in variant.emptied_in]
    for call in plan.start_up_create_all:
        source = sources[call.where.path]
        is_needed = call.is_needed_unseen or call.fallback or create_all.is_all_that_is_tried(source, call)
        if variant.keep_create_all or is_needed:
            results.append(create_all.keep_for_empty(source, call, how_to_ask(root, project, variant)))
        elif with_calls := remove_with_calls(root, project.files, sources, call, partial(edited, root, project)):
            results += with_calls
        else:
            elsewhere, needed = (partial(ask, root, project.files, source.path) for ask in (is_named_elsewhere, is_needed_import))
            results.append(create_all.remove(source, call, elsewhere, needed))
    edits = without_moot([result for result in results if isinstance(result, Edit)])
    files = edited(root, project, sources, edits)
    return PythonChanges(
        files=files,
        before={path: sources[path].raw for path in files},
        done=tuple(sorted({(edit.path, wording(edit.what, plan)) for edit in edits if edit.path in files})),
        untouched=tuple(result for result in results if isinstance(result, Untouched)),
        emptied=tuple(emptied_functions(root, project.files, sources, files)),
        demands=project.demands,
        replaced_create_all=project.replaced_create_all if plan.start_up_create_all else (),
        own_statements=project.own_statements,
    )


def edited(root: Path, project: Project, sources: Mapping[str, Source], edits: Sequence[Edit]) -> dict[str, bytes]:
    """The new bytes of every file, without the imports that a `create_all()` leaves without use."""
    files = changed_files(sources, edits)
    for path in {edit.path for edit in edits if edit.what == "create_all"} & files.keys():
        taken = partial(is_taken_elsewhere, root, project.files, path)
        files[path] = without_unused(sources[path], files[path], taken, partial(is_needed_import, root, project.files, path))
    return files


def how_to_ask(root: Path, project: Project, variant: Variant) -> create_all.Ask:
    """How the kept `create_all()` asks for tables: of the one database, or of all where the project speaks of binds."""
    own = [path for path in project.files if path.endswith(".py") and not belongs_to_alembic(path, project.existing.alembic)]
    texts = [*contents(root, own, "schema", "SQLALCHEMY_BINDS", "bind_key")]
    schemas = find_schemas(texts)
    if not any(map(BINDS.search, texts)):
        return partial(create_all.ask_default, schemas=schemas)
    return partial(create_all.ask_all, schemas=schemas) if variant.has_engines else create_all.cannot_ask


def read_sources(root: Path, project: Project, plan: Plan, variant: Variant) -> dict[str, Source]:
    """The files that the plan edits, each read once."""
    paths = {plan.database.where.path}
    paths |= {place.where.path for place in plan.all_attachments}
    paths |= {plan.app.where.path} if plan.app.kind is AppKind.WRAPPED else set()
    paths |= {site.where.path for site in plan.uri_sites}
    edited = {f"{site.module}:{site.owner}" for site in plan.uri_sites}
    paths |= {test.where.path for test in project.config.inheriting_tests if test.base in edited}
    paths |= {call.where.path for call in plan.start_up_create_all}
    paths |= {one.path for one in variant.for_tests} | set(variant.emptied_in)
    return {path: Source(path, (root / path).read_bytes()) for path in sorted(paths)}


def url_edits(sources: Mapping[str, Source], project: Project, plan: Plan, variant: Variant, limit: int) -> list[Edit | Untouched]:
    """Make the configuration follow the variable: at the values themselves, or where the database is attached."""
    if variant.follows_already:
        return []
    if (plan.at_attachment or variant.at_attachment) and not plan.caller_decides:
        return database_url.follow_at_attachments(sources, plan.all_attachments, plan.variable, plan.scheme)
    results: list[Edit | Untouched] = []
    for site in plan.uri_sites:
        source = sources[site.where.path]
        inheriting = [one for one in variant.for_tests if (one.base_path, one.base_name) == (site.where.path, site.owner)]
        if any((one.path, one.name) == (one.base_path, one.base_name) for one in inheriting):
            results.append(Untouched(source.path, Reason.CONFIGURES_TESTS, site.where))
            continue
        result = database_url.follow(source, site, plan.variable, plan.scheme, empty_is_unset=bool(variant.emptied_in), limit=limit)
        heirs = [test for test in project.config.inheriting_tests if test.base == f"{site.module}:{site.owner}"]
        found = [heir for one in inheriting if (heir := inheriting_test(sources[one.path], one, site)) is not None]
        heirs += [heir for heir in found if (heir.where.path, heir.name) not in {(test.where.path, test.name) for test in heirs}]
        pins = [database_url.pin_inheriting_test(sources[test.where.path], test, source) for test in heirs]
        unsafe = [pin for pin in pins if isinstance(pin, Untouched) and pin.reason is Reason.CANNOT_BE_EDITED_SAFELY]
        if isinstance(result, Edit) and unsafe:  # tests would follow the variable too
            results += unsafe
        else:
            results += [result, *(pins if isinstance(result, Edit) else ())]
    return results


def inheriting_test(source: Source, found: ClassForTests, site: UriSite) -> InheritingTest | None:
    """A class for tests that inherits the value at `site`; None where the source has no such class statement."""
    node = database_url.class_named(source, found.name)
    if node is None:
        return None
    return InheritingTest("", found.name, source.location(node), source.span(node), f"{site.module}:{site.owner}")


def required(results: Sequence[Edit | Untouched], plan: Plan) -> list[Edit | Untouched]:
    """The wiring must happen: a place that could not be edited ends the run, with the lines to paste."""
    for result in results:
        if isinstance(result, Untouched) and result.reason is Reason.CANNOT_BE_EDITED_SAFELY:
            where = result.where or Location(result.path, 1)
            raise CannotEdit(where, "the call that attaches the database is not a statement of its own", wiring_lines(plan))
    return list(results)


def wiring_lines(plan: Plan) -> str:
    """What to add by hand, with the names of this project."""
    database, place = plan.database, plan.attachments[0]
    if place.is_direct:
        return f"+from flask_migrate import Migrate\n+migrate = Migrate({place.app or 'app'}, {place.db or database.name})"
    return (
        f"{database.where.path}, after line {database.span.end_line}:\n"
        "+from flask_migrate import Migrate\n+migrate = Migrate()\n"
        f"{place.where.path}, after {place.db or database.name} is attached:\n"
        f"+migrate.init_app(app, {database.name})"
    )


def wording(what: str, plan: Plan) -> str:
    """What an edit did, for the report."""
    if what == "create_all_kept":
        why = ", which the tests rely on" if plan.tests_need_create_all else ""
        return f"{CREATE_ALL_KEPT}{why}"
    return {
        "create_all": CREATE_ALL_GONE,
        "wiring": "Flask-Migrate attached",
        "database_url": f"reads {plan.variable}",
        "flask_object": "names the Flask object",
        "test_variable": f"empties {plan.variable} for these tests",
    }.get(what, what)
