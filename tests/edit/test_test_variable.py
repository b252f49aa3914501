"""Tests that build the application as it is empty the variable before they import it."""

from __future__ import annotations

import pytest

from hooks.base.source import Source
from hooks.edit.core.splice import Edit, Reason, Untouched
from hooks.edit.python import test_variable
from tests.edit.tools import check_edit, check_untouched


def empty_behind_linters(source: Source) -> Edit | Untouched:
    """The same where a linter wants the imports first."""
    return test_variable.empty_in_tests(source, "DATABASE_URL", {"shop", "tests"}, imports_first=True)


def empty(source: Source) -> Edit | Untouched:
    """The edit for DATABASE_URL in a project whose modules are `shop` and `tests`."""
    return test_variable.empty_in_tests(source, "DATABASE_URL", {"shop", "tests"})


CASES = {
    "behind the comments at the head of the file": (
        """
        #!/usr/bin/env python
        # -*- coding: utf-8 -*-
        from shop import app


        def test_app():
            assert app
        """,
        """
        #!/usr/bin/env python
        # -*- coding: utf-8 -*-
        import os

        # these tests keep the database of the settings
        os.environ["DATABASE_URL"] = ""

        from shop import app


        def test_app():
            assert app
        """,
    ),
    "before the first import of the project": (
        """
        import pytest

        from shop import app
        from shop.models import db
        """,
        """
        import os

        import pytest

        # these tests keep the database of the settings
        os.environ["DATABASE_URL"] = ""

        from shop import app
        from shop.models import db
        """,
    ),
    "docstring, future, os there, single quotes": (
        """
        '''Tests.'''
        from __future__ import annotations

        import os

        # the shop
        from shop import app

        URL = 'x'
        """,
        """
        '''Tests.'''
        from __future__ import annotations

        import os

        # these tests keep the database of the settings
        os.environ['DATABASE_URL'] = ''

        # the shop
        from shop import app

        URL = 'x'
        """,
    ),
    "environ imported": (
        """
        from os import environ
        import shop.app as made
        """,
        """
        from os import environ

        # these tests keep the database of the settings
        environ["DATABASE_URL"] = ""

        import shop.app as made
        """,
    ),
    "helpers that import the project": (
        """
        import os
        from .base import BaseTestCase
        """,
        """
        import os

        # these tests keep the database of the settings
        os.environ["DATABASE_URL"] = ""

        from .base import BaseTestCase
        """,
    ),
    "import inside of try": (
        """
        import os
        try:
        \tfrom shop import app
        except ImportError:
        \tapp = None
        """,
        """
        import os

        # these tests keep the database of the settings
        os.environ["DATABASE_URL"] = ""

        try:
        \tfrom shop import app
        except ImportError:
        \tapp = None
        """,
    ),
    "imported by the fixture only": (
        """
        import os
        import pytest

        @pytest.fixture
        def app():
            from shop import app
            return app
        """,
        """
        import os
        import pytest

        # these tests keep the database of the settings
        os.environ["DATABASE_URL"] = ""


        @pytest.fixture
        def app():
            from shop import app
            return app
        """,
    ),
    "two statements on one line": (
        """
        import os; from shop import app
        """,
        """
        import os
        # these tests keep the database of the settings
        os.environ["DATABASE_URL"] = ""
        from shop import app
        """,
    ),
    "the standard library imported behind the project": (
        """
        import pytest
        from shop import app
        import json
        """,
        """
        import os

        import pytest

        # these tests keep the database of the settings
        os.environ["DATABASE_URL"] = ""

        from shop import app
        import json
        """,
    ),
    "os imported behind the project": (
        """
        from shop import app
        import os
        """,
        """
        import os

        # these tests keep the database of the settings
        os.environ["DATABASE_URL"] = ""

        from shop import app
        import os
        """,
    ),
    "CRLF, no final newline, non-ASCII": (
        "import os\r\n# Bücher\r\nfrom shop import app".encode(),
        (
            "import os\r\n\r\n# these tests keep the database of the settings\r\n"
            'os.environ["DATABASE_URL"] = ""\r\n\r\n# Bücher\r\nfrom shop import app'
        ).encode(),
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_emptied(before: str | bytes, after: str | bytes):
    """Where an import of the project begins, the variable is empty."""
    check_edit(empty, before, after, path="tests/test_shop.py")


def test_emptied_where_a_linter_wants_the_imports_first():
    """In a condition, behind which imports may stand; that it is always set is what it says."""
    check_edit(
        empty_behind_linters,
        """
        from shop import app
        """,
        """
        import os

        # these tests keep the database of the settings
        if os.environ.get("DATABASE_URL") != "":
            os.environ["DATABASE_URL"] = ""

        from shop import app
        """,
        path="tests/test_shop.py",
    )


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ('import os\nfrom shop import app\nURL = os.environ["DATABASE_URL"]\n', Reason.ALREADY_THERE),
        ('from shop import app\ndef test(monkeypatch):\n    monkeypatch.delenv("DATABASE_URL")\n', Reason.ALREADY_THERE),
        ("", Reason.CANNOT_BE_EDITED_SAFELY),
        ("from os import getenv\nfrom shop import app\n", Reason.CANNOT_BE_EDITED_SAFELY),
        ("from shop import (\n", Reason.CANNOT_BE_EDITED_SAFELY),
        ("# coding: latin-1\nfrom shop import app\n", Reason.CANNOT_BE_EDITED_SAFELY),
    ],
    ids=["reads it", "deletes it", "empty file", "getenv only", "syntax error", "another encoding"],
)
def test_left_alone(before: str, reason: Reason):
    """Tests that deal with the variable themselves, and files that cannot be edited."""
    check_untouched(empty, before, reason, path="tests/test_shop.py")
