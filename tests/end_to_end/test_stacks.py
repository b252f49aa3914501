"""The whole path on each stack, Python 3.7 with Flask 0.12 to the newest of everything: the run, and what a team does after it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import uv

from tests.end_to_end import stacks
from tests.end_to_end.stacks import STACKS, Environment, find_python, make_environment, require_python
from tests.end_to_end.tools import PROJECTS, Result, commit_all, heads, point_at, rows, run, run_copier, stamped_at, tree_bytes
from tests.servers import new_database

COLUMN = "    summary = db.Column(db.Text)\n"
NEW_COLUMN = '    publisher = db.Column(db.String(80), nullable=False, server_default="unknown", index=True)\n'
# MariaDB has none of these.
EXPRESSION_INDEX = '\ndb.Index("ix_author_lower_name", db.func.lower(Author.name))\n'


@dataclass(frozen=True)
class Team:
    """A copy of tests/projects/old_style, and who works on it: in `environment`, activated; `flask_app` is their FLASK_APP."""

    root: Path
    environment: Environment
    flask_app: str = ""

    def run(self, *command: str, database_url: str = "", status: int = 0) -> Result:
        """Run a command that must end with `status`."""
        more = {"FLASK_APP": self.flask_app, "DATABASE_URL": database_url}
        env = {**self.environment.activated, **{name: value for name, value in more.items() if value}}
        result = run(*command, cwd=self.root, env=env)
        assert result.returncode == status, f"{' '.join(command)}\n{result.output}"
        return result


def make_team(environment: Environment, root: Path, database_url: str) -> Team:
    """The code as it was, written for a database that its own command has made and filled."""
    shutil.copytree(PROJECTS / "old_style", root, ignore=shutil.ignore_patterns("__pycache__", "instance", "*.db"))
    point_at(root, database_url)
    if not database_url.startswith("mysql"):
        models = root / "library" / "models.py"
        models.write_text(models.read_text(encoding="utf-8") + EXPRESSION_INDEX, encoding="utf-8")
    commit_all(root)
    team = Team(root, environment, "run.py")
    team.run("flask", "seed")
    return team


def flask_app_to_export(result: Result) -> str:
    """What the run says that FLASK_APP must be, where the project's Flask does not read it from a file."""
    found = re.search(r"export FLASK_APP=(\S+)", result.output)
    return found[1] if found else ""


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.parametrize(("name", "dialect"), [(name, dialect) for name, stack in STACKS.items() for dialect in stack.dialects])
def test_the_whole_path(name: str, dialect: str, tmp_path: Path) -> None:
    """The database is stamped and its rows are the same; next migrations, new databases and databases of others work."""
    databases = [new_database(dialect, tmp_path) for _ in range(3)]
    with databases[0] as url, databases[1] as other_url, databases[2] as empty_url:
        environment = make_environment(STACKS[name], dialect, tmp_path / "environment")
        before_run = make_team(environment, tmp_path / "project", url)
        make_team(environment, tmp_path / "elsewhere", other_url)
        installed, before, before_elsewhere = environment.installed(), rows(url), rows(other_url)

        result = run_copier(before_run.root, f"python={environment.python}", env={"UV": uv.find_uv_bin()})

        assert result.returncode == 0, result.output
        team = replace(before_run, flask_app=flask_app_to_export(result))
        assert bool(team.flask_app) == (name == "flask-0.12") != (team.root / ".flaskenv").exists()
        assert {one: environment.installed().get(one) for one in installed} == installed
        (baseline,) = heads(team.root)
        assert (stamped_at(url), rows(url)) == ([baseline], before)
        check_commands(team, baseline)
        check_second_run(team, url)
        check_adoption(team, other_url, baseline)
        assert rows(other_url) == before_elsewhere
        check_next_migration(team, url, baseline)
        assert rows_without_new_column(url, before) == before
        check_empty_database(team, empty_url)


def check_commands(team: Team, revision: str) -> None:
    """Plain `flask db`, Alembic's own command, and every target that writes nothing."""
    assert f"{revision} (head)" in team.run("flask", "db", "current").stdout
    assert f"{revision} (head)" in team.run("alembic", "-c", "migrations/alembic.ini", "current").stdout
    team.run("alembic", "-c", "migrations/alembic.ini", "upgrade", "head")
    if has_flask_db_check(team.environment):
        team.run("flask", "db", "check")
    assert f"is at {revision} (head), and its schema matches" in team.run("make", "db-status").stdout
    assert "from nothing builds what the models say" in team.run("make", "db-check").stdout
    assert revision in team.run("make", "db-history").stdout


def has_flask_db_check(environment: Environment) -> bool:
    """Flask-Migrate 4 has the command, which is Alembic 1.9's."""
    command = "import alembic.command, flask_migrate; alembic.command.check, flask_migrate.check"
    return run(environment.python, "-c", command, cwd=environment.folder).returncode == 0


def check_second_run(team: Team, url: str) -> None:
    """The same command again changes no file, no row and no package."""
    commit_all(team.root)
    before = tree_bytes(team.root), rows(url), team.environment.installed()

    again = run_copier(team.root, f"python={team.environment.python}")

    assert again.returncode == 0, again.output
    assert (tree_bytes(team.root), rows(url), team.environment.installed()) == before


def check_adoption(team: Team, url: str, revision: str) -> None:
    """A database that the old code made elsewhere: nothing is written to it until it is verified and stamped."""
    assert team.run("python", "-m", "migrations.adopt", "status", database_url=url, status=3).stdout.startswith("unstamped ")
    assert stamped_at(url) == []
    assert f"stamped   {revision}" in team.run("python", "-m", "migrations.adopt", database_url=url).stdout
    assert stamped_at(url) == [revision]
    assert "stamped with" in team.run("make", "db-adopt", database_url=url).stdout
    team.run("python", "-m", "migrations.adopt", "status", database_url=url)
    team.run("python", "-m", "migrations.adopt", "check", database_url=url)


def check_next_migration(team: Team, url: str, baseline: str) -> None:
    """A new column with an index becomes a revision of nothing else, which a formatter has had and goes up, down and up again."""
    models = team.root / "library" / "models.py"
    models.write_text(models.read_text(encoding="utf-8").replace(COLUMN, COLUMN + NEW_COLUMN), encoding="utf-8")
    assert "models-differ" in team.run("make", "db-check", status=2).stderr
    with (team.root / "migrations" / "project.ini").open("a", encoding="utf-8") as file:
        file.write("\n[format]\nrun =\n    tabnanny\n")  # of the standard library; it has nothing to say

    said = team.run("flask", "db", "migrate", "-m", "publisher").output

    assert "post write hook" in said
    team.run("flask", "db", "upgrade")
    (path,) = (team.root / "migrations" / "versions").glob("*publisher.py")
    upgrade, downgrade = path.read_text(encoding="utf-8").partition("def downgrade")[::2]
    assert (upgrade.count("batch_op."), downgrade.count("batch_op.")) == (3, 3), upgrade + downgrade
    team.run("python", "-m", "migrations.adopt", "check", "--down", "0")
    team.run("make", "db-downgrade")
    assert stamped_at(url) == [baseline]
    team.run("make", "db-upgrade")
    # Old versions of Alembic lose CHECK constraints where SQLite builds a table anew, which the way back would tell.
    check = team.run("python", "-m", "migrations.adopt", "check", "--down", "0")
    assert "2 revisions from nothing build what the models say" in check.stdout


def rows_without_new_column(url: str, before: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """The rows as far as they are as wide as before; a new column is the last one of its table."""
    return {table: [row[: len(before[table][0])] for row in found] for table, found in rows(url).items()}


def check_empty_database(team: Team, url: str) -> None:
    """Both revisions build it, and a migration without changes is none."""
    team.run("make", "db-upgrade", database_url=url)
    team.run("make", "db-migrate", "m=nothing", database_url=url)
    assert not list((team.root / "migrations" / "versions").glob("*nothing.py"))


def test_missing_python_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop without an old Python skips its stacks, where REQUIRE_PYTHONS=1 makes that a failure."""
    monkeypatch.setattr(stacks, "find_python", lambda version: None)
    monkeypatch.delenv("REQUIRE_PYTHONS", raising=False)

    with pytest.raises(pytest.skip.Exception, match=r"no Python 3\.7"):
        require_python("3.7")
    monkeypatch.setenv("REQUIRE_PYTHONS", "1")
    with pytest.raises(pytest.fail.Exception, match="pyenv install"):
        require_python("3.7")
    with pytest.raises(pytest.skip.Exception, match=r"no Python 3\.14"):
        require_python("3.14", is_optional=True)


def test_python_is_found_only_if_it_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program of that name which does not run, as pyenv's shims may be, is not taken."""
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert find_python("3.99") is None
