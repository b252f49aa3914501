"""Which configuration is the tests' own, so that it is never made to follow a variable that may name a real database.

Told by the file, the class's name or its TESTING (own, inherited, set by a decorator, a metaclass or `setattr`), the function's
name, the enclosing `if testing:`, a fixture or TestCase around it, or TESTING set beside it. What text does not show is found by
`hooks/inside/load/configurations_for_tests.py`, which builds the configurations.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from hooks.base.facts import InheritingTest
from hooks.detect.files import is_test_file
from hooks.detect.index import Index, Ref
from hooks.detect.tree import FUNCTION, Module, keyword, string

SETTINGS_FILE = re.compile(
    r"(^|/)((settings|config|configuration|env)_?test(s|ing)?|test(s|ing)?_?(settings|config|configuration)?)\.(py|cfg)$"
)
TEST_WORD = re.compile(r"(^|_)test(s|ing)?($|_)|Test|TEST|^test|pytest|unittest")
TESTING = "TESTING"
DEPTH = 8  # of base classes; what derives further is found by building it


def configures_tests(index: Index, module: Module, node: ast.AST) -> bool:
    """Whether what `node` configures is a test run."""
    if is_test_file(module.path) or SETTINGS_FILE.search(module.path):
        return True
    inner = node
    for outer in module.enclosing(node):
        if isinstance(outer, ast.ClassDef) and is_test_class(index, module, outer):
            return True
        if isinstance(outer, FUNCTION) and (TEST_WORD.search(outer.name) or _is_fixture(module, outer)):
            return True
        if isinstance(outer, ast.If):
            meant = is_test_condition(outer.test)
            if meant is not None and (inner in (outer.body if meant else outer.orelse)):
                return True
        if isinstance(outer, ast.match_case) and _mentions_tests(outer.pattern):
            return True
        if isinstance(outer, ast.expr) and (_says_testing(outer) or _is_named_for_tests(module, outer)):
            return True
        inner = outer
    return _testing_beside(module, node)


def is_test_class(index: Index, module: Module, node: ast.ClassDef) -> bool:
    """Whether a config class is the tests': by its name, its TESTING, or because it is a TestCase."""
    if TEST_WORD.search(node.name) or any(module.text(base).endswith("TestCase") for base in node.bases):
        return True
    return testing_of(index, module, node) is True


def testing_of(index: Index, module: Module, node: ast.ClassDef, depth: int = DEPTH) -> bool | None:  # noqa: PT028 - no test
    """What a class has as TESTING, in the order in which Python looks; None where text shows none."""
    given = [value for statement in node.body if (value := _given_testing(statement)) is not None]
    makers = [*node.decorator_list, *(item.value for item in node.keywords if item.arg == "metaclass")]
    if any(_sets_testing_in(index, module, maker) for maker in makers) or _set_afterwards(module, node):
        return True
    if given:
        return _is_true(given[-1])
    for base in node.bases if depth else ():
        ref = index.resolve(module, base)
        found = index.class_definition(ref) if ref and not ref.is_outside else None
        testing = testing_of(index, *found, depth - 1) if found else None
        if testing is not None:
            return testing
    return None


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
    names = {ref.name.rpartition(".")[2] for ref in having}
    words = {name + end for name in names for end in "),"}  # a base of a class
    found = []
    for module in index.mentioning(*words, tests=True) if words else ():
        for node in module.classes:
            ref = Ref(module.path, module.qualname(node))
            is_test = is_test_class(index, module, node) or (is_test_file(module.path) and "onfig" in node.name)
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
    return is_test_file(ref.path) or (definition is not None and is_test_class(index, *definition))


def _mentions_tests(test: ast.AST) -> bool:
    for node in ast.walk(test):
        word = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else string(node)
        if word and TEST_WORD.search(word):
            return True
    return False


def _is_fixture(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("fixture" in module.text(decorator) for decorator in function.decorator_list)


def _says_testing(value: ast.expr) -> bool:
    """Whether a mapping, or a call that makes or fills one, says TESTING itself: `{...}`, `dict(...)`, `{...} | {...}`."""
    if isinstance(value, ast.Dict):
        pairs = zip(value.keys, value.values, strict=True)
        return any(string(key) == TESTING and _is_true(one) for key, one in pairs)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr):
        return _says_testing(value.left) or _says_testing(value.right)
    if isinstance(value, ast.Call):
        given = keyword(value, TESTING)
        return (given is not None and _is_true(given)) or any(_says_testing(one) for one in value.args)
    return False


def _is_named_for_tests(module: Module, value: ast.expr) -> bool:
    """Whether a dict (or what makes one) is given a name about tests, or is the value of a key or keyword about tests."""
    if not isinstance(value, ast.Dict | ast.Call | ast.BinOp):
        return False
    parent = module.parents[value]
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        return any(TEST_WORD.search(_last_name(target)) for target in targets)
    if isinstance(parent, ast.keyword):
        return TEST_WORD.search(parent.arg or "") is not None
    if isinstance(parent, ast.Dict):
        pairs = zip(parent.keys, parent.values, strict=True)
        return any(one is value and TEST_WORD.search(string(key) or "") for key, one in pairs)
    return False


def _last_name(target: ast.expr) -> str:
    """The name, attribute or literal key that is assigned to."""
    if isinstance(target, ast.Subscript):
        return string(target.slice) or ""
    return target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""


def _testing_beside(module: Module, node: ast.AST) -> bool:
    """Whether the same block also sets TESTING, of the same configuration."""
    statement = next((one for one in (node, *module.enclosing(node)) if isinstance(one, ast.stmt)), None)
    if statement is None:
        return False
    parent = module.parents[statement]
    blocks = [block for name in ("body", "orelse", "finalbody") if statement in (block := getattr(parent, name, []))]
    mine = set(_receivers(module, statement))
    for sibling in blocks[0] if blocks else ():
        for receiver, value in _settings(module, sibling):
            if _is_true(value) and (not mine or receiver in mine):
                return True
    return False


def _settings(module: Module, statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """What a statement gives TESTING: (of which configuration, the value)."""
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
        for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
            is_item = isinstance(target, ast.Subscript) and string(target.slice) == TESTING
            is_attribute = isinstance(target, ast.Attribute) and target.attr in ("testing", TESTING)
            if is_item or is_attribute:
                yield _configuration(module.text(target.value)), statement.value  # type: ignore[attr-defined]
            elif isinstance(target, ast.Name) and target.id == TESTING:
                yield "", statement.value
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        receiver = _configuration(module.text(call.func.value))
        if call.func.attr == "setdefault" and len(call.args) == 2 and string(call.args[0]) == TESTING:
            yield receiver, call.args[1]
        elif _says_testing(call):
            yield receiver, ast.Constant(True)
    elif isinstance(call, ast.Call) and _is_setattr(call):
        yield _configuration(module.text(call.args[0])), call.args[2]


def _receivers(module: Module, statement: ast.stmt) -> Iterator[str]:
    """The configurations that a statement fills, as `_settings` spells them."""
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
            yield _configuration(module.text(target.value)) if isinstance(target, ast.Subscript | ast.Attribute) else ""
            if isinstance(target, ast.Name):
                yield target.id  # settings = {...}, of which settings["TESTING"] is set later
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        func = statement.value.func
        yield _configuration(module.text(func.value)) if isinstance(func, ast.Attribute) else ""


def _configuration(receiver: str) -> str:
    """`app` and `app.config` are one configuration."""
    return receiver.removesuffix(".config")


def _given_testing(statement: ast.stmt) -> ast.expr | None:
    """What a statement of a class gives its TESTING."""
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if any(isinstance(target, ast.Name) and target.id == TESTING for target in targets):
            return statement.value
    return None


def _set_afterwards(module: Module, node: ast.ClassDef) -> bool:
    """Whether the module gives the class a true TESTING after it: `QA.TESTING = True`, `setattr(QA, "TESTING", True)`."""
    block = getattr(module.parents[node], "body", [])
    return any(receiver == node.name and _is_true(value) for statement in block for receiver, value in _settings(module, statement))


def _sets_testing_in(index: Index, module: Module, maker: ast.expr) -> bool:
    """Whether the decorator or metaclass that `maker` names says a true TESTING anywhere in it."""
    ref = index.resolve(module, maker.func if isinstance(maker, ast.Call) else maker)
    for owner, binding in index.definitions(ref) if ref and not ref.is_outside else ():
        for node in ast.walk(binding.node):
            if isinstance(node, ast.stmt) and any(_is_true(value) for _, value in _settings(owner, node)):
                return True
            if isinstance(node, ast.expr) and _says_testing(node):
                return True
            if isinstance(node, ast.Call) and _is_setattr(node) and _is_true(node.args[2]):
                return True
    return False


def _is_setattr(call: ast.Call) -> bool:
    """Whether this is `setattr(something, "TESTING", value)`, also the one of `type` or `object`."""
    name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return name in ("setattr", "__setattr__") and len(call.args) == 3 and string(call.args[1]) == TESTING


def _is_true(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and bool(value.value)
