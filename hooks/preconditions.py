"""What must hold before anything else is looked at, and what Copier has put into the tree by then."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from hooks import bundle
from hooks.by_hand import ENV, REPLACED, is_flask_migrates
from hooks.detect import detect
from hooks.errors import AlreadyMigrated, DirtyTree, FilesInTheWay, ForeignAnswersFile
from hooks.facts import Answers
from hooks.settings import Settings

OWN_ANSWERS_FILE = ".copier-answers.flask-migrate.yml"


def template_files(template: Path, settings: Settings) -> dict[str, Path]:
    """Where each file of the template is rendered to, and its source; paths are relative to the project's root."""
    files = {}
    for source in sorted(template.rglob("*")):
        if source.is_file() and "__pycache__" not in source.parts:
            path = source.relative_to(template).as_posix().removesuffix(".jinja")
            files[settings.answers_file if "_copier_conf.answers_file" in path else path] = source
    files[bundle.PATH] = Path(bundle.__file__)
    return files


def rendered_now(root: Path, template: Path, settings: Settings) -> list[str]:
    """The files that Copier has just made: a refusal takes them away again."""
    before = set(settings.present_before)
    return [path for path in template_files(template, settings) if path not in before and (root / path).exists()]


def has_baseline(root: Path) -> bool:
    """Whether `migrations/versions` holds a revision, so that a second baseline must never be made."""
    return any((root / "migrations" / "versions").glob("*.py"))


def is_set_up_by_hand(root: Path, settings: Settings) -> bool:
    """Whether `migrations/` was there before this template came: `flask db init` made it, or revisions are in it."""
    return not settings.is_ours and (any(path in settings.present_before for path in REPLACED) or has_baseline(root))


def require_free_names(root: Path, template: Path, settings: Settings) -> None:
    """Make sure that no file of the user's has one of the template's names, but those of Flask-Migrate that are replaced.

    Raises:
        ForeignAnswersFile: the answers file is another template's.
        AlreadyMigrated, FilesInTheWay: files in `migrations/` that are not byte for byte the template's.
    """
    if settings.is_ours:
        return
    if settings.answers_file in settings.present_before:
        import yaml

        answers = yaml.safe_load((root / settings.answers_file).read_text(encoding="utf-8"))
        template_name = str(answers.get("_src_path", "")) if isinstance(answers, dict) else ""
        raise ForeignAnswersFile(settings.answers_file, template_name, OWN_ANSWERS_FILE)
    ours = template_files(template, settings)
    foreign = [path for path in existing(settings.present_before, root) if not is_identical(root / path, ours.get(path))]
    if foreign:
        found = detect(root).existing
        if found.other_tools:
            raise AlreadyMigrated("", (), found.other_tools)
        if ENV in foreign and (found.created or found.migrate or is_flask_migrates((root / ENV).read_bytes())):
            if in_the_way := [path for path in foreign if path not in REPLACED]:
                raise FilesInTheWay(in_the_way, looks_like_alembic=False)
            return  # set up by hand with `flask db init`: takeover.py goes on from there
        revisions = sorted(path.name for path in (root / "migrations" / "versions").glob("*.py"))
        if revisions:
            raise AlreadyMigrated("migrations", revisions, ())
        raise FilesInTheWay(foreign, looks_like_alembic="migrations/env.py" in settings.present_before)


def existing(present_before: Iterable[str], root: Path) -> list[str]:
    """Those of `present_before` that are files."""
    return [path for path in present_before if (root / path).is_file()]


def is_identical(path: Path, source: Path | None) -> bool:
    """Whether a file is the template's own, byte for byte (a rendered one cannot be told and counts as foreign)."""
    if source is None or source.suffix == ".jinja":
        return False
    return path.read_bytes() == (bundle.bundle() if source == Path(bundle.__file__) else source.read_bytes())


def require_clean_tree(root: Path, answers: Answers, ignored: Sequence[str]) -> None:
    """Make sure that git could undo the run: no tracked file of the project is modified.

    Untracked files do not count (a database file, notes); those that the plan would edit are looked at by `require_tracked`.

    Raises:
        DirtyTree: unless `allow_dirty` was answered.
    """
    if answers.allow_dirty:
        return
    status = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no", "-z", "--", "."],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if status.returncode:
        return  # not a git repository: nothing to compare with
    prefix = subprocess.run(
        ["git", "rev-parse", "--show-prefix"], cwd=root, capture_output=True, text=True, check=True
    ).stdout.strip()
    changed = [entry[3:].removeprefix(prefix) for entry in status.stdout.split("\0") if len(entry) > 3 and entry[2] == " "]
    if dirty := [path for path in changed if path not in ignored]:
        raise DirtyTree(dirty)


def require_tracked(root: Path, answers: Answers, edited: Sequence[str]) -> None:
    """Make sure that no file which will be edited is new and uncommitted.

    Raises:
        DirtyTree: unless `allow_dirty` was answered.
    """
    if answers.allow_dirty or not edited:
        return
    asked = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "-z", "--", *edited],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if not asked.returncode and (untracked := [path for path in asked.stdout.split("\0") if path]):
        raise DirtyTree(untracked)
