"""What `migrations/project.ini` says about this project: models that nobody imports, tables that have no model, formatters."""

from __future__ import annotations

import configparser
import importlib
import os
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import configure_mappers

from ..base.log import log
from ..base.paths import MIGRATIONS

if TYPE_CHECKING:
    from configparser import ConfigParser


FILE = os.path.join(MIGRATIONS, "project.ini")


def read() -> ConfigParser:
    parser = configparser.ConfigParser(allow_no_value=True, interpolation=None)
    parser.read(FILE, encoding="utf-8")
    return parser


def import_models() -> None:
    """Import the modules with models that the application does not import."""
    for module in read().get("models", "import", fallback="").split():
        importlib.import_module(module)


def complete_models() -> None:
    """Once all models are imported: let packages make the tables that they make of models (SQLAlchemy-Continuum's versions)."""
    try:
        configure_mappers()
    except Exception as error:  # noqa: BLE001 - what the application's first query would raise as well
        said = str(error).partition("\n")[0]
        log.warning("The mappers cannot be configured; tables that a package makes of models may be missing: %s", said)


def unmanaged(key: str | None = None) -> set[Any]:
    """The tables of one bind that are left alone, as "table" or "schema.table": [unmanaged], and [unmanaged:KEY] for a bind."""
    return names("unmanaged", "tables", key)


def views(key: str | None = None) -> set[Any]:
    """The views of one bind that models read: [views], and [views:KEY] for a bind."""
    return names("views", "names", key)


def formatters() -> list[str]:
    """The formatters of new revisions, each as `python -m` takes it: [format]."""
    return list(filter(str.strip, read().get("format", "run", fallback="").splitlines()))


def names(section: str, option: str, key: str | None) -> set[Any]:
    """One stands on each line, or several with spaces between them; one with a space in it stands between double quotes."""
    section = section if key is None else f"{section}:{key}"
    found = re.findall(r'"([^"]+)"|(\S+)', read().get(section, option, fallback="") or "")
    return {quoted or plain for quoted, plain in found}
