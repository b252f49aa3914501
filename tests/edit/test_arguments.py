"""What a caller passes comes first: a test's own database is never replaced by the one that a variable names."""

from __future__ import annotations

import pytest

from hooks.edit.core.splice import Reason
from tests.edit.test_database_url import follow
from tests.edit.tools import check_edit, check_untouched

FACTORY = """\
import os

def create_app({parameters}):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = {value}
"""

EDITED = {
    "behind an argument": (
        "db_url=None",
        'db_url or "sqlite:///shop.db"',
        'db_url or os.environ.get("DATABASE_URL", "sqlite:///shop.db")',
    ),
    "behind an argument, computed": (
        "db_url=None",
        'db_url or os.environ.get("DB") or "sqlite:///shop.db"',
        'db_url or os.environ.get("DATABASE_URL") or os.environ.get("DB") or "sqlite:///shop.db"',
    ),
    "the branch without the argument": (
        "db_url=None",
        'db_url if db_url else "sqlite:///shop.db"',
        'db_url if db_url else os.environ.get("DATABASE_URL", "sqlite:///shop.db")',
    ),
    "the default of what is asked for": (
        "config",
        'config.get("URI", "sqlite:///shop.db")',
        'config.get("URI", os.environ.get("DATABASE_URL", "sqlite:///shop.db"))',
    ),
    "the application is an argument": (
        "app",
        '"sqlite:///" + os.path.join(app.root_path, "shop.db")',
        'os.environ.get("DATABASE_URL") or "sqlite:///" + os.path.join(app.root_path, "shop.db")',
    ),
}


@pytest.mark.parametrize(("parameters", "before", "after"), EDITED.values(), ids=EDITED)
def test_own_part(parameters: str, before: str, after: str) -> None:
    """The variable comes before the project's own value, and behind what the caller passes."""
    check_edit(follow, FACTORY.format(parameters=parameters, value=before), FACTORY.format(parameters=parameters, value=after))


def test_default_of_a_parameter() -> None:
    """The default is the project's own value."""
    check_edit(
        follow,
        FACTORY.format(parameters='name, db_url="sqlite:///shop.db"', value="db_url"),
        FACTORY.format(parameters='name, db_url=os.environ.get("DATABASE_URL", "sqlite:///shop.db")', value="db_url"),
    )


SETUP = """\
import os

{before}
def setup_db(app, database_path={default}):
    app.config["SQLALCHEMY_DATABASE_URI"] = database_path
{after}"""


@pytest.mark.parametrize(
    ("value", "edited"),
    [
        pytest.param('"postgresql:///shop"', 'os.environ.get("DATABASE_URL", "postgresql:///shop")', id="text"),
        pytest.param(
            '"postgresql://{}/{}".format(host, "shop")',
            'os.environ.get("DATABASE_URL") or "postgresql://{}/{}".format(host, "shop")',
            id="computed",
        ),
    ],
)
@pytest.mark.parametrize("name", ["database_path", "PATH"])
def test_constant_that_is_only_a_default(name: str, value: str, edited: str) -> None:
    """Where nothing else uses it, the constant follows the variable; a parameter of the same name is another name."""
    rest = {"default": name, "after": ""}
    check_edit(follow, SETUP.format(before=f"{name} = {value}", **rest), SETUP.format(before=f"{name} = {edited}", **rest))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('database_path = "sqlite://"', "engine = create_engine(database_path)\n", id="used elsewhere"),
        pytest.param('database_path = "sqlite://"', "def engine():\n    return create_engine(database_path)\n", id="in a function"),
        pytest.param('database_path = "sqlite://"\ndatabase_path = "sqlite:///shop.db"', "", id="given twice"),
        pytest.param('if DEBUG:\n    database_path = "sqlite://"', "", id="given in a block"),
        pytest.param("from config import database_path", "", id="imported"),
        pytest.param('database_path = other = "sqlite://"', "", id="two names"),
    ],
)
def test_constant_that_is_more_than_a_default(before: str, after: str) -> None:
    """The default itself follows the variable, and the constant stays as it is."""
    get = 'os.environ.get("DATABASE_URL") or database_path'
    rest = {"before": before, "after": after}
    check_edit(follow, SETUP.format(default="database_path", **rest), SETUP.format(default=get, **rest))


def test_constant_that_follows_already() -> None:
    """A default that is a constant read from the variable needs nothing."""
    text = SETUP.format(before='database_path = os.environ["DATABASE_URL"]', default="database_path", after="")
    check_untouched(follow, text, reason=Reason.ALREADY_FOLLOWS)


@pytest.mark.parametrize(
    ("parameters", "value"),
    [
        ("db_url", "db_url"),
        ("db_url=None", "db_url"),
        ("name", '"sqlite:///" + name'),
        ("config", "config.URI"),
        ("a, b", "a or b"),
        ("a", "X or a"),
        ("db_url='x'", "(db_url := db_url + 'y')"),
        ("config", "config.get('URI')"),
    ],
)
def test_caller_decides(parameters: str, value: str) -> None:
    """Nothing of the project's own is in it."""
    check_untouched(follow, FACTORY.format(parameters=parameters, value=value), Reason.CALLER_DECIDES)
