"""The Flask object inside a connexion or Dash application gets a name that `flask` can take."""

from __future__ import annotations

from hooks.base.facts import App, AppKind
from hooks.base.location import Location
from hooks.base.source import Source
from hooks.edit.core.changed_files import changed_files
from hooks.edit.core.splice import Edit, Reason, Untouched
from hooks.edit.python import flask_object

APP = App("config", "vuln_app", AppKind.WRAPPED, Location("config.py", 3), inner="app")


def exposed(text: str) -> str:
    """The whole file after the edit."""
    source = Source("config.py", text.encode())
    edit = flask_object.expose(source, APP)
    assert isinstance(edit, Edit), edit
    return changed_files({"config.py": source}, [edit])["config.py"].decode()


def test_after_a_call_over_several_lines() -> None:
    """The name follows the whole statement."""
    before = "import connexion\n\nvuln_app = connexion.App(\n    __name__,\n)  # the API\nvuln_app.add_api('x')\n"
    after = before.replace("# the API\n", "# the API\nflask_app = vuln_app.app\n")

    assert exposed(before) == after


def test_crlf_and_no_final_newline() -> None:
    """Line ends stay as they were."""
    assert exposed("import connexion\r\nvuln_app = connexion.App(__name__)") == (
        "import connexion\r\nvuln_app = connexion.App(__name__)\r\nflask_app = vuln_app.app"
    )


def test_taken_name_is_left_alone() -> None:
    """A module that uses `flask_app` for something else is not edited."""
    source = Source("config.py", b"flask_app = 1\nvuln_app = connexion.App(__name__)\n")

    assert flask_object.expose(source, APP) == Untouched("config.py", Reason.CANNOT_BE_EDITED_SAFELY, APP.where)


def test_two_statements_on_one_line_are_left_alone() -> None:
    """A name cannot be put between them."""
    source = Source("config.py", b"vuln_app = connexion.App(__name__); vuln_app.x = 1\n")

    assert isinstance(flask_object.expose(source, APP), Untouched)
