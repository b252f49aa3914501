"""Make the configuration follow an environment variable, with the present value where it is not set.

Before:  SQLALCHEMY_DATABASE_URI = "sqlite:///shop.db"
After:   SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL", "sqlite:///shop.db")

Before:  SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.path.join(basedir, "shop.db")
After:   SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or "sqlite:///" + os.path.join(basedir, "shop.db")

Before:  SQLALCHEMY_DATABASE_URI = config("DB_URI")                             (decouple, environs and the like: the file's reader)
After:   SQLALCHEMY_DATABASE_URI = config("DATABASE_URL", default=None) or config("DB_URI")

Before:  db_url or "sqlite:///shop.db"                                   (an argument of the factory)
After:   db_url or os.environ.get("DATABASE_URL", "sqlite:///shop.db")

Before:  DATABASE = "postgresql:///shop"             (a default that nothing else uses: def setup_db(app, url=DATABASE))
After:   DATABASE = os.environ.get("DATABASE_URL", "postgresql:///shop")

Before:  if uri := os.getenv("DB_URI"):              (without it nothing is set: condition.py)
             app.config["SQLALCHEMY_DATABASE_URI"] = uri
After:   if uri := os.environ.get("DATABASE_URL") or os.getenv("DB_URI"):
             app.config["SQLALCHEMY_DATABASE_URI"] = uri

Before:  if not DB_USER:                      (what asks for the parts of a URL that is put together: demands.py)
             raise RuntimeError("DB_USER is not set")
After:   if not os.environ.get("DATABASE_URL") and not DB_USER:
             raise RuntimeError("DB_USER is not set")

Before:  SQLALCHEMY_DATABASE_URI = "postgresql:///shop"      (or another value, where the project is one for Heroku, say)
After:   SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL", "postgresql:///shop").replace("postgres://", "postgresql://", 1)

The value stays as it is written, and what computes it runs only where the variable is not set.
Left alone: a value that reads the variable already, one that stands in where the database does not answer, and one that configures
tests: a suite that calls `drop_all` must not follow.
"""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from hooks.base.facts import Attachment, InheritingTest, UriSite
from hooks.base.source import Source, Unparsable
from hooks.detect.data_files import KEY
from hooks.edit.core import layout
from hooks.edit.core.arguments import Function, environment_of_caller, own_part, value_behind
from hooks.edit.core.imports import Available, environ_get
from hooks.edit.core.names import bindings
from hooks.edit.core.nodes import Outline, dotted, is_docstring, outline
from hooks.edit.core.splice import Edit, Reason, Untouched
from hooks.edit.core.tree_changes import InsertAfter, InsertBefore, ReplaceExpression, TreeChange
from hooks.edit.core.wrapping import Around, splices_around
from hooks.edit.python.condition import value_before_condition
from hooks.edit.python.demands import conditions, demands, joined
from hooks.edit.python.environment_reader import reader
from hooks.edit.python.shared_url import value_of_all
from hooks.edit.python.sites import Site, find_site, serious, without_repetitions

ASK_SERVER = {"create_all", "connect", "execute", "reflect"}
BUILT_IN = {"str", "repr", "int"}  # what every module means by them


def follow(
    source: Source, site: UriSite, variable: str, scheme: str = "", *, empty_is_unset: bool = False, limit: int = 88
) -> Edit | Untouched:
    """Let the environment variable `variable` come before the value at `site`.

    `scheme` is what becomes of `postgres` in what it holds: see old_scheme.py; "" leaves it as it is. With `empty_is_unset` an
    empty variable counts for nothing: tests set it so (`for_tests_only.py`). No line becomes longer than `limit` and every line of
    the file.
    """
    if site.is_test:
        return Untouched(source.path, Reason.CONFIGURES_TESTS, site.where)
    if variable in site.variables or site.passes_on:
        return Untouched(source.path, Reason.ALREADY_FOLLOWS, site.where)
    try:
        outlined = outline(source)
    except Unparsable:
        return Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, site.where)
    node, statement = outlined.expression(site.value), outlined.statement(site.value)
    if node is None or statement is None or isinstance(statement, ast.AugAssign):
        return Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, site.where)
    if reads(node, variable):
        return Untouched(source.path, Reason.ALREADY_FOLLOWS, site.where)
    if stands_in(outlined, node):
        return Untouched(source.path, Reason.STANDS_IN, site.where)
    node = value_of_all(outlined, value_before_condition(outlined, node))
    given = environment_of_caller(node, outlined.function(node))
    own = node if given else own_part(node, outlined.function(node))
    if own is None:
        return Untouched(source.path, Reason.CALLER_DECIDES, site.where)
    if own is not node:
        own = value_behind(source, own)
        scheme = "" if replaces_scheme(outlined.function(node)) else scheme
    if reads(own, variable):
        return Untouched(source.path, Reason.ALREADY_FOLLOWS, site.where)
    node, span = own, source.span(own)
    get, keyword = (Available(f"{given}.get"), "") if given else reader(source, node)
    name = quoted(source, variable, node, statement)
    replace = replacing(scheme, name[0])
    if isinstance(node, ast.Constant) and (isinstance(node.value, str) or not scheme) and not empty_is_unset:
        around = Around(get.expression, name, keyword, replace)
    else:
        brackets = isinstance(node, ast.IfExp | ast.Lambda | ast.NamedExpr | ast.Tuple | ast.Yield | ast.YieldFrom)
        empty = f"{name[0] * 2}" if scheme else "None" if keyword else ""  # None has no replace()
        default = f", {keyword}{empty}" if empty else ""
        around = Around(f"{get.expression}({name}{default}){replace}", brackets=brackets)
    splices = [*get.splices, *splices_around(outlined, node, around, limit)]
    changes = [*get.changes, ReplaceExpression(span, f"{around.opening}__old__{around.closing}")]
    is_set = f"{get.expression}({name}{f', {keyword}None' if keyword else ''})"
    tests = [(test, f"not {is_set}", "and") for test in demands(outlined, node, site.variables)]
    tests += [(test, is_set, "or") for test in conditions(outlined, node, site.variables)]
    for test, condition, operator in tests:
        more, code = joined(outlined, test, condition, operator, limit)
        splices += more
        changes.append(ReplaceExpression(source.span(test), code))
    return Edit(source.path, "database_url", tuple(splices), tuple(changes), site.where)


def stands_in(outlined: Outline, node: ast.expr) -> bool:
    """Whether it is used where a `try` has asked the configured database for something in vain."""
    handlers = [one for one in outlined.above(node) if isinstance(one, ast.ExceptHandler)]
    attempts = [outlined.parents[one] for one in handlers[:1]]
    tried = [one for attempt in attempts if isinstance(attempt, ast.Try) for part in attempt.body for one in ast.walk(part)]
    return any(isinstance(one, ast.Attribute) and one.attr in ASK_SERVER for one in tried)


def follow_at_attachments(
    sources: Mapping[str, Source], attachments: Sequence[Attachment], variable: str, scheme: str = ""
) -> list[Edit | Untouched]:
    """`follow_at_attachment` for each application in each function: before the last, when all else is configured."""
    try:
        sites = [find_site(sources[place.span.path], place) for place in serious(attachments)]
    except Unparsable as error:
        return [Untouched(error.where.path, Reason.CANNOT_BE_EDITED_SAFELY, error.where)]
    kept = without_repetitions(sorted(sites, key=lambda site: site.attachment.span, reverse=True))
    return [follow_at_attachment(site.source, site.attachment, variable, scheme) for site in reversed(kept)]


def follow_at_attachment(source: Source, attachment: Attachment, variable: str, scheme: str = "") -> Edit | Untouched:
    """Read the variable where the database is attached, for a project whose value lives in data or nowhere in the source.

    Before:  db.init_app(app)
    After:   if os.environ.get("DATABASE_URL") and not app.testing:
                 app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
             db.init_app(app)

    An application under test keeps what its tests configured. What tells or uses the value before stays behind it. `scheme` is
    what becomes of `postgres`, as for `follow`.
    """
    try:
        site = find_site(source, attachment)
    except Unparsable:
        return Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, attachment.where)
    if site.problem:
        return Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, attachment.where)
    if any(isinstance(one, ast.If) and reads(one, variable) and reads(one, KEY) for one in outline(source).block(site.anchor)):
        return Untouched(source.path, Reason.ALREADY_FOLLOWS, attachment.where)
    anchor = first_reader(outline(source).block(site.anchor), site)
    get = environ_get(source, anchor)
    name, key = quoted(source, variable, anchor), quoted(source, KEY, anchor)
    value = f"{get.expression.removesuffix('.get')}[{name}]" if get.expression.endswith(".get") else f"{get.expression}({name})"
    value += replacing(scheme, name[0])
    code = f"if {get.expression}({name}) and not {site.app}.testing:\n{source.indent}{site.app}.config[{key}] = {value}"
    splice = layout.before(source, anchor, code, above_comment=True)
    if splice is None:
        return Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, attachment.where)
    change = InsertBefore(source.span(anchor), code)
    return Edit(source.path, "database_url", (*get.splices, splice), (*get.changes, change), attachment.where)


def first_reader(block: Sequence[ast.stmt], site: Site) -> ast.stmt:
    """The first statement that reads the value once the configuration is complete; the one that attaches where none does before."""
    before = block[: block.index(site.anchor)]
    complete = max((at for at, one in enumerate(before) if may_configure(one, site.app)), default=-1)
    after = (one for one in before[complete + 1 :] if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))
    return next((one for one in after if reads(one, KEY)), site.anchor)


def may_configure(statement: ast.stmt, app: str) -> bool:
    """Whether a statement makes the application, hands it on, or sets something of its configuration."""
    for one in ast.walk(statement):
        if isinstance(one, ast.Call):
            of_config = isinstance(one.func, ast.Attribute) and one.func.attr != "get" and dotted(one.func.value) == f"{app}.config"
            if of_config or any(dotted(argument) in (app, f"{app}.config") for argument in one.args):
                return True
        if isinstance(one, ast.Name | ast.Attribute | ast.Subscript) and isinstance(one.ctx, ast.Store):
            set_of = one.value if isinstance(one, ast.Subscript) else one
            if dotted(set_of).startswith(app):
                return True
    return False


def pin_inheriting_test(source: Source, test: InheritingTest, base: Source | None = None) -> Edit | Untouched:
    """Give a config class for tests a value of its own, the one that it inherited before that followed the variable.

    Before:  class TestConfig(Config):
                 TESTING = True
    After:   class TestConfig(Config):
                 SQLALCHEMY_DATABASE_URI = "sqlite:///shop.db"
                 TESTING = True

    `base` is the file of the class it inherits from, where that is another one.
    """
    cannot = Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, test.where)
    home = base or source
    try:
        owner = class_named(source, test.name)
        given = own_value(class_named(home, test.base.rpartition(":")[2]))
    except Unparsable:
        return cannot
    if owner is None or given is None or given.value is None:
        return cannot
    if KEY in bindings(owner):
        return Untouched(source.path, Reason.ALREADY_THERE, test.where)
    value, name, copied = given.value, KEY, [given.value]
    if isinstance(given, ast.AnnAssign):  # a field of pydantic's or of a dataclass, which only another field replaces
        name += f": {home.segment(home.span(given.annotation))}"
        copied.append(given.annotation)
    if not all(means_the_same(outline(home).scopes(one)[0], one, is_elsewhere=home.path != source.path) for one in copied):
        return cannot
    text = home.segment(home.span(value)).replace("\r\n", "\n")
    code = f"{name} = ({text})" if "\n" in text else f"{name} = {text}"
    first = owner.body[0]
    change: TreeChange
    if is_docstring(first):
        splice, change = layout.after(source, first, code, as_is=True), InsertAfter(source.span(first), code)
    else:
        found = layout.before(source, first, code, above_comment=True, as_is=True)
        if found is None:
            return cannot
        splice, change = found, InsertBefore(source.span(first), code)
    return Edit(source.path, "database_url", (splice,), (change,), test.where)


def class_named(source: Source, name: str) -> ast.ClassDef | None:
    """The class of a (dotted) name in a module."""
    block: list[ast.stmt] = source.tree.body
    found = None
    for part in name.split("."):
        classes = [node for statement in block for node in ast.walk(statement) if isinstance(node, ast.ClassDef)]
        found = next((node for node in classes if node.name == part), None)
        if found is None:
            return None
        block = found.body
    return found


def own_value(owner: ast.ClassDef | None) -> ast.Assign | ast.AnnAssign | None:
    """The statement with which a config class itself gives the database URI."""
    for statement in owner.body if owner else ():
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if isinstance(statement, ast.Assign | ast.AnnAssign) and any(getattr(one, "id", "") == KEY for one in targets):
            return statement
    return None


def means_the_same(scope: ast.AST, value: ast.expr, *, is_elsewhere: bool) -> bool:
    """Whether an attribute's value means the same in another class: it uses no name of its own class, nor of another module."""
    used = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    if is_elsewhere:
        return used <= BUILT_IN
    return not isinstance(scope, ast.ClassDef) or not used & set(bindings(scope))


def replacing(scheme: str, quote: str) -> str:
    """The method call that makes a URL of today of one that begins with `postgres://`; "" where no `scheme` is wanted."""
    return f".replace({quote}postgres://{quote}, {quote}{scheme}://{quote}, 1)" if scheme else ""


def replaces_scheme(function: Function | None) -> bool:
    """Whether a function puts `postgres://` right itself, in whatever it is given."""
    calls = [one for one in ast.walk(function) if isinstance(one, ast.Call)] if function else []
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr in ("replace", "sub")
        and any(isinstance(one, ast.Constant) and str(one.value).strip("^").startswith("postgres:") for one in call.args[:1])
        for call in calls
    )


def reads(node: ast.AST, variable: str) -> bool:
    """Whether a piece of code names the variable."""
    return any(isinstance(one, ast.Constant) and one.value == variable for one in ast.walk(node))


def quoted(source: Source, text: str, *near: ast.AST) -> str:
    """`text` as a string literal, in the quotes of the nearest code that has any, else in those that the file uses most."""
    counts = {"'": 0, '"': 0}
    for piece in near:
        for node in outside_f_strings(piece):
            found = quote_of(source, node)
            if found:
                return f"{found}{text}{found}"
    for node in outside_f_strings(source.tree):
        found = quote_of(source, node)
        if found:
            counts[found] += 1
    return f"'{text}'" if counts["'"] > counts['"'] else f'"{text}"'


def outside_f_strings(piece: ast.AST) -> Iterator[ast.AST]:
    """Every node of a piece of code but those inside of an f-string, whose quotes are those that are left to them."""
    waiting = deque([piece])
    while waiting:
        node = waiting.popleft()
        yield node
        waiting.extend(() if isinstance(node, ast.JoinedStr) else ast.iter_child_nodes(node))


def quote_of(source: Source, node: ast.AST) -> str:
    """The quote character of a string literal that is not triple-quoted; "" for anything else.

    One that holds the other kind of quote, as `f'{getenv("HOST")}'` does, says nothing of what the file prefers.
    """
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)) and not isinstance(node, ast.JoinedStr):
        return ""
    start = source.offset(node.lineno, node.col_offset)
    match = re.compile(rb"[a-zA-Z]{0,2}(\"\"\"|'''|\"|')").match(source.raw, start)
    found = match.group(1).decode() if match else ""
    text = source.raw[start : source.offset(node.end_lineno or 0, node.end_col_offset or 0)]
    is_free = len(found) == 1 and {"'": b'"', '"': b"'"}[found] not in text
    return found if is_free else ""
