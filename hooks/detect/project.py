"""Read the project's source as text and say what is in it; nothing of the project is imported, run or written."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from hooks.base.facts import Project
from hooks.detect.app import find_apps
from hooks.detect.attachments import find_attachments
from hooks.detect.bare import mark_bare
from hooks.detect.calls import CallGraph
from hooks.detect.chosen_config import find_choosers
from hooks.detect.config import find_config
from hooks.detect.create_all import StartUp, find_create_all
from hooks.detect.database import find_databases
from hooks.detect.dependencies import find_declarations
from hooks.detect.deploy.above import named_above, ran_above
from hooks.detect.deploy.creators import find_creators, find_programs, find_scripts
from hooks.detect.deploy.find_deploy import find_deploy
from hooks.detect.deploy.python_calls import find_python_calls
from hooks.detect.existing import belongs_to_alembic, find_alembic, find_existing
from hooks.detect.files import has_tests, is_test_file, list_files
from hooks.detect.hints import find_hints
from hooks.detect.index import Index
from hooks.detect.models import find_models
from hooks.detect.needed_variables import find_demands
from hooks.detect.own_statements import find_own_statements
from hooks.detect.replaced_create_all import find_replaced
from hooks.detect.search import Sources, git_grep
from hooks.detect.unsupported import find_others


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from walking the syntax trees, again and again: they are in use to the end."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_uncollected()
def detect(root: Path) -> Project:
    """Everything that the source below `root` tells about its application and its database."""
    listing = list_files(root)
    files = listing.files

    @cache
    def read(path: str) -> bytes | None:
        try:
            return (root / path).read_bytes()
        except OSError:
            return None

    alembic = find_alembic(files, read)
    python = [path for path in files if path.endswith(".py") and not belongs_to_alembic(path, alembic)]
    sources = Sources(python, read, git_grep(root, listing.foreign, in_git=listing.in_git))
    index = Index(sources, files, read)
    apps = find_apps(index)
    databases = find_databases(index)
    graph = CallGraph(index)
    hints = find_hints(files, read)
    attachments = find_attachments(index, databases, graph, apps)
    create_all = find_create_all(index, databases, graph, apps)
    creators = replace(find_creators(index, graph, create_all), programs=find_programs(read))
    in_python = find_python_calls(index, graph, StartUp(index, graph, apps, frozenset()))
    is_ours = any(not database.in_tests for database in databases.facts())
    return Project(
        root=str(root),
        files=files,
        apps=mark_bare(index, graph, apps, attachments),
        databases=databases.facts(),
        attachments=attachments,
        models=find_models(index, databases),
        config=find_config(index),
        create_all=create_all,
        replaced_create_all=find_replaced(index),
        own_statements=find_own_statements(index),
        declarations=find_declarations(root, files),
        existing=find_existing(index, alembic),
        hints=hints,
        unparsable=index.unparsable,
        demands=find_demands(index, {(app.where.path, app.name) for app in apps}),
        choosers=find_choosers(index),
        deploy=replace(
            find_deploy(files, read, creators, ran_above(root), in_python, named_above(root)), scripts=tuple(find_scripts(read))
        ),
        has_tests=any(is_test_file(path) and has_tests(read(path)) for path in files),
        not_flask_sqlalchemy=() if is_ours and apps else find_others(index),
    )
