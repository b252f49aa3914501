"""Whatever the models are, and whatever becomes of them: what `flask db migrate` writes makes the database that they describe.

The servers' own dumps are the judges (tests/dumps.py). `python -m tests.template.test_model_properties SERVER NUMBER [SEED]` tries
as many examples as one likes, and prints the smallest one of each kind that fails.
"""

from __future__ import annotations

import contextlib
import datetime
import decimal
import io
import logging
import os
import re
import sys
import tempfile
import traceback
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import alembic.util
import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from hypothesis import HealthCheck, Phase, given, reject, seed, settings
from sqlalchemy.orm import configure_mappers

from tests.dumps import dump
from tests.forked import forked
from tests.servers import DIALECTS, engine_for, execute, new_database
from tests.template.conftest import put_migrations
from tests.template.vocabulary import Model, pairs, source

EXAMPLES = {"sqlite": 14, "postgresql": 5, "mariadb": 6}
MOMENT = datetime.datetime(2024, 5, 6, 7, 8, 9)
VALUES: tuple[tuple[Any, Any], ...] = (
    (sa.Enum, None),
    (sa.Boolean, True),
    (sa.Float, 5.0),
    (sa.Numeric, decimal.Decimal(5)),
    (sa.Integer, 5),
    (sa.String, "ab"),
    (sa.DateTime, MOMENT),
    (sa.Date, MOMENT.date()),
    (sa.Time, MOMENT.time()),
    (sa.JSON, {"a": ":b"}),
    (sa.PickleType, [1]),
    (sa.LargeBinary, b"x"),
    (sa.Uuid, uuid.UUID(int=5)),
    (sa.Interval, datetime.timedelta(1)),
)
# what rows may have against a change: it is tried again without rows
OF_ROWS = re.compile(
    "Cannot add a NOT NULL column"
    "|NotNull|contains null values|cannot be null|NOT NULL constraint failed|[Cc]heck constraint|CHECK constraint"
    "|CONSTRAINT `.*` failed"
    "|invalid input|Incorrect .* value|[Dd]ata truncated|out of range|violates foreign key|foreign key constraint fails|overflow"
    "|could not create unique|Duplicate entry|UNIQUE constraint|[Tt]runcat|too long|cannot be cast|malformed|datatype mismatch"
    "|cannot store|Invalid JSON|would fail|no value|Invalid default|rows|violate|FOREIGN KEY constraint"
)


class Fault(AssertionError):
    """What is wrong; `kind` is where, `said` the words of it."""

    def __init__(self, kind: str, said: str, text: str = "") -> None:
        super().__init__(f"{kind}\n{said}\n\n{text}")
        self.kind, self.said = kind, said


class NotBuilt(Exception):
    """`create_all()` of the models fails: they are none."""


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """The lines that commands log meanwhile."""
    lines: list[str] = []
    handler = logging.Handler(logging.INFO)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    loggers = [logging.getLogger(name) for name in ("alembic.env", "flask_migrate", "alembic")]
    for one in loggers:
        one.addHandler(handler)
    try:
        yield lines
    finally:
        for one in loggers:
            one.removeHandler(handler)


class Trial:
    """A project on one server, whose models become others."""

    def __init__(self, server: str, folder: Path, existing: str, created: str) -> None:
        self.server, self.folder, self.existing, self.created = server, folder, existing, created
        self.versions = folder / "migrations" / "versions"
        put_migrations(folder)
        self.left = 0

    def empty(self, url: str) -> None:
        name = sa.make_url(url).database
        if self.server == "sqlite":
            Path(str(name)).unlink(missing_ok=True)
        elif self.server == "mariadb":
            execute(url, f"DROP DATABASE `{name}`", f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        else:
            gone = [f'DROP SCHEMA IF EXISTS "{one}" CASCADE' for one in ("public", "other", "Odd schema")]
            execute(url, *gone, "CREATE SCHEMA public")

    def application(self, url: str, model: Model) -> Flask:
        """An application that has these models, on the database at `url`."""
        app = Flask("shop", root_path=str(self.folder))
        app.config["SQLALCHEMY_DATABASE_URI"] = engine_for(url).url
        db = SQLAlchemy(app)
        Migrate(app, db, directory=str(self.folder / "migrations"))
        try:
            exec(compile(source(model, self.server), "models.py", "exec"), {"db": db, "__name__": "models"})
            configure_mappers()
        except Exception as error:
            raise NotBuilt(repr(error)) from error
        return app

    def build(self, url: str, model: Model) -> None:
        """A database that `create_all()` has made."""
        self.empty(url)
        app = self.application(url, model)
        with app.app_context():
            db = app.extensions["sqlalchemy"]
            schemas = {table.schema for table in db.metadata.tables.values() if table.schema}
            execute(url, *[f'CREATE SCHEMA IF NOT EXISTS "{one}"' for one in schemas])
            try:
                db.create_all()
            except Exception as error:
                raise NotBuilt(repr(error)) from error
            finally:
                db.engine.dispose()

    def fill(self, model: Model) -> None:
        """A row in each table that takes one."""
        with self.application(self.existing, model).app_context() as context:
            metadata = context.app.extensions["sqlalchemy"].metadata
        engine = engine_for(self.existing)
        for table in metadata.sorted_tables:
            values = {one: value(one) for one in table.columns if one.computed is None and one.identity is None}
            least = {one: said for one, said in values.items() if not one.nullable}
            for some in (values, least):
                with contextlib.suppress(Exception), engine.begin() as connection:
                    connection.execute(table.insert().values({one: said for one, said in some.items() if said is not None}))
                    break

    def numbers(self) -> dict[str, int]:
        """{table: number of its rows}."""
        engine = engine_for(self.existing)
        found = {}
        schemas = (None, "other", "Odd schema") if self.server == "postgresql" else (None,)
        with engine.connect() as connection:
            for schema in schemas:
                for name in sa.inspect(connection).get_table_names(schema=schema):
                    table = sa.table(name, schema=schema)
                    found[f"{schema}.{name}"] = connection.scalar(sa.select(sa.func.count()).select_from(table))
        return found

    def command(self, kind: str, app: Flask, function: Callable[..., Any], **options: Any) -> list[str]:
        """What one command logs."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(app.app_context())
            lines = stack.enter_context(listening())
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            printed = stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            try:
                function(**options)
            except (Exception, SystemExit) as error:
                words = [*lines[-3:], *printed.getvalue().splitlines()[-6:], f"{type(error).__name__}: {error}".split("[SQL")[0]]
                place = traceback.extract_tb(error.__traceback__)[-1]
                raise Fault(kind, "\n".join(words) + f"\n{place.filename.rpartition('/')[2]}:{place.name}", self.text()) from error
            finally:
                app.extensions["sqlalchemy"].engine.dispose()
        return lines

    def text(self) -> str:
        """The revision that was written last, with consent to what it loses."""
        found = sorted(self.versions.glob("*.py"), key=lambda path: path.stat().st_mtime_ns)
        if not found:
            return ""
        text = found[-1].read_text()
        found[-1].write_text(text.replace("consents = None", 'consents = {"*": "it is tried"}'))
        return re.sub(r"(?s)^.*?\ndef upgrade", "def upgrade", text)

    def migrate(self, kind: str, app: Flask) -> tuple[str, list[str]]:
        """(the revision or "", what was said of what it leaves)."""
        before = set(self.versions.glob("*.py"))
        lines = self.command(kind, app, flask_migrate.migrate, message=kind)
        left = [one for one in lines if one.startswith(("Not in the revision", "Only what Alembic"))]
        kept = ["CREATE TYPE" for one in lines if one.startswith("The type")]
        return self.text() if set(self.versions.glob("*.py")) - before else "", left + kept

    def run(self, before: Model, after: Model, way: str = "revision") -> None:
        """
        Raises:
            Fault: what is written does not do.
            NotBuilt: the models are none.
        """
        try:
            self.attempt(before, after, way, with_rows=True)
        except Fault as fault:
            if "Cannot cast" in fault.said:  # MariaDB, whether there are rows or not
                return
            if not OF_ROWS.search(fault.said) or fault.kind in ("upgraded", "downgraded"):
                raise
            self.attempt(before, after, way, with_rows=False)

    def attempt(self, before: Model, after: Model, way: str, *, with_rows: bool) -> None:
        for path in self.versions.parent.glob("versions"):
            for one in [*path.glob("*.py")]:
                one.unlink()
        self.versions.mkdir(exist_ok=True)
        self.build(self.created, after)
        wanted = dump(self.created)
        self.build(self.created, before)
        plain = dump(self.created)
        old, new = (self.application(self.existing, one) for one in (before, after))
        self.empty(self.existing)
        text, left = self.migrate("first", old)
        if text:
            self.command("first upgrade", old, flask_migrate.upgrade)
            if not left:
                self.same("first", self.dump(), plain, text)
        if way == "stamped":
            self.build(self.existing, before)
            self.command("stamp", old, flask_migrate.stamp)
        if with_rows:
            self.fill(before)
        rows, was = self.numbers(), self.dump()
        text, left = self.migrate("second", new)
        self.left += bool(left)
        if not text:
            if not left:
                self.same("silent", was, wanted, "")
            return
        if was == wanted:
            raise Fault("noise", re.sub(r"(?s)\n\n\ndef downgrade.*", "", text))
        self.command("upgrade", new, flask_migrate.upgrade)
        ignored = [one for one in left if one == "CREATE TYPE"]
        if left != ignored:
            return
        self.same("upgraded", self.dump(), wanted, text, ignored)
        after_rows = self.numbers()
        lost = {one for one in rows if one in after_rows and one != "None.alembic_version" and after_rows[one] != rows[one]}
        if lost:
            raise Fault("rows", f"{lost}", text)
        third, left = self.migrate("third", new)
        if third or (left and left != ignored[:1]):
            raise Fault("again", third or "\n".join(left), text)
        self.command("downgrade", new, flask_migrate.downgrade)
        ignored += ["CREATE TYPE"] * ("out of a type" in text)
        self.same("downgraded", self.dump(), was, text, ignored)
        self.command("upgrade again", new, flask_migrate.upgrade)
        self.same("upgraded again", self.dump(), wanted, text, ignored)

    def dump(self) -> list[str]:
        return dump(self.existing) if self.server != "sqlite" or Path(str(sa.make_url(self.existing).database)).exists() else []

    def same(self, kind: str, found: list[str], wanted: list[str], text: str, ignored: list[str] | None = None) -> None:
        if ignored is None:
            ignored = []
        found, wanted = ([one for one in some if not one.startswith(("CREATE SCHEMA", *ignored))] for some in (found, wanted))
        if found != wanted:
            lines = [f"- {one}" for one in found if one not in wanted] + [f"+ {one}" for one in wanted if one not in found]
            raise Fault(kind, "\n".join(lines), text)


def value(column: sa.Column[Any]) -> Any:
    """What a row has there."""
    if isinstance(column.type, sa.Enum):
        return column.type.enums[0]
    type_ = getattr(column.type, "data_type", column.type)
    return next((said for kind, said in VALUES if isinstance(type_, kind)), None)


def load_once() -> None:
    """Let the file adopt.py be read by the first command alone: they all take its modules from there."""
    load = alembic.util.load_python_file
    known: dict[tuple[str, str], Any] = {}

    def loaded(directory: str, name: str) -> Any:
        if name != "adopt.py":
            return load(directory, name)
        if (directory, name) not in known:
            known[directory, name] = load(directory, name)
        return known[directory, name]

    alembic.util.load_python_file = loaded


@contextlib.contextmanager
def trial(server: str) -> Iterator[Trial]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="generator-")))
        urls = [stack.enter_context(new_database(server, folder)) for _ in range(2)]
        yield Trial(server, folder, *urls)


@pytest.mark.parametrize("server", DIALECTS)
@forked
def test_models_become_others(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The revision is written, runs, makes what `create_all()` makes, goes back, and leaves nothing to write."""
    for variable in [one for one in os.environ if one.startswith("EMPTY_DATABASE_URL")]:
        monkeypatch.delenv(variable)
    with trial(server) as one:
        monkeypatch.chdir(one.folder)

        @settings(
            max_examples=EXAMPLES[server],
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(pairs(server))
        def each(pair: tuple[Model, Model]) -> None:
            try:
                one.run(*pair)
            except NotBuilt:
                reject()
            except Fault as fault:
                pytest.fail(f"{fault}\n" + "\n".join(source(side, server) for side in pair))

        each()


# ---- many of them


def smaller(
    one: Trial, before: Model, after: Model, way: str, signature: Callable[[Fault], Any], wanted: Any
) -> tuple[Model, Model]:
    """The same fault with fewer parts."""

    tried = 0

    def fails(pair: tuple[Model, Model]) -> bool:
        nonlocal tried
        tried += 1
        if tried > 60:
            return False
        try:
            one.run(*pair, way)
        except NotBuilt:
            return False
        except Fault as fault:
            return bool(signature(fault) == wanted)
        return False

    empty: dict[str, Any] = {"options": (), "key": "id", "base": None}
    groups = [
        lambda slot: before.get(slot) == after.get(slot) and "." in slot,
        *[lambda slot, i=i: slot.startswith(f"t{i}") for i in (2, 1)],
        *[lambda slot, i=i: slot.startswith(f"t{i}.") and before.get(slot) == after.get(slot) for i in (2, 1, 0)],
    ]
    for is_of in groups:
        sides = [
            {slot: empty.get(slot.partition(".")[2]) if is_of(slot) else one for slot, one in side.items()}
            for side in (before, after)
        ]
        if sides != [before, after] and fails((sides[0], sides[1])):
            before, after = sides
    changed = True
    while changed:
        changed = False
        for slot in sorted(set(before) | set(after)):
            kind = slot.partition(".")[2]
            nothing = empty.get(kind)
            tries: list[tuple[Any, Any]] = [(nothing, nothing)]
            if before.get(slot) != after.get(slot):
                tries += [(before.get(slot), before.get(slot)), (after.get(slot), after.get(slot))]
            elif isinstance(after.get(slot), dict):
                for fact, said in after[slot].items():
                    if said and fact in (
                        "default",
                        "computed",
                        "comment",
                        "more",
                        "check",
                        "option",
                        "form",
                        "ondelete",
                        "onupdate",
                        "use_alter",
                    ):
                        made = {**after[slot], fact: None if fact not in ("form", "ondelete", "onupdate") else ""}
                        tries.append((made, made))
            for pair in tries:
                if pair == (before.get(slot), after.get(slot)):
                    continue
                candidate = {**before, slot: pair[0]} if before else {}, {**after, slot: pair[1]}
                if candidate != (before, after) and fails(candidate):
                    before, after, changed = *candidate, True
    return before, after


def signature(fault: Fault) -> tuple[str, str]:
    """What makes two faults one."""
    said = re.sub(
        r'"[^"]*"|`[^`]*`|\'[^\']*\'|\d+|\b(item|Item|user|order|part%s|two words|Leaf|leaf|group|a%b|a_name\w*)\b', "_", fault.said
    )
    if fault.kind in ("upgraded", "downgraded", "silent", "upgraded again", "first"):
        words = re.findall(r"(?m)^[-+] (\w+ \w+(?: _ \w+ \w+)?)", said)
        return fault.kind, " ".join(sorted(set(words)))
    if fault.kind in ("noise", "again"):
        return fault.kind, " ".join(sorted(set(re.findall(r"op\.\w+", said))))
    lines = [one for one in said.splitlines() if "rror" in one or "ailed" in one or "annot" in one]
    return fault.kind, (lines or said.splitlines())[-1][:110]


def main(server: str, number: str, seed_: str = "0") -> None:
    """Try many, and print what fails."""
    logging.disable(logging.NOTSET)
    found: dict[Any, int] = {}
    count = {"tried": 0, "not built": 0, "failed": 0}
    load_once()
    with trial(server) as one:
        os.chdir(one.folder)

        @seed(int(seed_))
        @settings(
            max_examples=int(number), database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
        )
        @given(pairs(server))
        def each(pair: tuple[Model, Model]) -> None:
            count["tried"] += 1
            way = "revision" if count["tried"] % 2 else "stamped"
            try:
                one.run(*pair, way)
            except NotBuilt:
                count["not built"] += 1
            except Fault as fault:
                count["failed"] += 1
                kind = signature(fault)
                found[kind] = found.get(kind, 0) + 1
                if found[kind] == 1:
                    print("? ", way, kind, flush=True)
                    pair = smaller(one, *pair, way, signature, kind)
                    print("=" * 100, "\n", way, kind)
                    try:
                        one.run(*pair, way)
                    except Fault as again:
                        print(again)
                    texts = [source(side, server).replace(source({}, server), "") for side in pair]
                    print("--- before\n" + texts[0] + "--- after\n" + texts[1], flush=True)
            if count["tried"] % 100 == 0:
                print("#", count, "left", one.left, file=sys.stderr, flush=True)

        each()
        print(server, count, "left", one.left)
    for kind, times in sorted(found.items(), key=lambda item: -item[1]):
        print(times, kind)


if __name__ == "__main__":
    main(*sys.argv[1:])
