"""Whatever is typed into the console's addresses and forms, no page breaks.

Every address of ``console/urls.py`` is asked by an operator, a registrar and an instructor, with values that hypothesis
makes up; a new address is among them by itself. Which names a page reads is found by watching it read them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client as HttpClient
from django.utils.datastructures import MultiValueDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matricula.console import urls
from tests.conftest import World
from tests.console.test_permissions import Place, make_place

EXAMPLES = settings(
    max_examples=2, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
READERS = ["superuser", "read_write_enrollments", "instructor"]
# as they stand in an address: bytes, percent-encoded
RAW = ["%00", "%ED%A0%80", "%FF", "%C0%80", "%E2%80%AE", "%EF%BB%BF", "%0D%0A", "%25", "%u0000", "%", "+"]
ODD = st.sampled_from(
    [
        *RAW,
        *(quote(text) for text in ("9" * 5_000, "-1", "0", "1", "1e308", "NaN", "²", "٣", "x" * 20_000, "é" * 300)),
        *(
            quote(text)
            for text in ("all", "yes", "on", "enroll", "enrolled", "active", "role", "program", "csv", "last")
        ),
        *(quote(text) for text in ("sam", "kim@example.org", "Kim <kim@example.org>; a", "[", "'\"<>&{{}}", "a,b\nc")),
    ]
) | st.text(max_size=20).map(lambda text: quote(text.encode(errors="surrogatepass")))
FILES = st.sampled_from(
    [
        b"",
        b"\x00",
        b"\xff\xfe",
        b"student_key,status\r\nS-1,ended\r\n",
        b"course_id,student_key,status\n\x00,\xe2\x80\x8b,active\n",
        b"identifier,mode\nsam,audit\n",
        b"identifier,reason\n" + b"9" * 5_000 + b",x\n",
        b'"',
    ]
)


@pytest.fixture
def place(world: World) -> Place:
    return make_place(world)


@pytest.fixture(scope="module")
def names() -> set[str]:
    return set()


@contextmanager
def watched(names: set[str], patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Adds what is read of queries and forms to ``names``."""
    with patch.context() as watch:
        for method in ("__getitem__", "__contains__", "getlist"):
            watch.setattr(MultiValueDict, method, _watching(method, names), raising=False)
        yield


def _watching(method: str, names: set[str]) -> Any:
    original = getattr(MultiValueDict, method)

    def read(self: Any, key: Any, *rest: Any) -> Any:
        if isinstance(key, str) and key.isidentifier():
            names.add(key)
        return original(self, key, *rest)

    return read


@contextmanager
def undone() -> Iterator[None]:
    """Not ``atomic``, within which the limiter of guessing, whose failures stay whatever becomes of a page, refuses."""
    place = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(place)


class Fuzzer:
    """Somebody who types anything; what it does is undone."""

    def __init__(self, http: HttpClient, names: set[str], patch: pytest.MonkeyPatch) -> None:
        self.http, self.names, self.patch = http, names, patch

    def ask(self, method: str, address: str, pairs: list[tuple[str, str]], file: bytes | None = None) -> None:
        raw = "&".join(f"{name}={value}" for name, value in pairs)
        with undone(), watched(self.names, self.patch):
            if method == "get":
                answer = self.http.get(f"{address}?{raw}")
            elif file is None:
                answer = self.http.post(address, raw, content_type="application/x-www-form-urlencoded")
            else:
                upload = SimpleUploadedFile("a\u202e\x01.csv" + "b" * 300, file)
                answer = self.http.post(address, {"file": upload, **{name: value for name, value in pairs}})
            if answer.streaming:
                b"".join(answer.streaming_content)  # type: ignore[attr-defined]
            assert answer.status_code < 500, (method, address, raw[:500])


def fuzz(fuzzer: Fuzzer, method: str, address: str, names: set[str]) -> None:
    values = st.lists(st.tuples(st.sampled_from(sorted(names)), ODD), min_size=1, max_size=8)
    files = FILES if "file" in names and method == "post" else st.none()

    @EXAMPLES
    @given(values, files)
    def ask(pairs: list[tuple[str, str]], file: bytes | None) -> None:
        fuzzer.ask(method, address, pairs, file)

    ask()


@pytest.mark.parametrize("reader", READERS)
def test_no_page_breaks(
    reader: str, place: Place, names: set[str], monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    fuzzer = Fuzzer(place.reader(reader), names, monkeypatch)
    addresses = [place.address(str(pattern.name)) for pattern in urls.urlpatterns]
    for address in addresses:
        for method in ("get", "post"):
            seen: set[str] = set()
            fuzzer.names = seen
            fuzzer.ask(method, address, [])
            # what is read once a form is whole, too: a second look
            fuzzer.ask(method, address, [(name, "1") for name in sorted(seen)])
            if not seen:
                continue
            names |= seen

            fuzz(fuzzer, method, address, seen)


def test_the_names_that_pages_read_are_found(names: set[str], place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    fuzzer = Fuzzer(place.reader("superuser"), names, monkeypatch)
    for page in ("course", "program", "jobs", "access", "course_history"):
        fuzzer.ask("get", place.address(page), [])
    fuzzer.ask("post", place.address("course_enroll"), [])
    assert {"page", "q", "sort", "before", "after", "state", "who", "action", "file"} <= names


@pytest.mark.parametrize("current", ["http://[", "//[::", "\u20ac", "http://x/?\x00", "x" * 5_000])
def test_a_part_of_a_page_whose_session_ended_leads_to_the_login(current: str, place: Place) -> None:
    answer = HttpClient().get(place.address("job"), headers={"HX-Request": "true", "HX-Current-URL": current})
    assert answer.status_code == 200 and answer["HX-Redirect"].startswith("/login/")


@pytest.mark.parametrize("list_of", ["change", "job", "account", "outgoingmail", "courseenrollment"])
@pytest.mark.parametrize(
    "query", ["before=%00", "q=%00", "p=99999999999999999999", f"id__exact={'9' * 5_000}", "o=x", "e=%ED%A0%80"]
)
def test_lists_of_the_admin_do_not_break(list_of: str, query: str, place: Place) -> None:
    answer = place.reader("superuser").get(f"/admin/matricula/{list_of}/?{query}")
    assert answer.status_code < 500
