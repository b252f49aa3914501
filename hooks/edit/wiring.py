"""Attach Flask-Migrate right after the project attaches its database, in the form in which it does that.

Before:  db = SQLAlchemy(app)                    db = SQLAlchemy()
                                                 ...
                                                 db.init_app(app)
After:   db = SQLAlchemy(app)                    db = SQLAlchemy()
         migrate = Migrate(app, db)              migrate = Migrate()
                                                 ...
                                                 db.init_app(app)
                                                 migrate.init_app(app, db)

Where the place cannot reach a module global beside `db` (a local `db`, a parameter, an attribute), `Migrate(app, db)` stands
there alone. All forms are Flask-Migrate's own: https://flask-migrate.readthedocs.io/en/latest/#api-reference
Left alone: a project where any `Migrate` is attached, and a call that is not a statement of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from hooks.edit import layout
from hooks.edit.db_import import Neighbour, reach
from hooks.edit.imports import Available, imported_as, migrate_class
from hooks.edit.names import MIGRATE, bindings, free_name, submodules, used_attributes, used_names
from hooks.edit.nodes import Outline, dotted, is_plain, outline
from hooks.edit.splice import Edit, InsertAfter, Reason, Splice, TreeChange, Untouched
from hooks.facts import Attachment, Database, Location, Project
from hooks.source import Source


def wire(
    sources: Mapping[str, Source], project: Project, database: Database, attachments: Sequence[Attachment]
) -> list[Edit | Untouched]:
    """Return the edits that attach Flask-Migrate to every application that `attachments` attach `database` to.

    `sources` holds the files of `database` and of `attachments`. Those in tests or under `if __name__ == "__main__"` count only
    where there are no others; several for one application in one function are one.
    """
    there = project.existing.migrate or attached_places(sources)
    if there:
        return [Untouched(where.path, Reason.ALREADY_ATTACHED, where) for where in there]
    sites = [Site.find(sources[place.where.path], place) for place in serious(attachments)]
    sites = without_repetitions(sites)
    files = {*project.files, *sources}
    name = created_name(sources, database) or choose_name(sources, files, database, sites)
    results: list[Edit | Untouched] = []
    needs_global = False
    for site in sites:
        if site.problem:
            results.append(Untouched(site.source.path, Reason.CANNOT_BE_EDITED_SAFELY, site.attachment.where))
        elif site.attachment.is_direct:
            results.append(attach_direct(site, database, name))
        else:
            reached = None
            if database.function is None:
                reached = reach(site.source, site.node, site.db, Neighbour(name, database, files, sources))
            needs_global = needs_global or reached is not None
            results.append(attach_delayed(site, reached))
    creates = any(site.attachment.is_direct and not site.problem and site.is_global for site in sites)
    if needs_global and not creates and not created_name(sources, database):
        results.insert(0, create(sources[database.span.path], database, name))
    return results


@dataclass(frozen=True)
class Site:
    """An attachment with its statement; `app` and `db` as written there. `problem`: it cannot be edited."""

    source: Source
    attachment: Attachment
    node: ast.stmt
    db: str
    app: str
    problem: bool = False
    keyword: bool = False

    @classmethod
    def find(cls, source: Source, attachment: Attachment) -> Site:
        """Look the statement of an attachment up."""
        node = outline(source).statement(attachment.span)
        if node is None:
            raise LookupError(attachment)
        call = the_call(source, node, attachment)
        if call is None:
            return cls(source, attachment, node, attachment.db, attachment.app, problem=True)
        app, keyword = application(source, call, attachment)
        db = attachment.db
        if attachment.is_direct:
            db = target(node, attachment.db)
        elif isinstance(call.func, ast.Attribute) and is_plain(call.func.value):
            db = source.segment(source.span(call.func.value))
        problem = not db or not app or not is_plain_text(app) or not is_plain_text(db) or is_loop_variable(source, node, db)
        return cls(source, attachment, node, db, app, problem, keyword)

    @property
    def is_global(self) -> bool:
        """Whether what is assigned there is a global of its module."""
        return outline(self.source).function(self.node) is None and "." not in self.db


def the_call(source: Source, node: ast.stmt, attachment: Attachment) -> ast.Call | None:
    """The attaching call, where the statement is nothing but it; None in a lambda, a comprehension, a `return`, a condition."""
    if attachment.is_direct and isinstance(node, ast.Assign | ast.AnnAssign):
        values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        calls = [value for value in values if isinstance(value, ast.Call)]
        exact = [call for call in calls if source.span(call) == attachment.span]
        wanted = exact or ([node.value] if isinstance(node.value, ast.Call) else [])
        return wanted[0] if wanted else next(iter(calls), None)
    if not attachment.is_direct and isinstance(node, ast.Expr | ast.Assign) and isinstance(node.value, ast.Call):
        return node.value
    return None


def application(source: Source, call: ast.Call, attachment: Attachment) -> tuple[str, bool]:
    """The application argument of a call as written, and whether it is passed by keyword alone."""
    for keyword in call.keywords:
        if keyword.arg == "app":
            return source.segment(source.span(keyword.value)), not call.args
    if attachment.app:
        return attachment.app, False
    return (source.segment(source.span(call.args[0])), False) if call.args else ("", False)


def target(node: ast.stmt, name: str) -> str:
    """Which target of an assignment is the database."""
    assert isinstance(node, ast.Assign | ast.AnnAssign)
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    flat = [one for target in targets for one in (target.elts if isinstance(target, ast.Tuple) else [target])]
    names = [dotted(one) for one in flat if dotted(one)]
    same = [one for one in names if one == name or one.rpartition(".")[2] == name.rpartition(".")[2]]
    return next(iter([*same, *names]), "")


def is_plain_text(code: str) -> bool:
    """Whether an expression can be written a second time and mean the same."""
    try:
        return is_plain(ast.parse(code.strip(), mode="eval").body)
    except SyntaxError:
        return False


def is_loop_variable(source: Source, node: ast.stmt, db: str) -> bool:
    """Whether `db` is the variable of a loop around the statement, as in `for one in extensions: one.init_app(app)`."""
    root = db.partition(".")[0]
    for parent in outline(source).above(node):
        if isinstance(parent, ast.For | ast.AsyncFor):
            if any(isinstance(name, ast.Name) and name.id == root for name in ast.walk(parent.target)):
                return True
        elif isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            return False
    return False


def serious(attachments: Sequence[Attachment]) -> list[Attachment]:
    """The attachments outside of tests and of `if __name__ == "__main__"`, where there are such."""
    serving = [place for place in attachments if not place.in_tests] or list(attachments)
    return [place for place in serving if not place.under_main] or serving


def without_repetitions(sites: Sequence[Site]) -> list[Site]:
    """The sites without those that a later or an earlier one makes superfluous: the same application in the same function.

    Both branches of an `if` stay, since only one of them runs.
    """
    kept: list[Site] = []
    for site in sites:
        if not any(other is not site and is_implied(site, other, kept) for other in sites):
            kept.append(site)
    return kept


def is_implied(site: Site, other: Site, kept: Sequence[Site]) -> bool:
    """Whether `other` runs whenever `site` does, for the same application; of two that imply each other the first counts."""
    if site.source.path != other.source.path or site.app != other.app or other.problem:
        return False
    outlined = outline(site.source)
    if outlined.function(site.node) is not outlined.function(other.node):
        return False
    block = outlined.block(other.node)
    if not any(node in block for node in [site.node, *outlined.above(site.node)]):
        return False
    return outlined.block(site.node) is not block or other in kept


def choose_name(sources: Mapping[str, Source], files: Collection[str], database: Database, sites: Sequence[Site]) -> str:
    """A name for the `Migrate` object that is free in the module that creates `db` and wherever it will be used."""
    taken: set[str] = set()
    for path in {database.span.path, *(site.source.path for site in sites)}:
        taken |= used_names(sources[path].tree) | submodules(path, files)
    for site in sites:
        if site.attachment.is_direct and "." in site.db:
            taken |= used_attributes(site.source.tree)
    return free_name(MIGRATE, taken)


def attach_direct(site: Site, database: Database, name: str) -> Edit:
    """`migrate = Migrate(app, db)` after `db = SQLAlchemy(app)`; an attribute of the same object where `db` is one."""
    owner = site.db.rpartition(".")[0]
    migrate = migrate_class(site.source, site.node)
    code = f"{owner}.{name}" if owner else name
    return statement_after(site, site.node, f"{code} = {migrate.expression}({site.app}, {site.db})", migrate)


def attach_delayed(site: Site, reached: Available | None) -> Edit:
    """`migrate.init_app(app, db)` after `db.init_app(app)`, or `Migrate(app, db)` where no `migrate` can be reached."""
    needed = reached or migrate_class(site.source, site.node)
    function = f"{needed.expression}.init_app" if reached else needed.expression
    arguments = f"app={site.app}, db={site.db}" if site.keyword else f"{site.app}, {site.db}"
    return statement_after(site, site.node, f"{function}({arguments})", needed)


def statement_after(site: Site, node: ast.stmt, code: str, needed: Available) -> Edit:
    """The edit that puts `code` after `node` and makes what it needs available."""
    return made_edit(site.source, node, code, needed, site.attachment.where)


def made_edit(source: Source, node: ast.stmt, code: str, needed: Available, where: Location) -> Edit:
    """The edit that puts `code` after `node` and makes what it needs available."""
    splices: tuple[Splice, ...] = (*needed.splices, layout.after(source, node, code))
    changes: tuple[TreeChange, ...] = (*needed.changes, InsertAfter(source.span(node), code))
    return Edit(source.path, "wiring", splices, changes, where)


def create(source: Source, database: Database, name: str) -> Edit:
    """`migrate = Migrate()` after `db = SQLAlchemy()`; after the whole block where that stands in an `if` or `try`."""
    outlined = outline(source)
    statement = outlined.statement(database.span)
    if statement is None:
        raise LookupError(database)
    node = outlined.top_level(statement)
    migrate = migrate_class(source, node)
    return made_edit(source, node, f"{name} = {migrate.expression}()", migrate, database.where)


def created_name(sources: Mapping[str, Source], database: Database) -> str:
    """The name of a `Migrate()` that the module of `db` creates already and nothing attaches; "" where there is none."""
    tree = sources[database.span.path].tree
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and is_migrate_call(outline(sources[database.span.path]), statement.value):
            names = [one.id for one in statement.targets if isinstance(one, ast.Name) and len(bindings(tree)[one.id]) == 1]
            if names:
                return names[0]
    return ""


def is_migrate_call(outlined: Outline, node: ast.expr) -> bool:
    """Whether an expression creates a `Migrate` of Flask-Migrate."""
    if not isinstance(node, ast.Call):
        return False
    name = dotted(node.func)
    member, module = (imported_as(outlined, node, "flask_migrate", kind) for kind in ("Migrate", ""))
    return bool(name) and name in (member, f"{module}.Migrate")


def attached_places(sources: Mapping[str, Source]) -> list[Location]:
    """Where these files attach Flask-Migrate themselves: `Migrate(app, db)`, or `init_app` of what one of them creates."""
    places: list[Location] = []
    created: set[str] = set()
    for source in sources.values():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Assign) and is_migrate_call(outline(source), node.value):
                created |= {dotted(one).rpartition(".")[2] for one in node.targets}
            if isinstance(node, ast.Call) and node.args and is_migrate_call(outline(source), node):
                places.append(source.location(node))
    for source in sources.values():
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "init_app":
                continue
            if dotted(node.func.value).rpartition(".")[2] in created - {""}:
                places.append(source.location(node))
    return places
