"""Give the Flask object inside a wrapper a name of its own, for `flask` takes nothing else.

Before:  connex_app = connexion.App(__name__)
After:   connex_app = connexion.App(__name__)
         flask_app = connex_app.app

`flask --app module:name` takes a Flask object or a factory, no attribute of something: https://flask.palletsprojects.com/en/stable/cli/
"""

from __future__ import annotations

import ast

from hooks.base.facts import App
from hooks.base.source import Source
from hooks.edit.core.splice import Edit, Reason, Splice, Untouched
from hooks.edit.core.tree_changes import InsertAfter
from hooks.planning.flask_app import NAME


def expose(source: Source, app: App) -> Edit | Untouched:
    """Bind the Flask object of a WRAPPED `app` to `flask_app`, right after the statement that makes the wrapper."""
    taken = {node.id for node in ast.walk(source.tree) if isinstance(node, ast.Name)}
    for node in source.tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        if any(isinstance(target, ast.Name) and target.id == app.name for target in targets):
            line_end = source.line_end(node.end_lineno or node.lineno)
            rest = source.raw[source.offset(node.end_lineno or node.lineno, node.end_col_offset or 0) : line_end].strip()
            if NAME in taken or (rest and not rest.startswith(b"#")):
                break
            code = f"{NAME} = {app.name}.{app.inner}"
            lead = "" if source.raw[:line_end].endswith((b"\n", b"\r")) else source.newline
            tail = source.newline if not lead else ""
            splice = Splice(line_end, line_end, lead + code + tail)
            return Edit(source.path, "flask_object", (splice,), (InsertAfter(source.span(node), code),), app.where)
    return Untouched(source.path, Reason.CANNOT_BE_EDITED_SAFELY, app.where)
