"""Where the database URI comes from."""

from __future__ import annotations

import pytest

from hooks.base.facts import Config, InheritingTest, UriForm, UriSite
from hooks.detect.config import find_config
from tests.detect.tools import Text

KEY = "SQLALCHEMY_DATABASE_URI"
SQLITE = ("sqlite",)


@pytest.mark.parametrize(
    ("source", "form", "owner"),
    [
        pytest.param(f"app.config['{KEY}'] = VALUE", UriForm.ITEM, "app.config", id="item"),
        pytest.param(f"current_app.config['{KEY}'] = VALUE", UriForm.ITEM, "current_app.config", id="item of current_app"),
        pytest.param(f"app.config.update({KEY}=VALUE)", UriForm.KEYWORD, "app.config.update", id="update"),
        pytest.param(f"app.config.from_mapping(A=1, {KEY}=VALUE)", UriForm.KEYWORD, "app.config.from_mapping", id="from_mapping"),
        pytest.param(f"settings = dict({KEY}=VALUE)", UriForm.KEYWORD, "dict", id="dict()"),
        pytest.param(f"app.config.update({{'{KEY}': VALUE}})", UriForm.DICT, "app.config.update", id="dict in a call"),
        pytest.param(f"settings = {{\n    '{KEY}': VALUE,\n}}", UriForm.DICT, "settings", id="dict"),
        pytest.param(f"class Config:\n    {KEY} = VALUE", UriForm.CLASS, "Config", id="class"),
        pytest.param(f"class Config:\n    {KEY}: str = VALUE", UriForm.CLASS, "Config", id="annotated in a class"),
        pytest.param(f"class Outer:\n    class Config:\n        {KEY} = VALUE", UriForm.CLASS, "Outer.Config", id="nested class"),
        pytest.param(
            f"class Config:\n    @property\n    def {KEY}(self):\n        return VALUE", UriForm.CLASS, "Config", id="property"
        ),
        pytest.param(f"{KEY} = VALUE", UriForm.MODULE, "", id="global"),
        pytest.param(f"{KEY}: str = VALUE", UriForm.MODULE, "", id="annotated global"),
        pytest.param(f"if PRODUCTION:\n    {KEY} = VALUE", UriForm.MODULE, "", id="global in a branch"),
        pytest.param(f"app.config.setdefault('{KEY}', VALUE)", UriForm.SETDEFAULT, "app.config", id="setdefault"),
        pytest.param(f"Config.{KEY} = VALUE", UriForm.CLASS, "Config", id="attribute of a class"),
    ],
)
def test_every_form(source: str, form: UriForm, owner: str):
    """Each form is told, with the span of the value alone and who owns it."""
    text = Text({"shop/config.py": source + "\n"})
    value = text.span("shop/config.py", "VALUE")

    assert find_config(text.index).sites == (UriSite(form, value, text.at("shop/config.py", value.line), "shop.config", owner),)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"uri = app.config['{KEY}']", id="reading"),
        pytest.param(f"os.environ.get('{KEY}')", id="reading the environment"),
        pytest.param(f"import os\nos.environ['{KEY}'] = 'x'", id="writing the environment"),
        pytest.param(f"import os\nos.environ.setdefault('{KEY}', 'x')", id="writing what the environment lacks"),
        pytest.param(f"env_vars = ask()\nenv_vars['{KEY}'] = 'x'", id="variables to write to a file"),
        pytest.param(f"environment = {{'{KEY}': 'x'}}", id="the environment of another program"),
        pytest.param(f"# {KEY} = 'x'", id="comment"),
        pytest.param(f"class Config:\n    {KEY}: str", id="annotation without a value"),
        pytest.param(f"def f():\n    {KEY} = 'x'", id="a local name"),
        pytest.param(f"help = '{KEY} = value'", id="a string"),
        pytest.param(f"f({{'x': '{KEY}'}})", id="a value that is the key"),
    ],
)
def test_what_gives_no_value(source: str):
    """Reading the key, or naming it, configures nothing."""
    assert find_config(Text({"config.py": source}).index) == Config()


def test_the_branch_outside_of_tests_is_the_value():
    """Of `a if testing else b` only b is what runs, so only b is spanned."""
    text = Text({"config.py": f"{KEY} = 'sqlite://' if TESTING else 'sqlite:///shop.db'\n"})

    assert find_config(text.index).sites == (
        UriSite(UriForm.MODULE, text.span("config.py", "'sqlite:///shop.db'"), text.at("config.py", 1), "config", schemes=SQLITE),
    )


def test_two_names_for_one_value():
    """`config[...] = NAME = value` is one place to edit."""
    text = Text({"app.py": f"app.config['{KEY}'] = {KEY} = 'sqlite:///shop.db'\n"})

    assert find_config(text.index).sites == (
        UriSite(
            UriForm.ITEM, text.span("app.py", "'sqlite:///shop.db'"), text.at("app.py", 1), "app", "app.config", schemes=SQLITE
        ),
    )


def test_value_that_only_passes_on():
    """The name of another site is marked, so that one place is edited and not two."""
    text = Text(
        {
            "settings.py": f"{KEY} = 'sqlite:///shop.db'\n",
            "app.py": f"import settings\napp.config['{KEY}'] = settings.{KEY}\n",
        }
    )

    assert find_config(text.index).sites == (
        UriSite(
            form=UriForm.ITEM,
            value=text.span("app.py", f"settings.{KEY}"),
            where=text.at("app.py", 2),
            module="app",
            owner="app.config",
            passes_on=True,
            schemes=SQLITE,
        ),
        UriSite(
            UriForm.MODULE, text.span("settings.py", "'sqlite:///shop.db'"), text.at("settings.py", 1), "settings", schemes=SQLITE
        ),
    )


def test_file_that_from_pyfile_reads():
    """A file of Python syntax that is no module is looked into; it has no module name."""
    text = Text(
        {
            "shop/app.py": "from flask import Flask\napp.config.from_pyfile('../shop.cfg')\n",
            "shop.cfg": f"DEBUG = True\n{KEY} = 'sqlite:///shop.db'\n",
        }
    )

    assert find_config(text.index) == Config(
        sites=(UriSite(UriForm.MODULE, text.span("shop.cfg", "'sqlite:///shop.db'"), text.at("shop.cfg", 2), "", schemes=SQLITE),)
    )


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"class TestConfig:\n    {KEY} = 'x'", id="class name"),
        pytest.param(f"class TestingConfig:\n    {KEY} = 'x'", id="testing class name"),
        pytest.param(f"class CI:\n    TESTING = True\n    {KEY} = 'x'", id="class that sets TESTING"),
        pytest.param(f"if app.testing:\n    app.config['{KEY}'] = 'x'", id="if testing"),
        pytest.param(f"if env == 'test':\n    app.config['{KEY}'] = 'x'", id="if the environment is test"),
        pytest.param(f"if not testing:\n    pass\nelse:\n    app.config['{KEY}'] = 'x'", id="else of not testing"),
        pytest.param(f"if env == 'prod':\n    pass\nelif env == 'testing':\n    {KEY} = 'x'", id="elif testing"),
        pytest.param(f"def create_test_app():\n    app.config['{KEY}'] = 'x'", id="function name"),
        pytest.param(f"app.config.update(TESTING=True, {KEY}='x')", id="TESTING in the same call"),
        pytest.param(f"settings = {{'TESTING': True, '{KEY}': 'x'}}", id="TESTING in the same dict"),
        pytest.param(f"all = {{'testing': {{'{KEY}': 'x'}}}}", id="value of a key about tests"),
        pytest.param(f"test_settings = {{'{KEY}': 'x'}}", id="dict with a name about tests"),
        pytest.param(f"def make():\n    app.config['TESTING'] = True\n    app.config['{KEY}'] = 'x'", id="TESTING beside it"),
        pytest.param(f"class QA:\n    TESTING: bool = True\n    {KEY} = 'x'", id="annotated TESTING"),
        pytest.param(f"class QA:\n    TESTING = 1\n    {KEY} = 'x'", id="TESTING is 1"),
        pytest.param(f"class On:\n    TESTING = True\nclass QA(On):\n    {KEY} = 'x'", id="TESTING of a mixin"),
        pytest.param(f"class QA:\n    {KEY} = 'x'\nQA.TESTING = True", id="TESTING set after the class"),
        pytest.param(f"class QA:\n    {KEY} = 'x'\nsetattr(QA, 'TESTING', True)", id="setattr after the class"),
        pytest.param(
            f"def quick(cls):\n    cls.TESTING = True\n    return cls\n@quick\nclass QA:\n    {KEY} = 'x'", id="class decorator"
        ),
        pytest.param(
            "class Meta(type):\n    def __new__(meta, name, bases, space):\n        space['TESTING'] = True\n"
            f"        return super().__new__(meta, name, bases, space)\nclass QA(metaclass=Meta):\n    {KEY} = 'x'",
            id="metaclass",
        ),
        pytest.param(
            "class Meta(type):\n    def __init__(cls, *rest):\n        setattr(cls, 'TESTING', True)\n"
            f"class QA(metaclass=Meta):\n    {KEY} = 'x'",
            id="metaclass that uses setattr",
        ),
        pytest.param(f"QA = {{**COMMON, 'TESTING': True, '{KEY}': 'x'}}", id="TESTING beside an unpacked dict"),
        pytest.param(f"QA = dict(COMMON, TESTING=True, {KEY}='x')", id="dict(...)"),
        pytest.param(f"QA = dict({{'{KEY}': 'x'}}, TESTING=True)", id="dict of a dict"),
        pytest.param(f"QA = {{'{KEY}': 'x'}} | {{'TESTING': True}}", id="union of dicts"),
        pytest.param(f"QA = {{'{KEY}': 'x'}}\nQA['TESTING'] = True", id="TESTING set in the dict later"),
        pytest.param(f"QA = {{'{KEY}': 'x'}}\nQA.update(TESTING=True)", id="dict updated later"),
        pytest.param(f"testing: dict = {{'{KEY}': 'x'}}", id="annotated dict with a name about tests"),
        pytest.param(f"all['testing'] = {{'{KEY}': 'x'}}", id="dict under a key about tests"),
        pytest.param(f"all = dict(testing=dict({KEY}='x'))", id="keyword about tests"),
        pytest.param(f"app.testing = True\napp.config['{KEY}'] = 'x'", id="app.testing beside it"),
        pytest.param(f"app.config.update(TESTING=True)\napp.config['{KEY}'] = 'x'", id="update beside it"),
        pytest.param(f"app.config.from_mapping({{'TESTING': True}})\napp.config['{KEY}'] = 'x'", id="from_mapping beside it"),
        pytest.param(f"TESTING = True\n{KEY} = 'x'", id="settings module"),
        pytest.param(f"TESTING: bool = True\n{KEY}: str = 'x'", id="annotated settings module"),
        pytest.param(f"match env:\n    case 'testing':\n        app.config['{KEY}'] = 'x'", id="match"),
        pytest.param(f"class Shop(TestCase):\n    def setUp(self):\n        self.app.config['{KEY}'] = 'x'", id="TestCase"),
        pytest.param(f"@pytest.fixture\ndef app():\n    app.config['{KEY}'] = 'x'", id="fixture"),
    ],
)
def test_configuration_of_tests(source: str):
    """What configures a test run is marked, by every sign there is."""
    (site,) = find_config(Text({"shop/config.py": source}).index).sites

    assert site.is_test


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"class LatestConfig:\n    {KEY} = 'x'", id="a word that contains test"),
        pytest.param(f"class Config:\n    TESTING = False\n    {KEY} = 'x'", id="TESTING is False"),
        pytest.param(f"if not app.testing:\n    app.config['{KEY}'] = 'x'", id="if not testing"),
        pytest.param(f"if env != 'test':\n    app.config['{KEY}'] = 'x'", id="if the environment is not test"),
        pytest.param(f"if test_config is None:\n    app.config['{KEY}'] = 'x'", id="if no test config was given"),
        pytest.param(f"if testing:\n    pass\nelse:\n    app.config['{KEY}'] = 'x'", id="else of testing"),
        pytest.param(f"all = {{'testing': {{}}, 'prod': {{'{KEY}': 'x'}}}}", id="beside a key about tests"),
        pytest.param(f"app.config.update(TESTING=False, {KEY}='x')", id="TESTING=False in the same call"),
        pytest.param(f"class Dev:\n    TESTING: bool = False\n    {KEY} = 'x'", id="annotated TESTING is False"),
        pytest.param(
            f"class On:\n    TESTING = True\nclass Dev(On):\n    TESTING = False\n    {KEY} = 'x'", id="TESTING set back to False"
        ),
        pytest.param(
            f"class Off:\n    TESTING = False\nclass On:\n    TESTING = True\nclass Dev(Off, On):\n    {KEY} = 'x'",
            id="the first base counts",
        ),
        pytest.param(f"Dev = {{'{KEY}': 'x'}}\nQA['TESTING'] = True", id="TESTING set in another dict"),
        pytest.param(f"Dev = {{**COMMON, '{KEY}': 'x'}}", id="unpacked dict"),
        pytest.param(f"def strict(cls):\n    return cls\n@strict\nclass Dev:\n    {KEY} = 'x'", id="another class decorator"),
        pytest.param(f"match env:\n    case 'prod':\n        app.config['{KEY}'] = 'x'", id="match of something else"),
        pytest.param(f"app.config.update(TESTING=os.getenv('T'))\napp.config['{KEY}'] = 'x'", id="TESTING that text cannot tell"),
        pytest.param(f"def latest():\n    app.config['{KEY}'] = 'x'", id="function that contains test"),
    ],
)
def test_configuration_that_is_not_of_tests(source: str):
    """A word that only contains "test", or its negation, marks nothing."""
    (site,) = find_config(Text({"shop/config.py": source}).index).sites

    assert not site.is_test


@pytest.mark.parametrize(
    "path", ["tests/app.py", "test_app.py", "app_test.py", "conftest.py", "shop/config/testing.py", "settings_test.py"]
)
def test_configuration_in_a_file_of_tests(path: str):
    """Whatever a test file, or a settings file for tests, configures is the tests'."""
    (site,) = find_config(Text({path: f"{KEY} = 'x'\n"}).index).sites

    assert site.is_test


def test_test_classes_that_inherit_the_value():
    """A test class without a value of its own is named with the class it inherits from; one with a value is not."""
    text = Text(
        {
            "config.py": f"""
                class Config:
                    {KEY} = "sqlite:///shop.db"
                class Middle(Config):
                    pass
                class TestConfig(Middle):
                    TESTING = True
                class OwnTestConfig(Config):
                    {KEY} = "sqlite://"
                class ChildOfOwn(OwnTestConfig):
                    TESTING = True
                class DevConfig(Config):
                    DEBUG = True
                class QA(Config, Mixin):
                    TESTING: bool = True
                """,
            "tests/settings.py": "from config import Config\nclass Settings(Config):\n    TESTING = True\n",
        }
    )

    assert find_config(text.index).inheriting_tests == (
        InheritingTest(
            "config",
            "TestConfig",
            text.at("config.py", 5),
            text.span("config.py", "class TestConfig(Middle):\n    TESTING = True"),
            "config:Config",
        ),
        InheritingTest(
            "config",
            "QA",
            text.at("config.py", 13),
            text.span("config.py", "class QA(Config, Mixin):\n    TESTING: bool = True"),
            "config:Config",
        ),
        InheritingTest(
            "tests.settings",
            "Settings",
            text.at("tests/settings.py", 2),
            text.span("tests/settings.py", "class Settings(Config):\n    TESTING = True"),
            "config:Config",
        ),
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("os.environ.get('A') or 'sqlite:///' + os.path.join(HERE, 'x.db')", False, id="beside a default"),
        pytest.param("os.environ.get('A', f'sqlite:///{HERE}/x.db')", False, id="with a default"),
        pytest.param("os.environ['A'].replace('postgres://', 'postgresql://')", False, id="another scheme"),
        pytest.param("'sqlite:///' + os.path.join(HERE, os.getenv('A', 'data.db'))", True, id="a file"),
        pytest.param("os.path.join('sqlite:///', os.getenv('A'))", True, id="a path"),
        pytest.param("f\"postgresql://{os.environ['A']}/shop\"", True, id="f-string"),
        pytest.param("'postgresql://%s/shop' % os.environ['A']", True, id="percent"),
        pytest.param("'postgresql://{}/shop'.format(os.environ['A'])", True, id="format"),
    ],
)
def test_variable_that_is_a_part_of_the_url(value: str, expected: bool):
    """It names no database by itself, so nothing can go on with it alone."""
    text = Text({"config.py": f"import os\nHERE = os.path.dirname(__file__)\nSQLALCHEMY_DATABASE_URI = {value}\n"})

    (site,) = find_config(text.index).sites

    assert (site.variables, site.is_made_up) == (("A",), expected)


@pytest.mark.parametrize(
    ("value", "variables"),
    [
        pytest.param("os.environ['A']", ("A",), id="environ item"),
        pytest.param("os.environ.get('A') or 'x'", ("A",), id="environ.get"),
        pytest.param("os.getenv('A', 'x').replace('b', 'c')", ("A",), id="getenv with a method"),
        pytest.param("environ.get('A')", ("A",), id="environ imported"),
        pytest.param("getenv('A')", ("A",), id="getenv imported"),
        pytest.param("config('A', default='x')", ("A",), id="decouple"),
        pytest.param("env.str('A')", ("A",), id="environs"),
        pytest.param("env('A')", ("A",), id="environs called"),
        pytest.param("f'{USER}:{os.environ[\"B\"]}@{HOST}'", ("A", "B", "C"), id="several joined"),
        pytest.param("HERE", ("A",), id="a name of the module"),
        pytest.param("settings.HOST", ("C",), id="a name of another module"),
        pytest.param("uri()", ("D",), id="a function of the project"),
        pytest.param("Base.uri()", ("F",), id="the default of a method"),
        pytest.param("os.environ[NAME]", ("E",), id="a constant for the name"),
        pytest.param("Base.HOST", ("F",), id="an attribute of a class"),
        pytest.param("'sqlite:///x.db'", (), id="a literal"),
        pytest.param("os.path.join('A', 'b')", (), id="another function of os"),
        pytest.param("app.config.get('A')", (), id="Flask's own config"),
        pytest.param("{'a': 1}.get('A')", (), id="a dict"),
    ],
)
def test_variables_that_a_value_reads(value: str, variables: tuple[str, ...]):
    """Variables are found through names, modules and functions; other lookups are none."""
    text = Text(
        {
            "settings.py": "import os\nHOST = os.getenv('C')\ndef uri():\n    return os.environ['D']\n",
            "config.py": f"""
                import os
                from os import environ, getenv
                from decouple import config
                from environs import Env
                import settings
                from settings import HOST, uri
                env = Env()
                NAME = "E"
                USER = HERE = os.environ.get("A")
                class Base:
                    HOST = getenv("F")
                    @staticmethod
                    def uri(host=HOST):
                        return "postgresql://" + host
                {KEY} = {value}
                """,
        }
    )
    (site,) = find_config(text.index).sites

    assert site.variables == variables


@pytest.mark.parametrize(
    ("signature", "variables"),
    [
        ("uri=os.environ.get('A')", ("A",)),
        ("*, uri=os.environ.get('A', 'sqlite://')", ("A",)),
        ("uri", ()),
        ("uri=None", ()),
        ("other=os.environ.get('A'), uri='sqlite://'", ()),
        ("uri=os.environ.get('A')):\n    uri = ask(uri", ()),
    ],
    ids=["its default", "by keyword", "none", "nothing", "that of another one", "given another value"],
)
def test_variables_that_a_parameter_reads(signature: str, variables: tuple[str, ...]):
    """Where the caller passes nothing, the default is the value."""
    code = f"import os\ndef create_app({signature}):\n    app.config['{KEY}'] = uri\n".replace("ask(uri):", "ask(uri)")
    (site,) = find_config(Text({"app.py": code}).index).sites

    assert site.variables == variables


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("app.config.from_file('config.json', load=json.load)", id="from_file"),
        pytest.param("app.config.from_json('config.json')", id="from_json"),
        pytest.param("app.config.from_envvar('SETTINGS', silent=True)", id="from_envvar"),
        pytest.param("app.config.from_prefixed_env()", id="from_prefixed_env"),
        pytest.param("app.config.update(json.load(open('c.json')))", id="update with JSON"),
        pytest.param("app.config.from_mapping(**data)", id="from_mapping with YAML"),
        pytest.param("app.config.from_object('local_settings')", id="a module that is not there"),
        pytest.param("app.config.from_object('shop.local')", id="a submodule that is not there"),
        pytest.param("app.config.from_object('shop.local.Config')", id="a class of a submodule that is not there"),
        pytest.param("app.config.from_pyfile('local.cfg', silent=True)", id="a file that is not there"),
    ],
)
def test_configuration_that_source_does_not_show(line: str):
    """Data files, prefixed variables and absent modules are named."""
    source = f"from flask import Flask\nimport json, yaml\ndata = yaml.safe_load(open('c.yml'))\n{line}\n"
    text = Text({"app.py": source, "shop/__init__.py": "", "shop/config.py": ""})

    found = find_config(text.index)

    assert (found.sites, found.data_files) == ((), (text.at("app.py", 4),))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("app.config.from_object('shop.config.Config')", id="a class that is there"),
        pytest.param("app.config.from_object(__name__)", id="the module itself"),
        pytest.param("app.config.from_object(f'shop.{name}')", id="a computed name"),
        pytest.param("app.config.from_pyfile('config.py')", id="a file that is there"),
        pytest.param("app.config.update(A=json.load(open('x')))", id="one value from JSON"),
        pytest.param("app.config.update({'A': json.load(open('x'))['a']})", id="one item from JSON"),
        pytest.param("settings.from_file('x')", id="not a config"),
        pytest.param("data = json.load(open('x'))", id="JSON for something else"),
    ],
)
def test_configuration_that_source_shows(line: str):
    """What can be read in the tree, and data that is no configuration, is not named."""
    text = Text(
        {"app.py": f"from flask import Flask\nimport json\n{line}\n", "shop/config.py": "class Config: pass\n", "config.py": ""}
    )

    assert find_config(text.index).data_files == ()


def test_value_out_of_parsed_data():
    """`config[...] = params["uri"]` where params was parsed names the parse."""
    text = Text({"app.py": f"import json\nparams = json.load(open('c.json'))\napp.config['{KEY}'] = params['uri']\n"})

    assert find_config(text.index) == Config(
        sites=(UriSite(UriForm.ITEM, text.span("app.py", "params['uri']"), text.at("app.py", 3), "app", "app.config"),),
        data_files=(text.at("app.py", 2),),
    )


@pytest.mark.parametrize(
    ("source", "schemes"),
    [
        pytest.param(f"{KEY} = 'postgresql+psycopg://shop@db/shop'\n", ("postgresql+psycopg",), id="as it is"),
        pytest.param(f"import os\nURL = 'postgres://db/shop'\n{KEY} = os.environ.get('DB') or URL\n", ("postgres",), id="named"),
        pytest.param(f"{KEY} = f'mysql://{{USER}}@db/shop'\n", ("mysql",), id="f-string"),
        pytest.param(f"{KEY} = 'sqlite://' if TESTING else 'postgresql:///shop'\n", ("postgresql",), id="not for tests"),
        pytest.param(f"{KEY} = make_url('db', 'shop')\n", (), id="none"),
    ],
)
def test_schemes(source: str, schemes: tuple[str, ...]):
    """What kind of database a URL is for, as far as the text tells."""
    (site,) = find_config(Text({"config.py": source}).index).sites

    assert site.schemes == schemes
