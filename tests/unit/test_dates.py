"""Dates and times have one form in all pages, by the reader's language: ``when``, ``day`` and ``plain_day``."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

import matricula
from matricula.console.words import day, plain_day, when

SOURCE = Path(matricula.__file__).parent
PAGES = sorted((SOURCE / "console" / "templates").rglob("*.html"))
MODULES = [path for path in SOURCE.rglob("*.py") if not {"migrations", "locale"} & {*path.relative_to(SOURCE).parts}]
_OTHER_FILTERS = re.compile(
    r"\|\s*(date|time|timesince|timeuntil|naturaltime|naturalday|localtime|utc|timezone)\b|{%\s*now\b"
)
_FORMS = re.compile(r"date_format\((?:[^()]|\([^()]*\))*\)|formats\.(?:date|time)_format")
_ONE_FORM = re.compile(r"""["']SHORT_DATE(?:TIME)?_FORMAT["']\)$""")
MOMENT = datetime(2026, 3, 4, 20, 41, tzinfo=UTC)


def test_pages_use_no_other_filter() -> None:
    assert len(PAGES) > 100
    others = {page.name: found for page in PAGES if (found := _OTHER_FILTERS.findall(page.read_text(encoding="utf-8")))}
    assert others == {}


def test_other_filters_are_found() -> None:
    assert _OTHER_FILTERS.search('{{ entry.at|date:"c" }}') and _OTHER_FILTERS.search("{{ entry.at|timesince }}")
    assert not _OTHER_FILTERS.search("{{ entry.at|when }} {{ page.dates|length }}")


def test_code_uses_no_other_form() -> None:
    found = [use for path in MODULES for use in _FORMS.findall(path.read_text(encoding="utf-8"))]
    assert len(found) > 3
    assert [use for use in found if not _ONE_FORM.search(use)] == []


@pytest.mark.parametrize(
    ("language", "moment", "of_day"),
    [("en", "Mar 4, 2026, 9:41 PM", "Mar 4, 2026"), ("es", "4 mar 2026, 21:41", "4 mar 2026")],
)
def test_the_form_of_each_language(language: str, moment: str, of_day: str) -> None:
    with translation.override(language), timezone.override(ZoneInfo("Europe/Madrid")):
        assert when(MOMENT) == f'<time datetime="2026-03-04T21:41:00+01:00">{moment}</time>'
        assert day(MOMENT) == f'<time datetime="2026-03-04T20:41:00+00:00">{of_day}</time>'
        assert day(date(2026, 3, 4)) == f'<time datetime="2026-03-04">{of_day}</time>'
        assert plain_day(MOMENT) == of_day
