"""Every command, option and sample output in README.md and docs/ is compared with the real thing.

A block after `<!-- output: shape -->` is what a run on that sample project says, one after `<!-- diff: shape -->` what it does to
tracked files.
UPDATE_EXPECTED=1 writes those blocks anew, and the picture of the first.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml
from flask_migrate.cli import db as flask_db
from jinja2 import Template

from tests import picture
from tests.end_to_end.tools import Project, Result, git, heads, make_project, run_copier, said
from tests.template.conftest import put_migrations

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
BLOCK = re.compile(r"<!-- (output|diff): (\w+) -->\n```\w*\n(.*?)```", re.S)


def text(path: Path | None = None) -> str:
    """What one page says, or all of them."""
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES if path in (None, page))


def commands() -> list[str]:
    """The indented lines outside of samples, which are the commands."""
    prose = re.sub(r"^```.*?^```$", "", text(), flags=re.S | re.M)
    return sorted(set(re.findall(r"^    ((?:uvx|pipx|copier|make|python|flask|git|pip) .*)", prose, re.M)))


@cache
def help_of(*command: str) -> str:
    """What a program says about its options."""
    return subprocess.run([sys.executable, "-m", *command, "--help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_every_command_is_known():
    """The pages show commands of four kinds, each with its test here, and one of sqlacodegen, whose whole page has one."""
    kinds = re.compile(
        r"(uvx |pipx run )?copier (copy|update) |make [\w-]+( m=\"[^\"]+\")?$|python -m migrations\.adopt\b"
        r"|uvx --with \S+ sqlacodegen "
    )

    assert commands()
    assert [command for command in commands() if not kinds.match(command)] == []


@pytest.mark.parametrize("command", [command for command in commands() if "copier " in command])
def test_copier_commands(command: str):
    """Copier has each subcommand and each option that is shown."""
    subcommand, *words = command.partition("copier ")[2].split()

    assert all(word in help_of("copier", subcommand) for word in words if word.startswith("-"))


def test_make_targets():
    """Each `make` target exists: here, or for db-..., in the file that a project gets."""
    named = set(re.findall(r"(?:`|^    )make ([\w-]+)", text(), re.M))
    here = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
    theirs = set(re.findall(r"^([\w-]+):", (ROOT / "template/migrations/db.mk").read_text(), re.M))

    assert named
    assert {name for name in named if not name.startswith("db-")} <= here
    assert {name for name in named if name.startswith("db-")} <= theirs


@pytest.mark.parametrize("command", [command for command in commands() if "migrations.adopt" in command])
def test_adopt_commands(command: str, tmp_path: Path):
    """`python -m migrations.adopt` has each command and each option that is shown."""
    words = command.partition("migrations.adopt")[2].split()
    put_migrations(tmp_path)
    described = subprocess.run(
        [sys.executable, "-m", "migrations.adopt", "--help"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout

    assert [word for word in words if word.startswith("-") and word not in described] == []
    assert [word for word in words if word.isalpha() and not re.search(rf"\b{word}\b", described)] == []


def test_flask_commands():
    """Each `flask db` command exists."""
    named = set(re.findall(r"flask db (\w+)", text()))

    assert named
    assert named <= set(flask_db.commands)


def test_questions():
    """The table of questions has the names and defaults of copier.yml, in its order."""
    found = re.findall(r"^\| `(\w+)` \| (\w+) \|", text(), re.M)
    table = [(name, "" if default == "none" else default) for name, default in found]
    asked = yaml.safe_load((ROOT / "copier.yml").read_text())
    questions = [
        (name, Template(str(one["default"])).render().replace("True", "true").replace("False", "false"))
        for name, one in asked.items()
        if not name.startswith("_") and "help" in one
    ]

    assert table == questions


def test_links():
    """Each link to a file of this repository leads somewhere, and one leads to each page."""
    found = {page: [one for one in re.findall(r"\]\(([^)#]+)", text(page)) if "://" not in one] for page in PAGES}
    targets = {page.parent / target for page, linked in found.items() for target in linked}

    assert [target for target in targets if not target.exists()] == []
    assert {path for path in PAGES[1:] if path not in targets} == set()


def test_site():
    """`make site` has a page for README.md and for each of docs/, which lead to each other."""
    subprocess.run(["make", "-o", ".venv/.ready", "site"], cwd=ROOT, check=True, capture_output=True)

    site = ROOT / "build" / "site"
    index = (site / "index.html").read_text(encoding="utf-8")
    for page in PAGES[1:]:
        assert (site / page.stem / "index.html").exists()
        assert f'href="{page.stem}/' in index


def test_names_the_oldest_copier():
    """The version of Copier in the README is the one that copier.yml asks for."""
    oldest = yaml.safe_load((ROOT / "copier.yml").read_text())["_min_copier_version"]

    assert f"Copier](https://copier.readthedocs.io/) {'.'.join(oldest.split('.')[:2])} or newer" in text()


def said_in_a_shop(project: Project, result: Result) -> str:
    """What the hook says where the shop has a `.venv`."""
    words = said(result).replace(str(project.root), "/home/you/shop")
    words = re.sub(r"in -d python=\S+", "in .venv", words)
    return "\n".join(line.rstrip() for line in words.splitlines()) + "\n"


def diff(project: Project) -> str:
    """What a run did to files that were there before."""
    return re.sub(r"^index .*\n", "", git(project.root, "diff", "--no-color"), flags=re.M)


def normalised(words: str) -> str:
    """Without what differs from run to run: seconds, counts of files, revision ids, dates, versions."""
    words = re.sub(r" *\d+\.\d\d s", " N s", words)
    words = re.sub(r"in \d+ files", "in N files", words)
    words = re.sub(r"(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])", "<revision>", words)
    words = re.sub(r"\b\d{4}[_-]?\d\d[_-]?\d\d(?=_)", "<date>", words)
    words = re.sub(r"\d+(\.\d+)+", "<version>", words)
    return re.sub(r"(?<=  )\S+ in .venv", "<version> in .venv", words)


@pytest.mark.parametrize("kind, shape", [(kind, shape) for kind, shape, _ in BLOCK.findall(text())])
def test_sample_output(kind: str, shape: str, tmp_path: Path):
    """The samples are what a real run says and does."""
    project = make_project(shape, tmp_path)
    result = run_copier(project)
    assert bool(heads(project.root)) == (result.returncode == 0), result.output
    now = said_in_a_shop(project, result) if kind == "output" else diff(project)
    assert now

    for page in PAGES if os.environ.get("UPDATE_EXPECTED") == "1" else ():
        page.write_text(
            BLOCK.sub(lambda found: renewed(found, now) if found.group(1, 2) == (kind, shape) else found[0], text(page)),
            encoding="utf-8",
        )
    (shown,) = [block for one, name, block in BLOCK.findall(text()) if (one, name) == (kind, shape)]
    assert normalised(shown) == normalised(now)


def test_picture():
    """The picture in the README shows the sample of docs/how-it-works.md, which is what a real run says."""
    if os.environ.get("UPDATE_EXPECTED") == "1":
        picture.PICTURE.write_text(picture.drawing(picture.sample()), encoding="utf-8")

    assert picture.PICTURE.read_text(encoding="utf-8") == picture.drawing(picture.sample())


def renewed(found: re.Match[str], content: str) -> str:
    """A sample block with other content."""
    start, end = found.start(3) - found.start(), found.end(3) - found.start()
    return found[0][:start] + content + found[0][end:]


PLATFORM_TEAMS = ROOT / "docs" / "platform-teams.md"
REPORT = re.compile(r"(<!-- report: (\w+) -->\n```json\n)(.*?)(?=```)", re.S)


def test_sample_report(tmp_path: Path):
    """The report that docs/platform-teams.md shows is one of a real run, shortened, and the table there has its fields."""
    page = PLATFORM_TEAMS.read_text(encoding="utf-8")
    found = REPORT.search(page)
    assert found is not None
    project = make_project(found[2], tmp_path)
    document = json.loads(run_copier(project, "report=-", options=("--quiet",)).stdout)
    fields = re.findall(r"^\| `(\w+)` \|", page, re.M)
    assert fields == list(document)
    assert set(document["databases"][0]) <= set(re.findall(r"`(\w+)`", page))
    document["rows"], document["steps"] = document["rows"][:1] + document["rows"][-2:], document["steps"][:1]
    now = json.dumps(document, indent=2, ensure_ascii=False).replace(str(project.root), "/home/you/shop") + "\n"
    if os.environ.get("UPDATE_EXPECTED") == "1":
        PLATFORM_TEAMS.write_text(page.replace(found[0], found[1] + now), encoding="utf-8")
        found = REPORT.search(PLATFORM_TEAMS.read_text(encoding="utf-8"))
    assert found is not None
    assert same(found[3]) == same(now)


def same(report: str) -> str:
    """A report without what is another in every run."""
    return re.sub(r'("template": |"seconds": )("\w+"|[\d.]+)', r"\1...", normalised(report))
