"""Whether the code behind a `create_all()` needs the call: it uses the tables, or does something of its own where the call fails.

    if __name__ == "__main__":
        with app.app_context():
            db.create_all()
            if not User.query.first():
                db.session.add(User(name="admin"))
        app.run()

`python app.py` on an empty database needs the call, which starting the application by `flask` does not show.

    try:
        db.create_all()
    except OperationalError:
        create_database(app)

Nothing would make the database without the call.
"""

from __future__ import annotations

import ast
import re

from hooks.detect.calls import CallGraph, RootKind
from hooks.detect.index import Index
from hooks.detect.tree import FUNCTION, Module

BESIDE_LOADING = {RootKind.MAIN, RootKind.HOOK}
# What a handler calls that makes something, and no class of an error: create_database(), _init_db(), connection.execute(...)
MAKES = re.compile(r"_*(creat|init|set_?up|make|build|ensure|restor|reset|execute)[a-z0-9_]*")


def is_needed_unseen(index: Index, graph: CallGraph, module: Module, call: ast.Call, factories: frozenset[tuple[str, str]]) -> bool:
    """Whether only a script or a request runs `call`, and something after it in the same function or block uses tables."""
    kinds = graph.starts(module, call, factories)
    return bool(kinds) and kinds <= BESIDE_LOADING and any(uses_tables(index, module, one) for one in following(module, call))


def fallback(module: Module, call: ast.Call) -> int:
    """The first line in an `except` around `call`, up to its function, that makes something where the call fails; 0 for none."""
    inner: ast.AST = call
    for outer in module.enclosing(call):
        if isinstance(outer, FUNCTION):
            break
        if isinstance(outer, ast.Try) and inner in outer.body:
            made = [one for handler in outer.handlers for one in ast.walk(handler) if isinstance(one, ast.Call) and makes(one)]
            if made:
                return min(one.lineno for one in made)
        inner = outer
    return 0


def stands_in(module: Module, call: ast.Call) -> bool:
    """Whether a `create_all()` is in the `except` of another one, up to its function."""
    for outer in module.enclosing(call):
        if isinstance(outer, FUNCTION):
            return False
        attempt = module.parents.get(outer)
        if isinstance(outer, ast.ExceptHandler) and isinstance(attempt, ast.Try):
            return any(getattr(one, "attr", "") == "create_all" for part in attempt.body for one in ast.walk(part))
    return False


def makes(call: ast.Call) -> bool:
    """Whether a call makes something, by its name."""
    return MAKES.fullmatch(getattr(call.func, "attr", getattr(call.func, "id", ""))) is not None


def following(module: Module, call: ast.Call) -> list[ast.stmt]:
    """The statements after that of `call`, up to the end of its function or of the `if __name__ == "__main__":` block."""
    found: list[ast.stmt] = []
    inner: ast.AST = call
    end = module.main_block(call)
    for outer in module.enclosing(call):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(outer, field, None)
            if isinstance(block, list) and inner in block:
                found += block[block.index(inner) + 1 :]
        if outer is end or isinstance(outer, FUNCTION):
            break
        inner = outer
    return found


def uses_tables(index: Index, module: Module, statement: ast.stmt) -> bool:
    """Whether a statement queries, writes, or calls a function of the project; a commit alone does nothing."""
    if isinstance(statement, ast.Expr) and module.text(statement).endswith("session.commit()"):
        return False
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and node.attr in ("query", "session"):
            return True
        if isinstance(node, ast.Call) and (ref := index.resolve(module, node.func)):
            known = [binding.node for _, binding in index.definitions(ref)] if not ref.is_outside else []
            if any(isinstance(one, (*FUNCTION, ast.ClassDef)) for one in known):
                return True
    return False
