"""Applications that nothing but a database hangs on: what a script makes to have models, a query or `create_all()` work.

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
    db.init_app(app)
    with app.app_context():
        db.create_all()

Such an application has no route, is not run, and nothing imports its file; a stray sample beside the project looks the same.
So does one that a script has from another module's factory to fill the tables, or empty them, when it is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from hooks.base.facts import App, AppKind, Attachment
from hooks.base.location import Location
from hooks.detect.calls import CallGraph
from hooks.detect.entry import is_entry_point
from hooks.detect.index import Index, Ref
from hooks.detect.tree import Module

FOR_A_DATABASE = frozenset({"config", "app_context", "test_request_context", "name", "root_path", "instance_path", "debug"})
TAKING_IT = frozenset({"create_all", "drop_all", "reflect"})


def mark_bare(index: Index, graph: CallGraph, apps: Sequence[App], attachments: Sequence[Attachment]) -> tuple[App, ...]:
    """The applications, `is_bare` set on those that only a database uses; a single application is never asked about."""
    if len([app for app in apps if not app.in_tests]) < 2:
        return tuple(apps)
    return tuple(replace(app, is_bare=_is_bare(index, graph, app, attachments)) for app in apps)


def _is_bare(index: Index, graph: CallGraph, app: App, attachments: Sequence[Attachment]) -> bool:
    module = index.module(app.where.path)
    if app.kind is AppKind.OBJECT and app.made_by and module is not None and not is_entry_point(module):
        return not graph.importers(module.path, tests=True)
    if app.kind is not AppKind.OBJECT or app.made_by or app.in_tests or app.aliases or module is None:
        return False
    here = {place.where for place in attachments if place.where.path == module.path}
    ref = Ref(module.path, app.name)
    uses = [use for use in module.mentions.get(app.name, ()) if index.resolve(module, use) == ref]
    return all(_is_for_a_database(module, use, here) for use in uses) and not graph.importers(module.path, tests=True)


def _is_for_a_database(module: Module, use: ast.expr, attachments: set[Location]) -> bool:
    parent = module.parents[use]
    if isinstance(parent, ast.Attribute):
        return parent.attr in FOR_A_DATABASE
    call = module.parents[parent] if isinstance(parent, ast.keyword) else parent
    if not isinstance(call, ast.Call) or call.func is use:
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return module.where(call) in attachments or name in TAKING_IT
