"""What is shown while a run goes on, and at its end."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest

from hooks.base.errors import NotAttached
from hooks.base.facts import Database
from hooks.base.location import Location, Span
from hooks.base.report import Report
from hooks.base.verified import VerifiedDatabase
from hooks.wording import ending
from hooks.wording.closing_rows import Outcome, summary

SHOP = VerifiedDatabase(database="sqlite:///x.db", dialect="SQLite 3.40.1", tables=1, existing="present", unclear=())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_step_shows_its_time_when_it_has_ended() -> None:
    """One line a step, with seconds and detail."""
    stream = io.StringIO()
    Report(stream=stream).step_done("detect", 0.125, "2 models in 7 files")

    assert stream.getvalue() == "  detect       0.12 s  2 models in 7 files\n"


def test_step_that_fails_shows_no_line() -> None:
    """A step that raised is not reported as done."""
    stream = io.StringIO()
    with pytest.raises(ZeroDivisionError), Report(stream=stream).step("plan"):
        raise ZeroDivisionError

    assert stream.getvalue() == ""


def test_progress_bar_in_a_terminal() -> None:
    """The bar is drawn over itself, and wiped before the next line."""
    stream = Terminal()
    report = Report(stream=stream)
    report.progress("upgrade", 10, 20)
    report.line("next")

    assert stream.getvalue() == "\r\033[K  upgrade    [###############               ] 10/20\r\033[Knext\n"


def test_step_that_runs_in_a_terminal() -> None:
    """It is shown as it begins; its line takes the place of that."""
    stream = Terminal()
    with Report(stream=stream).step("detect") as step:
        step.detail = "2 models"
        assert stream.getvalue() == "\r\033[K  detect     ..."

    assert re.fullmatch(r"\r\033\[K  detect     \.\.\.\r\033\[K  detect       \d\.\d\d s  2 models\n", stream.getvalue())


def test_no_progress_bar_without_a_terminal() -> None:
    """A log file gets no bar."""
    stream = io.StringIO()
    Report(stream=stream).progress("upgrade", 10, 20)

    assert stream.getvalue() == ""


def test_quiet_shows_rows_and_errors_only() -> None:
    """Copier's --quiet silences steps and the diff, not the result and not the reason to stop."""
    stream = io.StringIO()
    report = Report(quiet=True, stream=stream)
    report.step_done("detect", 0.1, "")
    report.diff("+ one")
    report.rows([("stamped", "shop at head")])
    ending.stopped(report, NotAttached(Database("m", "db", Location("m.py", 1, "db = SQLAlchemy()"), Span("m.py", 1, 0, 1, 17))))

    assert stream.getvalue().startswith("stamped    shop at head\n\nerror: db-not-attached\n")


def outcome(**changes: object) -> Outcome:
    given = {
        "app": "app:app",
        "databases": (SHOP,),
        "edited": (("app.py", "Flask-Migrate attached"),),
        "added": ((".flaskenv", "FLASK_APP=app"),),
        "installed": {"flask-migrate": "4.1.0", "alembic": "1.20.1"},
        "baseline": "1_baseline.py",
        "unverified": (),
        "stamped": {"": "abc"},
        "notes": (),
        **changes,
    }
    return Outcome(**given)  # type: ignore[arg-type]


COMMIT = "git add .copier-answers.yml .flaskenv app.py migrations && git commit"
NEXT = ("next", f"read migrations/README.md and the baseline, then commit:  {COMMIT}")


def test_summary_of_a_verified_and_stamped_database() -> None:
    """What was done, proven and stamped, each on its line."""
    assert summary(outcome()) == [
        ("edited", "app.py: Flask-Migrate attached"),
        ("added", ".flaskenv: FLASK_APP=app"),
        ("installed", "alembic 1.20.1, flask-migrate 4.1.0"),
        (
            "verified",
            "migrations/versions/1_baseline.py rebuilds the schema of the models and matches the existing database"
            " (1 table, SQLite 3.40.1)",
        ),
        ("stamped", "sqlite:///x.db at abc; nothing else in it was written"),
        NEXT,
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"offline": True}, "written"),
        ({"existing": "absent"}, "rebuilds the schema of the models (1 table"),
        ({"differences": ({},)}, "rebuilds the schema of the models (1 table"),
    ],
)
def test_summary_claims_nothing_that_was_skipped(changes: dict[str, Any], expected: str) -> None:
    """Without a server, a database or agreement, "verified ... matches" is not said."""
    rows = summary(outcome(databases=(replace(SHOP, **changes),), stamped={}, unverified=("why",)))
    words = "\n".join(f"{word} {sentence}" for word, sentence in rows)

    assert expected in words
    assert "matches the existing database" not in words
    assert "stamped" not in words
    assert ("unverified", "why") in rows


def test_summary_of_a_database_that_differs() -> None:
    """What differs, what each revision does about it, and what is left to decide."""
    lines = ("dangerous: ...", "  users.nickname   only in the database  VARCHAR(30)   shop/models.py:12", "    3 rows ...")
    held = ("users.nickname: 3 rows with a value in it",)
    database = replace(SHOP, is_reconciled=True, held=held, differences=({},), drift=lines)
    rows = summary(outcome(databases=(database,), second="2_reconcile.py"))

    assert rows[3:] == [
        *(("drift", line) for line in lines),
        ("verified", "migrations/versions/1_baseline.py rebuilds the existing database as it is (SQLite 3.40.1)"),
        (
            "verified",
            "migrations/versions/2_reconcile.py carries it to the models with all of its lines;"
            " some are commented out, for you to decide:",
        ),
        ("decide", "users.nickname: 3 rows with a value in it"),
        ("stamped", "sqlite:///x.db at abc; nothing else in it was written"),
        ("next", "read migrations/versions/2_reconcile.py, then carry it out:  flask db upgrade"),
        NEXT,
    ]


def test_summary_of_a_database_with_more_than_tables() -> None:
    """What no revision makes is listed after the tables of others."""
    lines = ("1 trigger: touch on users   SHOW CREATE TRIGGER `touch`",)

    rows = summary(outcome(databases=(replace(SHOP, unmanaged_lines=("legacy",), unbuilt_lines=lines),)))

    assert rows[5:] == [("unmanaged", "legacy"), ("unbuilt", lines[0]), NEXT]


def test_summary_of_a_database_with_tables_of_others() -> None:
    """They are listed with their rows and who probably made them."""
    lines = ("apscheduler_jobs   12 rows   APScheduler", "legacy              1 row   unknown")

    rows = summary(outcome(databases=(replace(SHOP, unmanaged=({}, {}), unmanaged_lines=lines),)))

    assert rows[4:] == [
        ("stamped", "sqlite:///x.db at abc; nothing else in it was written"),
        *(("unmanaged", line) for line in lines),
        NEXT,
    ]
