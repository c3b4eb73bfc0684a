"""Everything that users see is there in English and in Spanish, and nothing is translated that nobody sees."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest
from babel.messages import Catalog, mofile, pofile
from django.test import Client as HttpClient
from django.utils import translation
from django.utils.translation.template import templatize

import matricula

SOURCE = Path(matricula.__file__).parent
SPANISH = SOURCE / "locale" / "es" / "LC_MESSAGES" / "django.po"
TEMPLATES = {
    path.relative_to(SOURCE).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(SOURCE.rglob("*"))
    if path.is_file() and "templates" in path.parts
}

# the calls that make a text translatable, and where in them it stands
TEXTS = {
    "_": ((0, "message"),),
    "gettext": ((0, "message"),),
    "gettext_lazy": ((0, "message"),),
    "gettext_noop": ((0, "message"),),
    "ngettext": ((0, "singular"), (1, "plural")),
    "Message": ((0, "text"),),
    "invalid_field": ((1, "text"),),
    "TextProblem": ((0, "text"),),
}
# Django has more of them, which are not looked for here: whoever needs one adds it above
NOT_LOOKED_FOR = {"ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}
# where a text is handed on that stands in another call
HANDED_ON = {("Message", "rest/errors.py")} | {
    ("gettext", place)
    for place in (
        "console/history/snapshots.py",
        "console/jobs/pages.py",
        "console/plans/pages.py",
        "rest/errors.py",
        "rest/contracts/enrollment_v2/tasks.py",
        "rest/contracts/record/shown.py",
        "rest/contracts/registrar/jobs.py",
    )
}
# words in templates that are the same in every language
NAMES = {"Matricula", "API"}

_LITERAL = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_CALL = re.compile(rf"\b(?:\w*gettext|_)\({_LITERAL}(?:, {_LITERAL})*(?:, ?count)?\)")
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[a-z%]")


class Found(NamedTuple):
    """A translatable text; without ``texts`` if it isn't written out there. Two texts: one and several."""

    kind: str
    place: str
    line: int
    texts: tuple[str, ...]


def calls(code: str, place: str = "") -> Iterator[Found]:
    """The translatable texts of Python code."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        kind = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
        if kind in NOT_LOOKED_FOR:
            yield Found(kind, place, node.lineno, ())
        elif kind in TEXTS:
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            given = [node.args[at] if at < len(node.args) else named.get(name) for at, name in TEXTS[kind]]
            texts = tuple(v.value for v in given if isinstance(v, ast.Constant) and isinstance(v.value, str))
            yield Found(kind, place, node.lineno, texts if len(texts) == len(given) else ())


def tags(template: str, place: str = "") -> Iterator[Found]:
    """The translatable texts of a template. Django turns its tags into calls, amid what is no Python."""
    code = templatize(template, place)
    for match in _CALL.finditer(code):
        for found in calls(match[0], place):
            yield found._replace(kind="template", line=code.count("\n", 0, match.start()) + 1)


@cache
def collected() -> list[Found]:
    """All translatable texts of the project."""
    found: list[Found] = []
    for path in sorted(SOURCE.rglob("*.py")):
        found += calls(path.read_text(encoding="utf-8"), path.relative_to(SOURCE).as_posix())
    for place, template in TEMPLATES.items():
        found += tags(template, place)
    return found


@cache
def wanted() -> dict[tuple[str, ...], Found]:
    """Each text once, with a place where it stands."""
    return {found.texts: found for found in collected() if found.texts}


@cache
def spanish() -> Catalog:
    """The Spanish texts as they are edited."""
    with SPANISH.open("rb") as stream:
        return pofile.read_po(stream, locale="es")


def texts_of(entry: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (entry,) if isinstance(entry, str) else tuple(entry)


def contents(catalog: Catalog) -> dict[tuple[str, ...], tuple[str, ...]]:
    return {texts_of(message.id): texts_of(message.string or "") for message in catalog if message.id}


def placeholders(text: str) -> set[str]:
    return {match[0] for match in _PLACEHOLDER.finditer(text)}


# --- The collector ---


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("x = _('One ' 'text')", ("One text",)),
        ("f(gettext_lazy(message='A'))", ("A",)),
        ("translation.gettext('A')", ("A",)),
        ("ngettext('One', 'Many', n)", ("One", "Many")),
        ("raise BrokenRequest(X, errors.Message('A %(b)s', {'b': 1}, detail=f'{c}'))", ("A %(b)s",)),
        ("Message(text='A')", ("A",)),
        ("raise invalid_field('mode', 'A %(b)s', b=1) from None", ("A %(b)s",)),
        ("invalid_field('mode', text='A')", ("A",)),
        ("_(f'A {b}')", ()),
        ("Message(text, values)", ()),
        ("invalid_field('mode', 'A' + b)", ()),
        ("ngettext('One', many, n)", ()),
        ("pgettext('noun', 'A')", ()),
    ],
)
def test_calls_are_found(code: str, texts: tuple[str, ...]) -> None:
    assert [found.texts for found in calls(code)] == [texts]


@pytest.mark.parametrize(
    ("template", "texts"),
    [
        ("""<p>{% translate "It's (so)" %}</p>""", ("It's (so)",)),
        ("{% trans 'A \"b\"' as c %}", ('A "b"',)),
        ("{% blocktranslate %}A {{ b }}, “c”{% endblocktranslate %}", ("A %(b)s, “c”",)),
        ("{% blocktranslate trimmed %}\n A\n b\n{% endblocktranslate %}", ("A b",)),
        ("{% blocktranslate count n=n %}One{% plural %}{{ n }} many{% endblocktranslate %}", ("One", "%(n)s many")),
        ('{{ _("A") }}', ("A",)),
        ('{% translate "May" context "month" %}', ()),
    ],
)
def test_tags_are_found(template: str, texts: tuple[str, ...]) -> None:
    assert [found.texts for found in tags(template)] == [texts]


def test_texts_of_every_kind_are_found() -> None:
    for known in (
        Found("Message", "rest/parsing.py", 0, ("This is required.",)),
        Found(
            "invalid_field",
            "rest/contracts/enrollment_v2/enrollments.py",
            0,
            ("Enter at least one email address or username.",),
        ),
        Found("gettext_lazy", "console/account/sign_up.py", 0, ("First name",)),
        Found("ngettext", "enrollments/course/outcomes.py", 0, ("%(n)d enrolled", "%(n)d enrolled")),
        Found("template", "console/templates/matricula/page.html", 0, ("Log in",)),
        Found("template", "notices/templates/notices/layout.txt", 0, ("Hello %(full_name)s,",)),
    ):
        assert known in {found._replace(line=0) for found in collected()}
    assert len(wanted()) > 70


def test_every_text_is_written_out_where_it_is_marked() -> None:
    """A text put together at run time can't be looked up."""
    assert {(found.kind, found.place) for found in collected() if not found.texts} == HANDED_ON


def test_the_calls_go_by_their_own_names() -> None:
    imports = [
        (alias.name, alias.asname, path.name)
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in TEXTS
    ]
    assert len(imports) > 10
    assert [found for found in imports if found[1] not in {None, "_"}] == []


@pytest.mark.parametrize("place", TEMPLATES)
def test_templates_hold_no_words_outside_translatable_tags(place: str) -> None:
    template = TEMPLATES[place]
    assert re.findall(r'\b(?:alt|title|placeholder|aria-label)="[^"{]*[^\W\d_][^"]*"', template) == []
    text = re.sub(r"(?s){% (blocktrans(?:late)?)\b.*?{% end\1 %}", " ", template)
    # what stands in <code> is for machines: the same in every language
    text = re.sub(r"(?s){%.*?%}|{{.*?}}|{#.*?#}|<code>.*?</code>|<[^>]*>", " ", text)
    assert set(re.findall(r"[^\W\d_]+", unescape(text))) <= NAMES


# --- The Spanish texts ---


def test_every_text_has_its_spanish() -> None:
    spoken = contents(spanish())
    missing = [found for texts, found in wanted().items() if not all(text.strip() for text in spoken.get(texts, ("",)))]
    assert missing == []


def test_the_spanish_has_no_text_that_nobody_sees() -> None:
    catalog = spanish()
    assert set(contents(catalog)) - set(wanted()) == set()
    assert list(catalog.obsolete) == []
    assert [message.id for message in catalog if message.id and message.fuzzy] == []
    # reading keeps only one of two entries for the same text
    assert len(re.findall(r"(?m)^msgid ", SPANISH.read_text(encoding="utf-8"))) == len(contents(catalog)) + 1


def test_the_spanish_has_the_same_placeholders() -> None:
    found = contents(spanish())
    assert len(found) > 500
    for english, texts in found.items():
        assert len(texts) == (spanish().num_plurals if len(english) > 1 else 1), english
        for form, text in enumerate(texts):
            original = english[min(form, len(english) - 1)]
            assert placeholders(text) == placeholders(original), original
            # every placeholder has a name, and no lone percent sign breaks the text
            assert text % {match[1]: 1 for match in _PLACEHOLDER.finditer(original)}


def test_the_compiled_file_is_what_the_edited_one_compiles_to() -> None:
    compiled = BytesIO()
    mofile.write_mo(compiled, spanish())
    compiled.seek(0)
    expected = mofile.read_mo(compiled)
    with SPANISH.with_suffix(".mo").open("rb") as stream:
        found = mofile.read_mo(stream)
    assert contents(found) == contents(expected), "run: make translations"
    assert found.plural_forms == expected.plural_forms
    assert len(contents(found)) == len(wanted())


def test_django_speaks_it() -> None:
    found = contents(spanish())
    assert len(found) > 500
    with translation.override("es"):
        for english, texts in found.items():
            if len(english) == 1:
                assert translation.gettext(english[0]) == texts[0]
            else:
                spoken = tuple(translation.ngettext(english[0], english[1], n) for n in (1, 2, 5))
                assert spoken == (texts[0], texts[1], texts[1])


@pytest.mark.parametrize(
    ("language", "page", "message"),
    [
        ("en", "Log in", "There is nothing at this address"),
        ("es", "Iniciar sesión", "No hay nada en esta dirección"),
        ("es-MX,es;q=0.8", "Iniciar sesión", "No hay nada en esta dirección"),
    ],
)
def test_browsers_and_clients_get_their_language(language: str, page: str, message: str) -> None:
    http = HttpClient(headers={"Accept-Language": language})
    assert page in unescape(http.get("/").content.decode())
    error = http.get("/api/nowhere").json()
    assert error["user_message"].startswith(message)
    assert error["developer_message"].startswith("There is nothing at this address")


@pytest.mark.xdist_group("language of the next test")
@pytest.mark.parametrize("before", ["en", "es"])
def test_no_language_is_left_to_the_next_test(before: str) -> None:
    """Pages leave theirs to their thread; of the two of these, the second would have Spanish."""
    assert translation.get_language() == "en"
    HttpClient(headers={"Accept-Language": "es"}).get("/login/")
    assert translation.get_language() == "es", before
