"""One filter for all that is printed: secrets are masked wherever they stand, and nothing else is."""

from __future__ import annotations

import io
import json

import pytest
from sqlalchemy.engine import make_url

from adopt.base import redaction as adopted
from hooks.base.redaction import redaction

SETTINGS = {
    "SECRET_KEY": "dev-9f8e7d",
    "STRIPE_API_KEY": "sk_live_51H",
    "MAIL_PASSWORD": "Tr0ub4dor&3",
    "SENTRY_DSN": "https://0123456789abcdef@o1.ingest.sentry.io/42",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "SECRET_KEY_FALLBACKS": ["older-0ne", "oldest-0ne"],
    "SQLALCHEMY_DATABASE_URI": "postgresql://shop:cOrrect/h0rse@db.example.com:5433/shop",
    "CACHE": {"REDIS_URL": "redis://:r3disPw@cache:6379/0"},
    "TOKEN_LOCATION": ["headers"],
    "SORT_KEY": "created_on",
    "SESSION_COOKIE_NAME": "session",
    "JWT_SECRET": "postgres",
    "PASSWORD_FILE": "/run/secrets/pw",
    "PRIVATE_KEY": "-----BEGIN-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END-----",
}
LEARNED = {
    "as it is": ("the key is dev-9f8e7d.", "the key is ***."),
    "in quotes": ("KeyError: 'sk_live_51H'", "KeyError: '***'"),
    "as Python writes it": (r"'Tr0ub4dor&3'", "'***'"),
    "encoded": ("https://x/?p=Tr0ub4dor%263", "https://x/?p=***"),
    "in a list": ("older-0ne and oldest-0ne", "*** and ***"),
    "of a DSN": ("cannot send to 0123456789abcdef", "cannot send to ***"),
    "of a URL": ("FATAL: cOrrect/h0rse is wrong", "FATAL: *** is wrong"),
    "a part of it": ('could not translate host name "h0rse@db.example.com"', 'could not translate host name "***@db.example.com"'),
    "in a dictionary": ("AUTH r3disPw", "AUTH ***"),
    "several lines": ("MIIEvQIBADANBgkqhkiG9w0", "***"),
    "inside of a word, where it is long": ("xwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEYx", "x***x"),
    "no secret, by its name": ("created_on headers session /run/secrets/pw", "created_on headers session /run/secrets/pw"),
    "an ordinary word": ("postgresql and postgres", "postgresql and postgres"),
    "a part of another word": ("r3disPwned", "r3disPwned"),
    "names of the URL": ("shop at db.example.com", "shop at db.example.com"),
}
TOLD = {
    "URL": ("postgresql://a:b@c/d", "postgresql://a:***@c/d"),
    "URL with @ in the password": ("mysql+pymysql://a:b@b@c/d", "mysql+pymysql://a:***@c/d"),
    "URL without a user": ("redis://:b@c", "redis://:***@c"),
    "two URLs": ("a://u:p@h,b://v:q@i", "a://u:***@h,b://v:***@i"),
    "any scheme": ("amqp+ssl://guest:guest@mq//", "amqp+ssl://guest:***@mq//"),
    "URL of a package index": ("https://ada:pw@pypi.example.com/simple", "https://***@pypi.example.com/simple"),
    "URL with a token": ("git+https://ghp_1@github.com/x", "git+https://***@github.com/x"),
    "DSN": ("host=db user=shop password=b dbname=x", "host=db user=shop password=*** dbname=x"),
    "DSN with quotes": ("password='a b' host=c", "password='***' host=c"),
    "query": ("?sslpassword=b&x=1", "?sslpassword=***&x=1"),
    "ODBC": ("DRIVER=x;UID=sa;PWD=b;", "DRIVER=x;UID=sa;PWD=***;"),
    "source": ('SECRET_KEY = "dev"', 'SECRET_KEY = "***"'),
    "annotated source": ("secret_key: str = 'dev'", "secret_key: str = '***'"),
    "dictionary": ('{"password": "b", "user": "a"}', '{"password": "***", "user": "a"}'),
    "subscript": ("app.config['SECRET_KEY'] = 'dev'", "app.config['SECRET_KEY'] = '***'"),
    "default": ('os.environ.get("SECRET_KEY", "dev")', 'os.environ.get("SECRET_KEY", "***")'),
    "or": ('os.getenv("SECRET_KEY") or "dev"', 'os.getenv("SECRET_KEY") or "***"'),
    "YAML": ("  password: b", "  password: ***"),
    "SQL": ("ALTER ROLE shop PASSWORD 'b' LOGIN", "ALTER ROLE shop PASSWORD '***' LOGIN"),
    "SQL of MariaDB": ("CREATE USER a IDENTIFIED BY 'b'", "CREATE USER a IDENTIFIED BY '***'"),
    "pydantic": (
        "  Field required [type=missing, input_value={'pw': 'x, y'}, input_type=dict]",
        "  Field required [type=missing, input_value=***, input_type=dict]",
    ),
    "a header": ("Authorization: Bearer abcdefghijklmnopqrst", "Authorization: Bearer ***"),
}
UNTOUCHED = [
    "postgresql://postgres@127.0.0.1:5432/shop",
    "sqlite:////home/ada/shop.db",
    "see http://localhost:5000/users/me@example.com",
    "git@github.com:ada/shop.git and ssh://git@github.com/ada/shop",
    'FATAL:  password authentication failed for user "shop"',
    "Access denied for user 'shop'@'localhost' (using password: YES)",
    "password = db.Column(db.String(80), nullable=False)",
    "shop/models.py:12   token = db.Column('token', db.String(64), unique=True)",
    "connect(user=user, password=password)",
    "connect(password=os.environ['DB_PASSWORD'])",
    "password=get_password()",
    "['password', 'email'] and sa.PrimaryKeyConstraint('token', 'id')",
    "users.password_hash    models VARCHAR(255)   database VARCHAR(120)",
    "Name an empty database and run again:  EMPTY_DATABASE_URL=... copier copy ...",
    "POSTGRES_PASSWORD: not-a-secret",
    "if password == 'x': pass",
    "SECRET_KEY = os.environ['SECRET_KEY']",
    "error: two-apps\n  Two Flask applications were found, so it is unclear which one gets migrations.",
]


def learned(**given):
    secrets = redaction.Secrets()
    secrets._knows_environment = True
    secrets.learn_mapping(given)
    return secrets


@pytest.mark.parametrize("text, expected", LEARNED.values(), ids=LEARNED)
def test_what_settings_hold(text, expected):
    """What variables and settings hold under names that say so is masked in any text; ordinary words are not."""
    assert learned(**SETTINGS).masked(text) == expected


@pytest.mark.parametrize("text, expected", TOLD.values(), ids=TOLD)
def test_what_text_says_to_be_a_secret(text, expected):
    """Where text itself says that a value is a secret, any value is masked."""
    assert learned().masked(text) == expected


@pytest.mark.parametrize("text", UNTOUCHED)
def test_other_text(text):
    """What is no secret stays readable, also beside the word "password"."""
    assert learned(PASSWORD="dev", TOKEN="root", API_KEY="1").masked(text) == text


@pytest.mark.parametrize(
    "password",
    ["S3cret@in", "p@ss@w0rd", "a/S3cret", "a#S3cret", "a:S3cret", "ü-S3cret%", "50%25S3cret", "' S3cret\"", "dev@S3cret"],
)
def test_passwords_that_are_not_escaped(password):
    """No part of a password is said, wherever the URL falls apart that holds it, and however it is written."""
    url = f"postgresql://shop:{password}@127.0.0.1:5432/shop"
    secrets = learned(DATABASE_URL=url)
    place = password.replace("@", "/").replace("#", "/").replace(":", "/").rpartition("/")[2]
    said = [
        url,
        password,
        repr(password),
        json.dumps({"password_is": password}),
        f'could not translate host name "{place}@127.0.0.1" to address',
        f'could not translate host name "{place.lower()}@127.0.0.1" to address',
        f'invalid port number: "{place}"',
    ]

    assert [text for text in said if "s3cret" in secrets.masked(text).lower()] == []


def test_urls_of_sqlalchemy():
    """A URL object gives its password, and what its parser took for the host."""
    secrets = learned()
    for url in ("postgresql://shop:p@S3cret@db/shop", "mysql+pymysql://shop:hunter2@db/shop?ssl_password=qu3ry"):
        secrets.learn_url(make_url(url))

    assert secrets.masked("S3cret@db, hunter2, qu3ry of shop") == "***@db, ***, *** of shop"


def test_what_an_exception_passed():
    """Variables of the functions that an exception came through, and of their modules, are known."""

    class Config:
        SECRET_KEY = "k3y-of-class"

    def connect(password):
        raise ValueError(password + Config.SECRET_KEY)

    secrets = learned()
    try:
        connect("loc4l-secret")
    except ValueError as error:
        secrets.learn_error(error)

    assert secrets.masked("loc4l-secret k3y-of-class") == "*** ***"


def test_what_an_exception_passed_is_looked_at_only():
    """Settings that load themselves when they are used are not used, neither an object nor a dictionary of that kind."""

    class Lazy:
        @property
        def __class__(self):
            raise RuntimeError("loads")

    class LazyDict(dict):
        def items(self):
            raise RuntimeError("loads")

    def connect(lazy, config):
        raise ValueError(lazy, config)

    secrets = learned()
    try:
        connect(Lazy(), LazyDict(SECRET_KEY="k3y-of-lazy"))
    except ValueError as error:
        secrets.learn_error(error)

    assert secrets.masked("k3y-of-lazy") == "***"


def test_a_stream():
    """Lines are masked as a whole, though they come in pieces; the rest comes with a flush."""
    file = io.StringIO()
    stream = redaction.Stream(file)
    print("password=", "hunter2", sep="", file=stream)
    print("postgresql://a:b", end="", file=stream)
    print("@c", end="", file=stream)
    stream.flush()

    assert file.getvalue() == "password=***\npostgresql://a:***@c"


def test_both_sides_have_one_source():
    """Copier's Python and the project's read the same file."""
    assert redaction.__file__ == adopted.__file__
