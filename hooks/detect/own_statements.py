"""Where the project changes tables with SQL of its own, beside `create_all()`, which never alters one that is there.

db.session.execute(text("ALTER TABLE pet ADD COLUMN age INTEGER"))

for name, kind in NEW_COLUMNS:
    cursor.execute(f"ALTER TABLE pet ADD COLUMN {name} {kind}")
"""

from __future__ import annotations

import ast
import re

from hooks.base.location import Location
from hooks.detect.files import is_test_file
from hooks.detect.index import DDL, Index
from hooks.detect.tree import Module

STATEMENT = re.compile(rf"\s*({'|'.join(DDL)})\b", re.IGNORECASE)
RUNS = frozenset({"execute", "executescript", "exec_driver_sql", "run_sql"})


def find_own_statements(index: Index) -> tuple[Location, ...]:
    """The statements, by place; none of tests."""
    modules = (module for module in index.mentioning(*DDL) if not is_test_file(module.path))
    return tuple(sorted({module.where(call) for module in modules for call in module.calls if _changes_tables(module, call)}))


def _changes_tables(module: Module, call: ast.Call) -> bool:
    """Whether it runs such a text, which is written in the call or bound to the name that is given."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in RUNS or not call.args:
        return False
    given = call.args[0]
    names = {node.id for node in ast.walk(given) if isinstance(node, ast.Name)}
    bound = [
        one.value
        for one in module.statements
        if isinstance(one, ast.Assign) and any(isinstance(target, ast.Name) and target.id in names for target in one.targets)
    ]
    texts = (node.value for part in (given, *bound) for node in ast.walk(part) if isinstance(node, ast.Constant))
    return any(isinstance(text, str) and STATEMENT.match(text) for text in texts)
