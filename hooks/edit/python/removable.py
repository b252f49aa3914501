"""Which statements go with a start-up `create_all()`: blocks that held nothing else, where leaving them out cannot change anything.

Of this, all goes: the context and the condition are there for the call, the message would not be true any more, and there is
nothing left to commit.

    if not path.exists("shop.db"):
        with app.app_context():
            db.create_all()
            db.session.commit()
        print("Tables created.")

So does what only the condition uses, `inspector = inspect(db.engine)`, and a loop that does nothing but wait for the server:

    for _ in range(5):
        try:
            db.create_all()
            break
        except OperationalError:
            time.sleep(3)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence

from hooks.edit.core.nodes import Function, Outline, dotted, is_docstring, is_plain
from hooks.edit.python.elsewhere import word

CONTEXTS = ("app_context", "test_request_context", "request_context")
HANDLERS = ("before_first_request", "before_app_first_request", "before_request", "before_app_request", "before_serving")
HARMLESS = {
    *("exists", "isfile", "is_file", "lexists", "has_table", "get_table_names", "inspect", "get", "getenv", "join", "len", "bool"),
    *("any", "all", "str", "int", "isinstance", "hasattr", "getattr", "lower", "upper", "strip", "startswith", "endswith", "split"),
    "range",
}
ANNOUNCERS = ("print", "echo", "secho", "info", "debug", "warning", "error", "critical")
ANNOUNCES_IT = re.compile(
    r"\b(?:creat|initiali[sz])(?:e|ed|es|ing)\b.*\b(?:db|databases?|tables?|schema)\b"
    r"|\b(?:db|databases?|tables?|schema)\b.*\b(?:created|initiali[sz]ed)\b",
    re.I | re.S,
)
SAYS_ANYTHING = re.compile("")
# (module, level of a relative import) -> whether the file has to import it for what that does by itself
IsNeededImport = Callable[[str, int], bool]
# What is said at the end of a block of which nothing else stays.
IS_DONE = re.compile(r"^\W*(?:all\s+)?(?:done|ok|okay|success\w*|finished|completed?)\W*$", re.I)


def always_needed(_module: str, _level: int) -> bool:
    """Nothing is known of other files."""
    return True


class Going:
    """Which statements can go when `call` goes, and with it every plain `create_all` of the same object."""

    def __init__(self, outlined: Outline, call: ast.Expr, is_needed_import: IsNeededImport = always_needed) -> None:
        self.outlined = outlined
        self.is_needed_import = is_needed_import
        self.call = call
        self.method = ast.dump(called(call).func)
        self.helper: ast.FunctionDef | None = None

    def goes(self, statement: ast.stmt) -> bool:
        """Whether a statement is such a call, or a block of nothing else that does nothing by itself."""
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            func = statement.value.func
            return (
                statement is self.call
                or (is_create_all(func) and ast.dump(func) == self.method)
                or (self.helper is not None and is_plain_call(statement.value, self.helper.name))
            )
        if isinstance(statement, ast.With):
            return self.all_go(statement.body) and all(is_context(item) for item in statement.items)
        if isinstance(statement, ast.If):
            says_else = all(announces(one, SAYS_ANYTHING) for one in statement.orelse)  # "the tables are there already"
            return self.all_go(statement.body) and says_else and is_harmless(statement.test)
        if isinstance(statement, ast.For | ast.While):
            return self.only_waits(statement)
        if isinstance(statement, ast.Try):
            loop = self.outlined.parents.get(statement)
            if isinstance(loop, ast.For | ast.While) and statement in loop.body and self.only_waits(loop):
                return True
            return self.all_go(statement.body) and not statement.orelse and not statement.finalbody
        if isinstance(statement, Function):
            is_handled = is_handler(statement) and not self.is_named_elsewhere(statement)
            return statement is self.helper or (is_handled and self.all_go(statement.body))
        return False

    def all_go(self, block: list[ast.stmt]) -> bool:
        """Whether a block holds nothing that stays, a docstring and messages apart."""
        return any(self.goes(one) for one in block) and all(
            self.goes(one) or is_docstring(one) or self.accompanies(one) or announces(one, IS_DONE) for one in block
        )

    def only_waits(self, loop: ast.For | ast.While) -> bool:
        """Whether a loop only tries the call until it goes well, and says or raises something where it never does."""
        attempts = [one for one in loop.body if isinstance(one, ast.Try)]
        if len(attempts) != 1 or not is_harmless(loop.iter if isinstance(loop, ast.For) else loop.test):
            return False
        attempt = attempts[0]
        done = [one for one in (*attempt.body, *attempt.orelse) if not isinstance(one, ast.Break)]
        return (
            not attempt.finalbody
            and any(isinstance(one, ast.Break) for one in (*attempt.body[-1:], *attempt.orelse[-1:]))
            and self.all_go(done)
            and all(self.accompanies(one) for one in loop.body if one is not attempt)
            and all(isinstance(one, ast.Raise) or announces(one, SAYS_ANYTHING) for one in loop.orelse)
        )

    def counts(self, statement: ast.stmt) -> bool:
        """Whether a statement only sets what the waiting loop right below it counts with."""
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Constant) or len(statement.targets) != 1:
            return False
        block = self.outlined.block(statement)
        loop = next(iter(block[block.index(statement) + 1 :]), None)
        name = dotted(statement.targets[0])
        around = next(one for one in self.outlined.above(statement) if isinstance(one, Function | ast.Module))
        return (
            isinstance(loop, ast.While) and self.only_waits(loop) and names_in(around).count(name) == names_in(loop).count(name) + 1
        )

    def accompanies(self, statement: ast.stmt) -> bool:
        """Whether a statement beside a going one has nothing left to do without it: a message, a commit of nothing."""
        return (
            announces(statement)
            or self.counts(statement)
            or self.brings_names(statement)
            or self.only_asks(statement)
            or (self.commits(statement) and self.has_nothing_to_commit(statement))
        )

    def brings_names(self, statement: ast.stmt) -> bool:
        """Whether a statement imports, inside of a function, nothing but names that only going statements beside it use."""
        if not isinstance(statement, ast.ImportFrom) or self.is_needed_import(statement.module or "", statement.level):
            return False
        function = self.outlined.function(statement)
        if function is None:
            return False
        used = names_in(function)
        block = self.outlined.block(statement)
        by_going = [name for one in block if one is not statement and self.goes(one) for name in names_in(one)]
        names = [alias.asname or alias.name for alias in statement.names]
        return all(name in by_going and used.count(name) == by_going.count(name) for name in names)

    def only_asks(self, statement: ast.stmt) -> bool:
        """Whether a statement only looks something up, by what does nothing else, for going statements behind it alone."""
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or not isinstance(statement.value, ast.Call):
            return False
        name, block = dotted(statement.targets[0]), self.outlined.block(statement)
        behind = [one for one in block[block.index(statement) + 1 :] if self.goes(one) or self.only_asks(one)]
        by_going = [used for one in behind for used in names_in(one)].count(name)
        around = self.outlined.function(statement) or self.outlined.tree
        return bool(by_going) and is_harmless(statement.value) and names_in(around).count(name) == by_going + 1

    def commits(self, statement: ast.AST) -> bool:
        """Whether a statement is `db.session.commit()` of the object whose tables are made."""
        wanted = f"{dotted(called(self.call).func).rpartition('.')[0]}.session.commit"
        value = statement.value if isinstance(statement, ast.Expr) else None
        return isinstance(value, ast.Call) and dotted(value.func) == wanted and not value.args and not value.keywords

    def has_nothing_to_commit(self, commit: ast.stmt) -> bool:
        """Whether nothing was put into the session before: the context is its own, or the module uses the session nowhere else."""
        tree = self.outlined.tree
        around = next(one for one in self.outlined.above(commit) if isinstance(one, ast.With | Function | ast.Module))
        if isinstance(around, ast.With) and commit in around.body:
            return all(map(is_context, around.items)) and all(
                self.goes(one) or is_docstring(one) or announces(one) or isinstance(one, ast.Import | ast.ImportFrom)
                for one in around.body[: around.body.index(commit)]
            )
        used = sum(getattr(node, "attr", None) == "session" for node in ast.walk(tree))
        return around is tree and used == sum(self.commits(node) for node in ast.walk(tree))

    def outermost(self, statement: ast.stmt) -> ast.stmt:
        """The largest block around a going statement that goes with it."""
        whole = statement
        for parent in self.outlined.above(statement):
            if not isinstance(parent, ast.stmt) or not self.goes(parent):
                break
            whole = parent
        return whole

    def neighbours(self, block: list[ast.stmt], whole: ast.stmt) -> list[ast.stmt]:
        """The going statements and messages that stand next to each other in the block, `whole` among them."""
        first = last = block.index(whole)
        while first > 0 and (self.goes(block[first - 1]) or self.accompanies(block[first - 1])):
            first -= 1
        while last + 1 < len(block) and (self.goes(block[last + 1]) or self.accompanies(block[last + 1])):
            last += 1
        return block[first : last + 1]

    def with_helper(self, helper: ast.FunctionDef, *, is_called_elsewhere: bool = False) -> list[list[ast.stmt]]:
        """What goes with a function of which nothing would stay: the statements that call it; [] where it is used otherwise.

        `is_called_elsewhere`: other files call it, so that none of this one has to.
        """
        tree = self.outlined.tree
        callers = self.callers(helper)
        mentions = self.mentions(helper)
        if (
            (not callers and not is_called_elsewhere)
            or mentions != 1 + len(callers)
            or helper not in tree.body
            or helper.decorator_list
        ):
            return []
        self.helper = helper
        return self.groups([helper, *callers])

    def with_calls_of(self, helper: ast.FunctionDef) -> list[list[ast.stmt]]:
        """What goes of a file that imports such a function from another one: the statements that call it; [] where it does more."""
        callers = self.callers(helper)
        imported = [
            alias
            for one in ast.walk(self.outlined.tree)
            if isinstance(one, ast.ImportFrom)
            for alias in one.names
            if alias.name == helper.name and alias.asname is None
        ]
        if not callers or not imported or self.mentions(helper) != len(callers) + len(imported):
            return []
        self.helper, self.method = helper, ""  # a `create_all()` of this file is an edit of its own
        return self.groups(callers)

    def callers(self, helper: ast.FunctionDef) -> list[ast.stmt]:
        """The statements of the file that do nothing but call the function."""
        return [one for one in ast.walk(self.outlined.tree) if isinstance(one, ast.Expr) and is_plain_call(one.value, helper.name)]

    def mentions(self, helper: ast.FunctionDef) -> int:
        """How often the file has the word that is the function's name."""
        source = self.outlined.source
        return len(word(helper.name, source.path).findall(source.text.encode("utf-8")))

    def groups(self, going: Sequence[ast.stmt]) -> list[list[ast.stmt]]:
        """The statements with the blocks and neighbours that go with them; [] where a block would be left empty."""
        groups: list[list[ast.stmt]] = []
        for one in going:
            whole = self.outermost(one)
            block = self.outlined.block(whole)
            if self.all_go(block) and not can_be_empty(self.outlined, whole):
                return []
            together = self.neighbours(block, whole)
            groups += [together] if together not in groups else []
        return groups

    def is_named_elsewhere(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether anything in the module but the definition speaks of the function."""
        for node in ast.walk(self.outlined.tree):
            if function.name in (getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "value", None)):
                return True
        return False


def called(statement: ast.Expr) -> ast.Call:
    """The call of a statement that is one."""
    assert isinstance(statement.value, ast.Call)
    return statement.value


def is_create_all(expression: ast.expr) -> bool:
    """Whether an expression is the method `create_all` of something."""
    return isinstance(expression, ast.Attribute) and expression.attr == "create_all"


def is_plain_call(value: ast.expr, name: str) -> bool:
    """Whether an expression calls the function `name` with nothing that does anything by itself."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name) or value.func.id != name:
        return False
    return all(is_plain(one) or isinstance(one, ast.Constant) for one in (*value.args, *(one.value for one in value.keywords)))


def announces(statement: ast.stmt, says: re.Pattern[str] = ANNOUNCES_IT) -> bool:
    """Whether a statement does nothing but say that the tables are made, or something like it."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    call = statement.value
    if dotted(call.func).rpartition(".")[2] not in ANNOUNCERS:
        return False
    words = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return is_harmless(ast.Tuple(call.args)) and bool(says.search(" ".join(words)))


def names_in(node: ast.AST) -> list[str]:
    """Every name that is used or set somewhere in a piece of code."""
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]


def is_context(item: ast.withitem) -> bool:
    """Whether a `with` item is `app.app_context()` or the like."""
    call = item.context_expr
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in CONTEXTS


def is_harmless(test: ast.expr) -> bool:
    """Whether evaluating a condition does nothing but look."""
    for node in ast.walk(test):
        if isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
            return False
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
            if name not in HARMLESS:
                return False
    return True


def is_handler(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether Flask calls a function by itself, at the first request or before each."""
    names = [decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in function.decorator_list]
    return bool(names) and all(dotted(name).rpartition(".")[2] in HANDLERS for name in names)


def can_be_empty(outlined: Outline, statement: ast.stmt) -> bool:
    """Whether the block of a statement may hold nothing: that of the module, or what an `elif` is the whole of."""
    return isinstance(outlined.parents[statement], ast.Module) or is_elif(outlined, statement)


def is_elif(outlined: Outline, statement: ast.stmt) -> bool:
    """Whether a statement is written as the `elif` of another."""
    start = outlined.source.offset(statement.lineno, statement.col_offset)
    return isinstance(statement, ast.If) and outlined.source.raw.startswith(b"elif", start)
