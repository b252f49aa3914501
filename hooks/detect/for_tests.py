"""Which configuration is the tests' own, so that it is never made to follow a variable that may name a real database.

Told by the file, the class's name or its `TESTING = True`, the function's name, the enclosing `if testing:`, or `TESTING` set
beside it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from hooks.detect.files import is_test_file
from hooks.detect.index import Index, Ref
from hooks.detect.tree import FUNCTION, Module, string
from hooks.facts import InheritingTest

SETTINGS_FILE = re.compile(
    r"(^|/)((settings|config|configuration|env)_?test(s|ing)?|test(s|ing)?_?(settings|config|configuration)?)\.(py|cfg)$"
)
TEST_WORD = re.compile(r"(^|_)test(s|ing)?($|_)|Test|TEST|^test|pytest|unittest")


def configures_tests(module: Module, node: ast.AST) -> bool:
    """Whether what `node` configures is a test run."""
    if is_test_file(module.path) or SETTINGS_FILE.search(module.path):
        return True
    inner = node
    for outer in module.enclosing(node):
        if isinstance(outer, ast.ClassDef) and is_test_class(outer):
            return True
        if isinstance(outer, FUNCTION) and TEST_WORD.search(outer.name):
            return True
        if isinstance(outer, ast.If):
            meant = is_test_condition(outer.test)
            if meant is not None and (inner in (outer.body if meant else outer.orelse)):
                return True
        if isinstance(outer, ast.Call) and _sets_testing(outer.keywords):
            return True
        if isinstance(outer, ast.Dict) and _is_test_dict(module, outer):
            return True
        inner = outer
    return isinstance(node, ast.stmt) and _testing_beside(module, node)


def is_test_class(node: ast.ClassDef) -> bool:
    """Whether a config class is the tests': by its name, or because it sets `TESTING = True`."""
    if TEST_WORD.search(node.name):
        return True
    return any(
        isinstance(statement, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "TESTING" for target in statement.targets)
        and _is_true(statement.value)
        for statement in node.body
    )


def is_test_condition(test: ast.expr) -> bool | None:
    """True where `test` holds in tests, False where it holds outside of them, None where it is about something else."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = is_test_condition(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        meanings = [meaning for value in test.values if (meaning := is_test_condition(value)) is not None]
        return meanings[0] if meanings else None
    if not _mentions_tests(test):
        return None
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        operator, other = test.ops[0], test.comparators[0]
        is_nothing = isinstance(other, ast.Constant) and other.value in (None, False)
        is_negative = isinstance(operator, ast.NotEq | ast.IsNot | ast.NotIn)
        return is_negative if is_nothing else not is_negative
    return True


def inheriting_tests(index: Index, values: Sequence[tuple[Module, ast.expr]]) -> tuple[InheritingTest, ...]:
    """The test config classes without a value of their own; `values` are those of the config classes that have one."""
    having: set[Ref] = set()
    for module, value in values:
        scope = next((outer for outer in module.enclosing(value) if isinstance(outer, ast.ClassDef)), None)
        if scope is not None:
            having.add(Ref(module.path, module.qualname(scope)))
    words = {ref.name.rpartition(".")[2] + ")" for ref in having}  # the last base of a class
    found = []
    for module in index.mentioning(*words, tests=True) if words else ():
        for node in module.classes:
            ref = Ref(module.path, module.qualname(node))
            is_test = is_test_class(node) or (is_test_file(module.path) and "onfig" in node.name)
            if not is_test or ref in having:
                continue
            base = _inherited(index, module, node, having, set())
            if base and not _is_test_owner(index, base):
                found.append(InheritingTest(index.name(module), ref.name, module.where(node), module.span(node), index.spec(base)))
    return tuple(sorted(found, key=lambda fact: fact.where))


def _inherited(index: Index, module: Module, node: ast.ClassDef, having: set[Ref], seen: set[Ref]) -> Ref | None:
    for base in node.bases:
        ref = index.resolve(module, base)
        if ref is None or ref.is_outside or ref in seen:
            continue
        if ref in having:
            return ref
        seen.add(ref)
        definition = index.class_definition(ref)
        found = _inherited(index, *definition, having, seen) if definition else None
        if found:
            return found
    return None


def _is_test_owner(index: Index, ref: Ref) -> bool:
    definition = index.class_definition(ref)
    return is_test_file(ref.path) or (definition is not None and is_test_class(definition[1]))


def _mentions_tests(test: ast.expr) -> bool:
    for node in ast.walk(test):
        word = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else string(node)
        if word and TEST_WORD.search(word):
            return True
    return False


def _sets_testing(keywords: Sequence[ast.keyword]) -> bool:
    return any(item.arg == "TESTING" and _is_true(item.value) for item in keywords)


def _is_test_dict(module: Module, node: ast.Dict) -> bool:
    """Whether a dict sets TESTING, is assigned to a name about tests, or is the value of a key about tests."""
    if any(string(key) == "TESTING" and _is_true(value) for key, value in zip(node.keys, node.values, strict=True)):
        return True
    parent = module.parents[node]
    if isinstance(parent, ast.Assign):
        return any(TEST_WORD.search(module.text(target)) for target in parent.targets)
    if isinstance(parent, ast.Dict):
        return any(
            value is node and TEST_WORD.search(string(key) or "") for key, value in zip(parent.keys, parent.values, strict=True)
        )
    return False


def _testing_beside(module: Module, statement: ast.stmt) -> bool:
    """Whether the same block also says `config["TESTING"] = True`."""
    parent = module.parents[statement]
    blocks = [block for name in ("body", "orelse", "finalbody") if statement in (block := getattr(parent, name, []))]
    for sibling in blocks[0] if blocks else ():
        if isinstance(sibling, ast.Assign) and _is_true(sibling.value):
            for target in sibling.targets:
                if isinstance(target, ast.Subscript) and string(target.slice) == "TESTING":
                    return True
                if isinstance(target, ast.Attribute) and target.attr == "testing":
                    return True
    return False


def _is_true(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is True
