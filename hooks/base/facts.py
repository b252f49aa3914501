"""What the stages hand on: frozen facts, without behaviour beyond how they are spelled.

`detect/` makes them from text, `planning/` decides with them, `edit/` and `inside/` act on them, `wording/` puts them into words.
Paths are relative to the project's root and use "/"; lines count from 1; columns count UTF-8 bytes from 0, as `ast` does.
"Created" and "attached" differ: `db = SQLAlchemy()` creates, `db.init_app(app)` attaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from hooks.base.deploy_facts import Deploy
from hooks.base.location import Location, Span


class AppKind(Enum):
    """What the name after the colon of `flask --app module:name` is."""

    OBJECT = "object"
    FACTORY = "factory"
    WRAPPED = "wrapped"  # connexion, Dash: the Flask object is an attribute of it


@dataclass(frozen=True)
class App:
    """One Flask application that the source defines.

    `arguments` is the source text between the parentheses of the call that the project's own entry point makes (empty: none);
    `required` names the parameters without a default that no call in the project supplies.
    `inner` is the attribute of a WRAPPED object that holds the Flask object, as "app" for connexion.
    `made_by` is "module:name" of the factory that an OBJECT is made by (`app = create_app()`), else empty.
    `is_bare`: only a database or a script uses it, it has no route, is not run, and nothing imports it.
    `aliases` are the other (module, name) under which the same object can be had: `from shop import app` in run.py.
    `folder` is what has to be on `sys.path` for `module` to be importable, "src" as a rule; empty: the project's root.
    `is_plain`: a factory all of whose parameters have a default.
    """

    module: str
    name: str
    kind: AppKind
    where: Location
    arguments: str = ""
    required: tuple[str, ...] = ()
    inner: str = ""
    in_tests: bool = False
    made_by: str = ""
    aliases: tuple[tuple[str, str], ...] = ()
    is_bare: bool = False
    folder: str = ""
    is_plain: bool = field(default=False, compare=False)

    @property
    def spec(self) -> str:
        """What `flask --app` takes."""
        return f"{self.module}:{self.name}" + (f"({self.arguments})" if self.arguments else "")


@dataclass(frozen=True)
class Database:
    """One `SQLAlchemy` object of Flask-SQLAlchemy (or of a subclass), where it is created.

    `span` covers the whole creating statement; `function` is the function that holds it (dotted for methods), None at module level;
    `app` is the application argument as written when it is created attached, `SQLAlchemy(app)`, else empty.
    """

    module: str
    name: str
    where: Location
    span: Span
    function: str | None = None
    app: str = ""
    in_tests: bool = False

    @property
    def spec(self) -> str:
        """What the question `db` takes."""
        return f"{self.module}:{self.name}"


@dataclass(frozen=True)
class Attachment:
    """One place where a `SQLAlchemy` object meets an application: `SQLAlchemy(app)` (direct) or `db.init_app(app)`.

    `db` and `app` are the expressions as written there; `database` is the `Database.spec` they lead to (empty: not resolved).
    `lines`, where only `python module.py` comes there, would attach it in a file that `flask` imports.
    """

    span: Span
    where: Location
    module: str
    db: str
    app: str
    database: str
    is_direct: bool
    function: str | None = None
    under_main: bool = False
    lines: tuple[str, ...] = ()
    in_tests: bool = False


@dataclass(frozen=True)
class Model:
    """One model class or `Table(...)` that the source declares; `table` is empty where only loading the app can tell it."""

    module: str
    name: str
    table: str
    where: Location
    is_table: bool = False
    in_tests: bool = False


class UriForm(Enum):
    """How a database URI gets into Flask's config."""

    ITEM = "item"  # app.config["SQLALCHEMY_DATABASE_URI"] = value
    KEYWORD = "keyword"  # config.update(SQLALCHEMY_DATABASE_URI=value), from_mapping(...)
    DICT = "dict"  # {"SQLALCHEMY_DATABASE_URI": value}
    CLASS = "class"  # an attribute of a config class
    MODULE = "module"  # a global of a settings module, also one read by from_pyfile
    SETDEFAULT = "setdefault"  # config.setdefault("SQLALCHEMY_DATABASE_URI", value)


@dataclass(frozen=True)
class UriSite:
    """One place where source gives `SQLALCHEMY_DATABASE_URI` a value; `value` spans the expression.

    `is_test`: it configures tests, so it is never made to follow the variable.
    `variables` are the environment variables that the value reads, `schemes` are those of the URLs in it ("sqlite"), however
    indirectly.
    `passes_on`: the value is only another site's name: `app.config["SQLALCHEMY_DATABASE_URI"] = settings.SQLALCHEMY_DATABASE_URI`.
    `is_made_up`: a variable is a part of the URL that is put together there, such as the name of a file.
    """

    form: UriForm
    value: Span
    where: Location
    module: str
    owner: str = ""
    is_test: bool = False
    variables: tuple[str, ...] = ()
    passes_on: bool = False
    schemes: tuple[str, ...] = ()
    is_made_up: bool = False

    @property
    def has_url(self) -> bool:
        """Whether a URL is written out there, and not only `postgres://` and what it is replaced with."""
        only_replaces = "postgres" in self.schemes and all(scheme.startswith("postgres") for scheme in self.schemes)
        return bool(self.schemes) and not only_replaces


@dataclass(frozen=True)
class InheritingTest:
    """A config class for tests without a URI of its own: it has the one of `base` ("module:Class"), so it must not follow a
    variable.
    """

    module: str
    name: str
    where: Location
    span: Span
    base: str


@dataclass(frozen=True)
class Config:
    """Where the database URI comes from; `data_files` are the loads of JSON, TOML, YAML, ignored or missing files.

    `prefixed` are variables that give it without a line that names them: those of Dynaconf, of a class of pydantic's settings.
    """

    sites: tuple[UriSite, ...] = ()
    data_files: tuple[Location, ...] = ()
    inheriting_tests: tuple[InheritingTest, ...] = ()
    prefixed: tuple[str, ...] = ()


class CreateAllRole(Enum):
    """When a `create_all()` runs."""

    START_UP = "start-up"
    COMMAND = "command"  # a script, a CLI command, a request handler: somebody asks for it
    TEST = "test"


@dataclass(frozen=True)
class CreateAll:
    """One call of `create_all`; `statement` spans the smallest statement that holds it, `db` is the object as written.

    `is_needed_unseen`: only a script or a request runs it, and what follows there uses the tables.
    `fallback` is the first line of what is made where it fails, in an `except` around it: the database itself, say; 0 for nothing.
    `stands_in`: it is in such an `except` itself, for another database.
    """

    call: Span
    statement: Span
    where: Location
    role: CreateAllRole
    db: str = "db"
    function: str | None = None
    is_needed_unseen: bool = False
    fallback: int = 0
    stands_in: bool = False


class DeclarationForm(Enum):
    """The ways in which a Python project declares its dependencies."""

    REQUIREMENTS = "requirements"  # requirements*.txt, *.in
    PEP621 = "project.dependencies"  # PEP 621: setuptools, hatch, PDM, uv, Poetry 2
    POETRY = "tool.poetry.dependencies"
    PIPFILE = "packages"
    SETUP_CFG = "install_requires (setup.cfg)"
    SETUP_PY = "install_requires (setup.py)"
    CONDA = "dependencies (environment.yml)"


@dataclass(frozen=True)
class Declaration:
    """A file where the project declares Flask or Flask-SQLAlchemy, and so where it will look for Flask-Migrate."""

    path: str
    form: DeclarationForm
    line: int
    names: tuple[str, ...] = ()  # normalised names (PEP 503) that it declares
    included: tuple[str, ...] = ()  # those that it has from other files, by `-r`


@dataclass(frozen=True)
class Interpreter:
    """The project's Python; `found_by` says how, as "VIRTUAL_ENV" or ".venv"; `installed` maps normalised names to versions."""

    path: str
    found_by: str
    version: tuple[int, int] = (0, 0)
    installed: dict[str, str] = field(default_factory=dict)
    has_pip: bool = True
    is_externally_managed: bool = False  # PEP 668: the operating system's own, into which pip installs nothing


@dataclass(frozen=True, order=True)
class Change:
    """One file (or link, or empty folder) that is not as it was: "added", "removed" or "changed"."""

    path: str
    what: str


@dataclass(frozen=True)
class Ending:
    """What a run that ends early leaves, as it was looked at: `changes` of files, `changed` (database, sentence) in databases.

    `unclear` is (database, sentence) of what others may have changed, and what could not be looked at. `is_known`: nothing of the
    application was run, or its databases were looked at. `is_done`: only telling of it was left to do.
    """

    changes: Sequence[Change] = ()
    changed: Sequence[tuple[str, str]] = ()
    unclear: Sequence[tuple[str, str]] = ()
    is_known: bool = True
    is_done: bool = False


@dataclass(frozen=True)
class Tried:
    """A Python that was looked at, how it was come upon, and why it is not the one."""

    python: str
    found_by: str
    why: str


@dataclass(frozen=True)
class Existing:
    """What is there already.

    `migrate` are the places where Flask-Migrate is attached; `alembic` the directories that hold an Alembic `env.py`;
    `revisions` the revision files in `migrations/versions`; `migrations_entries` what else `migrations/` holds.
    `flask_script` is the place of a Flask-Script `Manager(...)`. `created` are the places where a `Migrate` object is made,
    attached or not; `other_tools` those of another migration extension, as Flask-Alembic. `on_import` are those of `migrate` in the
    manager's file that are there as soon as it is imported. `directed` are calls of Flask-Migrate's commands that name a directory.
    """

    migrate: tuple[Location, ...] = ()
    alembic: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()
    migrations_entries: tuple[str, ...] = ()
    flask_script: Location | None = None
    created: tuple[Location, ...] = ()
    other_tools: tuple[Location, ...] = ()
    on_import: tuple[Location, ...] = ()
    directed: tuple[Location, ...] = ()


@dataclass(frozen=True)
class FlaskAppHint:
    """A place where the repository itself says which app `flask` runs: `.flaskenv`, Procfile, Dockerfile, README."""

    spec: str
    where: Location


@dataclass(frozen=True)
class Demand:
    """A place that ends the loading where these environment variables are not set; `is_condition`: an `if` asks for all of them.

    `is_certain`: whatever else is so; not in a branch, a `try` or behind `or`.
    """

    names: tuple[str, ...]
    where: Location
    is_condition: bool = False
    is_certain: bool = True


@dataclass(frozen=True)
class Project:
    """All that reading the source tells; nothing in it was imported or run."""

    root: str
    files: tuple[str, ...] = ()  # every tracked or untracked-but-not-ignored file
    apps: tuple[App, ...] = ()
    databases: tuple[Database, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    models: tuple[Model, ...] = ()
    config: Config = Config()
    create_all: tuple[CreateAll, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    existing: Existing = Existing()
    hints: tuple[FlaskAppHint, ...] = ()
    unparsable: tuple[Location, ...] = ()
    demands: tuple[Demand, ...] = ()
    replaced_create_all: tuple[Location, ...] = ()  # where tests put something in its place
    own_statements: tuple[Location, ...] = ()  # that change tables
    choosers: tuple[str, ...] = ()  # variables whose value says which configuration it has, without a default
    deploy: Deploy = field(default_factory=Deploy)
    has_tests: bool = False  # in a file that is named as tests are
    not_flask_sqlalchemy: tuple[Location, ...] = ()  # plain declarative bases, Quart: what a refusal names

    @property
    def needed_variables(self) -> tuple[str, ...]:
        """The environment variables without which it may not load, sorted."""
        return tuple(sorted({name for demand in self.demands for name in demand.names}))


@dataclass(frozen=True)
class Answers:
    """The answers to the questions of copier.yml; "auto" means: find out."""

    app: str = "auto"
    db: str = "auto"
    python: str = "auto"
    database_url_variable: str = "DATABASE_URL"
    create_all: str = "remove"
    on_drift: str = "reconcile"
    stamp: bool = True
    ci: str = "auto"
    mode: str = "apply"
    report: str = ""
    allow_dirty: bool = False

    @property
    def is_plan(self) -> bool:
        """Whether everything is to be proven and shown, and nothing written or stamped."""
        return self.mode == "plan"


@dataclass(frozen=True)
class Option:
    """An argument of `context.configure` that a team has written into its env.py."""

    name: str
    value: str
    where: Location
