"""Requirement files: the whole file before, the whole file after."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import Path

import pytest

from hooks.base.facts import Declaration, DeclarationForm
from hooks.base.formats.declared import Unreadable, read_entries
from hooks.edit.core.splice import Reason, Untouched
from hooks.edit.files.dependency_style import Package, rewritten, spelled
from hooks.edit.files.requirements import ByHand, Declared, declare, declare_all, targets

MIGRATE, DOTENV = Package("flask-migrate", "4.1.0"), Package("python-dotenv", "1.2.4")
BROUGHT = [
    Package("alembic", "1.17.2", is_direct=False, required_by=("flask-migrate",)),
    Package("mako", "1.3.10", is_direct=False, required_by=("alembic",)),
]
DIRECT = [MIGRATE, DOTENV]


def declaration(raw: bytes, form: DeclarationForm = DeclarationForm.REQUIREMENTS, path: str = "requirements.txt") -> Declaration:
    """The fact that detection makes of the file."""
    try:
        names = tuple(sorted({entry.key for entry in read_entries(form, raw)}))
    except Unreadable:
        names = ()
    return Declaration(path, form, 1, names)


def check(before: str | bytes, after: str | bytes, packages: list[Package] | None = None, **where: object) -> None:
    """The whole file `before` becomes the whole file `after`, and a second time nothing changes."""
    old, new = (one if isinstance(one, bytes) else one.encode() for one in (before, after))
    result = declare(old, declaration(old, **where), packages or DIRECT)  # type: ignore[arg-type]

    assert isinstance(result, bytes), result
    assert result.decode("utf-8", "replace") == new.decode("utf-8", "replace")
    assert result == new
    again = declare(result, declaration(result, **where), packages or DIRECT)  # type: ignore[arg-type]
    assert isinstance(again, Untouched)
    assert again.reason is Reason.ALREADY_DECLARED


EDITS = {
    "bare names, sorted": (
        "flask\nflask-sqlalchemy\n",
        "flask\nflask-migrate\nflask-sqlalchemy\npython-dotenv\n",
    ),
    "pins": (
        "Flask==1.1.2\nFlask-SQLAlchemy==2.4.4\ngunicorn==20.0.4\n",
        "Flask==1.1.2\nFlask-Migrate==4.1.0\nFlask-SQLAlchemy==2.4.4\ngunicorn==20.0.4\npython-dotenv==1.2.4\n",
    ),
    "unsorted": (
        "gunicorn==20.0.4\nFlask-SQLAlchemy==2.4.4\nFlask==1.1.2\n",
        "gunicorn==20.0.4\nFlask-SQLAlchemy==2.4.4\nFlask-Migrate==4.1.0\npython-dotenv==1.2.4\nFlask==1.1.2\n",
    ),
    "sorted, but for one that was added below": (
        "attrs\nblack\nclick\nFlask\nFlask-SQLAlchemy\ngunicorn\nidna\nyarl\nschedule\n",
        "attrs\nblack\nclick\nFlask\nFlask-Migrate\nFlask-SQLAlchemy\ngunicorn\nidna\npython-dotenv\nyarl\nschedule\n",
    ),
    "sorted by a tool, and then added to": (
        "attrs\nblack\nclick\nFlask\nFlask-SQLAlchemy\nidna\nJinja2\nWerkzeug\ngunicorn\npandas\nopenpyxl\n",
        "attrs\nblack\nclick\nFlask\nFlask-Migrate\nFlask-SQLAlchemy\nidna\nJinja2\npython-dotenv\nWerkzeug\ngunicorn\npandas\nopenpyxl\n",
    ),
    "sorted by a tool, and Flask-SQLAlchemy added": (
        "attrs\nblack\nclick\nFlask\nidna\nJinja2\nMarkupSafe\nWerkzeug\ngunicorn\nFlask-SQLAlchemy\n",
        "attrs\nblack\nclick\nFlask\nidna\nJinja2\nMarkupSafe\nWerkzeug\ngunicorn\nFlask-SQLAlchemy\nFlask-Migrate\npython-dotenv\n",
    ),
    "sorted by chance at the beginning": (
        "attrs\nblack\nclick\nFlask\nFlask-SQLAlchemy\nidna\nJinja2\ngunicorn\npandas\nopenpyxl\n",
        "attrs\nblack\nclick\nFlask\nFlask-SQLAlchemy\nFlask-Migrate\npython-dotenv\nidna\nJinja2\ngunicorn\npandas\nopenpyxl\n",
    ),
    "sorted, but for too many": (
        "attrs\nblack\nFlask\nFlask-SQLAlchemy\nidna\nyarl\nschedule\n",
        "attrs\nblack\nFlask\nFlask-SQLAlchemy\nFlask-Migrate\npython-dotenv\nidna\nyarl\nschedule\n",
    ),
    "underscores": (
        "flask\nrequests\nflask_sqlalchemy\n",
        "flask\nrequests\nflask_sqlalchemy\nflask_migrate\npython_dotenv\n",
    ),
    "compatible release": (
        "requests\nFlask~=2.0\nFlask-SQLAlchemy~=2.5\n",
        "requests\nFlask~=2.0\nFlask-SQLAlchemy~=2.5\nFlask-Migrate~=4.1\npython-dotenv~=1.2\n",
    ),
    "a range": (
        "Flask>=3.1,<4\nFlask-SQLAlchemy>=3.1,<4\nSQLAlchemy>=2.0,<3\npytest>=8\n",
        "Flask>=3.1,<4\nFlask-Migrate>=4.1.0,<5\nFlask-SQLAlchemy>=3.1,<4\nSQLAlchemy>=2.0,<3\npytest>=8\npython-dotenv>=1.2.4,<2\n",
    ),
    "spaces around the operator": (
        "wheel\nFlask == 2.0\nFlask-SQLAlchemy == 2.5\n",
        "wheel\nFlask == 2.0\nFlask-SQLAlchemy == 2.5\nFlask-Migrate == 4.1.0\npython-dotenv == 1.2.4\n",
    ),
    "only Flask": ("zope\nflask>=2\n", "zope\nflask>=2\nflask-migrate>=4.1.0\npython-dotenv>=1.2.4\n"),
    "only an extension of Flask": (
        "zope==5\nFlask-AppBuilder==4.0\n",
        "zope==5\nFlask-AppBuilder==4.0\nFlask-Migrate==4.1.0\npython-dotenv==1.2.4\n",
    ),
    "extras and comments": (
        "Flask[async]>=2  # web\nFlask-SQLAlchemy>=2.5  # database\nAlpaca\n",
        "Flask[async]>=2  # web\nFlask-SQLAlchemy>=2.5  # database\nFlask-Migrate>=4.1.0\npython-dotenv>=1.2.4\nAlpaca\n",
    ),
    "blocks, each sorted": (
        "# web\nFlask==2.0\nFlask-Login==0.5\nFlask-SQLAlchemy==2.5\n\n# tests\ncoverage\npytest\n",
        "# web\nFlask==2.0\nFlask-Login==0.5\nFlask-Migrate==4.1.0\nFlask-SQLAlchemy==2.5\npython-dotenv==1.2.4\n"
        "\n# tests\ncoverage\npytest\n",
    ),
    "a marker": (
        "wheel\nflask-sqlalchemy==2.5.1 ; python_version >= '3.7'\nflask==2.0\n",
        "wheel\nflask-sqlalchemy==2.5.1 ; python_version >= '3.7'\nflask-migrate==4.1.0 ; python_version >= '3.7'\n"
        "python-dotenv==1.2.4 ; python_version >= '3.7'\nflask==2.0\n",
    ),
    "one for each Python": (
        "zip\nflask-sqlalchemy==2.5.1; python_version < '3.7'\nflask-sqlalchemy==3.0; python_version >= '3.7'\n",
        "zip\nflask-sqlalchemy==2.5.1; python_version < '3.7'\nflask-sqlalchemy==3.0; python_version >= '3.7'\n"
        "flask-migrate\npython-dotenv\n",
    ),
    "from a repository, the others pinned": (
        "wheel==0.4\nFlask==2.0\nFlask-SQLAlchemy @ git+https://example.com/fsa.git@main\n",
        "wheel==0.4\nFlask==2.0\nFlask-SQLAlchemy @ git+https://example.com/fsa.git@main\nFlask-Migrate==4.1.0\npython-dotenv==1.2.4\n",
    ),
    "options and other files first": (
        "-i https://pypi.org/simple\n-r base.txt\n-e .\nFlask-SQLAlchemy\n./vendored\n",
        "-i https://pypi.org/simple\n-r base.txt\n-e .\nFlask-SQLAlchemy\nFlask-Migrate\npython-dotenv\n./vendored\n",
    ),
    "one is declared": ("flask\nflask-sqlalchemy\nPython.Dotenv\n", "flask\nflask-migrate\nflask-sqlalchemy\nPython.Dotenv\n"),
    "no final newline, in the middle": (
        "zip==1\nflask-sqlalchemy==2.5\nflask==2.0",
        "zip==1\nflask-sqlalchemy==2.5\nflask-migrate==4.1.0\npython-dotenv==1.2.4\nflask==2.0",
    ),
    "sorted as lines are": (
        "flask-sqlalchemy==2.5\nflask==2.0\n",
        "flask-migrate==4.1.0\nflask-sqlalchemy==2.5\nflask==2.0\npython-dotenv==1.2.4\n",
    ),
    "no final newline, at the end": ("zip\nflask-sqlalchemy", "zip\nflask-sqlalchemy\nflask-migrate\npython-dotenv"),
    "CRLF": ("zip\r\nflask-sqlalchemy\r\n", "zip\r\nflask-sqlalchemy\r\nflask-migrate\r\npython-dotenv\r\n"),
    "CRLF, no final newline": ("zip\r\nflask-sqlalchemy", "zip\r\nflask-sqlalchemy\r\nflask-migrate\r\npython-dotenv"),
    "not UTF-8": (
        b"# d\xe9pendances\nzip\nflask-sqlalchemy\n",
        b"# d\xe9pendances\nzip\nflask-sqlalchemy\nflask-migrate\npython-dotenv\n",
    ),
    "a byte-order mark": (
        codecs.BOM_UTF8 + b"flask\nflask-sqlalchemy\n",
        codecs.BOM_UTF8 + b"flask\nflask-migrate\nflask-sqlalchemy\npython-dotenv\n",
    ),
    "UTF-16, as PowerShell writes it": (
        codecs.BOM_UTF16_LE + "Flask==2.0\r\nFlask-SQLAlchemy==2.5\r\n".encode("utf-16-le"),
        codecs.BOM_UTF16_LE
        + "Flask==2.0\r\nFlask-Migrate==4.1.0\r\nFlask-SQLAlchemy==2.5\r\npython-dotenv==1.2.4\r\n".encode("utf-16-le"),
    ),
    "UTF-16 the other way round": (
        codecs.BOM_UTF16_BE + "flask\nflask-sqlalchemy".encode("utf-16-be"),
        codecs.BOM_UTF16_BE + "flask\nflask-migrate\nflask-sqlalchemy\npython-dotenv".encode("utf-16-be"),
    ),
}


@pytest.mark.parametrize("before, after", EDITS.values(), ids=EDITS.keys())
def test_requirements(before: str | bytes, after: str | bytes):
    """What is added looks like its neighbours and stands where a person would put it."""
    check(before, after, [*DIRECT, *BROUGHT])


def test_frozen_file_gets_all_that_came_along():
    """A file made by `pip freeze` lists everything, so it goes on to do so."""
    check(
        "click==8.1.8\nFlask==3.1.0\nFlask-SQLAlchemy==3.1.1\nitsdangerous==2.2.0\nJinja2==3.1.6\nMarkupSafe==3.0.2\nWerkzeug==3.1.3\n",
        "alembic==1.17.2\nclick==8.1.8\nFlask==3.1.0\nFlask-Migrate==4.1.0\nFlask-SQLAlchemy==3.1.1\nitsdangerous==2.2.0\n"
        "Jinja2==3.1.6\nMako==1.3.10\nMarkupSafe==3.0.2\npython-dotenv==1.2.4\nWerkzeug==3.1.3\n",
        [*DIRECT, *BROUGHT],
    )


COMPILED = """\
#
# This file is autogenerated by pip-compile with Python 3.11
# by the following command:
#
#    pip-compile requirements.in
#
click==8.1.8
    # via flask
flask==3.1.0
    # via
    #   -r requirements.in
    #   flask-sqlalchemy
flask-sqlalchemy==3.1.1
    # via -r requirements.in
sqlalchemy==2.0.36
    # via flask-sqlalchemy
"""


def test_compiled_file_says_why():
    """A compiled file gets pins with the comments that pip-compile would write."""
    check(
        COMPILED,
        COMPILED.replace("click==", "alembic==1.17.2\n    # via flask-migrate\nclick==")
        .replace("flask-sqlalchemy==", "flask-migrate==4.1.0\n    # via -r requirements.in\nflask-sqlalchemy==")
        .replace(
            "sqlalchemy==2.0",
            "mako==1.3.10\n    # via alembic\npython-dotenv==1.2.4\n    # via -r requirements.in\nsqlalchemy==2.0",
        ),
        [*DIRECT, *BROUGHT],
    )


def test_compiled_with_comments_on_the_line():
    """`--annotation-style line` stays."""
    head = "# This file is autogenerated by pip-compile\n"
    check(
        head + "click==8.1.8              # via flask\nflask-sqlalchemy==3.1.1   # via -r requirements.in\n",
        head + "alembic==1.17.2           # via flask-migrate\nclick==8.1.8              # via flask\n"
        "flask-migrate==4.1.0      # via -r requirements.in\nflask-sqlalchemy==3.1.1   # via -r requirements.in\n"
        "mako==1.3.10              # via alembic\npython-dotenv==1.2.4      # via -r requirements.in\n",
        [*DIRECT, *BROUGHT],
    )


def test_compiled_with_comments_that_are_not_aligned():
    """They follow after two spaces."""
    head = "# This file is autogenerated by pip-compile\n"
    check(
        head + "flask==3.0  # via -r requirements.in\nflask-sqlalchemy==3.1.1  # via -r requirements.in\n",
        head + "flask==3.0  # via -r requirements.in\nflask-migrate==4.1.0  # via -r requirements.in\n"
        "flask-sqlalchemy==3.1.1  # via -r requirements.in\npython-dotenv==1.2.4  # via -r requirements.in\n",
        DIRECT,
    )


HASHED = """\
flask==3.1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
flask-sqlalchemy==3.1.1 ; python_version >= "3.9" \\
    --hash=sha256:cc
"""


def test_hashes_are_written_where_lines_have_them():
    """With the hashes of what is installed, the file stays installable with --require-hashes."""
    packages = [
        Package("flask-migrate", "4.1.0", hashes=("sha256:11", "sha256:22")),
        Package("mako", "1.3.10", False, (), ("sha256:33",)),
    ]
    check(
        HASHED,
        HASHED.replace(
            "flask-sqlalchemy==",
            'flask-migrate==4.1.0 ; python_version >= "3.9" \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\nflask-sqlalchemy==',
        )
        + 'mako==1.3.10 ; python_version >= "3.9" \\\n    --hash=sha256:33\n',
        packages,
    )


def test_hashes_that_are_not_known_are_not_left_out():
    """A line without a hash would make pip refuse the whole file, so the file stays and its lines are handed on."""
    raw = HASHED.encode()

    result = declare(raw, declaration(raw), DIRECT)

    assert isinstance(result, ByHand)
    assert (result.reason, result.why) == (Reason.CANNOT_BE_EDITED_SAFELY, "its lines carry hashes")
    assert result.lines == "Flask-Migrate==4.1.0\npython-dotenv==1.2.4\n"


UNTOUCHED = {
    "declared": (b"flask-sqlalchemy\nFlask_Migrate>=2\npython-dotenv\n", Reason.ALREADY_DECLARED),
    "names neither": (b"django\n", Reason.CANNOT_BE_EDITED_SAFELY),
    "empty": (b"", Reason.CANNOT_BE_EDITED_SAFELY),
    "broken UTF-16": (codecs.BOM_UTF16_LE + b"f\x00l", Reason.CANNOT_BE_EDITED_SAFELY),
    "named in a comment": (b"# flask-sqlalchemy\n", Reason.CANNOT_BE_EDITED_SAFELY),
}


@pytest.mark.parametrize("raw, reason", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_requirements_left_alone(raw: bytes, reason: Reason):
    """Nothing changes, and the reason is told."""
    result = declare(raw, declaration(raw), DIRECT)

    assert isinstance(result, Untouched)
    assert result.reason is reason


def test_declared_in_an_included_file_is_declared():
    """What `-r base.txt` brings is not declared twice."""
    raw = b"-r base.txt\nzip\nflask-sqlalchemy\n"
    where = Declaration("requirements.txt", DeclarationForm.REQUIREMENTS, 3, ("flask-sqlalchemy",), ("flask-migrate",))

    assert declare(raw, where, DIRECT) == raw + b"python-dotenv\n"


@pytest.mark.parametrize(
    "specifier, version, expected",
    [
        ("==2.5.1", "4.1.0", "==4.1.0"),
        ("===2.5.1", "4.1.0", "===4.1.0"),
        ("==2.*", "4.1.0", "==4.*"),
        ("~=2.5", "4.1.0", "~=4.1"),
        ("~=2.5.1", "4.1.0", "~=4.1.0"),
        (">=2.5", "4.1.0", ">=4.1.0"),
        (">2.5", "4.1.0", ">=4.1.0"),
        (">=2.5, <3.0", "4.1.0", ">=4.1.0, <5.0"),
        ("<3,>=2.5", "4.1.0", ">=4.1.0"),
        ("<3", "4.1.0", ""),
        ("!=2.0", "4.1.0", ""),
        (" (>=3.1.1,<4.0.0)", "4.1.0", " (>=4.1.0,<5.0.0)"),
        ("^2.5", "4.1.0", "^4.1.0"),
        ("~2.5", "4.1.0", "~4.1"),
        ("2.5.1", "4.1.0", "4.1.0"),
        ("^2.5 || ^3.0", "4.1.0", ""),
        ("*", "4.1.0", "*"),
        ("", "4.1.0", ""),
    ],
)
def test_rewritten(specifier: str, version: str, expected: str):
    """The operator stays, the version is the installed one."""
    assert rewritten(specifier, version) == expected


@pytest.mark.parametrize(
    "like, expected",
    [
        ("Flask-SQLAlchemy", "Flask-Migrate"),
        ("flask-sqlalchemy", "flask-migrate"),
        ("flask_sqlalchemy", "flask_migrate"),
        ("flask-SQLAlchemy", "flask-migrate"),
        ("Flask_SQLAlchemy", "Flask_Migrate"),
        ("Flask", "Flask-Migrate"),
        ("FLASK-SQLALCHEMY", "FLASK-MIGRATE"),
    ],
)
def test_spelled(like: str, expected: str):
    """A name follows its neighbour's spelling."""
    assert spelled("flask-migrate", like) == expected


def test_only_files_that_name_flask_sqlalchemy_are_targets():
    """Requirements for tests or docs that name Flask alone stay as they are."""
    both = Declaration("requirements.txt", DeclarationForm.REQUIREMENTS, 1, ("flask", "flask-sqlalchemy"))
    setup = Declaration("setup.py", DeclarationForm.SETUP_PY, 9, ("flask", "flask-sqlalchemy"))
    tests = Declaration("requirements-test.txt", DeclarationForm.REQUIREMENTS, 1, ("flask",))

    assert targets([both, setup, tests]) == [both, setup]
    flask = Declaration("requirements.txt", DeclarationForm.REQUIREMENTS, 1, ("flask",))
    assert targets([flask, tests]) == [flask]
    assert targets([tests]) == [tests]


def test_declarations_near_the_application_are_targets():
    """In a tree of many applications, another one's requirements stay; requirements/ is for the folder above it."""
    paths = ["shop/requirements.txt", "shop/requirements/dev.txt", "admin/requirements.txt"]
    shop, dev, admin = (Declaration(path, DeclarationForm.REQUIREMENTS, 1, ("flask-sqlalchemy",)) for path in paths)
    above = Declaration("../requirements.txt", DeclarationForm.REQUIREMENTS, 1, ("flask-sqlalchemy",))

    assert targets([shop, dev, admin], "shop/app/models.py") == [shop, dev]
    assert targets([shop, dev, admin], "shopping/app.py") == [shop, dev, admin]
    assert targets([above], "app.py") == [above]


def test_declare_all(tmp_path: Path):
    """Each file that declares Flask-SQLAlchemy is changed in its own way; locks that no longer fit are named."""
    (tmp_path / "requirements.txt").write_text("flask-sqlalchemy==3.1.1\nzip==1\njinja2==3\nmarkupsafe==2\n")
    (tmp_path / "Pipfile").write_text('[packages]\nflask-sqlalchemy = "*"\n')
    (tmp_path / "Pipfile.lock").write_text("{}")
    declarations = [
        Declaration("requirements.txt", DeclarationForm.REQUIREMENTS, 1, ("flask-sqlalchemy",)),
        Declaration("Pipfile", DeclarationForm.PIPFILE, 2, ("flask-sqlalchemy",)),
    ]

    declared = declare_all(tmp_path, declarations, {"mako": "1.3.10", "flask-migrate": "4.1.0"})

    assert declared == Declared(
        changed=(
            (
                "requirements.txt",
                b"flask-sqlalchemy==3.1.1\nzip==1\njinja2==3\nmarkupsafe==2\n",
                b"flask-sqlalchemy==3.1.1\nflask-migrate==4.1.0\nmako==1.3.10\nzip==1\njinja2==3\nmarkupsafe==2\n",
            ),
            ("Pipfile", b'[packages]\nflask-sqlalchemy = "*"\n', b'[packages]\nflask-sqlalchemy = "*"\nflask-migrate = "*"\n'),
        ),
        stale_locks=(("Pipfile.lock", "pipenv lock"),),
    )
    assert (tmp_path / "Pipfile").read_text() == '[packages]\nflask-sqlalchemy = "*"\n'


def test_a_version_that_is_not_for_every_python(tmp_path: Path):
    """It is named in a frozen file only, which is for one Python."""
    listed, frozen = (
        "Flask==3.0.0\nFlask-SQLAlchemy==3.1.1\n",
        "flask==3.0.0\nflask-sqlalchemy==3.1.1\njinja2==3.1.2\nwerkzeug==3.0.1\n",
    )
    (tmp_path / "requirements.txt").write_text(listed)
    (tmp_path / "frozen.txt").write_text(frozen)
    form = DeclarationForm.REQUIREMENTS
    names = ("flask", "flask-sqlalchemy")
    declarations = [Declaration(path, form, 1, names) for path in ("requirements.txt", "frozen.txt")]

    declared = declare_all(
        tmp_path, declarations, {"Flask-Migrate": "4.1.0", "python-dotenv": "1.2.4"}, not_for_all={"python-dotenv"}
    )

    after = {path: content.decode() for path, _, content in declared.changed}
    assert after == {
        "requirements.txt": "Flask==3.0.0\nFlask-Migrate==4.1.0\nFlask-SQLAlchemy==3.1.1\npython-dotenv\n",
        "frozen.txt": "flask==3.0.0\nflask-migrate==4.1.0\nflask-sqlalchemy==3.1.1\njinja2==3.1.2\npython-dotenv==1.2.4\n"
        "werkzeug==3.0.1\n",
    }


def test_hashes_are_asked_for_once_and_only_if_needed(tmp_path: Path):
    """The index is asked when a file carries hashes, not else."""
    (tmp_path / "requirements.txt").write_text("flask-sqlalchemy==3.1.1 --hash=sha256:aa\n")
    (tmp_path / "plain.txt").write_text("flask-sqlalchemy==3.1.1\n")
    hashed, plain = (
        Declaration(path, DeclarationForm.REQUIREMENTS, 1, ("flask-sqlalchemy",)) for path in ("requirements.txt", "plain.txt")
    )
    asked = []

    def find_hashes(versions: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        asked.append(versions)
        return {name: (f"sha256:{name}",) for name in versions}

    new = {"flask-migrate": "4.1.0", "alembic": "1.17.2"}
    assert declare_all(tmp_path, [plain], new, find_hashes=find_hashes).changed[0][2] == (
        b"flask-sqlalchemy==3.1.1\nflask-migrate==4.1.0\n"
    )
    assert asked == []
    assert declare_all(tmp_path, [hashed, plain], new, find_hashes=find_hashes).changed[0][2] == (
        b"flask-sqlalchemy==3.1.1 --hash=sha256:aa\nflask-migrate==4.1.0 --hash=sha256:flask-migrate\n"
        b"alembic==1.17.2 --hash=sha256:alembic\n"
    )
    assert asked == [new]


def test_no_declaration_at_all(tmp_path: Path):
    """The line to add is told."""
    assert declare_all(tmp_path, [], {"flask-migrate": "4.1.0", "mako": "1"}).untouched == (
        ByHand("", Reason.NOT_FOUND, None, "no file declares Flask or Flask-SQLAlchemy", "Flask-Migrate\n"),
    )


def test_compiled_file_says_why_of_all_that_alembic_brings(tmp_path: Path):
    """typing-extensions and the like, which old projects do not have yet, are there for alembic."""
    (tmp_path / "requirements.txt").write_text(COMPILED)
    new = {"flask-migrate": "4.1.0", "alembic": "1.17.2", "mako": "1.3.10", "typing-extensions": "4.15.0"}

    ((_, _, after),) = declare_all(tmp_path, [declaration(COMPILED.encode())], new).changed

    assert "\nmako==1.3.10\n    # via alembic\n" in after.decode()
    assert after.decode().endswith("sqlalchemy==2.0.36\n    # via flask-sqlalchemy\ntyping-extensions==4.15.0\n    # via alembic\n")
