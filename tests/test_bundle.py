"""migrations/adopt.py: the package adopt/ as one file of text, and what others make of it."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hooks.bundle import ENTRIES, PATH, TEMPLATE, bundle, modules, shortened
from tests.template.conftest import put_migrations

LARGEST = 500 * 1024  # what pre-commit's check-added-large-files admits unasked


@pytest.fixture
def project(tmp_path: Path) -> Path:
    put_migrations(tmp_path)
    return tmp_path


def python(root: Path, *arguments: str, expect: int = 0, **environment: str) -> str:
    """What this Python says in the project, both streams; without byte code unless `environment` says otherwise."""
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == expect, ended.stdout
    return ended.stdout


def test_same_bytes_from_another_copy(tmp_path: Path):
    """Made from two copies of the template it is the same, and no larger than a file that people may open."""
    for name in ("adopt", "hooks"):
        shutil.copytree(TEMPLATE / name, tmp_path / name)
    shutil.copy(TEMPLATE / "pyproject.toml", tmp_path)

    assert bundle(tmp_path) == bundle()
    assert len(bundle()) < LARGEST


def test_no_copy_is_committed():
    """The only place where it is text of its own is a project."""
    listed = subprocess.run(["git", "ls-files"], cwd=TEMPLATE, capture_output=True, text=True, check=True).stdout.splitlines()

    assert [path for path in listed if path.endswith("/adopt.py")] == []


MODULE = '''"""What it is for.

And more of that.
"""


def query():
    """What the server is asked."""
    # why
    return """
    # a comment of SQL

    SELECT 1
"""  # nosec


class Nothing(Exception):
    """Raised."""
'''
SHORTENED = '''\
def query():return"""
    # a comment of SQL

    SELECT 1
"""
class Nothing(Exception):pass
'''


def test_what_is_for_authors_is_left_out():
    """Docstrings, comments, empty lines, most indents and some ends of lines are; strings are as they were."""
    assert shortened(MODULE) == SHORTENED


def test_literals_in_a_row_are_one():
    """Plain ones alone: a prefix, and other quotes, say how the text is to be read."""
    text = r'''call("a" "b\"" " \\" "c", f"{x}" "d" "e", r"\d" "f", "g" 'h', """i""" "j")
'''
    assert (
        shortened(text)
        == r'''call("ab\" \\c",f"{x}" "de",r"\d" "f","g" 'h',"""i""" "j")
'''
    )


FORMATTED = """\
def said(one, all):
    if not all:
        return None
    print("{} of {!r}".format(one, ", ".join(all)), "{:.3f}".format(one), "{}".format(*all), "{0}".format(one), "{}".format('x'))
    return None
"""


def test_f_strings_and_what_is_returned_anyway():
    """Where Python 3.7 has no f-string for it, it stays as it is."""
    assert shortened(FORMATTED) == (
        "def said(one,all):\n"
        " if not all:return\n"
        """ print(f"{one} of {', '.join(all)!r}",f"{one:.3f}","{}".format(*all),"{0}".format(one),"{}".format('x'))\n"""
    )


@pytest.mark.parametrize("path", sorted((TEMPLATE / "adopt").rglob("*.py")), ids=lambda path: str(path.relative_to(TEMPLATE)))
def test_same_statements(path: Path):
    """What is left of a module of adopt/ runs as the module does."""
    text = path.read_text()

    assert statements(shortened(text)) == statements(text)


class Untyped(ast.NodeTransformer):
    """Without annotations and what only they need, those that make a class are 0; None is returned as if nothing were said, and an
    f-string is the call of `format` that means the same."""

    def visit_Return(self, node: ast.Return) -> ast.AST | None:
        return None if node.value is None or ast.unparse(node) == "return None" else self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        words, given = "", []
        for one in node.values:
            if isinstance(one, ast.FormattedValue):
                spec = "".join(str(getattr(part, "value", "")) for part in getattr(one.format_spec, "values", []))
                words += "{" + (f"!{chr(one.conversion)}" if one.conversion > 0 else "") + (f":{spec}" if spec else "") + "}"
                given.append(self.visit(one.value))
            else:
                words += str(getattr(one, "value", ""))
        return ast.Call(ast.Attribute(ast.Constant(words), "format", ast.Load()), given, [])

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        fields = [one for one in node.body if isinstance(one, ast.AnnAssign) and node.decorator_list]
        for one in fields:
            one.annotation = ast.Constant(0)
        node.body = [one if one in fields else self.visit(one) for one in node.body]
        node.body = [one for one in node.body if one is not None]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        return None if node.value is None else ast.Assign([node.target], self.visit(node.value), lineno=0)

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if node.module in ("typing", "__future__") else node


def statements(text: str) -> list[str]:
    """The text of all statements, without docstrings and what stands for one, and without annotations."""
    found = [node for node in ast.walk(Untyped().visit(ast.parse(text))) if isinstance(node, (ast.stmt, ast.ExceptHandler))]
    said = [node for node in found if not isinstance(node, (ast.Pass, ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef))]
    said = [node for node in said if not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")]
    said = [one for node in said for one in (node.names if isinstance(node, ast.Import) else [node])]  # which may be in one line
    return sorted(ast.dump(node) for node in said if not (isinstance(node, ast.Expr) and is_text(node.value)))


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_names_of_what_is_left(tmp_path: Path):
    """No module lacks an import that it needs, nor has one for annotations that are gone."""
    for name, text in modules(TEMPLATE / "adopt").items():
        (tmp_path / f"module_{name}.py").write_text(text)

    python(tmp_path, "-m", "ruff", "check", "--isolated", "--select", "F821", "--output-format", "concise", ".")
    assert "import annotations" not in bundle().decode().partition("\nMODULES=")[2]
    assert "TYPE_CHECKING" not in bundle().decode()


EVERY_FUNCTION = """
import inspect, sys
from migrations import adopt

adopt.module("base")
texts = sys.meta_path[-1].texts
for name, text in ((name, text) for name, text in texts.items() if name):
    module = adopt.module(name)
    for one in vars(module).values():
        if inspect.isfunction(one) and one.__module__ == module.__name__ and not hasattr(one, "__wrapped__"):
            assert inspect.getsource(one) in text, (name, one)
print(len(texts))
"""


def test_source_of_every_module(project: Path):
    """Each module can be imported, and the source of its functions is where their code says that it is."""
    assert int(python(project, "-c", EVERY_FUNCTION)) > 100


BROKEN = "    return int(words)\n"


@pytest.mark.parametrize("catch", ["", "traceback.print_exc()"], ids=["uncaught", "caught"])
def test_traceback(catch: str, project: Path):
    """A traceback shows the module and text of the template and the line of the file, also where the code is from __pycache__."""
    text = (project / PATH).read_text()
    start = "\n#:verdict.stamp\n"
    end = text.index("\n#:", text.index(start) + len(start))
    (project / PATH).write_text(text[:end] + "\n\n\ndef broken(words):\n" + BROKEN.rstrip() + text[end:])
    number = text[:end].count("\n") + 5
    program = "import traceback; from migrations import adopt; broken = adopt.module('verdict.stamp').broken\n"
    program += f"try:\n    broken('x')\nexcept ValueError:\n    {catch or 'raise'}"

    for _ in range(2):
        said = python(project, "-c", program, expect=0 if catch else 1, PYTHONDONTWRITEBYTECODE="")
        assert f'  File "<adopt/verdict/stamp.py in migrations/adopt.py>", line {number}, in broken\n{BROKEN}' in said
        assert said.endswith("ValueError: invalid literal for int() with base 10: 'x'\n")

    assert (project / "migrations/__pycache__" / f"adopt.{sys.implementation.cache_tag}.verdict.stamp.pyc").is_file()


def test_only_what_is_needed_is_compiled(project: Path):
    """A module is there when it is asked for, with those that it imports and no other; loaded twice, the file has one of each."""
    said = python(
        project,
        "-c",
        "import sys; from alembic.util import load_python_file; from migrations import adopt\n"
        "other = load_python_file('migrations', 'adopt.py')\n"
        "assert other.module('base.paths') is adopt.module('base.paths')\n"
        "print(*sorted(name for name in sys.modules if name.startswith('migrations_adopt')))",
    )

    assert said == "migrations_adopt migrations_adopt.base migrations_adopt.base.paths\n"


def test_edited_module_is_compiled_anew(project: Path):
    """What __pycache__ has of another text is not run."""
    program = "from migrations import adopt; print(adopt.module('base.paths').ROOT)"
    before = python(project, "-c", program, PYTHONDONTWRITEBYTECODE="")
    text = (project / PATH).read_text()
    (project / PATH).write_text(text.replace("ROOT=os.path.dirname(MIGRATIONS)\n", "ROOT = 'else'\n"))

    assert before == f"{project}\n"
    assert python(project, "-c", program, PYTHONDONTWRITEBYTECODE="") == "else\n"


def test_linters_leave_it_alone(project: Path):
    """Ruff with every rule, its formatter, and mypy --strict of code that uses it find nothing."""
    (project / "app.py").write_text(
        "from migrations.adopt import readiness\n\n\ndef is_ready() -> bool:\n    return bool(readiness().is_ready)\n"
    )
    for command in (
        ("ruff", "check", "--isolated", "--select", "ALL", "--ignore", "INP001", PATH),
        ("ruff", "format", "--isolated", "--check", PATH),
        ("ruff", "format", "--isolated", "--check", "migrations/env.py"),
        ("mypy", "--strict", "--namespace-packages", "--explicit-package-bases", "app.py"),
    ):
        python(project, "-m", *command)


def test_env_py_can_be_imported(project: Path):
    """env.py is short, and whatever imports it without Alembic, as a collector of doctests does, runs nothing."""
    assert len((project / "migrations/env.py").read_text().splitlines()) <= 60
    assert python(project, "-m", "pytest", "-q", "--doctest-modules", "-p", "no:cacheprovider", "migrations", expect=5)


TYPED = '''"""What it is for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from .paths import ROOT

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from .types import Rows

KNOWN: Dict[
    str,
    int,
] = {"a": 1}
EMPTY: List[str] = []


@dataclass(frozen=True)
class Look:
    """One."""

    url: str
    bind: Optional[str] = None
    COUNT = 1

    def seen(self, *, more: bool = False) -> str:
        found: str
        if more:
            found: str = "x: int = 1"
        return found


class Plain(Look):
    """Two."""

    kept: Optional[Dict[str, int]] = None

    def __init__(
        self,
        connection: Connection,  # open
        /,
        rows: Dict[
            str, List[int]
        ],
        *args: Any,
        word: str = "a -> b",
        **options: Any,
    ) -> None:
        self.rows: Optional[Rows] = None


async def late(one: int, *, two: int = 2) -> Dict[
    str, int
]:
    """Three."""
    return {"one": one, "two": two, "root": os.path.exists(ROOT)}


def nothing(
    connection: Connection,
) -> None:
    """Four."""
    value: int

    value = 1
'''
UNTYPED = '''"""What it is for."""

import os
from dataclasses import dataclass

from .paths import ROOT

KNOWN = {"a": 1}
EMPTY = []


@dataclass(frozen=True)
class Look:
    """One."""

    url: 0
    bind: 0 = None
    COUNT = 1

    def seen(self, *, more=False):
        if more:
            found = "x: int = 1"
        return found


class Plain(Look):
    """Two."""

    kept = None

    def __init__(self, connection, /, rows, *args, word="a -> b", **options):
        self.rows = None


async def late(one, *, two=2):
    """Three."""
    return {"one": one, "two": two, "root": os.path.exists(ROOT)}


def nothing(connection):
    """Four."""
    value = 1
'''


def test_annotations_are_left_out():
    """Without a trace, so that a module is the same in the file as it was before it had types; the fields of a class stay."""
    assert shortened(TYPED) == shortened(UNTYPED)
    assert (
        shortened(UNTYPED)
        == """\
import os
from dataclasses import dataclass
from.paths import ROOT
KNOWN={"a":1}
EMPTY=[]
@dataclass(frozen=True)
class Look:
 url:0;bind:0=None;COUNT=1
 def seen(self,*,more=False):
  if more:found="x: int = 1"
  return found
class Plain(Look):
 kept=None
 def __init__(self,connection,/,rows,*args,word="a -> b",**options):self.rows=None
async def late(one,*,two=2):return{"one":one,"two":two,"root":os.path.exists(ROOT)}
def nothing(connection):value=1
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        "x = {'a': 1, 'b': 2}\n",
        "def f(a, *b, c=1, **d):\n    return lambda x: x\n",
        "if ready:\n    from typing import Dict\n",
        'QUERY = """\nif TYPE_CHECKING:\n    x: int = 1\n"""\n',
        "words = 'def f(a: int) -> str:'\n",
        "for TYPE_CHECKING in ():\n    pass\n",
    ],
    ids=["dict", "bare", "import", "text", "line of text", "another name"],
)
def test_what_looks_like_an_annotation_stays(text: str):
    """Nothing but an annotation and what is for it goes."""
    left = ast.dump(ast.parse(shortened(text)))

    assert left == ast.dump(ast.parse(text)) or "typing" in text


def test_function_of_one_line():
    """It is a statement with a block, also where that stands in its line."""
    assert shortened("class Known:\n    def get(self) -> int: ...\n") == "class Known:\n def get(self):...\n"


def test_block_of_declarations():
    """What has nothing else in it is left with `pass`."""
    text = 'class Empty:\n    """One."""\n\n    name: str\n\n\nif Empty:\n    name: str\nelse:\n    name = ""\n'

    assert shortened(text) == 'class Empty:pass\nif Empty:pass\nelse:name=""\n'


def test_imports_for_types_take_no_module_along(tmp_path: Path):
    """A module that others import for their annotations only is not in the file."""
    (tmp_path / "commands").mkdir()
    (tmp_path / "history").mkdir()
    (tmp_path / "types.py").write_text("Rows = list\n")
    (tmp_path / "needed.py").write_text("X = 1\n")
    for name in ("__init__", "commands/__init__", "history/__init__", *(entry.replace(".", "/") for entry in ENTRIES)):
        (tmp_path / f"{name}.py").write_text("")
    typed = "from ..needed import X\n\nif TYPE_CHECKING:\n    from ..types import Rows\n\nY: Rows = [X]\n"
    (tmp_path / "commands/main.py").write_text(typed)

    found = modules(tmp_path)

    assert "types" not in found
    assert found["needed"] == "X=1\n"
    assert found["commands.main"] == "from..needed import X\nY=[X]\n"


def test_module_of_one_statement():
    """It is no block of anything, so that it stays a line of its own."""
    assert shortened("X = 1\n") == "X=1\n"


def test_spaces_in_strings_stay():
    """Only those around the signs of code go."""
    assert shortened("x = 'a = b' + \"c == 'd'\"  # e = f\n") == "x='a = b'+\"c == 'd'\"\n"


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (
            "import os\nimport re\n\nimport sys as s\nfrom os import path\nimport ast\n",
            "import os,re,sys as s\nfrom os import path\nimport ast\n",
        ),
        ("import os\nif x:\n    import re\nimport ast\n", "import os\nif x:import re\nimport ast\n"),
        ('X = """\nimport a\n"""\nimport b\n', 'X="""\nimport a\n"""\nimport b\n'),
        ('x = [1] if "a" in (b) else "c"  # d\n', 'x=[1]if"a"in(b)else"c"\n'),
        ("def f():\n    x = 1\n    return x\n\n\ny = 1\n", "def f():x=1;return x\ny=1\n"),
        ("if x:\n    y = 1\n    if z:\n        a = 1\n        del b\n", "if x:\n y=1\n if z:a=1;del b\n"),
        (f"if x:\n    y = '{'a' * 395}'\n    z = 1\n    y = 3\n", f"if x:\n y='{'a' * 395}'\n z=1;y=3\n"),
        ('if x:\n    y = """\n    """\n    z = 1\n', 'if x:\n y="""\n    """\n z=1\n'),
        ("x = 1 if y else f(z) or not z\n", "x=1 if y else f(z)or not z\n"),
        ("x = {'a': lambda: 1, 'b: c': y[1:2]}\n", "x={'a':lambda:1,'b: c':y[1:2]}\n"),
    ],
    ids=["imports", "block", "string", "words", "statements", "inner", "long", "several lines", "names", "colons"],
)
def test_spaces_that_python_does_without(written: str, left: str):
    """Those at signs, brackets and quotes go, those between words stay; imports in a row are one."""
    assert shortened(written) == left
    assert statements(left) == statements(written)
