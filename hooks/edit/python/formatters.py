"""The project's own formatter and import sorter have the last word on the Python that this run writes.

black, ruff, isort, yapf and autopep8 are asked where a file of the repository names them and they are installed in the project's
environment, with the options of the layout that its Makefile, CI or pre-commit gives them. They read a text and print one
(`--stdin-filename`), so no file is touched, and run as `python -I -m`, so that no module of the project is imported in the place of
one of theirs. Where black formats, ruff does so too only if the project says `ruff format`. Two rules decide whether what they
print is taken:

- a file that they would have changed before is not theirs, and stays as our edit made it;
- the syntax tree is that of our edit, but for the place of the imports that are new.
"""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hooks.base.environ import child_environ
from hooks.base.facts import Interpreter
from hooks.base.git import folders_above
from hooks.base.source import Source, Unparsable
from hooks.detect.deploy.plain_files import values_of, with_values
from hooks.edit.core.expected_tree import is_same, sorted_imports
from hooks.edit.python.changes import PythonChanges

# What a project says of its formatter is in files of these names.
NAMING = re.compile(
    r"(^|/)(pyproject\.toml|\.?ruff\.toml|setup\.cfg|tox\.ini|\.isort\.cfg|\.pre-commit-config\.yaml|noxfile\.py|tasks\.py|Pipfile|environment\.ya?ml"
    r"|Makefile|justfile|[\w.-]*requirements[\w.-]*\.(txt|in)|\.gitlab-ci\.yml|\.travis\.yml|\.editorconfig)$"
    r"|^requirements/|^\.github/workflows/|^(scripts|bin)/|\.sh$"
)
LARGEST = 200_000  # bytes
SECONDS = 30
OF_RUFF = ("--no-cache", "--quiet", "--force-exclude")
# name of the distribution: what is asked, in this order: imports first, since a formatter decides on the lines around them
COMMANDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "isort": (("isort", "--quiet", "--filename", "{path}", "-"),),
    "ruff": (
        ("ruff", "check", *OF_RUFF, "--select", "I", "--fix", "--exit-zero", "--stdin-filename", "{path}", "-"),
        ("ruff", "format", *OF_RUFF, "--stdin-filename", "{path}", "-"),
    ),
    "black": (("black", "--quiet", "--stdin-filename", "{path}", "-"),),
    "yapf": (("yapf",),),
    "autopep8": (("autopep8", "-"),),
}
IN_PLACE = {"yapf": "--in-place", "autopep8": "--in-place"}  # what makes them change a file instead of printing it
RUFF_FORMATS = re.compile(r"\bruff[ -]format\b|^\[(tool\.ruff\.)?format\]", re.MULTILINE)
# What a command line may say of the layout: whole options with their values.
WIDTH = r"(?:-l|-w|--(?:max-)?line-(?:length|width))[ =]?\d+"
OPTIONS = {
    "isort": rf"{WIDTH}|--profile[ =]\w+|(?:-m|--multi-line)[ =](?:\d|[A-Z_]+)\b|--tc|--trailing-comma|--sl|--fss",
    "ruff": r"(?!)",
    "black": rf"{WIDTH}|-[SC]|--skip-(?:string-normalization|magic-trailing-comma)|(?:-t|--target-version)[ =]\w+",
    "yapf": r"--style[ =][\w.]+",
    "autopep8": r"--max-line-length[ =]\d+|-a+|--aggressive|--(?:ignore|select)[ =][A-Z0-9,]+",
}

# What a command has because a text is asked for and not a file, and its output is read.
STDIN = ("--filename", "--stdin-filename", "{path}", "-", "--quiet", "--no-cache")


@dataclass(frozen=True)
class Formatters:
    """The commands that a project's files are to pass; `folder` is where they are run, the project's root."""

    python: str
    folder: Path
    commands: tuple[tuple[str, ...], ...] = ()

    def applied(self, changes: PythonChanges) -> PythonChanges:
        """The edited files as the project's formatters would have them, where they passed before."""
        files = {path: self.formatted(path, changes.before.get(path), raw) for path, raw in changes.files.items()}
        return replace(changes, files=files) if files != changes.files else changes

    def formatted(self, path: str, before: bytes | None, after: bytes) -> bytes:
        """`after`, as those commands would have it that leave `before` alone; a new file (None) as all of them would."""
        for command in self.commands:
            if before is not None and self.printed(command, path, before) != before:
                continue
            found = self.printed(command, path, after)
            if found and found != after and is_the_same(path, before or b"", after, found):
                after = found
        return after

    def section(self) -> str:
        """What has later revisions formatted as well, in migrations/project.ini; "" where there is no formatter."""
        words = [[word for word in command if word not in STDIN] for command in self.commands]
        lines = [shlex.join([first, *filter(None, [IN_PLACE.get(first)]), *rest]) for first, *rest in words]
        header = "[format]\n# flask db migrate runs these on each new revision, as python -m takes them\nrun ="
        return "\n    ".join([header, *lines]) + "\n" if lines else ""

    def printed(self, command: Sequence[str], path: str, text: bytes) -> bytes:
        """What a command makes of a text; nothing where it fails."""
        words = [word.replace("{path}", str(self.folder / path)) for word in command]
        try:
            done = subprocess.run(
                [self.python, "-I", "-m", *words],
                input=text,
                cwd=self.folder,
                env=child_environ(),
                capture_output=True,
                check=False,
                timeout=SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired):
            return b""
        return done.stdout if done.returncode == 0 else b""


def find_formatters(root: Path, files: Sequence[str], interpreter: Interpreter) -> Formatters:
    """The formatters that the project names and has installed."""
    texts = list(naming(root, files))
    found = [name for name in COMMANDS if name in interpreter.installed and any(map(spoken_of(name).search, texts))]
    commands = [(first, *options(name, texts), *rest) for name in found for first, *rest in COMMANDS[name]]
    if "black" in found and not any(map(RUFF_FORMATS.search, texts)):
        commands = [command for command in commands if command[:2] != ("ruff", "format")]
    return Formatters(interpreter.path, root, tuple(commands))


def naming(root: Path, files: Sequence[str]) -> Iterator[str]:
    """The texts in which the project says what formats it, and those in the folders above it in its repository."""
    places = [root / path for path in files if NAMING.search(path)]
    places += [one for folder in folders_above(root.resolve()) for one in folder.iterdir() if NAMING.search(one.name)]
    for place in places:
        if place.is_file() and place.stat().st_size <= LARGEST:
            yield place.read_bytes().decode("utf-8", "replace")


def spoken_of(name: str) -> re.Pattern[str]:
    """The name as a word of its own, and what follows it on its line; black as the profile of isort is not meant."""
    return re.compile(rf"(?<!profile[ =])(?<![\w-]){name}(?![\w-])([^\n;&|#]*)")


def options(name: str, texts: Sequence[str]) -> list[str]:
    """What the first command line or hook of pre-commit that says anything of the layout gives this formatter."""
    for text in texts:
        joined = with_values(text.replace("\\\n", " "), values_of(text))
        lines = spoken_of(name).findall(joined)
        for hook in re.findall(rf"\bid: *{name}\b((?:\n(?![ \t]*- (?:id|repo):).*)*)", joined):
            given = re.findall(r"\bargs:([^\n\[]*\[[^\]]*\]|(?:\s+- .*)+)", hook)
            lines += [" ".join(re.sub(r"\s- |[,\"'\[\]]", " ", args).split()) for args in given]
        for line in lines:
            if found := re.findall(rf"(?<!\S)(?:{OPTIONS[name]})(?!\S)", line):
                return [word for option in found for word in option.split(" ")]
    return []


def is_the_same(path: str, before: bytes, ours: bytes, found: bytes) -> bool:
    """Whether a formatter's text means what ours does: imports that are new may stand elsewhere among their neighbours."""
    try:
        old, mine, theirs = (Source(path, raw).tree for raw in (before, ours, found))
    except Unparsable:
        return False
    known = {ast.dump(one) for one in ast.walk(old) if isinstance(one, ast.Import | ast.ImportFrom)}
    ordered = [[ast.dump(one) for one in imports(tree) if ast.dump(one) in known] for tree in (mine, theirs)]
    return ordered[0] == ordered[1] and is_same(sorted_imports(mine), sorted_imports(theirs))


def imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports of a module, in the order of the text."""
    found = [one for one in ast.walk(tree) if isinstance(one, ast.Import | ast.ImportFrom)]
    return iter(sorted(found, key=lambda one: (one.lineno, one.col_offset)))
