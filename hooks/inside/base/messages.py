"""What passes between Copier's Python and the project's, each a line of JSON: a request in, events out, and the word to go.

    Request          what to load, on what, and what for
    Go               after "verified": compare the existing databases, stamp them, or end
    Step, Progress, Waiting, Fingerprints, Loaded, LeftBehind     while it works
    Verified, Rehearsed, BuiltForTests, Compared, Stamped         what it has found and done
    Failed           why it ends early

Both sides use these classes; a field that the other side does not know is an error. Databases, differences and the like inside of
them are as the modules that make them say: subject.py, adopt/schema/differences.py.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Dict, List, Mapping, Optional, Tuple, Type


@dataclass
class RequestedApp:
    """The application, as `flask --app` takes it; `kind` is "object" or "factory", `inner` the attribute that holds the Flask."""

    module: str
    name: str
    kind: str = "object"
    arguments: str = ""
    inner: str = ""


@dataclass
class Request:
    """The first line. `mode` is "retrofit", "takeover", "rehearse", "for-tests" or "compare".

    `overlay` are the edited files, {path: base64}; `models` those of the source. `load_on` is "play", "schema" (a play database
    with the tables of the existing one) or "existing" (read-only). Scratch databases that a run of the same `purpose` has left are
    dropped.
    """

    root: str = ""
    mode: str = "retrofit"
    app: RequestedApp = field(default_factory=lambda: RequestedApp("", ""))
    folder: str = ""  # where the application's module can be imported from, as flask has it for FLASK_APP=src/shop
    flask_app: str = ""
    by_flask: bool = False  # load what a plain `flask` finds
    overlay: Dict[str, str] = field(default_factory=dict)
    models: List[Dict[str, Any]] = field(default_factory=list)
    load_on: str = "play"
    create_all: str = "run"  # or "skip"
    base_url: Optional[str] = None  # a database beside which the play database is made
    variable: str = "DATABASE_URL"
    on_drift: str = "reconcile"
    revision_id: str = ""
    create_date: Optional[str] = None  # of the revisions, in ISO form; None: now
    message: str = "baseline"
    purpose: str = ""
    taken: List[Mapping[str, Any]] = field(default_factory=list)  # fingerprints of earlier processes
    # "for-tests": what is built, with a URL in the variable that has the token
    token: str = ""
    probe_url: str = ""
    modules: List[str] = field(default_factory=list)
    environments: List[Tuple[str, str]] = field(default_factory=list)
    test_files: List[Dict[str, Any]] = field(default_factory=list)
    # "compare"
    databases: List[Mapping[str, Any]] = field(default_factory=list)

    @classmethod
    def received(cls, data: Mapping[str, Any]) -> Request:
        """The request that a line holds."""
        request = cls(**data)
        if isinstance(request.app, dict):
            request.app = RequestedApp(**request.app)
        return request


@dataclass
class Go:
    """What becomes of the run after "verified"."""

    compare: bool = False
    stamp: bool = False


@dataclass
class Event:
    """One line of the answer; `kind` is its name there."""

    kind: ClassVar[str] = ""


@dataclass
class Step(Event):
    """A step has ended well; `detail` are its counts and words by name."""

    kind = "step"
    name: str
    seconds: float
    detail: Any = None


@dataclass
class Progress(Event):
    """How far a long step is."""

    kind = "progress"
    name: str
    done: int
    total: int


@dataclass
class Waiting(Event):
    """For whom a statement waits."""

    kind = "waiting"
    line: str


@dataclass
class Fingerprints(Event):
    """The existing databases as they were, with their passwords; with `is_known` the application has told which they are."""

    kind = "fingerprints"
    databases: List[Mapping[str, Any]]
    is_known: bool


@dataclass
class Learned(Event):
    """To the keeper only: which databases the application is configured with is known."""

    kind = "learned"


@dataclass
class Loaded(Event):
    """The application is there; `url` is that of its default database, with the password, `database` without."""

    kind = "loaded"
    database: str
    dialect: str
    load_on: str
    in_memory: bool = False  # one of its databases is SQLite's in memory
    url: str = ""


@dataclass
class RevisionFile:
    """A revision that was written."""

    filename: str
    text: str


@dataclass
class Verified(Event):
    """All checks have passed; `databases` are the facts of subject.py, the default one first.

    Models are {"name", "path", "line", ...}: `unused_models` have no table and were not loaded, `failed_models` have one and could
    not be. `loaded_on` is as `load_on` of the request; `no_play_database` says why it is more than was asked for. `reflected` are
    tables that the application reads from its database. Of a take-over `revisions` are counted and `failures` of them told.
    """

    kind = "verified"
    databases: List[Dict[str, Any]]
    project_ini: Optional[str] = ""
    picture: str = ""  # the section of migrations/SCHEMA.md that draws the schema
    tables: int = 0
    baseline: Optional[RevisionFile] = None
    reconcile: Optional[RevisionFile] = None
    unused_models: List[Dict[str, Any]] = field(default_factory=list)
    failed_models: List[Dict[str, Any]] = field(default_factory=list)
    imported_modules: List[str] = field(default_factory=list)
    spare_binds: List[Optional[str]] = field(default_factory=list)
    loaded_on: str = "play"
    no_play_database: str = ""
    reflected: List[str] = field(default_factory=list)
    revisions: int = 0
    heads: List[str] = field(default_factory=list)
    unproven: str = ""
    failures: List[Dict[str, Any]] = field(default_factory=list)


@dataclass
class Rehearsed(Event):
    """The application starts on an empty database, and makes `tables` tables there; `some_of_models` are those of the models, where
    it makes some of them and not all.
    """

    kind = "rehearsed"
    follows_variable: bool
    has_default: bool
    binds_that_follow: List[str] = field(default_factory=list)
    testing: bool = False
    tables: int = 0
    some_of_models: List[str] = field(default_factory=list)


@dataclass
class BuiltForTests(Event):
    """The configurations for tests: {"kind", "name", "path", "follows", "testing", "classes"}; (what, why) of those that failed."""

    kind = "for-tests"
    built: List[Dict[str, Any]]
    failed: List[List[str]]


@dataclass
class Compared(Event):
    """{"keys", "database", "unclear"} of each existing database; `changes` are (database, sentence)."""

    kind = "compared"
    databases: List[Dict[str, Any]]
    changes: List[Tuple[str, str]] = field(default_factory=list)


@dataclass
class Stamped(Event):
    """A database has its row; `name` is "" for the default one."""

    kind = "stamped"
    name: str
    revision: str


@dataclass
class LeftBehind(Event):
    """A scratch database could not be dropped; the next run tries again."""

    kind = "left-behind"
    exception: str


@dataclass
class Failed(Event):
    """Why it ends early: `reason` is a reference of hooks/wording/, the rest what is known.

    `path`, `line`, `text`: the last line of the project that ran; `exception` what it raised. `keys` are binds, `name` that of one,
    or of another database. `models` are {"name", "path", "line", ...}, `changes` (database, sentence).
    """

    kind = "error"
    reason: str
    message: str = ""
    path: str = ""
    line: int = 0
    text: str = ""
    exception: str = ""
    where: str = ""  # the line of ours, where it is a mistake of ours
    missing_variable: str = ""
    missing_module: str = ""
    missing_file: str = ""
    missing_dialect: str = ""
    keys: List[Optional[str]] = field(default_factory=list)
    name: str = ""
    database: str = ""
    dialect: str = ""
    revision: str = ""
    family: str = ""
    program: str = ""
    status: str = ""
    app: str = ""
    type: str = ""
    directory: str = ""
    asked: bool = False  # the application reads its tables from the database
    binds: List[str] = field(default_factory=list)
    tables: List[str] = field(default_factory=list)
    differences: List[str] = field(default_factory=list)
    models: List[Dict[str, Any]] = field(default_factory=list)
    metadata_is_empty: bool = False
    have_tables: bool = False
    is_looked_up: bool = False
    changes: List[Tuple[str, str]] = field(default_factory=list)


KINDS: Dict[str, Type[Event]] = {one.kind: one for one in Event.__subclasses__()}


def data_of(event: Event) -> Dict[str, Any]:
    """The line for an event."""
    said = {one.name: getattr(event, one.name) for one in fields(event)}
    told = {name: asdict(value) if isinstance(value, RevisionFile) else value for name, value in said.items()}
    return {"event": event.kind, **told}


def event_of(data: Mapping[str, Any]) -> Event:
    """The event that a line holds.

    Raises:
        KeyError, TypeError: it is none of these.
    """
    rest = dict(data)
    event = KINDS[rest.pop("event")](**rest)
    if isinstance(event, Verified):
        event.baseline, event.reconcile = (
            RevisionFile(**one) if isinstance(one, dict) else one for one in (event.baseline, event.reconcile)
        )
    return event
