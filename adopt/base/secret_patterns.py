"""What tells a secret in text: its name, its place in a URL, a statement or source; and which values are too common to be one."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
PLACEHOLDER = "not-a-secret"  # what the CI jobs of this template call the password of their database


class Pattern:
    """One that is compiled when it is first looked for: most commands have nothing to hide."""

    def __init__(self, text: str, flags: int = 0) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, method: str) -> Any:
        return getattr(re.compile(self._text, self._flags), method)


# Long or composed words that programs and people use for much else, and that many use as a password all the same.
COMMON = {"administrator", "configuration", "created_at", "flask-app", PLACEHOLDER, "secret-key", "secret_key", "user-name"}
STRONG = r"secret|password|passwd|passwort|passphrase|pwd|api_?key|access_?key|private_?key|signing_?key|encryption_?key"
SAYS_SECRET = Pattern(
    r"(?i)(?:^|_)(?:" + STRONG + r")s?(?:_|\d|$)|(?:secret|password)$"
    r"|(?:^|_)(?:pass|pw|token|dsn|salt|credentials?|key_id|odbc_connect)(?:_?\d+|_(?:old|new|previous|dev|test|prod))?$",
)
SAYS_KEY = Pattern(r"(?i)(?:^|_)(?:key|auth|cookie)(?:_?\d+)?$")  # as SORT_KEY = "created_at" does as well
SAYS_NONE = Pattern(
    r"(?i)(?:_|^)(?:file|path|url|uri|name|header|field|length|age|timeout|expires?|expiry|prefix|location|algorithm|domain|secure|httponly"
    r"|samesite|method|type|enabled|hash|hashes|scheme|policy|host|port)s?$",
)

_USER = r"[^\s:/@'\"<>()]*"
_REST = r"(?:(?!://)[^\s'\"])*"
HTTP_LOGIN = Pattern(r"((?:git\+)?(?:https?|ssh)://)(?!git@)(?!" + _USER + r":\d{1,5}[/?#])(" + _REST + r")@")
URL_LOGIN = Pattern(r"(\w[\w+.-]*://" + _USER + r"):(?!\d{1,5}[/?#])(" + _REST + r")@")
WHOLE_URL = Pattern(r"\s*(\w[\w+.-]*://[^:/@]*):((?:(?!://).)*)@", re.DOTALL)  # a value that is a URL and nothing else
_NAME = r"[\w.-]*(?:" + STRONG + r"|secret[_-]?key|token|dsn|salt)s?\d*"
_LITERAL = r"[bruBRU]{0,2}(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
_GET = r"\w*(?:get|getenv|env|config|setdefault)\(\s*"
ASSIGNED = Pattern(
    r"(?i)(?<![\w.-])(" + _NAME + r"[\"']?\]?\s*(?::\s*[\w\[\], ]+?\s*=|(?<![=!<>])=(?!=)|:)\s*)(" + _LITERAL + r")",
)
GIVEN_TO_GET = Pattern(r"(?i)(" + _GET + r"[\"']" + _NAME + r"[\"']\s*,\s*)(" + _LITERAL + r")")
OR_ELSE = Pattern(r"(?i)([\"']" + _NAME + r"[\"']\s*[)\]]\s*or\s+)(" + _LITERAL + r")")
IN_DSN = Pattern(r"(?i)(?<![\w.-])(" + _NAME + r"=)([^\s&;,'\")\]}\\]+)")
IN_YAML = Pattern(r"(?i)^(\s*(?:[\w-]+\s*:\s*)?" + _NAME + r":\s+)([^\s'\"#&*|>{\[]\S*)[ \t]*$", re.MULTILINE)
IN_SQL = Pattern(r"(?i)(\b(?:IDENTIFIED(?:\s+WITH\s+\S+)?\s+(?:BY|AS)|PASSWORD(?:\s+FOR\s+\S+\s*=)?)\s+\(?)('(?:[^']|'')*')")
PYDANTIC = Pattern(r"(input_value=)(.*?)(?=, input_type=|\]\s*$|$)", re.MULTILINE)
BEARER = Pattern(r"(\b(?:Bearer|Basic)\s+)([A-Za-z0-9._~+/=-]{16,})")
KEY_OF_AWS = Pattern(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
IS_CODE = Pattern(r"[A-Za-z_][\w.]*[(\[]|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$|(?:None|True|False|YES|NO)$|\.\.\.|[<{$%*]")


def is_distinctive(value: str) -> bool:
    """Whether a value, wherever it occurs, can be nothing but that secret."""
    if len(value) < 3 or value.lower() in COMMON or not any(one.isalnum() for one in value):
        return False
    if value.startswith(("/", "./", "~", "***")) or IS_CODE.match(value):
        return False
    if "://" in value and "@" not in value:
        return False  # an address
    if value.isdigit():
        return len(value) >= 8
    if value.isalpha() and (value.islower() or value.isupper() or value.istitle()):
        return len(value) >= 12  # a word of any language, "clinic", is in names of tables and files as well
    return len(value) >= 5 or not value.isalnum()


def is_random(value: str) -> bool:
    """Whether a value is made as keys are: no word, no name of a column."""
    return len(value) >= 16 or any(one.isdigit() for one in value) or not (value.islower() or value.isupper() or value.istitle())


def is_secret(name: str, value: object) -> bool:
    """Whether what is called so is a secret: DB_PASSWORD, AWS_SECRET_ACCESS_KEY, SENTRY_DSN; but not SECRET_FILE."""
    if SAYS_NONE.search(name):
        return False
    return bool(SAYS_SECRET.search(name)) or bool(SAYS_KEY.search(name)) and isinstance(value, str) and is_random(value)


def forms(value: str) -> set[str]:
    """A secret as it is, and as a URL, JSON, Python and SQL write it."""
    escaped = re.sub(r"[:@/]", lambda found: f"%{ord(found[0]):02X}", value)  # SQLAlchemy 1.2
    encoded = {quote(value, safe=""), quote(value), quote_plus(value), quote(value, safe=" +"), escaped}
    written = {json.dumps(value)[1:-1], repr(value)[1:-1], ascii(value)[1:-1], value.replace("'", "''")}
    return {value} | encoded | written


def literal_value(literal: str) -> str:
    """What stands between the quotes of a string in source code."""
    return literal.lstrip("bruBRU")[1:-1]


def without_told(text: str) -> str:
    """`text` without what it says itself to be a secret, whatever that is."""
    if "://" in text:
        text = URL_LOGIN.sub(r"\1:***@", HTTP_LOGIN.sub(r"\1***@", text))
    if "=" in text or ":" in text:
        text = PYDANTIC.sub(r"\1***", text)
        text = ASSIGNED.sub(_literal_masked, text)
        text = IN_YAML.sub(_value_masked, IN_DSN.sub(_value_masked, text))
    if "'" in text or '"' in text:
        text = OR_ELSE.sub(_literal_masked, GIVEN_TO_GET.sub(_literal_masked, text))
        text = IN_SQL.sub(r"\1'***'", text)
    return str(KEY_OF_AWS.sub(MASK, BEARER.sub(r"\1***", text)))


def _value_masked(found: re.Match[str]) -> str:
    """`password=tiger`, but not `password=password` or `password=ask()`, where it is the name of a value."""
    name, value = found.groups()
    is_name = IS_CODE.match(value) or value == PLACEHOLDER or name.lower().startswith(value.lower() + "=")
    return found[0] if is_name else name + MASK


def _literal_masked(found: re.Match[str]) -> str:
    before, literal = found.groups()
    if literal_value(literal) in ("", PLACEHOLDER) or literal_value(literal).startswith("$"):
        return found[0]
    return before + literal[: -len(literal_value(literal)) - 1] + MASK + literal[-1]
