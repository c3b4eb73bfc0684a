import itertools
import re

import pytest

from matricula.catalog.course_keys import is_course_key

CONTRACT = re.compile(r"^course-v1:[^/+]+(\+[^/+]+)+(\+[^/]+)\Z")


@pytest.mark.parametrize("length", range(8))
def test_it_is_the_language_of_the_contracts_pattern(length: int) -> None:
    words = list(itertools.product("a+/", repeat=length))
    assert len(words) == 3**length
    for letters in words:
        key = "course-v1:" + "".join(letters)
        assert is_course_key(key) == bool(CONTRACT.match(key)), key


@pytest.mark.parametrize("key", ["", "edX/Demo/2027", "course-v1:A+B", "course-v1:A+B+C\n/", "Course-v1:A+B+C"])
def test_other_forms_are_none(key: str) -> None:
    assert not is_course_key(key)
