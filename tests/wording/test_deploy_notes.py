"""What to change by hand where the application is deployed, in complete sentences."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest

from hooks.base.deploy_facts import Deploy
from hooks.base.facts import Answers
from hooks.base.location import Location
from hooks.detect.calls import CallGraph
from hooks.detect.create_all import find_create_all
from hooks.detect.database import find_databases
from hooks.detect.deploy.creators import Creators, find_creators, find_scripts
from hooks.detect.deploy.find_deploy import find_deploy
from hooks.detect.hints import find_hints
from hooks.wording.deploy_notes import deploy_notes
from tests.detect.tools import Text
from tests.planning.test_plan import SHOP, app, make_plan

CALL = Location("shop/cli.py", 9, "db.create_all()")
CREATORS = Creators(commands={"init-db": CALL}, scripts={"create_db.py": CALL})
WRITES = "which writes a revision that nobody reads and no commit has"
STARTS = "starts the application, and nothing upgrades its database before that;"


def notes(**files: str) -> list[str]:
    """The notes on the shop with these files; "__" stands for a dot in a name, as in fly__toml."""
    texts = {name.replace("__", "."): dedent(text).lstrip("\n") for name, text in files.items()}
    return notes_of(texts)


def notes_of(texts: dict[str, str]) -> list[str]:
    """The notes on the shop with the files of these paths."""
    deploy = find_deploy(texts, lambda path: texts[path].encode(), CREATORS)
    project = replace(SHOP, files=(*SHOP.files, *texts), deploy=deploy)
    return deploy_notes(project, make_plan(project, Answers()))


def test_migrations_made_in_a_container():
    """One sentence for the whole block, with every line, and what is left of it."""
    text = "FROM python\nCOPY . .\nRUN flask db init\nCMD flask db migrate && flask db upgrade && gunicorn shop:app\n"

    assert notes(Dockerfile=text) == [
        "Dockerfile:3 runs `flask db init`, which fails now that migrations/ is there; take it out",
        f"Dockerfile:4 runs `flask db migrate`, {WRITES}; take it out, and keep  flask db upgrade",
    ]


def test_image_of_which_no_start_is_known():
    """Jobs in it had the tables made by importing the application; a server has a sentence of its own."""
    compose = "services:\n  hourly:\n    build: .\n    command: python jobs/hourly.py\n"
    told = "Dockerfile makes an image of the application, which makes no tables any more;"

    def after(image: str) -> list[str]:
        texts = {"Dockerfile": image, "compose.yml": compose}
        project = replace(SHOP, files=(*SHOP.files, *texts), deploy=find_deploy(texts, lambda path: texts[path].encode(), CREATORS))
        return deploy_notes(project, make_plan(project, Answers()), made_tables=True)

    assert after("FROM python\nCOPY . /app\n") == [f"{told} run  python -m migrations.adopt deploy  before what needs them"]
    assert after("FROM python\nCOPY docs /docs\n") == []
    assert notes_of({"Dockerfile": "FROM python\nCOPY . /app\n", "compose.yml": compose}) == []
    assert not [note for note in after("FROM python\nCOPY . .\nCMD flask db upgrade && gunicorn shop:app\n") if told in note]


def test_entrypoint_of_development():
    """Where production has one of its own, or the name says for what it is, production has nothing that upgrades."""
    wait = "#!/bin/sh\nwhile ! nc -z db 5432; do sleep 1; done\n"
    texts = {
        "docker-compose.yml": "services:\n  web:\n    build: .\n    command: python manage.py run -h 0.0.0.0\n",
        "docker-compose.prod.yml": "services:\n  web:\n    command: gunicorn --bind 0.0.0.0:5000 shop:app\n",
        "Dockerfile": 'FROM python\nCOPY . .\nENTRYPOINT ["/app/entrypoint.sh"]\n',
        "Dockerfile.prod": 'FROM python\nCOPY . .\nENTRYPOINT ["/app/entrypoint.prod.sh"]\n',
        "entrypoint.sh": f'{wait}flask db upgrade\nexec "$@"\n',
        "entrypoint.prod.sh": f'{wait}exec "$@"\n',
    }
    said = [f"docker-compose.prod.yml:3 {STARTS} run  python -m migrations.adopt deploy  before it"]
    development = {
        **texts,
        "entrypoint.dev.sh": texts["entrypoint.sh"],
        "Dockerfile": texts["Dockerfile"].replace(".sh", ".dev.sh"),
    }
    del development["entrypoint.sh"]

    assert notes_of(texts) == said
    assert notes_of(development) == said
    assert notes_of({**texts, "entrypoint.prod.sh": texts["entrypoint.sh"]}) == []
    one_for_both = {path: text.replace("entrypoint.prod.sh", "entrypoint.sh") for path, text in texts.items()}
    del one_for_both["entrypoint.prod.sh"]
    assert notes_of(one_for_both) == []


def test_platform_that_takes_no_image():
    """What a Dockerfile runs is no part of a deployment by Procfile or render.yaml."""
    image = "FROM python\nCOPY . .\nRUN flask db upgrade\nCMD gunicorn shop:app\n"
    render = "services:\n  - type: web\n    startCommand: gunicorn shop:app\n"

    assert notes(Dockerfile=image) == []
    assert notes(Dockerfile=image, Procfile="web: gunicorn shop:app\n") == [
        f"Procfile:1 {STARTS} add the line  release: flask db upgrade"
    ]
    assert notes(Dockerfile=image, render__yaml=render) == [
        f"render.yaml:3 {STARTS} add to render.yaml  preDeployCommand: flask db upgrade"
    ]


def test_release_that_is_there():
    """Another line of the same kind would be one too many: the one that is there gets another command."""
    assert notes(Procfile="release: ./warm-up.sh\nweb: gunicorn shop:app\n") == [
        f"Procfile:2 {STARTS} have Procfile:1 run  flask db upgrade  before what it runs on each release"
    ]


def test_what_runs_by_make():
    """A release, an image or a start runs what the targets run that it names; those who call them are told once."""
    make = "RUN := FLASK_APP=shop\ntables:\n\t$(RUN) flask init-db\nup:\n\t@flask db upgrade\nserve: up\n\tgunicorn shop:app\n"
    by = "`flask init-db` (shop/cli.py:9)"

    assert notes(Makefile=make, Procfile="web: gunicorn shop:app\nrelease: make tables\n") == [
        f"Procfile:2 runs {by}, which makes new tables by create_all() before a migration can;"
        " run  python -m migrations.adopt deploy  before it, or in its place where it does nothing else",
        f"Makefile:3 uses {by}, which makes the tables by create_all();"
        " run  flask db upgrade  before it, or in its place where it does nothing else",
    ]
    assert notes(Makefile=make, Procfile="web: gunicorn shop:app\nrelease: make up\n", README__md="Run `make tables`.\n") == [
        f"Makefile:3 uses {by}, which makes the tables by create_all();"
        " run  flask db upgrade  before it, or in its place where it does nothing else",
    ]


def test_migrations_made_by_a_script():
    """Both commands in one place are told once."""
    assert notes(boot__sh="flask db init\nflask db migrate\nexec gunicorn shop:app\n") == [
        "boot.sh:1, 2 run `flask db init` and `flask db migrate`: the first fails now that migrations/ is there, the second writes"
        " a revision that nobody reads and no commit has; take them out, and run  flask db upgrade"
    ]


def test_migrations_made_by_ci():
    """A job that makes its own tests other migrations than those of the team."""
    text = "on: push\njobs:\n  t:\n    steps:\n      - run: flask db migrate && flask db upgrade\n"

    assert notes_of({".github/workflows/ci.yml": text}) == [
        f".github/workflows/ci.yml:5 runs `flask db migrate`, {WRITES}; take it out, and keep  flask db upgrade"
    ]


def test_migrations_that_people_ask_for():
    """`flask db migrate` is what they are to run; `flask db init` is not any more."""
    assert notes(Makefile="init:\n\tflask db init\nmigrate:\n\tflask db migrate -m '$m'\nupgrade:\n\tflask db upgrade\n") == [
        "Makefile:2 runs `flask db init`, which fails now that migrations/ is there; take it out"
    ]


def test_a_page_that_tells_people_to_make_migrations():
    """The sentence has the lines of that section; a later section on daily work is left alone."""
    page = "# Setup\n\n    flask db init\n    flask db migrate\n    flask db upgrade\n\n# Changes\n\n    flask db migrate -m x\n"

    assert notes(README__md=page) == [
        "README.md:3, 4 tell people to run `flask db init` and `flask db migrate`; migrations/ is in the repository now, so it is"
        "  flask db upgrade"
    ]


def test_tables_made_by_a_command():
    """In a deployment something has to take its place; where people ask for it there is `flask db upgrade`."""
    found = notes(
        Procfile="release: flask init-db\nweb: gunicorn shop:app\n",
        README__md="Run `flask init-db`.\n\nOr `python create_db.py`.\n",
        Makefile="db:\n\tflask init-db\n",
    )

    assert found == [
        "Procfile:1 runs `flask init-db` (shop/cli.py:9), which makes new tables by create_all() before a migration can; run"
        "  python -m migrations.adopt deploy  before it, or in its place where it does nothing else",
        "Makefile:2 and README.md:1 use `flask init-db` (shop/cli.py:9), which makes the tables by create_all(); run"
        "  flask db upgrade  before it, or in its place where it does nothing else",
        "README.md:3 uses `python create_db.py` (shop/cli.py:9), which makes the tables by create_all(); run"
        "  flask db upgrade  before it, or in its place where it does nothing else",
    ]


def test_tables_made_by_a_statement_that_says_so():
    """How the tables are made is said once."""
    assert notes(README__md="In a `flask shell`:\n\n    >>> db.create_all()\n") == [
        "README.md:3 uses `db.create_all()`, which makes the tables; run  flask db upgrade  before it, or in its place"
        " where it does nothing else"
    ]


def test_tables_dropped_and_made():
    """Nothing that it would drop again is to be run before it, and an upgrade before it is none."""
    command = "from shop import cli, db\n\n@cli.command('create_db')\ndef create():\n    db.drop_all()\n    db.create_all()\n"
    texts = {
        "manage.py": command,
        "make.py": "from shop import db\ndb.create_all()\ndb.drop_all()\n",
        "asks.py": "import sys\nfrom shop import db\nif '--drop' in sys.argv:\n    db.drop_all()\ndb.create_all()\n",
        "shop/__init__.py": "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n",
        "boot.sh": "flask db upgrade\npython manage.py create_db\ngunicorn shop:app\n",
        "README.md": "Run `python manage.py create_db`.\n\nOr `python make.py`.\n\nOr `python asks.py`.\n",
    }
    index = Text(texts).index
    graph = CallGraph(index)
    creators = find_creators(index, graph, find_create_all(index, find_databases(index), graph, ()))
    deploy = find_deploy(texts, lambda path: texts[path].encode(), creators)

    by = "`python manage.py create_db` (manage.py:6), which drops all tables and makes new ones by create_all()"
    assert deploy_notes(replace(SHOP, deploy=deploy), make_plan(SHOP, Answers())) == [
        f"boot.sh:2 runs {by}; run  flask db upgrade  in its place where it does nothing else",
        "README.md:5 uses `python asks.py` (asks.py:5), which makes the tables by create_all(); run"
        "  flask db upgrade  before it, or in its place where it does nothing else",
        "README.md:3 uses `python make.py` (make.py:2), which makes the tables by create_all(); run"
        "  flask db upgrade  before it, or in its place where it does nothing else",
        f"README.md:1 uses {by}; run  flask db upgrade  in its place where it does nothing else",
    ]


@pytest.mark.parametrize(
    ("command", "line"),
    [
        pytest.param(
            "def create_db():\n    db.create_all()\ndef init_app(app):\n    for one in [create_db]:\n"
            "        app.cli.add_command(app.cli.command()(one))\n",
            "flask create-db",
            id="in a loop",
        ),
        pytest.param("def create_db():\n    db.create_all()\napp.cli.command()(create_db)\n", "flask create-db", id="handed on"),
        pytest.param(
            "class CreateDb(Command):\n    def run(self):\n        db.create_all()\nmanager.add_command('create', CreateDb())\n",
            "python manage.py create",
            id="Flask-Script",
        ),
    ],
)
def test_command_that_no_decorator_makes(command: str, line: str):
    """It is called by the name of its function, or the one that it is added under."""
    texts = {
        "manage.py": "from flask_script import Command\nfrom shop import app, db, manager\n" + command,
        "shop/__init__.py": "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n",
        "boot.sh": f"{line}\ngunicorn shop:app\n",
    }
    index = Text(texts).index
    graph = CallGraph(index)
    creators = find_creators(index, graph, find_create_all(index, find_databases(index), graph, ()))
    deploy = find_deploy(texts, lambda path: texts[path].encode(), creators)

    assert [note.partition(" (")[0] for note in deploy_notes(replace(SHOP, deploy=deploy), make_plan(SHOP, Answers()))] == [
        f"boot.sh:1 runs `{line}`"
    ]


def test_an_upgrade_by_another_directory():
    """One that is not there has become migrations/; one that is there is another application's."""
    boot = {"boot.sh": "flask db upgrade --directory ./src/migrations\ngunicorn shop:app\n"}

    assert notes_of(boot) == [
        "boot.sh:1 runs `flask db upgrade --directory ./src/migrations`, and the migrations are in migrations/ now; run"
        "  flask db upgrade"
    ]
    assert notes_of({**boot, "src/migrations/env.py": ""}) == [
        f"boot.sh:2 {STARTS} run  python -m migrations.adopt deploy  before it"
    ]


def test_a_start_by_hand_that_made_the_tables():
    """Whoever follows a page or a target that starts the application needs its tables first; not where the file says how."""
    texts = {
        "Makefile": "run:\n\tgunicorn shop:app\n",
        "README.md": "    flask run\n",
        "docs/dev.md": "    flask db upgrade\n    flask run\n",
        "docs/old.md": "    flask init-db\n    flask run\n",
    }
    deploy = find_deploy(texts, lambda path: texts[path].encode(), CREATORS)
    project = replace(SHOP, files=(*SHOP.files, *texts), deploy=deploy)
    plan = make_plan(project, Answers())

    told = set(deploy_notes(project, plan, made_tables=True)) - set(deploy_notes(project, plan))
    assert told == {
        "Makefile:2 and README.md:1 start the application, which makes no tables any more; for a new database run"
        "  flask db upgrade  before it"
    }


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        pytest.param(
            "pyproject.toml", '[project]\nname = "shop"\n[project.scripts]\nshop = "shop.cli:main"\n', 4, id="pyproject.toml"
        ),
        pytest.param("setup.py", "setup(\n    entry_points={'console_scripts': ['shop=shop:main']},\n)\n", 2, id="setup.py"),
        pytest.param("pyproject.toml", '[project.scripts]\nrun = "wsgi:app"\n', 0, id="of no package"),
        pytest.param("pyproject.toml", '[tool.other]\nshop = "shop.cli:main"\n', 0, id="another table"),
    ],
)
def test_a_package_that_made_its_tables(path: str, text: str, line: int):
    """What was installed from a wheel made its tables when it started; migrations/ is in checkouts only."""
    project = replace(SHOP, deploy=Deploy(scripts=tuple(find_scripts({path: text.encode()}.get))))
    plan = make_plan(project, Answers())

    assert deploy_notes(project, plan) == []
    assert deploy_notes(project, plan, made_tables=True) == [
        f"{path}:{line} starts the application; from a wheel it makes no tables any more: in a checkout run  flask db upgrade"
        "  for its database"
    ] * bool(line)


def test_tables_made_around_an_upgrade():
    """Before it they are in the way of the migrations; after it there is nothing left to make."""
    assert notes(start__sh="flask init-db\nflask db upgrade\n") == [
        "start.sh:1 runs `flask init-db` (shop/cli.py:9), which makes new tables by create_all() before a migration can; run"
        "  flask db upgrade  before it, or in its place where it does nothing else"
    ]
    assert notes(start__sh="flask db upgrade\nflask init-db\n", README__md="    flask db upgrade\n    flask init-db\n") == []


def test_a_stamp_at_every_start():
    """It would claim the newest revision without running what leads there."""
    assert notes(start__sh="flask db stamp head\nflask db upgrade\n") == [
        "start.sh:1 runs `flask db stamp`, which compares nothing; take it out: `flask db upgrade` stamps a database that it has"
        " found equal to a revision",
    ]


@pytest.mark.parametrize(
    ("files", "note"),
    [
        pytest.param(
            {"Procfile": "web: gunicorn shop:app"},
            f"Procfile:1 {STARTS} add the line  release: flask db upgrade",
            id="Heroku",
        ),
        pytest.param(
            {"Dockerfile": "COPY . .\nCMD gunicorn shop:app", "fly.toml": 'app = "shop"\n'},
            f'Dockerfile:2 {STARTS} add to [deploy] in fly.toml  release_command = "flask db upgrade"',
            id="Fly",
        ),
        pytest.param(
            {"Dockerfile": "COPY . .\nCMD gunicorn shop:app"},
            f"Dockerfile:2 {STARTS} run  python -m migrations.adopt deploy  before it",
            id="Docker",
        ),
        pytest.param(
            {"render.yaml": "services:\n  - startCommand: gunicorn shop:app"},
            f"render.yaml:2 {STARTS} add to render.yaml  preDeployCommand: flask db upgrade",
            id="Render",
        ),
    ],
)
def test_nothing_upgrades(files: dict[str, str], note: str):
    """Who relied on create_all() at the start is told where the upgrade goes, once, in the platform's own way."""
    assert notes_of(files) == [note]


def test_several_images_start_it():
    """Each Dockerfile is named, that of production with that of development."""
    files = {"Dockerfile": "CMD flask run", "Dockerfile.prod": "FROM python\nCMD gunicorn shop:app"}

    assert notes_of(files) == [
        "Dockerfile:1 and Dockerfile.prod:2 start the application, and nothing upgrades its database before that;"
        " run  python -m migrations.adopt deploy  before it"
    ]


def test_directory_that_a_script_makes():
    """`flask db init` is taken out; nothing upgrades the database before the server starts, with it or without."""
    assert notes_of({"db-init.sh": "flask db init\n", "boot.sh": "exec gunicorn shop:app\n"}) == [
        "db-init.sh:1 runs `flask db init`, which fails now that migrations/ is there; take it out",
        f"boot.sh:1 {STARTS} run  python -m migrations.adopt deploy  before it",
    ]


def test_what_is_deployed_lacks_the_migrations():
    """The line that keeps them out, and the Dockerfile that does not name them."""
    files = {".dockerignore": "migrations\n", "Dockerfile": "COPY shop /srv/shop\nCMD flask db upgrade && gunicorn shop:app\n"}

    assert notes_of(files) == [
        ".dockerignore:1 keeps migrations/ out of what is deployed (migrations); add below it  !migrations",
        "Dockerfile:1 copies the application into an image, but nothing copies migrations/; add  COPY migrations /srv/migrations"
        "  and  ENV FLASK_APP=shop",
    ]


@pytest.mark.parametrize(
    ("ignored", "image", "said"),
    [
        ("venv\n.*\n", "COPY . .\n", [".dockerignore:2 keeps .flaskenv out of what is deployed (.*); set there  FLASK_APP=shop"]),
        (".env*\n", "COPY . .\n", []),
        (".*\n!.flaskenv\n", "COPY . .\n", []),
        (".*\n", "ENV FLASK_APP=shop\nCOPY . .\n", []),
    ],
)
def test_flaskenv_that_is_kept_out(ignored: str, image: str, said: list[str]):
    """It says where the application is, and nothing else does."""
    texts = {".dockerignore": ignored, "Dockerfile": f"FROM python\n{image}CMD flask db upgrade && gunicorn shop:app\n"}
    hints = find_hints(texts, lambda path: texts[path].encode() if path in texts else None)
    deploy = find_deploy(texts, lambda path: texts[path].encode(), CREATORS)
    project = replace(SHOP, files=(*SHOP.files, *texts), hints=hints, deploy=deploy)

    assert deploy_notes(project, make_plan(project, Answers())) == said


@pytest.mark.parametrize(
    ("dockerfile", "others"),
    [
        pytest.param("ENV FLASK_APP=shop\nCOPY shop /srv/shop\n", {}, id="said in the image"),
        pytest.param("COPY shop /srv/shop\n", {"docker-compose.yml": "    environment:\n      FLASK_APP: shop\n"}, id="compose"),
        pytest.param("COPY shop /srv/shop\nCOPY .flaskenv /srv/\n", {".flaskenv": "FLASK_APP=shop\n"}, id=".flaskenv copied"),
        pytest.param("COPY shop app.py /srv/\n", {"app.py": ""}, id="found by flask"),
    ],
)
def test_image_that_knows_the_application(dockerfile: str, others: dict[str, str]):
    """Nothing is said of FLASK_APP."""
    texts = {"Dockerfile": dockerfile, **others}
    hints = find_hints(texts, lambda path: texts[path].encode() if path in texts else None)
    found = replace(
        SHOP, files=(*SHOP.files, *texts), hints=hints, deploy=find_deploy(texts, lambda path: texts[path].encode(), CREATORS)
    )
    if "app.py" in others:
        found = replace(
            found, apps=(replace(found.apps[0], aliases=(("app", "create_app"),)),), files=("shop/__init__.py", "app.py")
        )

    (note,) = deploy_notes(found, make_plan(found, Answers()))

    assert note.endswith("; add  COPY migrations /srv/migrations")


def test_image_without_the_flaskenv_that_is_there():
    """What the server is told is nothing to `flask`."""
    texts = {"Dockerfile": "COPY shop /srv/shop\nCMD gunicorn shop:app\n", ".flaskenv": "FLASK_APP=shop:create_app\n"}
    hints = find_hints(texts, lambda path: texts[path].encode() if path in texts else None)
    project = replace(
        SHOP, files=(*SHOP.files, *texts), hints=hints, deploy=find_deploy(texts, lambda path: texts[path].encode(), CREATORS)
    )

    assert deploy_notes(project, make_plan(project, Answers()))[0] == (
        "Dockerfile:1 copies the application into an image, but nothing copies migrations/; add  COPY migrations /srv/migrations"
        "  and  ENV FLASK_APP=shop:create_app"
    )


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"Procfile": "release: flask db upgrade\nweb: gunicorn shop:app"}, id="Heroku"),
        pytest.param({"Dockerfile": "COPY . .\nCMD flask db upgrade && gunicorn shop:app"}, id="Docker"),
        pytest.param({"boot.sh": "python -m migrations.adopt deploy\nexec gunicorn shop:app"}, id="all at once"),
        pytest.param({"README.md": "    flask run\n"}, id="only a page"),
        pytest.param({"Makefile": "run:\n\tflask run\n"}, id="only a target"),
        pytest.param({"Dockerfile": "FROM node\nCOPY . .\nCMD npm start"}, id="another program"),
    ],
)
def test_nothing_to_change(files: dict[str, str]):
    """What is right already is not mentioned."""
    assert notes_of(files) == []


def test_another_application_of_the_repository():
    """Its Dockerfile and its compose service concern its own team."""
    compose = (
        "services:\n  blog:\n    build: ./blog\n    command: flask db init\n  shop:\n    build: .\n    command: flask db init\n"
    )
    texts = {"blog/Dockerfile": "CMD flask db migrate", "compose.yml": compose}
    deploy = find_deploy(texts, lambda path: texts[path].encode(), Creators())
    project = replace(SHOP, apps=(*SHOP.apps, app("blog/app.py", "blog.app")), deploy=deploy)

    assert deploy_notes(project, make_plan(project, Answers(app="shop:create_app"))) == [
        "compose.yml:7 runs `flask db init`, which fails now that migrations/ is there; take it out"
    ]
