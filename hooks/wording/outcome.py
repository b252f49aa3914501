"""Gather what a run has done into the facts of the closing report, and into the page that stays with the project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hooks.base.facts import Answers, CreateAllRole
from hooks.base.location import Location
from hooks.base.plural import count, listed
from hooks.base.verified import VerifiedDatabase, titled
from hooks.edit.core.splice import Reason
from hooks.edit.files.project_files import ProjectFiles
from hooks.edit.python.changes import CREATE_ALL_GONE, PythonChanges
from hooks.inside.base.messages import RevisionFile
from hooks.planning.flask_app import longest_flask_app_spec
from hooks.planning.plan import Plan, variable_read_today
from hooks.prove.proof import Proven
from hooks.prove.rehearsal import Rehearsal
from hooks.wording.closing_rows import Outcome
from hooks.wording.deploy_notes import spoken, spoken_with_s
from hooks.wording.untrue_pages import notes_on_code
from hooks.wording.unverified import ADOPT, unverified_databases

MOST_TESTS = 4


def outcome(
    plan: Plan,
    python: PythonChanges,
    others: ProjectFiles,
    installed: Mapping[str, str],
    proven: Proven,
    stamped: Mapping[str, str],
    answers: Answers,
    deploy: Sequence[str] = (),
    answers_file: str = ".copier-answers.yml",
) -> Outcome:
    """The closing report's facts; what was skipped is among `unverified`, never among the rest."""
    rows = by_file(python, others)
    new = {path for path, before in others.before.items() if before is None}
    return Outcome(
        app=plan.app.spec,
        databases=proven.databases,
        edited=tuple(row for row in rows if row[0] not in new),
        added=tuple(row for row in rows if row[0] in new),
        installed=installed,
        baseline=name_of(proven.facts.baseline),
        second=name_of(proven.facts.reconcile),
        unverified=tuple(unverified(plan, proven, stamped, answers)),
        stamped=stamped,
        notes=(*notes(plan, python, proven), *others.notes),
        deploy=tuple(deploy),
        answers_file=answers_file,
        for_tests=(plan.variable, proven.of_tests.built),
    )


def by_file(python: PythonChanges, others: ProjectFiles) -> list[tuple[str, str]]:
    """One row for each edited file, with all that was done in it."""
    done: dict[str, list[str]] = {}
    for path, what in (*python.done, *others.done):
        done.setdefault(path, []).append(what)
    return [(path, "; ".join(whats)) for path, whats in done.items()]


def unverified(plan: Plan, proven: Proven, stamped: Mapping[str, str], answers: Answers) -> list[str]:
    """What could not be shown to hold, each with its reason."""
    rehearsal = proven.rehearsal
    reasons = unverified_databases(proven.databases, stamped, answers)
    if why := without_databases(proven):
        only = proven.databases[0]
        reasons = [
            f"{why}, so the baseline was not run, the application was loaded on the existing database, read-only, and"
            f" {only.database} was not compared and not stamped; with an empty database of its kind:"
            f"  {only.empty_url}=... {ADOPT}"
        ]
    elif why := without_server(proven):
        reasons = [
            f"{proven.databases[0].database} could not be reached ({why}), so the baseline was not run, the application was not"
            f" started on an empty database, and nothing was compared or stamped; once it can be reached:  {ADOPT}"
        ]
    elif rehearsal is None:
        reasons.append("the application was not started on an empty database")
    elif rehearsal.failed and not rehearsal.is_tried:
        reasons.append(f"the application was not started on an empty database ({rehearsal.failed.message})")
    elif failed := rehearsal.failed:
        cause = (failed.exception or failed.reason).partition(" [SQL: ")[0]
        place = f"{failed.path}:{failed.line}: " if failed.path else ""
        reasons.append(
            f"the application does not start on an empty database ({place}{cause}); `flask db upgrade` builds a new one only once"
            " that happens later"
        )
    else:
        if rehearsal.goes_elsewhere:
            reasons.append(f"the application does not follow {plan.variable}: {why_not_followed(plan, rehearsal)}")
        if rehearsal.flask_exception:
            reasons.append(lost_by_flask(plan, rehearsal.flask_exception))
    return [*reasons, *of_tests(plan, proven)]


def without_databases(proven: Proven) -> str:
    """Why no database could be made, where that is the one reason for all that was not verified of the only database; else ""."""
    only, no_play = only_untried(proven), proven.facts.no_play_database.partition(":")[0]
    if only is None or not no_play or not only.offline:
        return ""
    whys = [why_untried(proven), *(one.partition("made: ")[2] for one in only.unverified)]
    return no_play if {one.partition(":")[0] for one in whys} == {no_play} else ""


def without_server(proven: Proven) -> str:
    """Why the only database could not be reached, where that is the one reason for all that was not verified; else ""."""
    only = only_untried(proven)
    if only is None or only.is_present or only.existing == "absent":
        return ""
    why = only.existing_reason
    return why if all(one.endswith(why) for one in [why_untried(proven), *only.unverified]) else ""


def only_untried(proven: Proven) -> VerifiedDatabase | None:
    """The database, where there is one and the application was not started on an empty one beside it."""
    return proven.databases[0] if why_untried(proven) and len(proven.databases) == 1 else None


def why_untried(proven: Proven) -> str:
    """Why the application was not started on an empty database; "" where it was, or that was not begun."""
    rehearsal = proven.rehearsal
    return rehearsal.failed.message if rehearsal and rehearsal.failed and not rehearsal.is_tried else ""


def of_tests(plan: Plan, proven: Proven) -> list[str]:
    """The configurations for tests that could not be built, so that nothing is known of their database."""
    by_why: dict[str, list[str]] = {}
    for what, why in proven.of_tests.failed:
        by_why.setdefault(why, []).append(what)
    groups = [*by_why.items()]
    found = [
        f"{few(whats)} could not be built, so {'it' if len(whats) == 1 else 'they'} may use the database of {plan.variable} ({why})"
        for why, whats in groups[:MOST_TESTS]
    ]
    more = sum(len(whats) for _, whats in groups[MOST_TESTS:])
    return [*found, *[f"nor could {count(more, 'other configuration')} for tests"] * (more > 0)]


def why_not_followed(plan: Plan, rehearsal: Rehearsal) -> str:
    """What sets the database of the application as it is loaded: its caller, the tests' configuration, or what text cannot tell."""
    if plan.caller_decides and plan.uri_sites:
        today = variable_read_today(plan)
        only = f"; to go on with {today}, which is read there:  -d database_url_variable={today}" if today else ""
        return (
            f"its URL comes from the arguments of a function ({plan.uri_sites[0].where.path}:{plan.uri_sites[0].where.line}){only}"
        )
    if not (rehearsal.seen and rehearsal.seen.testing):
        return "something sets the database after it was read"
    if not plan.test_sites:
        return "its configuration has TESTING on, and what is tested keeps its database; take TESTING out of it"
    places = ", ".join(f"{site.where.path}:{site.where.line}" for site in plan.test_sites)
    return f"it is loaded with the configuration for tests ({places}), which stays as it is; give it another one to migrate that"


def lost_by_flask(plan: Plan, why: str) -> str:
    """A plain `flask` does not get to the application, and what to say to it."""
    said, wanted = plan.said_flask_app, f"FLASK_APP={longest_flask_app_spec(plan.app)}"
    todo = f"{said.where.path}:{said.where.line} should say {wanted}" if said else f"say  {wanted} flask db current"
    return f"a plain `flask` does not load the application ({why}); {todo}"


def notes(plan: Plan, python: PythonChanges, proven: Proven) -> list[str]:
    """What the user should know and need not act on."""
    facts = proven.facts
    found = [*two_variables(plan, python), *loading_notes(python, proven), *create_all_notes(plan, python, proven)]
    seen = proven.rehearsal.seen if proven.rehearsal else None
    if seen and seen.some_of_models:
        found.append(
            f"the application makes {count(len(seen.some_of_models), 'table')} itself when it starts on an empty database"
            f" ({few(seen.some_of_models)}), and `flask db upgrade` stops there; build a new database with"
            "  python -m migrations.adopt --upgrade"
        )
    if python.own_statements:
        where, s = spoken_with_s([python.moved(one) for one in python.own_statements])
        found.append(
            f"{where} change{s} tables without a revision; make the next change in the models, and let `flask db migrate` write it"
        )
    for module in facts.imported_modules:
        found.append(f"{module} has models and the application does not import it; migrations/project.ini has env.py do so")
    for model in facts.failed_models:
        place = python.place(model["path"], model["line"])
        why = model["exception"] or "it does not belong to this SQLAlchemy object"
        found.append(f"{model['name']} ({place}) has a table and could not be loaded ({why}); the baseline leaves it out")
    for model in facts.unused_models:
        place = python.place(model["path"], model["line"])
        found.append(f"{model['name']} ({place}) has no table and is not loaded; the baseline leaves it out")
    views = [view for database in proven.databases for view in database.views]
    if views:
        read, them = ("reads a view", "it") if len(views) == 1 else ("read views", "them")
        found.append(
            f"{count(len(views), 'model')} {read} ({few(views)}); the baseline makes no table for {them}, and a new database needs"
            ' the CREATE VIEW:  flask db revision -m "views"'
        )
    unmanaged = [str(table["table"]) for database in proven.databases for table in database.unmanaged]
    if unmanaged:
        have, them, they_are = ("has", "it", "it is") if len(unmanaged) == 1 else ("have", "them", "they are")
        found.append(
            f"{count(len(unmanaged), 'table')} {have} no model ({few(unmanaged)}); migrations/project.ini lists {them}, so that"
            f" {they_are} never proposed for dropping"
        )
    for database in proven.databases:
        if database.unbuilt_advice:
            names = [str(one["name"]) for one in database.unbuilt if one["name"]]
            what = database.title if len(proven.databases) > 1 else "the existing database"
            found.append(f"beside tables {what} has {few(names)}; {database.unbuilt_advice}")
    return [*found, *bind_notes(proven.databases, facts.spare_binds, plan.variable, seen.binds_that_follow if seen else ())]


def create_all_notes(plan: Plan, python: PythonChanges, proven: Proven) -> Iterator[str]:
    """What becomes of the calls, of what only made them, and of what expects them."""
    needs_tables = proven.needs_tables
    left = {one.where for one in python.untouched if one.reason is Reason.CANNOT_BE_EDITED_SAFELY}
    for call in plan.start_up_create_all:
        place = python.place(call.where.path, call.where.line)
        if call.where in left:
            yield (
                f"create_all() at {place} runs at start-up and could not be taken out; do that by hand,"
                " for it makes new tables before `flask db migrate` can see them"
            )
        elif call.is_needed_unseen:
            yield (
                f"create_all() at {place} stays, for a database without any table: what follows it there uses the tables; move"
                " that into a command, and take the call out"
            )
        elif call.fallback:
            line = python.place(call.where.path, call.fallback)
            yield f"create_all() at {place} stays, for a database without any table: where it fails, {line} makes what it needs"
        elif needs_tables:
            who = python.place(needs_tables.path, needs_tables.line) if needs_tables.path else "the application"
            yield (
                f"create_all() at {place} stays, for a database without any table: {who} needs them at start-up; move that"
                " into a command, and take the call out"
            )
        elif proven.rehearsal and proven.rehearsal.in_memory:
            yield f"create_all() at {place} stays, for a database without any table, as one in memory is at each start"
    for one in python.emptied:
        users = f", and what names it: {spoken(one.calls)}" if one.calls else ""
        yield f"{one.name}() at {spoken([one.where])} only made the tables and does nothing any more; take it out{users}"
    yield from notes_on_code({path: python.files[path] for path, what in python.done if what == CREATE_ALL_GONE})
    if called := [call.where for call in plan.kept_create_all if call.role is not CreateAllRole.TEST]:
        where, s = spoken_with_s([python.moved(one) for one in called])
        yield f"create_all() at {where} stay{s}; run `flask db upgrade` instead of it from now on"
    tests = sum(call.role is CreateAllRole.TEST for call in plan.kept_create_all)
    if tests:
        yield f"{count(tests, 'create_all() call')} in tests: left as {'it is' if tests == 1 else 'they are'}"
    if python.replaced_create_all:
        where, s = spoken_with_s(python.replaced_create_all)
        yield (
            f"{where} replace{s} create_all(), which the application does not call at each start any more;"
            " change what is expected there"
        )


def two_variables(plan: Plan, python: PythonChanges) -> list[str]:
    """Why the configuration reads two variables, where it does after the run."""
    edited = {path for path, what in python.done if what == f"reads {plan.variable}"}
    older = list(dict.fromkeys(name for site in plan.uri_sites if site.where.path in edited for name in site.variables))
    older += [name for name in plan.prefixed if name not in older]
    if not older:
        return []
    works = "works" if len(older) == 1 else "work"
    holds_url = len(older) == 1 and not any(site.is_made_up for site in plan.uri_sites)
    only = f"; to have that one only:  -d database_url_variable={older[0]}" if holds_url else ""
    asked = [f"{listed(names)} ({python.place(where.path, where.line)})" for names, where in still_asked_for(plan, python, older)]
    if asked:
        only += f"; {listed(asked)} {'has' if len(asked) == 1 else 'have'} to be set all the same"
    return [f"{plan.variable}, which migrations/ works with, comes before {listed(older)}, which {works} as before{only}"]


def still_asked_for(plan: Plan, python: PythonChanges, older: Sequence[str]) -> Iterator[tuple[list[str], Location]]:
    """Which of `older` the application asks for also where the other variable is set, and where it does so.

    Not where the value reads them, which comes after that variable, nor in a condition that is about these alone: demands.py.
    """
    values = [site.value for site in plan.uri_sites]
    for demand in python.demands:
        where, names = demand.where, [name for name in demand.names if name in older]
        is_in_value = any(one.path == where.path and one.line <= where.line <= one.end_line for one in values)
        if names and demand.is_certain and not is_in_value and not (demand.is_condition and set(demand.names) <= set(older)):
            yield names, where


def loading_notes(python: PythonChanges, proven: Proven) -> list[str]:
    """What the application was loaded on, where that was more than an empty database of its own."""
    missed, loaded_on, no_play = proven.missed, proven.facts.loaded_on, proven.facts.no_play_database
    if loaded_on not in ("schema", "existing") or not (missed or no_play) or without_databases(proven):
        return []  # a take-over looks at the databases as they are
    on = "an empty copy of its schema" if loaded_on == "schema" else "the existing database, read-only"
    if no_play and not any(one.is_present for one in proven.databases):
        return []  # that it cannot be reached is said of the database itself
    if no_play:
        return [f"the application was loaded on {on}, since no database could be made for it: {no_play}"]
    who = python.place(missed.path, missed.line) if missed and missed.path else "the application"
    needs = "tables" if loaded_on == "schema" else "rows"
    return [f"{who} needs {needs} at start-up, so the application was loaded on {on}"]


def bind_notes(
    databases: Sequence[VerifiedDatabase], spare: Sequence[str | None], variable: str, following: Sequence[str] = ()
) -> list[str]:
    """What to know where the application has binds; those of `following` move with the default database."""
    found = []
    if spare:
        verb = "have" if len(spare) > 1 else "has"
        found.append(f"{titled(spare)} {verb} no model, so no migration concerns {'them' if len(spare) > 1 else 'it'}")
    for database in databases:
        if len(database.keys) > 1:
            found.append(
                f"{database.title} lead to one database, {database.database}: it has one alembic_version, and each has functions of"
                " its own in the revisions"
            )
    if any(key is not None and key not in following for database in databases for key in database.keys):
        found.append(
            f"SQLALCHEMY_BINDS stays as it is: {variable} moves the default database only, and `flask db` works on the binds where"
            " they are configured"
        )
    return found


def few(names: Sequence[str], most: int = 5) -> str:
    """The first names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def came_about(plan: Plan, python: PythonChanges, others: ProjectFiles, proven: Proven) -> list[str]:
    """This run's facts, as lines of migrations/SCHEMA.md."""
    facts = proven.facts
    return [
        *(f"- `{path}`: {what}." for path, what in by_file(python, others)),
        *(f"- {one}." for one in revisions(name_of(facts.baseline), name_of(facts.reconcile), proven.databases)),
        *(f"- {note}." for note in notes(plan, python, proven)),
    ]


def name_of(revision: RevisionFile | None) -> str:
    """The name of its file, "" where there is none."""
    return revision.filename if revision else ""


def revisions(baseline: str, second: str, databases: Sequence[VerifiedDatabase]) -> list[str]:
    """What the first revisions are."""
    words = []
    for database in databases:
        what = "what the database was" if database.is_reconciled else count(database.tables, "table")
        words.append(f"{what}, {database.dialect}" + (f" ({database.title})" if len(databases) > 1 else ""))
    found = [f"`versions/{baseline}` is the baseline: {'; '.join(words)}"]
    if second:
        which = "the database" if len(databases) == 1 else " and ".join(one.title for one in databases if one.is_reconciled)
        found.append(f"`versions/{second}` carries {which} from there to what the models say")
    return found
