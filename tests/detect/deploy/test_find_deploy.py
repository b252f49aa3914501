"""Where a repository makes its migrations anew, makes its tables, or upgrades, in every kind of file that runs something."""

from __future__ import annotations

from textwrap import dedent

import pytest

from hooks.base.deploy_facts import Does, Place, Step
from hooks.base.location import Location
from hooks.detect.deploy.creators import Creators, find_programs
from hooks.detect.deploy.find_deploy import find_deploy

CALL = Location("shop/cli.py", 9, "db.create_all()")
CREATORS = Creators(
    commands={"init-db": CALL, "create_db": CALL}, scripts={"create_db.py": CALL, "app/setup.py": CALL}, functions={"init_db": CALL}
)


def steps(path: str, text: str, **others: str) -> tuple[Step, ...]:
    """What is found in a repository of this file and `others`."""
    files = {path: dedent(text).lstrip("\n"), **{name: dedent(other) for name, other in others.items()}}
    return find_deploy(files, lambda name: files[name].encode(), CREATORS).steps


def found(path: str, text: str) -> list[tuple[str, int, str]]:
    """What does what in which line of a file, servers aside."""
    return [(step.does.value, step.where.line, step.place.value) for step in steps(path, text) if step.does is not Does.SERVE]


DOCKERFILE = """
    # escape=\\
    FROM python:3.11-slim AS build
    # RUN flask db init
    RUN pip install -r requirements.txt && \\
        # once more: flask db init
        FLASK_APP=shop flask db init && flask db migrate -m "first"
    RUN flask init-db
    ENTRYPOINT ["./entrypoint.sh"]
    HEALTHCHECK CMD flask db upgrade
    CMD ["sh", "-c", "flask db upgrade && gunicorn shop:app"]
"""


HELM = """
    {{- if .Values.enabled }}
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: {{ include "shop.fullname" . }}
      labels:
        {{- include "shop.labels" . | nindent 4 }}
    spec:
      template:
        spec:
          {{- with .Values.imagePullSecrets }}
          imagePullSecrets:
            {{- toYaml . | nindent 8 }}
          {{- end }}
          initContainers:
            - name: tables
              image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
              command: ["flask", "--app", "{{ .Values.app }}", "init-db"]
          containers:
            - name: {{ .Chart.Name }}
              env: {{- toYaml .Values.env | nindent 12 }}
              command: ["sh", "-c"]
              args:
                - |
                  flask db migrate
                  exec gunicorn -b :{{ .Values.port }} shop:app
              lifecycle:
                postStart:
                  exec:
                    command: [flask, db, init]
    {{- end }}
    """


def test_dockerfile():
    """Shell form over several lines, exec form, and a shell in exec form; comments and health checks are left alone."""
    assert found("docker/api.Dockerfile", DOCKERFILE) == [
        ("init", 6, "image"),
        ("migrate", 6, "image"),
        ("create_all", 7, "image"),
        ("upgrade", 10, "start"),
    ]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param(
            "Dockerfile",
            'CMD ["flask", "db", "init"]\nCMD ["flask", "db migrate"]',
            [("init", 1, "start"), ("migrate", 2, "start")],
            id="exec form",
        ),
        pytest.param(
            "Dockerfile", "RUN <<EOF\npip install .\nflask db migrate\nEOF", [("migrate", 3, "image")], id="here-document"
        ),
        pytest.param("Dockerfile", "ONBUILD RUN python create_db.py", [("create_all", 1, "image")], id="ONBUILD"),
        pytest.param(
            "Dockerfile", "RUN --mount=type=cache,target=/x python3 /app/create_db.py", [("create_all", 1, "image")], id="mount"
        ),
        pytest.param("Dockerfile", 'RUN python -c "from app import db; db.create_all()"', [("create_all", 1, "image")], id="code"),
        pytest.param(
            "boot.sh",
            "#!/bin/sh\r\nflask db init\r\nflask db migrate || echo failed\r\nexec gunicorn main:app\r\n",
            [("init", 2, "start"), ("migrate", 3, "start")],
            id="CRLF script",
        ),
        pytest.param(
            "docker/entrypoint.sh",
            "python - <<END\nfrom app import db\ndb.create_all()\nEND\n",
            [("create_all", 1, "start")],
            id="script for python",
        ),
        pytest.param("start", "flask shell <<< 'init_db()'", [("create_all", 1, "start")], id="here-string"),
        pytest.param(
            "scripts/new.sh",
            "if [ ! -d migrations ]; then\n  flask db init\nfi\nflask db upgrade",
            [("upgrade", 4, "task")],
            id="guarded init",
        ),
        pytest.param("run.bat", "@echo off\nrem flask db init\npython manage.py db init", [("init", 3, "start")], id="batch file"),
        pytest.param(
            "docker-compose.prod.yml",
            "services:\n  web:\n    build: .\n    command: sh -c 'flask db init && flask run'",
            [("init", 4, "start")],
            id="compose command",
        ),
        pytest.param(
            "compose.yaml",
            "services:\n  web:\n    build: .\n    command:\n      - sh\n      - -c\n      - |\n"
            "        flask db init\n        python create_db.py",
            [("init", 8, "start"), ("create_all", 9, "start")],
            id="compose list",
        ),
        pytest.param(
            "compose.yml",
            "services:\n  web:\n    build: .\n    entrypoint: [python, manage.py, create_db]",
            [("create_all", 4, "start")],
            id="compose entrypoint",
        ),
        pytest.param(
            "compose.yml",
            "services:\n  web:\n    build: .\n    command: >\n      bash -c\n      'flask db migrate\n      && flask db upgrade'",
            [("migrate", 6, "start"), ("upgrade", 7, "start")],
            id="compose folded",
        ),
        pytest.param(
            "Procfile",
            "init: python wsgi.py db init\nrelease: flask db migrate\nweb: gunicorn app:app",
            [("init", 1, "task"), ("migrate", 2, "release")],
            id="Procfile",
        ),
        pytest.param(
            "Makefile",
            "RUN := FLASK_APP=run.py\ntables:\n\t$(RUN) flask db init\nother:\n\t${RUN} flask db upgrade\n",
            [("init", 3, "task"), ("upgrade", 5, "task")],
            id="Makefile with variables",
        ),
        pytest.param(
            "justfile",
            'flask := "uv run flask"\ntables:\n    {{ flask }} db init\n',
            [("init", 3, "task")],
            id="justfile with variables",
        ),
        pytest.param(
            "heroku.yml",
            "release:\n  command:\n    - flask db init\nrun:\n  web: gunicorn app:app",
            [("init", 3, "release")],
            id="heroku.yml",
        ),
        pytest.param(
            "app.json",
            '{"scripts": {\n  "postdeploy": "python manage.py create_db"}}',
            [("create_all", 2, "release")],
            id="app.json",
        ),
        pytest.param(
            "fly.toml",
            'app = "shop"\n[deploy]\n  release_command = "flask --app shop db migrate"',
            [("migrate", 3, "release")],
            id="fly.toml",
        ),
        pytest.param(
            "render.yaml",
            "services:\n  - type: web\n    buildCommand: pip install . && flask --app shop init-db\n"
            "    startCommand: gunicorn shop:app",
            [("create_all", 3, "image")],
            id="render.yaml",
        ),
        pytest.param(
            "railway.json",
            '{"deploy": {"startCommand": "flask db migrate && flask db upgrade"}}',
            [("migrate", 1, "start"), ("upgrade", 1, "start")],
            id="railway.json",
        ),
        pytest.param(
            "k8s/api.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  initContainers:\n"
            "    - command: [flask, db]\n      args:\n        - init",
            [("init", 5, "start")],
            id="Kubernetes",
        ),
        pytest.param(
            "k8s/api.yaml",
            "apiVersion: v1\nkind: Service\n---\nkind: Job\nspec:\n  containers:\n"
            "    - image: shop\n      command: [sh, -c, 'flask db migrate']",
            [("migrate", 8, "start")],
            id="Kubernetes, second document",
        ),
        pytest.param(
            "chart/templates/deployment.yaml",
            HELM,
            [("create_all", 18, "start"), ("migrate", 25, "start"), ("init", 30, "start")],
            id="Helm",
        ),
        pytest.param(
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  test:\n    steps:\n      - run: |\n          flask db init\n          flask db migrate\n",
            [("init", 6, "ci"), ("migrate", 7, "ci")],
            id="GitHub",
        ),
        pytest.param(
            ".gitlab-ci.yml",
            "test:\n  script:\n    - flask db migrate\n    - !reference [.setup, script]",
            [("migrate", 3, "ci")],
            id="GitLab, with a tag of its own",
        ),
        pytest.param(
            "Makefile",
            "db:\n\tflask db init && flask db migrate && flask db upgrade\n",
            [("init", 2, "task"), ("migrate", 2, "task"), ("upgrade", 2, "task")],
            id="Makefile",
        ),
        pytest.param(
            "Makefile",
            "init:  build\n\t@docker-compose exec app \\\n\t  flask db init\n",
            [("init", 2, "task")],
            id="Makefile, continued",
        ),
        pytest.param("justfile", "setup:\n    uv run flask db init\n", [("init", 2, "task")], id="justfile"),
        pytest.param("package.json", '{"scripts": {"db:init": "flask db init"}}', [("init", 1, "task")], id="package.json"),
        pytest.param("pyproject.toml", '[tool.poe.tasks]\nmigrate = "flask db init"\n', [("init", 2, "task")], id="poe"),
        pytest.param(
            "deploy/shop.service",
            "[Service]\nExecStartPre=/srv/.venv/bin/flask db init\nExecStart=/srv/.venv/bin/gunicorn shop:app",
            [("init", 2, "start")],
            id="systemd",
        ),
        pytest.param(
            "README.md",
            "# Shop\n\n```bash\n$ flask db init\n(venv) $ flask db migrate\n```\n",
            [("init", 4, "page"), ("migrate", 5, "page")],
            id="README block",
        ),
        pytest.param(
            "README.md", "Run `flask init-db` first, then open the page.\n", [("create_all", 1, "page")], id="README inline"
        ),
        pytest.param(
            "install.sh", "if ! poetry run flask db-extras init-db; then\n  exit 1\nfi\n", [("create_all", 1, "task")], id="group"
        ),
        pytest.param(
            "Makefile", "init-db:\n\tpython manage.py data create_db\n", [("create_all", 2, "task")], id="group of a script"
        ),
        pytest.param("README.rst", "Setup\n=====\n::\n\n    $ python manage.py db init\n", [("init", 5, "page")], id="README.rst"),
        pytest.param(
            "docs/install.md",
            "```\n>>> from app import db\n>>> db.create_all()\n```\n",
            [("create_all", 3, "page")],
            id="Python shell",
        ),
    ],
)
def test_found(path: str, text: str, expected: list[tuple[str, int, str]]):
    """Each kind of file that runs something, with the line of the command and when it runs."""
    assert found(path, text) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("Dockerfile", "RUN pip install .\n# CMD flask db init\nCMD gunicorn shop:app", id="comment"),
        pytest.param("Dockerfile", "RUN echo 'flask db init'", id="echo"),
        pytest.param("Dockerfile", "RUN superset db upgrade && superset init", id="Superset"),
        pytest.param("entrypoint.sh", "python manage.py migrate\npython manage.py collectstatic", id="Django"),
        pytest.param("entrypoint.sh", "alembic upgrade head", id="Alembic"),
        pytest.param("entrypoint.sh", "npx prisma migrate deploy\nnpm run db migrate\nrails db:migrate", id="node and rails"),
        pytest.param("entrypoint.sh", "cat <<EOF\nflask db init\nEOF", id="printed"),
        pytest.param("entrypoint.sh", "flask db init --directory db/test/migrations", id="another directory"),
        pytest.param("entrypoint.sh", "[ -d migrations ] || flask db init", id="guarded"),
        pytest.param("entrypoint.sh", "flask seed\npython other.py\npython manage.py seed_db", id="other commands"),
        pytest.param("entrypoint.sh", "flask export --of create_db\nflask seed all create_db", id="arguments of another command"),
        pytest.param(
            "compose.yml",
            "services:\n  airflow:\n    image: apache/airflow\n    command: flask db migrate",
            id="an image of somebody else's",
        ),
        pytest.param("compose.yml", "services:\n  web:\n    environment:\n      NOTE: flask db init", id="no command"),
        pytest.param("compose.yml", "services: [\n  flask db init", id="broken YAML"),
        pytest.param("chart/values.yaml", "command: flask db init", id="YAML of another kind"),
        pytest.param(
            "chart/templates/web.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  containers:\n    - name: {{ .Chart.Name }}\n"
            "      command: {{ .Values.command }}\n      {{- /* command: [flask, db, init] */}}\n",
            id="Helm, what only its values tell",
        ),
        pytest.param(
            "chart/templates/web.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  containers:\n{{ range .Values.all }}{{ . }\n",
            id="Helm, no YAML",
        ),
        pytest.param("k8s/map.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  command: flask db init", id="ConfigMap"),
        pytest.param(
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  test:\n    name: flask db init\n    steps:\n      - uses: a/b@v1",
            id="name of a job",
        ),
        pytest.param("package.json", '{"scripts": {"migrate": "knex migrate:latest", "start": "next start"}}', id="package.json"),
        pytest.param("Makefile", "# flask db init\nall: build\nbuild:\n\tdocker build -t flask .\n", id="Makefile"),
        pytest.param("pyproject.toml", '[project]\ndescription = "flask db init"\n', id="pyproject"),
        pytest.param("README.md", "Never run `flask db init` again.\n", id="forbidden"),
        pytest.param("README.md", "There is no need to run `flask db init` for them.\n", id="no need"),
        pytest.param("README.md", "The repository has `flask db init` behind it.\n", id="mentioned"),
        pytest.param("README.md", "`db.create_all()` is not needed any more, `flask db upgrade` is.\n", id="mentioned first"),
        pytest.param("migrations/README.md", "    flask db init\n", id="the template's own page"),
        pytest.param("README.md", "Never run flask db init again.\n", id="prose"),
        pytest.param("README.md", "```python\n# db.create_all()\nprint(1)\n```", id="commented in a block"),
        pytest.param("CHANGELOG.md", "- `flask db init` is gone\n", id="changelog"),
        pytest.param("shop/app.py", "import os\nos.system('flask db init')", id="Python"),
        pytest.param("notes.txt", "flask db init", id="any text"),
    ],
)
def test_left_alone(path: str, text: str):
    """Other programs, other projects, words that nobody runs."""
    assert found(path, text) == []


def test_a_script_that_an_image_starts():
    """A script of any name runs at the start where something that starts names it, and only when asked for where nothing does."""
    script = {"scripts/migrations.sh": "flask db migrate"}

    assert [step.place for step in steps("Dockerfile", 'ENTRYPOINT ["scripts/migrations.sh"]', **script)] == [Place.START]
    assert [step.place for step in steps("Dockerfile", "RUN pip install .", **script)] == [Place.TASK]


def test_a_step_says_how_it_is_called_and_what_makes_the_tables():
    """The command without what is wrapped around it, and the call that it leads to."""
    (step,) = steps("Dockerfile", "CMD poetry run flask --app shop init-db --yes")

    assert step == Step(
        Does.CREATE_ALL,
        Place.START,
        Location("Dockerfile", 1, "CMD poetry run flask --app shop init-db --yes"),
        "flask init-db",
        "Dockerfile",
        CALL,
    )


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param("Procfile", "web: gunicorn shop:app", id="Procfile"),
        pytest.param("Dockerfile", 'CMD ["python", "-m", "gunicorn", "shop:app"]', id="module"),
        pytest.param("Dockerfile", "CMD flask run --host=0.0.0.0", id="flask run"),
        pytest.param("Dockerfile", 'CMD ["python", "app.py"]', id="script"),
        pytest.param("start.sh", "exec uwsgi --ini uwsgi.ini", id="uwsgi"),
    ],
)
def test_the_server(path: str, line: str):
    """What starts the application is found, so that it can be said where to upgrade before."""
    assert [(step.does, step.place) for step in steps(path, line)] == [(Does.SERVE, Place.START)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("pyproject.toml", '[project.scripts]\nshop-api = "shop.__main__:main"\n', id="pyproject.toml"),
        pytest.param("pyproject.toml", "[tool.poetry.scripts]\nshop-api='shop:cli'\n", id="Poetry"),
        pytest.param("setup.py", 'setup(entry_points={"console_scripts": ["shop-api = shop.cli:main"]})\n', id="setup.py"),
        pytest.param("setup.cfg", "[options.entry_points]\nconsole_scripts =\n    shop-api = shop.cli:main\n", id="setup.cfg"),
    ],
)
def test_a_console_script_of_the_package(path: str, text: str):
    """It is how the project calls its `flask`."""
    programs = find_programs({path: text.encode()}.get)
    files = {"entrypoint.sh": "shop-api db upgrade\nshop-api init-db\nshop-api run\nother db upgrade\n"}
    deploy = find_deploy(files, lambda name: files[name].encode(), Creators(commands={"init-db": CALL}, programs=programs))

    assert programs == {"flask", "shop-api"}
    assert [(step.does.value, step.command) for step in deploy.steps] == [
        ("upgrade", "shop-api db upgrade"),
        ("create_all", "shop-api init-db"),
        ("serve", "shop-api run"),
    ]


def test_no_console_script():
    """Other assignments are none."""
    text = '[project]\nname = "shop"\nurl = "https://shop.example"\n[tool.x]\nat = "12:30"\n'
    assert find_programs({"pyproject.toml": text.encode()}.get) == {"flask"}
