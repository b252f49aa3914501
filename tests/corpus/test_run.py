"""The corpus runner tells a kept promise from a broken one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.corpus import run
from tests.corpus.checks import Failed, State, check_refused, check_untouched_data
from tests.end_to_end.tools import git, make_project, template_source

BEFORE = State({"app.py": "1"}, {"shop.db": "INSERT INTO t VALUES(1);"}, {"flask": "3.1.0"}, ())


def test_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One row for each checkout, whether it was retrofitted or refused; the checkouts themselves stay as they were."""
    make_project("single_module", tmp_path)
    make_project("two_apps", tmp_path, populate=False)

    status = run.main([str(tmp_path), "--template", str(template_source()), "--logs", str(tmp_path / "logs")])

    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[:2] for row in rows] == [["repository", "outcome"], ["single_module", "stamped"], ["two_apps", "refused:"]]
    assert status == 0
    assert not (tmp_path / "single_module" / "migrations").exists()
    assert "flask db current" in (tmp_path / "logs" / "single_module.log").read_text()


def test_project_in_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command is run in the folder that the notes name; lines are counted and files compared in the whole checkout."""
    make_project("single_module", tmp_path)
    checkout = tmp_path / "many"
    (checkout / "apps").mkdir(parents=True)
    (tmp_path / "single_module").rename(checkout / "apps" / "shop")
    (checkout / "apps" / "shop" / ".git").rename(checkout / ".git")
    git(checkout, "add", "--all", "--force")
    git(checkout, "commit", "--quiet", "-m", "moved")
    (tmp_path / "many.env").write_text("# folder: apps/shop\n")

    status = run.main([str(tmp_path), "--template", str(template_source()), "--logs", str(tmp_path / "logs")])

    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["many", "stamped"]
    assert status == 0


@pytest.mark.parametrize(
    "change",
    [
        {"files": {"app.py": "2"}},
        {"files": {"app.py": "1", "Makefile": "3"}},
        {"databases": {}},
        {"installed": {"flask": "3.1.0", "alembic": "1.13"}},
        {"stamps": ("a1",)},
    ],
    ids=["edited", "left behind", "database", "installed", "stamped"],
)
def test_a_refusal_that_changed_something(change: dict[str, object]) -> None:
    """Any trace that a refused run leaves is a failure."""
    assert check_refused(BEFORE, BEFORE, 1, "two-apps") == "refused: two-apps"
    with pytest.raises(Failed):
        check_refused(BEFORE, dataclasses.replace(BEFORE, **change), 1, "two-apps")  # type: ignore[arg-type]


def test_an_end_without_a_message() -> None:
    """A run that neither succeeds nor says why is a failure."""
    with pytest.raises(Failed):
        check_refused(BEFORE, BEFORE, 1, "")


def test_rows_and_versions_must_stay() -> None:
    """A retrofit may add distributions; it may not change one, nor a row."""
    check_untouched_data(BEFORE, dataclasses.replace(BEFORE, installed={"flask": "3.1.0", "alembic": "1.13"}))
    with pytest.raises(Failed):
        check_untouched_data(BEFORE, dataclasses.replace(BEFORE, installed={"flask": "3.1.1"}))
    with pytest.raises(Failed):
        check_untouched_data(BEFORE, dataclasses.replace(BEFORE, databases={"shop.db": ""}))
