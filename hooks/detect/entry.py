"""How the project itself calls its factory: `app = create_app("development")` in wsgi.py tells what `flask --app` has to pass."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from hooks.detect.files import is_test_file
from hooks.detect.index import Index, Ref
from hooks.detect.tree import FUNCTION, Function, How, Module, argument, is_main_test

ENTRY_NAMES = ("wsgi", "app", "run", "main", "application", "manage", "server", "asgi", "autoapp", "__init__", "__main__")


def is_entry_point(module: Module) -> bool:
    """Whether a module may be imported for the application in it: by its name, or since it does nothing but define things.

    A script that fills, empties or mails when it is imported is none, whatever application it has.
    """
    stem = module.path.rpartition("/")[2].removesuffix(".py")
    return stem in ENTRY_NAMES or not any(_does_something(statement) for statement in module.tree.body)


def _does_something(statement: ast.stmt) -> bool:
    """Whether a statement of a module is more than a definition, an import, a name or `app.run()`."""
    if isinstance(statement, ast.If | ast.Try):
        if isinstance(statement, ast.If) and is_main_test(statement.test):
            return False
        handlers = [inner for handler in getattr(statement, "handlers", ()) for inner in handler.body]
        inner = [*statement.body, *handlers, *statement.orelse, *getattr(statement, "finalbody", ())]
        return any(_does_something(one) for one in inner)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return not (isinstance(statement.value.func, ast.Attribute) and statement.value.func.attr == "run")
    return isinstance(statement, ast.With | ast.For | ast.While | ast.Delete)


@dataclass(frozen=True)
class EntryCall:
    """A call of a factory, and the file it is in."""

    module: Module
    call: ast.Call


def entry_calls(index: Index, ref: Ref) -> list[EntryCall]:
    """The project's calls of the factory `ref` outside of tests, the likeliest entry point first."""
    name = ref.name.rpartition(".")[2]
    home = index.module(ref.path)
    modules = {module.path: module for module in ((home,) if home else ()) + index.mentioning(name)}
    calls = [
        EntryCall(module, call)
        for module in modules.values()
        if not is_test_file(module.path)
        for call in module.calls
        if isinstance(call.func, ast.Name | ast.Attribute) and index.resolve(module, call.func) == ref
    ]
    return sorted(calls, key=_rank)


def _rank(entry: EntryCall) -> tuple[object, ...]:
    path = entry.module.path
    stem = path.rpartition("/")[2].removesuffix(".py")
    place = ENTRY_NAMES.index(stem) if stem in ENTRY_NAMES else len(ENTRY_NAMES)
    is_local = entry.module.function_of(entry.call) is not None
    return is_local, entry.module.main_block(entry.call) is not None, place, path.count("/"), path, entry.call.lineno


def arguments_of(index: Index, entry: EntryCall | None) -> str:
    """The call's arguments as source text, each a literal; "" when one of them is none.

    A name counts as the literal it is bound to; `os.getenv("ENV") or "dev"` and `os.getenv("ENV", "dev")` as their fallback.
    """
    if entry is None:
        return ""
    written = []
    for value in entry.call.args:
        literal = literal_text(index, entry.module, value)
        if literal is None:
            return ""
        written.append(literal)
    for item in entry.call.keywords:
        literal = literal_text(index, entry.module, item.value)
        if literal is None or item.arg is None:
            return ""
        written.append(f"{item.arg}={literal}")
    return ", ".join(written)


def required_of(index: Index, function: Function, entry: EntryCall | None) -> tuple[str, ...]:
    """The factory's parameters without a default that the entry point does not supply with a literal."""
    spec = function.args
    positional = [*spec.posonlyargs, *spec.args]
    without = positional[: len(positional) - len(spec.defaults)]
    without += [item for item, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is None]
    # Flask before 2.2 passes script_info by itself.
    names = [item.arg for item in without if item.arg not in ("script_info", "self", "cls")]
    if entry is None or not names or not arguments_of(index, entry):
        return tuple(names)
    given = {item.arg for item in positional[: len(entry.call.args)]} | {item.arg for item in entry.call.keywords}
    return tuple(name for name in names if name not in given)


def literal_text(index: Index, module: Module, value: ast.expr, depth: int = 0) -> str | None:
    """`value` as the text of a literal; None where only running it can tell."""
    if _is_literal(value):
        return re.sub(r"\s*\n\s*", " ", module.text(value)) if not _has_long_string(value) else ast.unparse(value)
    if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
        return literal_text(index, module, value.values[-1], depth)
    if isinstance(value, ast.Call):
        ref = index.resolve(module, value.func)
        default = argument(value, 1, "default") if ref and ref.name in ("os.getenv", "os.environ.get") else None
        return literal_text(index, module, default, depth) if default is not None else None
    if isinstance(value, ast.Name) and depth < 3:
        ref = index.resolve(module, value)
        bindings = index.definitions(ref) if ref and not ref.is_outside else []
        if len(bindings) == 1 and bindings[0][1].how is How.VALUE and not isinstance(bindings[0][1].scope, FUNCTION):
            owner, binding = bindings[0]
            return literal_text(index, owner, binding.value, depth + 1) if binding.value is not None else None
    return None


def _is_literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _has_long_string(value: ast.expr) -> bool:
    return any(isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value for node in ast.walk(value))
