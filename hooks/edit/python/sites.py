"""The places to wire, looked up in the text: which statement it is, how it spells `db` and the application, and what can follow it.

db.init_app(app)                                   db: db              app: app
self.db = SQLAlchemy(self.app)                     db: self.db         app: self.app
for extension in (db, mail):                       db: db              app: app        (what follows comes after the loop)
    extension.init_app(app)
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from hooks.base.facts import Attachment, Database
from hooks.base.source import Source
from hooks.edit.core.names import bindings_seen
from hooks.edit.core.nodes import Function, dotted, is_plain, outline

COMPREHENSION = ast.ListComp | ast.SetComp | ast.GeneratorExp


@dataclass(frozen=True)
class Site:
    """An attachment with its statement `node`; `anchor` is what new code follows, `db` and `app` are expressions to write there.

    `problem`: new code cannot be put there safely. `keyword`: the application is passed by keyword alone.
    """

    source: Source
    attachment: Attachment
    node: ast.stmt
    anchor: ast.stmt
    db: str
    app: str
    problem: bool = False
    keyword: bool = False

    @property
    def is_global(self) -> bool:
        """Whether what is assigned there is a global of its module."""
        return outline(self.source).function(self.node) is None and "." not in self.db


def find_site(source: Source, attachment: Attachment, database: Database | None = None) -> Site:
    """Look an attachment up; `database` tells which element of a loop's list it is about.

    Raises:
        Unparsable: the file is not Python that can be parsed.
    """
    outlined = outline(source)
    node = outlined.statement(attachment.span)
    if node is None:
        raise LookupError(attachment)
    call = the_call(source, node, attachment)
    if call is None:
        return Site(source, attachment, node, node, attachment.db, attachment.app, problem=True)
    app, keyword = application(source, call, attachment)
    anchor: ast.stmt | None = node
    if attachment.is_direct:
        db = target(node, attachment.db)
    else:
        db = source.segment(source.span(call.func.value)) if isinstance(call.func, ast.Attribute) else attachment.db
        loop = loop_over(source, call, db.partition(".")[0])
        if loop is not None:
            anchor, elements = loop
            db = element(source, node, elements, attachment, database)
    problem = anchor is None or not is_plain_text(app) or not is_plain_text(db)
    if anchor is not None and anchor is not node and not problem:
        problem = bool(names_in(app) & bound_inside(anchor))
    return Site(source, attachment, node, anchor or node, db, app, problem, keyword)


def the_call(source: Source, node: ast.stmt, attachment: Attachment) -> ast.Call | None:
    """The attaching call, where the statement is it or a comprehension of it; None in a lambda, a `return`, a condition."""
    value = getattr(node, "value", None)
    if attachment.is_direct and isinstance(node, ast.Assign | ast.AnnAssign):
        values = value.elts if isinstance(value, ast.Tuple) else [value]
        calls = [one for one in values if isinstance(one, ast.Call)]
        same = [call for call in calls if any(source.segment(source.span(one)) == attachment.app for one in passed(call))]
        return next(iter(same if attachment.app else calls), None)
    if attachment.is_direct or not isinstance(node, ast.Expr | ast.Assign):
        return None
    if isinstance(value, COMPREHENSION):
        value = value.elt
    return value if isinstance(value, ast.Call) else None


def passed(call: ast.Call) -> list[ast.expr]:
    """The arguments of a call, those by keyword included."""
    return [*call.args, *(keyword.value for keyword in call.keywords)]


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
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    flat = [one for each in targets for one in (each.elts if isinstance(each, ast.Tuple) else [each])]
    names = [dotted(one) for one in flat if dotted(one)]
    same = [one for one in names if one == name or one.rpartition(".")[2] == name.rpartition(".")[2]]
    return next(iter([*same, *names]), "")


def is_plain_text(code: str) -> bool:
    """Whether an expression can be written a second time and mean the same."""
    try:
        return is_plain(ast.parse(code.strip(), mode="eval").body)
    except SyntaxError:
        return False


def names_in(code: str) -> set[str]:
    """The names that a plain expression reads."""
    return names_of(ast.parse(code.strip()))


def bound_inside(loop: ast.stmt) -> set[str]:
    """The names that a loop or comprehension goes through, which mean something else behind it."""
    loops = [node for node in ast.walk(loop) if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)]
    return {name for each in loops for name in names_of(each.target)}


def loop_over(source: Source, call: ast.Call, name: str) -> tuple[ast.stmt | None, ast.expr] | None:
    """The loop around a call whose variable is `name`, with what it goes through; None where `name` is no loop's variable.

    The loop is None where nothing can follow it: a comprehension inside an expression, several variables.
    """
    outlined = outline(source)
    for parent in outlined.above(call):
        if isinstance(parent, COMPREHENSION):
            for each in parent.generators:
                if dotted(each.target) == name:
                    statement = outlined.parents[parent]
                    return (statement if isinstance(statement, ast.Expr | ast.Assign) else None), each.iter
        if isinstance(parent, ast.For | ast.AsyncFor) and name in names_of(parent.target):
            return (parent if isinstance(parent.target, ast.Name) else None), parent.iter
        if isinstance(parent, Function | ast.Lambda):
            break
    return None


def names_of(node: ast.AST) -> set[str]:
    """The plain names in a piece of code."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def element(source: Source, node: ast.stmt, elements: ast.expr, attachment: Attachment, database: Database | None) -> str:
    """How the place of a loop spells the database: as its list does, else by the name that the file has it by; "" where neither."""
    name = (database.name if database else attachment.database.partition(":")[2]).rpartition(".")[2]
    if isinstance(elements, ast.List | ast.Tuple | ast.Set):
        spelled = [source.segment(source.span(one)) for one in elements.elts if dotted(one).rpartition(".")[2] == name]
        return spelled[0] if len(spelled) == 1 else ""
    return name if name and bindings_seen(outline(source), node, name) else ""


def serious(attachments: Sequence[Attachment]) -> list[Attachment]:
    """The attachments outside of tests and of `if __name__ == "__main__"`, where there are such."""
    serving = [place for place in attachments if not place.in_tests] or list(attachments)
    return [place for place in serving if not place.under_main] or serving


def without_repetitions(sites: Sequence[Site]) -> list[Site]:
    """The sites without those that an earlier or a later one makes superfluous: the same application in the same function.

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
