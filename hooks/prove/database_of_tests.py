"""Keep tests on the database that they had: build what they build with the variable set, and change the edits until none follows.

The edits are tried in this order: as they are; with the classes for tests that only building has shown left as they were; with the
variable read where the database is attached, unless the application is testing; with the variable emptied in the files of tests
that build the application as it is, or in the conftest.py files above them, which import it first. What followed the variable
before the edits may follow it after.
"""

from __future__ import annotations

import posixpath
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hooks.base.errors import ScriptDied, ScriptTimedOut
from hooks.detect.built_by_tests import BuiltByTests, SuiteFile, built_by_tests
from hooks.edit.python.changes import ClassForTests, Variant
from hooks.inside.base.messages import BuiltForTests, Failed
from hooks.prove.processes import Processes
from hooks.prove.rehearsal import OfTests

Overlay = Mapping[str, bytes]


@dataclass(frozen=True)
class Seen:
    """One look: every configuration for tests that was built, and (what, why) for each that could not be."""

    built: tuple[Mapping[str, Any], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()

    @property
    def following(self) -> list[Mapping[str, Any]]:
        """Those that have the URL of the variable."""
        return [one for one in self.built if one["follows"]]


@dataclass
class DatabaseOfTests:
    """Looks at the configurations for tests of a project, for one application."""

    processes: Processes
    make_overlay: Callable[[Variant], Overlay]
    url: str
    still_follows: Callable[[Variant], bool]
    _what: BuiltByTests = field(init=False)
    _before: set[tuple[str, str]] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._what = built_by_tests(self.processes.root, self.processes.project, self.processes.plan.app)

    def settle(self, variant: Variant) -> tuple[Variant, OfTests]:
        """The variant with which no configuration for tests follows the variable by our edits, and what was seen of them.

        Where the variable is emptied before anything of a file runs, what of it could not be built has it no more than the rest.
        """
        overlay = self.make_overlay(variant)
        if self._what.is_empty or not self.edits_urls(overlay, variant):
            return variant, OfTests()
        seen = self.look(overlay)
        following = self.by_our_edits(seen)
        for other in (self.with_classes, self.with_attachment, self.with_emptied, self.with_emptied_above):
            if not following:
                break
            tried = other(variant, following)
            if tried is None or self.make_overlay(tried) == self.make_overlay(variant) or not self.still_follows(tried):
                continue
            seen_then = self.look(self.make_overlay(tried))
            following_then = self.by_our_edits(seen_then)
            if len(following_then) < len(following):
                variant, seen, following = tried, seen_then, following_then
        failed = [*seen.failed, *((path, "there are too many files of tests") for path in self._what.left_out)]
        emptied = set(variant.emptied_in)
        emptied |= {one.path for one in self._what.files if emptied.intersection(one.conftests)}
        failed = [(what, why) for what, why in failed if what.partition(": ")[0] not in emptied]
        return variant, OfTests(len(seen.built), tuple(failed), tuple(str(one["name"]) for one in following))

    def edits_urls(self, overlay: Overlay, variant: Variant) -> bool:
        """Whether a URL is edited at all."""
        return overlay != self.make_overlay(replace(variant, follows_already=True))

    def with_classes(self, variant: Variant, following: Sequence[Mapping[str, Any]]) -> Variant | None:
        """The classes that follow are for tests."""
        found = [ClassForTests(*owner, *base) for one in following for owner, base in one.get("classes", ())]
        return replace(variant, for_tests=tuple(dict.fromkeys(found))) if found else None

    def with_attachment(self, variant: Variant, following: Sequence[Mapping[str, Any]]) -> Variant | None:
        """The variable is read where the database is attached, where the application knows whether it is testing."""
        if self.processes.plan.caller_decides or not any(one["testing"] for one in following):
            return None
        return replace(variant, at_attachment=True, for_tests=())

    def with_emptied(self, variant: Variant, following: Sequence[Mapping[str, Any]]) -> Variant | None:
        """The variable is empty in the files of tests that follow, and in those that set up as these do."""
        paths = {str(one["path"]) for one in following}
        files = [one for one in self._what.files if one.path in paths]
        return replace(variant, emptied_in=outermost({path for one in files for path in (one.path, *one.alike)}))

    def with_emptied_above(self, variant: Variant, following: Sequence[Mapping[str, Any]]) -> Variant | None:
        """The variable is empty from the conftest.py files on that are imported before the files of tests that follow."""
        paths = {str(one["path"]) for one in following}
        above = {conftest for one in self._what.files if one.path in paths for conftest in one.conftests}
        return replace(variant, emptied_in=outermost(above | set(variant.emptied_in))) if above else None

    def by_our_edits(self, seen: Seen) -> list[Mapping[str, Any]]:
        """Those that follow, and did not before the edits."""
        if not seen.following:
            return []
        if self._before is None:
            self._before = {(one["kind"], one["name"]) for one in self.look({}).following}
        return [one for one in seen.following if (one["kind"], one["name"]) not in self._before]

    def look(self, overlay: Overlay) -> Seen:
        """Build everything with these edits, the variable holding a URL that nothing else spells."""
        token = f"follows{self.processes.revision}"
        request = self.processes.request(
            overlay,
            mode="for-tests",
            load_on="empty",
            token=token,
            probe_url=probe(self.url, token),
            modules=self._what.modules,
            environments=self._what.environments,
            test_files=[as_request(one) for one in self._what.files],
        )
        try:
            with self.processes.another_process(request) as process:
                for event in process.events():
                    if isinstance(event, BuiltForTests):
                        failed = tuple((what, why) for what, why in event.failed if what not in self._what.silent)
                        return Seen(tuple(event.built), failed)
                    if isinstance(event, Failed):
                        return Seen(failed=(("the configurations for tests", event.exception or event.reason),))
        except (ScriptDied, ScriptTimedOut) as ended:
            return Seen(failed=(("the configurations for tests", ended.reference),))
        return Seen(failed=(("the configurations for tests", "no answer"),))


def outermost(paths: Collection[str]) -> tuple[str, ...]:
    """Those of the files that no conftest.py among them is imported before, sorted."""
    folders = {posixpath.dirname(path): path for path in paths if posixpath.basename(path) == "conftest.py"}

    def is_first(path: str) -> bool:
        above = [posixpath.dirname(path)]
        while above[-1]:
            above.append(posixpath.dirname(above[-1]))
        return all(folders.get(folder, path) == path for folder in above)

    return tuple(sorted(filter(is_first, paths)))


def as_request(file: SuiteFile) -> dict[str, Any]:
    """A file of tests as the other process gets it."""
    return {"path": file.path, "conftests": file.conftests, "calls": file.calls}


def probe(url: str, token: str) -> str:
    """A URL of the same kind that leads nowhere."""
    scheme = url.partition(":")[0]
    if scheme.startswith("sqlite"):
        return f"{scheme}:///{tempfile.gettempdir()}/{token}.db"
    return f"{scheme}://nobody@127.0.0.1:1/{token}"
