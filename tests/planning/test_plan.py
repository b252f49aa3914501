"""Which application and which SQLAlchemy object: settled from evidence, or an error that names the candidates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hooks.base import errors
from hooks.base.facts import (
    Answers,
    App,
    AppKind,
    Attachment,
    Config,
    CreateAll,
    CreateAllRole,
    Database,
    Existing,
    FlaskAppHint,
    Project,
    UriForm,
    UriSite,
)
from hooks.base.location import Location, Span
from hooks.planning.flask_app import flask_app_by_path
from hooks.planning.plan import Plan, make_plans


def app(path: str, module: str, name: str = "app", kind: AppKind = AppKind.OBJECT, **more: object) -> App:
    return App(module, name, kind, Location(path, 1, f"{name} = ..."), **more)  # type: ignore[arg-type]


def factory(path: str, module: str, name: str = "create_app", **more: object) -> App:
    return app(path, module, name, AppKind.FACTORY, **more)


def database(path: str, module: str) -> Database:
    return Database(module, "db", Location(path, 2, "db = SQLAlchemy()"), Span(path, 2, 0, 2, 17))


def attachment(path: str, module: str, of: Database, function: str | None = None, **more: bool) -> Attachment:
    span = Span(path, 9, 0, 9, 10)
    return Attachment(span, Location(path, 9), module, "db", "app", of.spec, is_direct=False, function=function, **more)


def uri(path: str, module: str, variables: tuple[str, ...] = (), is_test: bool = False) -> UriSite:
    return UriSite(UriForm.ITEM, Span(path, 5, 0, 5, 9), Location(path, 5), module, variables=variables, is_test=is_test)


SHOP_DB = database("shop/extensions.py", "shop.extensions")
SHOP = Project(
    root=".",
    files=("shop/__init__.py", "shop/extensions.py", "wsgi.py"),
    apps=(factory("shop/__init__.py", "shop"),),
    databases=(SHOP_DB,),
    attachments=(attachment("shop/__init__.py", "shop", SHOP_DB, "create_app"),),
    config=Config((uri("shop/config.py", "shop.config"),)),
)


def with_(project: Project, **changes: object) -> Project:
    return Project(**{**project.__dict__, **changes})  # type: ignore[arg-type]


def make_plan(project: Project, answers: Answers) -> Plan:
    """The plan that is tried first."""
    return make_plans(project, answers)[0]


def test_tests_that_have_their_tables_from_the_start() -> None:
    """Where nothing is tested, no table is needed."""
    span = Span("shop/__init__.py", 9, 0, 9, 15)
    call = CreateAll(span, span, Location("shop/__init__.py", 9), CreateAllRole.START_UP)
    project = with_(SHOP, create_all=(call,))

    assert make_plan(with_(project, has_tests=True), Answers()).tests_need_create_all
    assert not make_plan(with_(project, has_tests=False), Answers()).tests_need_create_all


def test_the_only_application_is_taken() -> None:
    """One factory, one database: nothing to ask, and .flaskenv must name it."""
    plan = make_plan(SHOP, Answers())

    assert (plan.app.spec, plan.database.spec, plan.flask_app) == ("shop:create_app", "shop.extensions:db", "shop")


def test_flask_finds_wsgi_by_itself() -> None:
    """An object in wsgi.py that the factory makes is the same application, found without .flaskenv."""
    project = with_(SHOP, apps=(*SHOP.apps, app("wsgi.py", "wsgi", made_by="shop:create_app")))

    plan = make_plan(project, Answers())

    assert (plan.app.spec, plan.flask_app) == ("wsgi:app", None)


def test_the_repository_says_which_app() -> None:
    """FLASK_APP in the repository decides, with its arguments."""
    hint = FlaskAppHint("shop:create_app('development')", Location(".flaskenv", 1))
    plan = make_plan(with_(SHOP, apps=(factory("shop/__init__.py", "shop", required=("name",)),), hints=(hint,)), Answers())

    assert (plan.app.spec, plan.flask_app) == ("shop:create_app('development')", None)


@pytest.mark.parametrize(("is_plain", "spec"), [(True, "shop:create_app"), (False, "shop:create_app('production')")])
def test_flask_calls_the_factory_without_the_servers_arguments(is_plain: bool, spec: str) -> None:
    """FLASK_APP=shop makes the application of development, whatever wsgi.py passes, unless something has to be passed."""
    made = replace(factory("shop/__init__.py", "shop"), arguments="'production'", is_plain=is_plain)
    hint = FlaskAppHint("shop", Location(".flaskenv", 1))

    assert make_plan(with_(SHOP, apps=(made,), hints=(hint,)), Answers()).app.spec == spec


def test_two_applications_are_an_error() -> None:
    """Two Flask objects that both attach the database: it is unclear which one gets migrations."""
    project = with_(
        SHOP,
        apps=(app("shop/__init__.py", "shop"), app("admin/app.py", "admin.app")),
        attachments=(attachment("shop/__init__.py", "shop", SHOP_DB), attachment("admin/app.py", "admin.app", SHOP_DB)),
    )

    with pytest.raises(errors.TwoApplications) as stop:
        make_plan(project, Answers())

    assert [one.spec for one in stop.value.candidates] == ["shop:app", "admin.app:app"]


def test_an_application_without_the_database_does_not_count() -> None:
    """A second Flask object that never meets the database is no candidate."""
    project = with_(
        SHOP,
        apps=(app("shop/__init__.py", "shop"), app("docs/serve.py", "docs.serve")),
        attachments=(attachment("shop/__init__.py", "shop", SHOP_DB),),
    )

    assert make_plan(project, Answers()).app.spec == "shop:app"


def test_applications_of_tests_do_not_count() -> None:
    """A Flask object in tests/ is no candidate."""
    project = with_(SHOP, apps=(*SHOP.apps, app("tests/conftest.py", "tests.conftest", in_tests=True)))

    assert make_plan(project, Answers()).app.spec == "shop:create_app"


def test_named_application_wins() -> None:
    """`-d app=` settles it, in the spelling of `flask --app`."""
    project = with_(SHOP, apps=(app("shop/__init__.py", "shop"), app("admin/app.py", "admin.app")))

    assert make_plan(project, Answers(app="admin/app.py:app")).app.spec == "admin.app:app"


def test_wrong_name_is_an_error() -> None:
    """A name that nothing defines is told with the candidates."""
    with pytest.raises(errors.UnknownApplication):
        make_plan(SHOP, Answers(app="shop:application"))


def test_factory_with_unknown_arguments_is_an_error() -> None:
    """Nothing in the project shows what to pass."""
    with pytest.raises(errors.ApplicationNeedsArguments):
        make_plan(with_(SHOP, apps=(factory("shop/__init__.py", "shop", required=("config",)),)), Answers())


def test_no_application() -> None:
    """A project without Flask is refused, and what it has in its place is named."""
    quart = Location("shop/__init__.py", 15, "app = Quart(__name__)")

    with pytest.raises(errors.NoApplication) as raised:
        make_plan(with_(SHOP, apps=(), not_flask_sqlalchemy=(quart,)), Answers())

    assert raised.value.seen == (quart,)


def test_no_flask_sqlalchemy() -> None:
    """Plain SQLAlchemy is refused."""
    with pytest.raises(errors.NoFlaskSQLAlchemy):
        make_plan(with_(SHOP, databases=()), Answers())


def test_two_databases_are_an_error() -> None:
    """Two attached SQLAlchemy objects."""
    other = database("admin/models.py", "admin.models")
    project = with_(
        SHOP, databases=(SHOP_DB, other), attachments=(*SHOP.attachments, attachment("admin/__init__.py", "admin", other))
    )

    with pytest.raises(errors.TwoDatabases):
        make_plan(project, Answers())
    assert make_plan(project, Answers(db="admin.models:db", app="shop:create_app")).database == other


def test_what_is_attached_already_is_not_attached_again() -> None:
    """Except where only a Flask-Script manager attaches it: `flask` does not run that file."""
    manager, in_app = Location("manage.py", 9, "Migrate(app, db)"), Location("shop/__init__.py", 5, "migrate.init_app(app, db)")

    def attachments(*migrate: Location) -> tuple[Attachment, ...]:
        existing = Existing(migrate=migrate, flask_script=Location("manage.py", 8, "manager = Manager(app)"))
        return make_plan(with_(SHOP, existing=existing), Answers()).attachments

    assert attachments(in_app) == attachments(manager, in_app) == ()
    assert attachments(manager) == SHOP.attachments


def test_manager_that_flask_imports() -> None:
    """The application is made in the manager's file, which attaches Flask-Migrate to it."""
    script, manager = Location("shop/__init__.py", 8, "manager = Manager(app)"), Location("shop/__init__.py", 9, "Migrate(app, db)")
    imported = Existing(migrate=(manager,), flask_script=script, on_import=(manager,))

    assert make_plan(with_(SHOP, existing=imported), Answers()).attachments == ()
    assert make_plan(with_(SHOP, existing=replace(imported, on_import=())), Answers()).attachments == SHOP.attachments


def test_created_but_never_attached() -> None:
    """A SQLAlchemy object that meets no application."""
    with pytest.raises(errors.NotAttached):
        make_plan(with_(SHOP, attachments=()), Answers())


def test_attachments_under_main_count_only_alone() -> None:
    """What only `python app.py` reaches is not wired when there is another place."""
    main = attachment("run.py", "run", SHOP_DB, under_main=True)
    both = with_(SHOP, attachments=(*SHOP.attachments, main))

    assert make_plan(both, Answers()).attachments == SHOP.attachments
    assert make_plan(with_(SHOP, attachments=(main,)), Answers()).attachments == (main,)


def test_uri_of_tests_and_uri_that_follows_stay() -> None:
    """Only values that do not follow the variable, outside of tests, are edited."""
    mine = uri("shop/config.py", "shop.config")
    sites = (mine, uri("shop/config.py", "shop.config", is_test=True), uri("shop/config.py", "shop.config", ("DATABASE_URL",)))

    plan = make_plan(with_(SHOP, config=Config(sites)), Answers())

    assert plan.uri_sites == (mine,)
    assert not plan.at_attachment


def test_uri_of_another_application_below_stays() -> None:
    """A vendored copy of an application keeps its configuration; an object made by the chosen factory is no other application."""
    vendored, deployed = uri("shop/vendor/blog/config.py", "c"), uri("shop/deploy/settings.py", "s")
    project = with_(
        SHOP,
        apps=(
            *SHOP.apps,
            factory("shop/vendor/blog/__init__.py", "shop.vendor.blog"),
            app("shop/deploy/wsgi.py", "shop.deploy.wsgi", made_by="shop:create_app"),
        ),
        config=Config((*SHOP.config.sites, vendored, deployed)),
    )

    assert make_plan(project, Answers(app="shop:create_app")).uri_sites == (*SHOP.config.sites, deployed)


def test_uri_that_is_nowhere_in_source_is_read_at_the_attachment() -> None:
    """A value that lives in data cannot be edited."""
    assert make_plan(with_(SHOP, config=Config()), Answers()).at_attachment


def test_a_uri_that_follows_already_needs_no_edit() -> None:
    """Nothing to do: not at the value, not at the attachment."""
    plan = make_plan(with_(SHOP, config=Config((uri("shop/config.py", "shop.config", ("DATABASE_URL",)),))), Answers())

    assert (plan.uri_sites, plan.at_attachment) == ((), False)


def test_create_all_of_tests_is_kept() -> None:
    """Start-up calls go, those of tests and scripts stay and are reported."""
    span = Span("shop/__init__.py", 7, 4, 7, 19)
    start = CreateAll(span, span, Location("shop/__init__.py", 7), CreateAllRole.START_UP)
    test = CreateAll(span, span, Location("tests/conftest.py", 7), CreateAllRole.TEST)
    project = with_(SHOP, create_all=(start, test))

    plan = make_plan(project, Answers())
    kept = make_plan(project, Answers(create_all="keep"))

    assert (plan.start_up_create_all, plan.kept_create_all) == ((start,), (test,))
    assert (kept.start_up_create_all, kept.kept_create_all) == ((), (start, test))


SAMPLE_DB = database("model.py", "model")
WITH_SAMPLE = with_(
    SHOP,
    files=(*SHOP.files, "model.py"),
    apps=(*SHOP.apps, app("model.py", "model", is_bare=True)),
    databases=(*SHOP.databases, SAMPLE_DB),
    attachments=(*SHOP.attachments, attachment("model.py", "model", SAMPLE_DB)),
)


def test_a_stray_sample_beside_the_project() -> None:
    """An application that only its own database uses makes neither the application nor the database ambiguous."""
    plan = make_plan(WITH_SAMPLE, Answers())

    assert (plan.app.spec, plan.database.spec) == ("shop:create_app", "shop.extensions:db")


def test_a_script_that_makes_an_application_for_its_database() -> None:
    """Where create.py attaches the project's own database, only the place of the real application is wired."""
    script = attachment("create.py", "create", SHOP_DB)
    project = with_(SHOP, apps=(*SHOP.apps, app("create.py", "create", is_bare=True)), attachments=(*SHOP.attachments, script))

    plan = make_plan(project, Answers())

    assert (plan.app.spec, plan.all_attachments) == ("shop:create_app", SHOP.attachments)


def test_uri_of_a_script_with_a_database_of_its_own_stays() -> None:
    """A script beside the application that makes both for itself keeps its configuration; one that shares the database does not."""
    own, shared = uri("shop/fill.py", "shop.fill"), uri("shop/tables.py", "shop.tables")
    project = with_(
        SHOP,
        apps=(*SHOP.apps, app("shop/fill.py", "shop.fill", is_bare=True), app("shop/tables.py", "shop.tables", is_bare=True)),
        databases=(*SHOP.databases, database("shop/fill.py", "shop.fill")),
        config=Config((*SHOP.config.sites, own, shared)),
    )

    assert make_plan(project, Answers()).uri_sites == (*SHOP.config.sites, shared)


def test_the_sample_is_what_is_asked_for() -> None:
    """`-d app=` and what the repository tells `flask` come before what it looks like, and settle the database, too."""
    by_answer = make_plan(WITH_SAMPLE, Answers(app="model:app"))
    hint = FlaskAppHint("model:app", Location(".flaskenv", 1, "FLASK_APP=model:app"))
    by_hint = make_plan(with_(WITH_SAMPLE, hints=(hint,)), Answers())

    assert (by_answer.app.spec, by_answer.database.spec) == ("model:app", "model:db")
    assert (by_hint.app.spec, by_hint.database.spec) == ("model:app", "model:db")


@pytest.mark.parametrize(
    ("folder", "files", "spec", "by_path"),
    [
        pytest.param("src", ("pyproject.toml",), "", "src/shop", id="src beside pyproject.toml"),
        pytest.param("src", ("setup.py",), "", "src/shop", id="src beside setup.py"),
        pytest.param("src", (), "", "", id="src that may be the working directory"),
        pytest.param("src", (), "src/shop:create_app", "src/shop", id="src by what the repository says"),
        pytest.param("backend", ("pyproject.toml",), "", "", id="another folder"),
        pytest.param("backend", (), "backend/shop", "backend/shop", id="another folder by what the repository says"),
        pytest.param("", ("pyproject.toml",), "", "", id="the root"),
    ],
)
def test_flask_app_by_path(folder: str, files: tuple[str, ...], spec: str, by_path: str):
    """A path leads to what is not installed, where the team starts it from the root."""
    found = factory("src/shop/__init__.py", "shop", folder=folder)
    hints = (FlaskAppHint(spec, Location("README.md", 3)),) if spec else ()

    assert flask_app_by_path(found, with_(SHOP, apps=(found,), files=files, hints=hints)) == by_path


def test_named_by_path():
    """`flask --app src/shop` names the package shop in src."""
    found = factory("src/shop/__init__.py", "shop", folder="src")

    assert make_plan(with_(SHOP, apps=(found,)), Answers(app="src/shop")).app.spec == "shop:create_app"


@pytest.mark.parametrize("said", ["answer", "hint"])
def test_named_by_the_module_that_imports_it(said: str) -> None:
    """The name that is used is the one that is tried first: its module may set variables before it imports the application."""
    found = app("shop.py", "shop", aliases=(("cron", "app"), ("server", "app")))
    hints = (FlaskAppHint("server:app", Location("Procfile", 1)),) if said == "hint" else ()
    answers = Answers(app="server:app") if said == "answer" else Answers()

    plan = make_plan(with_(SHOP, apps=(found,), hints=hints), answers)

    assert (plan.app.spec, plan.app.aliases) == ("server:app", (("shop", "app"), ("cron", "app")))


def test_an_application_that_another_package_makes() -> None:
    """Where the source makes none, the named one is taken as it is said; loading it tells whether it is one."""
    named = [
        make_plan(with_(SHOP, apps=()), Answers(app=spec)).app for spec in ("shop:app", "house.web:create_app", "shop:get('dev')")
    ]

    assert [(one.spec, one.kind) for one in named] == [
        ("shop:app", AppKind.OBJECT),
        ("house.web:create_app", AppKind.FACTORY),
        ("shop:get('dev')", AppKind.FACTORY),
    ]


def test_an_application_told_by_its_database() -> None:
    """What a module attaches its database to is the application, wherever it was made; a factory's parameter tells nothing."""
    place = attachment("shop/web.py", "shop.web", SHOP_DB)

    assert make_plan(with_(SHOP, apps=(), attachments=(place,)), Answers()).app.spec == "shop.web:app"
    with pytest.raises(errors.NoApplication):
        make_plan(with_(SHOP, apps=()), Answers())
    with pytest.raises(errors.NoApplication):
        quart = Location("shop/web.py", 4, "app = Quart(__name__)")
        make_plan(with_(SHOP, apps=(), attachments=(place,), not_flask_sqlalchemy=(quart,)), Answers())
