"""Whether what was installed fits together, from the requirements in its own metadata."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion

from hooks.base.formats.requirement import normalised
from hooks.environment.distributions import Probe


def unmet(found: Probe, names: Iterable[str]) -> list[str]:
    """One line for each requirement of `names` that the environment does not meet."""
    lines = []
    for name in names:
        for requirement in requirements_of(found, name):
            there = found.distributions.get(normalised(requirement.name))
            if there is None:
                lines.append(f"{name} needs {requirement}, which is not installed")
                continue
            try:
                fits = requirement.specifier.contains(there.version, prereleases=True)
            except InvalidVersion:
                fits = True  # a version that cannot be compared
            if not fits:
                lines.append(f"{name} needs {requirement}, and {there.version} is installed")
    return lines


def requirements_of(found: Probe, name: str) -> list[Requirement]:
    """What a distribution needs on that Python, extras aside."""
    needed = []
    python = {
        "python_version": ".".join(map(str, found.version[:2])),
        "python_full_version": ".".join(map(str, found.version)),
        "extra": "",
    }
    for text in found.distributions[name].requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate(python):
            needed.append(requirement)
    return needed
