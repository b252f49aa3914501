"""What must hold before anything else is looked at, and what Copier has put into the tree by then."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from hooks import bundle
from hooks.base.errors import AlreadyMigrated
from hooks.base.facts import Answers
from hooks.base.git import changed_files
from hooks.base.run_settings import Settings
from hooks.base.sqlite_files import is_database
from hooks.base.worktree_errors import DirtyTree, FilesInTheWay, ForeignAnswersFile
from hooks.worktree.by_hand import ENV, PAGE, REPLACED, is_flask_migrates
from hooks.worktree.undoing import Worktree

OWN_ANSWERS_FILE = ".copier-answers.flask-migrate.yml"


def template_files(template: Path, answers_file: str) -> dict[str, Path]:
    """Where each file of the template is rendered to, and its source; paths are relative to the project's root."""
    files = {}
    for source in sorted(template.rglob("*")):
        if source.is_file() and "__pycache__" not in source.parts:
            path = source.relative_to(template).as_posix().removesuffix(".jinja")
            files[answers_file if "_copier_conf.answers_file" in path else path] = source
    files[bundle.PATH] = Path(bundle.__file__)
    return files


def rendered_now(root: Path, template: Path, settings: Settings) -> list[str]:
    """The files that Copier has just made: a refusal takes them away again."""
    if settings.links:
        return []
    return [
        path
        for path in template_files(template, settings.answers_file)
        if not was_present(path, settings) and (root / path).exists()
    ]


def was_present(path: str, settings: Settings) -> bool:
    """Whether Copier found the file, and did not render it."""
    return path in settings.present_before


def has_baseline(root: Path) -> bool:
    """Whether `migrations/versions` holds a revision, so that a second baseline must never be made."""
    return any((root / "migrations" / "versions").glob("*.py"))


def is_set_up_by_hand(root: Path, settings: Settings, ours: Collection[str] = ()) -> bool:
    """Whether `migrations/` was there before this template came: `flask db init` made it, or revisions are in it."""
    there = [path for path in REPLACED if path in settings.present_before and path not in ours]
    return not settings.is_ours and (bool(there) or has_baseline(root))


def require_free_names(root: Path, template: Path, settings: Settings, ours: Collection[str] = ()) -> None:
    """Make sure that no file of the user's has one of the template's names, but those of Flask-Migrate that are replaced.

    `ours` are files that this template has made, in this run or in one that was interrupted.

    Raises:
        ForeignAnswersFile: the answers file is another template's.
        AlreadyMigrated, FilesInTheWay: files in `migrations/` that are not byte for byte the template's.
    """
    if settings.is_ours:
        return
    if settings.answers_file in settings.present_before and settings.answers_file not in ours:
        import yaml

        answers = yaml.safe_load((root / settings.answers_file).read_text(encoding="utf-8"))
        template_name = str(answers.get("_src_path", "")) if isinstance(answers, dict) else ""
        raise ForeignAnswersFile(settings.answers_file, template_name, OWN_ANSWERS_FILE)
    sources = template_files(template, settings.answers_file)
    present = [path for path in existing(settings.present_before, root) if path not in ours]
    foreign = [path for path in present if not is_identical(root / path, sources.get(path))]
    if foreign:
        from hooks.detect.project import detect  # costs as much as all else that is imported by now

        found = detect(root).existing
        if found.other_tools:
            raise AlreadyMigrated("", (), found.other_tools)
        if ENV in foreign and (found.created or found.migrate or is_flask_migrates((root / ENV).read_bytes())):
            if in_the_way := [path for path in foreign if path not in (*REPLACED, PAGE)]:
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
    return source is not None and source.suffix != ".jinja" and path.read_bytes() == bundle.source_bytes(source)


def require_clean_tree(tree: Worktree, answers: Answers) -> None:
    """Make sure that git could undo the run: no tracked file of the project is modified.

    SQLite databases do not count: rows must be neither committed nor stashed for a run. Nor do untracked files (notes); those that
    the plan would edit are looked at by `require_tracked`.

    Raises:
        DirtyTree: unless `allow_dirty` was answered.
        GitRefuses: git does not tell.
    """
    if answers.allow_dirty or tree.repository is None:
        return
    changed = [path for path in changed_files(tree.root) if path not in tree.rendered]
    if dirty := [path for path in changed if not is_database(tree.root / path)]:
        raise DirtyTree(dirty)


def require_tracked(tree: Worktree, answers: Answers, edited: Sequence[str]) -> None:
    """Make sure that no file which will be edited is new and uncommitted.

    Raises:
        DirtyTree: unless `allow_dirty` was answered.
        GitRefuses: git does not tell.
    """
    if answers.allow_dirty or tree.repository is None or not edited:
        return
    if dirty := changed_files(tree.root, edited, untracked=True):
        raise DirtyTree(dirty)
