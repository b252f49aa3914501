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

from hooks.base.facts import Attachment, Database, Project
from hooks.base.location import Location
from hooks.base.source import Source, Unparsable
from hooks.detect.line_length import DEFAULT
from hooks.edit.core import layout
from hooks.edit.core.imports import Available, migrate_class, sees_import
from hooks.edit.core.names import MIGRATE, bindings, free_name, submodules, used_attributes, used_names
from hooks.edit.core.nodes import Outline, dotted, outline
from hooks.edit.core.splice import Edit, Reason, Splice, Untouched
from hooks.edit.core.tree_changes import InsertAfter, TreeChange
from hooks.edit.python.db_import import Neighbour, reach
from hooks.edit.python.sites import Site, find_site, serious, without_repetitions
from hooks.planning.flask_app import attached_for_flask


def wire(
    sources: Mapping[str, Source], project: Project, database: Database, attachments: Sequence[Attachment], limit: int = DEFAULT
) -> list[Edit | Untouched]:
    """Return the edits that attach Flask-Migrate to every application that `attachments` attach `database` to.

    `sources` holds the files of `database` and of `attachments`. Those in tests or under `if __name__ == "__main__"` count only
    where there are no others; several for one application in one function are one. `limit` is how long a line may be.
    """
    try:
        there = attached_for_flask(project.existing) or attached_places(sources)
        sites = without_repetitions([find_site(sources[place.where.path], place, database) for place in serious(attachments)])
    except Unparsable as error:
        return [Untouched(error.where.path, Reason.CANNOT_BE_EDITED_SAFELY, error.where)]
    if there:
        return [Untouched(where.path, Reason.ALREADY_ATTACHED, where) for where in there]
    files = {*project.files, *sources}
    name = created_name(sources, database) or choose_name(sources, files, database, sites)
    results: list[Edit | Untouched] = []
    needs_global = False
    for site in sites:
        if site.problem:
            results.append(Untouched(site.source.path, Reason.CANNOT_BE_EDITED_SAFELY, site.attachment.where))
        elif site.attachment.is_direct:
            results.append(attach_direct(site, name))
        else:
            reached = None
            if database.function is None:
                reached = reach(site.source, site.anchor, site.db, Neighbour(name, database, files, sources, limit))
            needs_global = needs_global or reached is not None
            results.append(attach_delayed(site, reached))
    creates = any(site.attachment.is_direct and not site.problem and site.is_global for site in sites)
    if needs_global and not creates and not created_name(sources, database):
        results.insert(0, create(sources[database.span.path], database, name))
    return results


def choose_name(sources: Mapping[str, Source], files: Collection[str], database: Database, sites: Sequence[Site]) -> str:
    """A name for the `Migrate` object that is free in the module that creates `db` and wherever it will be used."""
    taken: set[str] = set()
    for path in {database.span.path, *(site.source.path for site in sites)}:
        taken |= used_names(sources[path].tree) | submodules(path, files)
    for site in sites:
        if site.attachment.is_direct and "." in site.db:
            taken |= used_attributes(site.source.tree)
    return free_name(MIGRATE, taken)


def attach_direct(site: Site, name: str) -> Edit:
    """`migrate = Migrate(app, db)` after `db = SQLAlchemy(app)`; an attribute of the same object where `db` is one.

    In a function it gets no name, since nothing would use it.
    """
    owner = site.db.rpartition(".")[0]
    migrate = migrate_class(site.source, site.anchor)
    assigned = f"{owner}.{name} = " if owner else f"{name} = " if site.is_global else ""
    code = f"{assigned}{migrate.expression}({site.app}, {site.db})"
    return statement_after(site.source, site.anchor, code, migrate, site.attachment.where)


def attach_delayed(site: Site, reached: Available | None) -> Edit:
    """`migrate.init_app(app, db)` after `db.init_app(app)`, or `Migrate(app, db)` where no `migrate` can be reached."""
    needed = reached or migrate_class(site.source, site.anchor)
    function = f"{needed.expression}.init_app" if reached else needed.expression
    arguments = f"app={site.app}, db={site.db}" if site.keyword else f"{site.app}, {site.db}"
    return statement_after(site.source, site.anchor, f"{function}({arguments})", needed, site.attachment.where)


def statement_after(source: Source, node: ast.stmt, code: str, needed: Available, where: Location) -> Edit:
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
    return statement_after(source, node, f"{name} = {migrate.expression}()", migrate, database.where)


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
    first, _, rest = dotted(node.func).partition(".")
    if rest:
        return rest == "Migrate" and sees_import(outlined, node, first, "flask_migrate", "")
    return sees_import(outlined, node, first, "flask_migrate", "Migrate")


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
