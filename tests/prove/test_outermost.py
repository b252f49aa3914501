"""In which files of tests the variable is emptied."""

from __future__ import annotations

import pytest

from hooks.prove.database_of_tests import outermost


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param({"tests/conftest.py", "tests/test_a.py", "tests/api/test_b.py"}, ("tests/conftest.py",), id="below it"),
        pytest.param({"tests/conftest.py", "tests/api/conftest.py"}, ("tests/conftest.py",), id="one below the other"),
        pytest.param({"conftest.py", "tests/conftest.py", "test_a.py"}, ("conftest.py",), id="at the top"),
        pytest.param({"tests/api/conftest.py", "tests/test_a.py"}, ("tests/api/conftest.py", "tests/test_a.py"), id="beside it"),
        pytest.param({"a/conftest.py", "ab/test_b.py"}, ("a/conftest.py", "ab/test_b.py"), id="a folder of a longer name"),
        pytest.param({"tests/test_a.py", "tests/test_b.py"}, ("tests/test_a.py", "tests/test_b.py"), id="no conftest.py"),
    ],
)
def test_files_that_are_imported_first(paths: set[str], expected: tuple[str, ...]) -> None:
    """What a conftest.py has emptied is empty in all that is imported after it."""
    assert outermost(paths) == expected
