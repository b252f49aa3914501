"""No release is forgotten: each tag of this repository is among those that the tests of `copier update` start from."""

from __future__ import annotations

from packaging.version import InvalidVersion, Version

from tests.releases import NEWEST, NEXT, ORDERED, RELEASES, ask_git, commit_of, require_commit


def released(tag: str) -> bool:
    """Whether a tag names a version, as Copier reads it."""
    try:
        return bool(Version(tag))
    except InvalidVersion:
        return False


def test_every_tag_is_listed():
    """A version that was tagged and is not in tests/releases.py would be one that no test updates from."""
    tags = (ask_git("tag", "--list") or "").split()

    assert [tag for tag in tags if released(tag) and tag not in RELEASES] == []


def test_releases_are_commits_of_this_repository():
    """Each commit is an ancestor of what is checked out, the older releases of the newer ones."""
    commits = [require_commit(tag) for tag in ORDERED]

    for older, newer in zip(commits, [*commits[1:], "HEAD"], strict=True):
        assert ask_git("merge-base", "--is-ancestor", older, newer) is not None


def test_the_working_tree_comes_after_them():
    """Copier updates to the greatest version, so that the working tree must be it."""
    assert Version(NEXT) > NEWEST == max(map(Version, RELEASES))


def test_commit_that_this_clone_does_not_have(monkeypatch):
    """A shallow clone has no such commit, which is told rather than taken for another one."""
    monkeypatch.setitem(RELEASES, "v0.0.1", "0" * 40)

    assert commit_of("v0.0.1") is None
