"""What must hold after a run on a real project: it is retrofitted and the rest is as it was, or nothing has changed at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from tests.corpus.databases import dump_sqlite, sqlite_files, sqlite_stamp
from tests.corpus.work import Work

OWN = ("migrations", ".copier-answers.yml")
KEEPS_CHANGES = ("database-differs",)  # the code is edited and the baseline written; only the stamp is missing


@dataclass
class Checked:
    """How one project ended; `lines` are those inserted and deleted in its own files."""

    outcome: str
    lines: str = ""
    seconds: float = 0.0


class Failed(Exception):
    """A promise that was not kept."""


@dataclass(frozen=True)
class State:
    """All that a run could change: files by hash, databases as text, installed distributions, and stamps (not compared)."""

    files: dict[str, str]
    databases: dict[str, str]
    installed: dict[str, str]
    stamps: tuple[str, ...]


def state(work: Work) -> State:
    """The state of the copies now; a SQLite file counts among the databases as well as among the files."""
    inside = sqlite_files(work.checkout)
    databases = {path.relative_to(work.checkout).as_posix(): dump_sqlite(path) for path in inside}
    stamps = [stamp for path in inside for stamp in sqlite_stamp(path)]
    if work.outside is not None:
        databases[work.case.database] = work.outside.dump().decode(errors="replace")
        stamps += work.outside.stamp()
    return State(tree(work.checkout), databases, installed(work), tuple(stamps))


def tree(root: Path) -> dict[str, str]:
    """The hash of every file below `root`, ignored ones included; `.git` left out, and bytecode, which Python itself writes."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if ".git" in name.parts or "__pycache__" in name.parts or (path.is_dir() and not path.is_symlink()):
            continue
        content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
        found[name.as_posix()] = hashlib.sha256(content).hexdigest()
    return found


def installed(work: Work) -> dict[str, str]:
    """Every distribution in the project's environment, with its version."""
    site_packages = work.python.parent.parent.glob("lib/python*/site-packages/*.dist-info")
    found = {}
    for path in site_packages:
        name, _, version = path.name[: -len(".dist-info")].partition("-")
        found[name.lower().replace("-", "_")] = version
    return found


def check_run(work: Work) -> Checked:
    """Run the product twice and compare everything; the outcome says what was not kept."""
    before = state(work)
    began = time.perf_counter()
    status, output = work.copier()
    seconds = time.perf_counter() - began
    try:
        after = state(work)
        reference = error_reference(output)
        if status == 0:
            outcome = check_retrofitted(work, before, after, follows="does not follow" not in output)
        elif reference in KEEPS_CHANGES:
            check_untouched_data(before, after)
            outcome = f"differs: {reference}"
        else:
            outcome = check_refused(before, after, status, reference)
        if reference == "unexpected":
            raise Failed("a mistake of the template: " + output.partition("error: unexpected")[2].strip().splitlines()[1].strip())
    except Failed as failed:
        return Checked(f"FAILED: {failed}", changed_lines(work), seconds)
    return Checked(outcome, changed_lines(work), seconds)


def error_reference(output: str) -> str:
    """The reference of the message that ended the run, as `two-apps`."""
    found = re.findall(r"(?m)^error: ([\w-]+)$", output)
    return found[-1] if found else ""


def differing(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The keys whose values differ, or that only one of both has."""
    return sorted(key for key in {*before, *after} if before.get(key) != after.get(key))


def check_refused(before: State, after: State, status: int, reference: str) -> str:
    """A run that stopped has changed nothing at all."""
    if status == 124:
        raise Failed("no end within the time limit")
    for what in ("files", "databases", "installed"):
        if changed := differing(getattr(before, what), getattr(after, what)):
            raise Failed(f"stopped ({reference}), and {what} changed: {', '.join(changed[:5])}")
    if after.stamps != before.stamps:
        raise Failed(f"stopped ({reference}), and a database was stamped")
    if not reference:
        raise Failed(f"ended with status {status} and without a message of ours")
    return f"refused: {reference}"


def check_untouched_data(before: State, after: State) -> None:
    """Rows and schema are as they were, no database file came or went, and no distribution changed its version."""
    if changed := differing(before.databases, after.databases):
        raise Failed(f"databases changed: {', '.join(changed)}")
    if changed := [name for name in before.installed if after.installed.get(name) != before.installed[name]]:
        raise Failed(f"versions changed: {', '.join(changed)}")


def check_retrofitted(work: Work, before: State, after: State, *, follows: bool) -> str:
    """The database is at the head and equals the models, the app starts, an empty database is built, a second run does nothing."""
    check_untouched_data(before, after)
    status, current = flask(work, "db", "current")
    if status:
        raise Failed("flask db current: " + last_line(current))
    heads = re.findall(r"(?m)^Rev: (\w+) \(head\)|^(\w+) \(head\)", flask(work, "db", "heads")[1])
    head = "".join(heads[0]) if heads else ""
    if not head:
        raise Failed("there is no head")
    baseline = baseline_before_reconcile(work)
    if after.stamps and after.stamps != (baseline or head,):
        raise Failed(f"stamped at {after.stamps}, the head is {head}, the baseline {baseline or head}")
    if after.stamps:
        if (baseline or f"{head} (head)") not in current:
            raise Failed("flask db current does not show the revision of the stamp")
        if not baseline:
            check_nothing_to_migrate(work)
    if "routes" in flask(work, "--help")[1]:
        status, output = flask(work, "routes")
        if status:
            raise Failed("flask routes: " + last_line(output))
    if follows:
        check_builds_empty(work, before, head)
    check_second_run(work)
    found = "stamped" if after.stamps else "not stamped"
    found += " as it is; a second revision goes to the models" if baseline and after.stamps else ""
    return found + ("" if follows else ", its variable is not followed, as reported")


def baseline_before_reconcile(work: Work) -> str:
    """The id of the baseline that a second revision follows; "" where there is none."""
    for path in (work.root / "migrations" / "versions").glob("*_reconcile.py"):
        return re.findall(r"(?m)^down_revision = ['\"](\w+)['\"]", path.read_text(encoding="utf-8"))[0]
    return ""


def check_nothing_to_migrate(work: Work) -> None:
    """`flask db check` is content; Flask-Migrate without it writes no revision in a copy."""
    if re.search(r"(?m)^\s+check\b", flask(work, "db", "--help")[1]):
        status, output = flask(work, "db", "check")
        if status:
            raise Failed("flask db check: " + last_line(output))
        return
    shutil.copytree(work.checkout, work.checkout.with_name("to-migrate"), symlinks=True)
    copy = work.checkout.with_name("to-migrate") / work.case.folder
    before = sorted((copy / "migrations/versions").glob("*.py"))
    status, output = flask(work, "db", "migrate", cwd=copy)
    written = sorted(set((copy / "migrations/versions").glob("*.py")) - set(before))
    if status or written:
        wrote = "".join(path.read_text(encoding="utf-8") for path in written)
        work.log.add(wrote)
        raise Failed("flask db migrate: " + (last_line(output) if status else "it wrote a revision"))


def check_builds_empty(work: Work, before: State, head: str) -> None:
    """Where the project runs on SQLite, `flask db upgrade` builds a new database of as many tables as the variable names."""
    if any("://" in name and not name.startswith("sqlite") for name in before.databases) or not before.databases:
        return
    fresh = work.checkout.with_name("fresh.db")
    variable = answer(work.root, "database_url_variable") or "DATABASE_URL"
    status, output = flask(work, "db", "upgrade", **{variable: f"sqlite:///{fresh}"})
    if status:
        raise Failed("flask db upgrade of an empty database: " + last_line(output))
    if not fresh.exists() or sqlite_stamp(fresh) != [head]:
        raise Failed(f"flask db upgrade did not follow {variable}")
    if "CREATE TABLE" not in dump_sqlite(fresh):
        raise Failed("flask db upgrade built no table")


def check_second_run(work: Work) -> None:
    """The same command again changes nothing."""
    before, status_before = state(work), work.run("git", "status", "--porcelain", "-uall")[1]
    status, output = work.copier()
    after = state(work)
    if status:
        raise Failed("the second run: " + (error_reference(output) or last_line(output)))
    if changed := differing(before.files, after.files):
        raise Failed(f"the second run changed {', '.join(changed[:5])}")
    if before.databases != after.databases or before.stamps != after.stamps or before.installed != after.installed:
        raise Failed("the second run changed a database or the environment")
    if work.run("git", "status", "--porcelain", "-uall")[1] != status_before:
        raise Failed("the second run changed what git says")


def flask(work: Work, *arguments: str, cwd: Path | None = None, **variables: str) -> tuple[int, str]:
    """Run the project's own `flask`; FLASK_APP is what `.flaskenv` says where python-dotenv is not there to read it, or a note."""
    said = re.search(r"(?m)^\s*FLASK_APP\s*=\s*[\"']?(.*?)[\"']?\s*$", text(work.root / ".flaskenv")) or work.said_to_export
    if said and "FLASK_APP" not in work.case.variables and "python_dotenv" not in installed(work):
        variables.setdefault("FLASK_APP", said[1])
    return work.run(work.python, "-m", "flask", *arguments, cwd=cwd, PYTHONWARNINGS="ignore", **variables)


def text(path: Path) -> str:
    """The content of a file; "" where there is none."""
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def answer(root: Path, name: str) -> str:
    """One answer that Copier has stored."""
    found = re.search(rf"(?m)^{name}: (.*)$", text(root / ".copier-answers.yml"))
    return json.loads(found[1]) if found and found[1].startswith('"') else found[1].strip("'") if found else ""


def last_line(output: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "no output"


def changed_lines(work: Work) -> str:
    """Insertions and deletions in the project's own files, new ones included, tracked databases aside."""
    work.run("git", "add", "-A", "--intent-to-add")
    added = removed = 0
    excluded = [f":(exclude){path}" for path in OWN]
    work.run("git", "diff", "--", ":/", *excluded)  # for the reader of the log
    for line in work.run("git", "diff", "--numstat", "--", ":/", *excluded)[1].splitlines():
        plus, minus, _ = line.split("\t")
        added, removed = added + int(plus.replace("-", "0")), removed + int(minus.replace("-", "0"))
    return f"+{added} -{removed}" if added or removed else ""
