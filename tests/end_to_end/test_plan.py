"""`-d mode=plan` shows what a run would do and leaves nothing of itself; `-d report=` tells a run as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.dumps import dump
from tests.end_to_end.tools import Project, commit_all, git, make_project, run_copier, said, said_in_the_end, tree_bytes
from tests.servers import execute

PLANNED = "This was a plan: every file is as it was, and nothing was written to a database."


def everything(project: Project) -> object:
    """All files, what git says of them, and the dumps of the databases."""
    dumps = [dump(url) for url in project.databases]
    return tree_bytes(project.root), git(project.root, "status", "--porcelain", "--ignored"), dumps


def without_ids(text: str) -> str:
    """A diff without what is another one in every run: revisions and their times."""
    text = re.sub(r"(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])", "<revision>", text)
    return re.sub(r"\d{4}[-_]\d\d[-_]\d\d( \d\d:\d\d(:\d\d(\.\d+)?)?)?", "<date>", text)


def test_a_plan_of_a_retrofit(tmp_path: Path) -> None:
    """The tree and the database are the same to the byte, and the diff is the one of the run that follows."""
    project = make_project("shop_factory", tmp_path)
    before = everything(project)

    planned = run_copier(project, "mode=plan")

    assert planned.returncode == 0, planned.output
    assert everything(project) == before
    rows = said(planned)[said(planned).rindex("\n\n") :].strip().splitlines()
    words = [line.split()[0] for line in rows]
    assert words == [*["edit"] * 5, *["add"] * 3, "verified", "verified", "stamp", "note", "deploy", "next", "This"]
    assert rows[-2:] == ["next       to do it, run the command again without -d mode=plan", PLANNED]
    done = run_copier(project)
    assert done.returncode == 0, done.output
    git(project.root, "add", "-A", "--intent-to-add")
    paths = re.findall(r"^diff --git a/(\S+)", said(planned), re.M)
    revision = next(path for path in paths if path.startswith("migrations/versions/"))
    paths[paths.index(revision)] = next(
        path.relative_to(project.root).as_posix() for path in (project.root / "migrations/versions").glob("*.py")
    )
    now = "".join(re.sub(r"^index .*\n", "", git(project.root, "diff", "--no-color", "--", path), flags=re.M) for path in paths)
    changed = [line for line in without_ids(now).splitlines() if line.startswith(("+", "-"))]
    shown = [line for line in without_ids(said(planned)).splitlines() if line.startswith(("+", "-"))]
    assert [line for line in shown if line not in changed] == []
    assert len(shown) == len(changed)


def test_a_plan_of_a_take_over(tmp_path: Path) -> None:
    """The files that `flask db init` has made are the same afterwards."""
    project = make_project("set_up_by_hand", tmp_path)
    before = everything(project)

    planned = run_copier(project, "mode=plan")

    assert planned.returncode == 0, planned.output
    assert everything(project) == before
    assert "\nreplace    migrations/env.py" in said(planned)
    assert said(planned).rstrip().endswith(PLANNED)


def test_a_plan_for_a_database_that_differs(tmp_path: Path) -> None:
    """With on_drift=stop, the rows say how the run would end."""
    project = make_project("single_module", tmp_path)
    execute(project.database_url, "ALTER TABLE note ADD COLUMN shelf VARCHAR(20)")
    before = everything(project)

    planned = run_copier(project, "mode=plan", "on_drift=stop")

    assert planned.returncode == 0, planned.output
    assert everything(project) == before
    assert "the run would end there with database-differs, and keep its files" in said(planned)
    assert "\nstamp " not in said(planned)


def test_a_plan_that_is_refused(tmp_path: Path) -> None:
    """What would stop the run stops its plan, in the same words."""
    project = make_project("two_apps", tmp_path)

    planned, refused = run_copier(project, "mode=plan"), run_copier(project)

    assert (planned.returncode, refused.returncode) == (1, 1)
    assert said_in_the_end(project, planned) == said_in_the_end(project, refused)


def reported(project: Project, *data: str, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The report of a run on standard output."""
    result = run_copier(project, "report=-", *data, options=("--quiet",), env=env)
    document: dict[str, Any] = json.loads(result.stdout)
    assert document["exit_status"] == result.returncode
    return document


def test_reports_as_json(tmp_path: Path) -> None:
    """A plan, the run, and a second run; each says what it was, and the same of files and databases where it is the same."""
    project = make_project("shop_factory", tmp_path)

    planned, done, again = reported(project, "mode=plan"), reported(project), reported(project)

    assert [one["result"] for one in (planned, done, again)] == ["planned", "done", "set-up"]
    assert planned["files"]["edited"] == done["files"]["edited"] == sorted(git(project.root, "diff", "--name-only").split())
    untracked = git(project.root, "ls-files", "--others", "--exclude-standard").split()
    assert done["files"]["added"] == sorted(untracked)
    (before,), (after,) = planned["databases"], done["databases"]
    assert (before["stamped"], after["stamped"], after["verified"]) == (False, True, True)
    assert (after["tables"], after["url"], after["unclear"]) == (11, project.database_url, [])
    assert [row["code"] for row in done["rows"]][-2:] == ["deploy", "next"]
    assert {"detect", "load", "baseline", "write"} <= {step["name"] for step in done["steps"]}
    assert (again["files"], again["databases"], again["error"]) == ({"edited": [], "added": []}, [], None)


def test_report_of_a_refusal(tmp_path: Path) -> None:
    """The error has its code and its whole text; the file is where it was asked for, and the tree has nothing else."""
    project = make_project("two_apps", tmp_path)

    result = run_copier(project, f"report={tmp_path / 'report.json'}")

    document = json.loads((tmp_path / "report.json").read_text())
    assert (result.returncode, document["result"], document["exit_status"]) == (1, "refused", 1)
    assert document["error"]["code"] == "two-apps"
    assert document["error"]["text"] in said(result)
    assert git(project.root, "status", "--porcelain") == ""


def test_a_report_has_no_password(tmp_path: Path) -> None:
    """A secret is masked as on the screen, also one that JSON writes in other characters."""
    project = make_project("single_module", tmp_path)
    code = (project.root / "app.py").read_text()
    (project.root / "app.py").write_text(code + '\nimport os\nraise RuntimeError("cannot log in: " + os.environ["DB_PASSWORD"])\n')
    commit_all(project.root)

    document = json.dumps(reported(project, env={"DB_PASSWORD": 'pa"ss\\word-17'}))

    assert "cannot log in: ***" in document
    assert "word-17" not in document


def test_a_report_that_has_no_place(tmp_path: Path) -> None:
    """It is said before anything is done."""
    project = make_project("single_module", tmp_path)
    before = everything(project)

    result = run_copier(project, "report=nowhere/report.json")

    assert result.returncode == 1
    assert said(result).startswith("error: report-refused\n")
    assert everything(project) == before
