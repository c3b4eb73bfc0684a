"""How else someone may have meant an identifier: without invisible characters, in the other case (record-api: Why)."""

import re
import unicodedata
from itertools import product

from matricula.foundation.folding import fold
from matricula.foundation.text import INVISIBLE_CLASS, trim

# letters outside A to Z that are tried in both cases: 2 to the power of so many spellings
_MOST_LETTERS = 5
_remove_invisible = re.compile(f"[{INVISIBLE_CLASS}]").sub


def plain(identifier: str) -> str:
    """Return an identifier as rejected rows are found by it: folded, and without invisible characters.

    The database repeats it (``matricula_rejected_keys``).
    """
    return fold(_remove_invisible("", trim(identifier)))


def spellings(identifier: str) -> list[str]:
    """Return the folded identifiers that differ from this one by case, form or invisible characters alone, this first.

    Only A to Z compare without case, so that É and é are two letters to the service, and one to people.
    """
    first = fold(trim(identifier))
    visible = plain(identifier)
    found = [first, visible, *map(fold, (visible.lower(), visible.upper(), unicodedata.normalize("NFKC", visible)))]
    letters = [at for at, letter in enumerate(visible) if not letter.isascii() and letter.lower() != letter.upper()]
    if 0 < len(letters) <= _MOST_LETTERS:
        for cases in product((str.lower, str.upper), repeat=len(letters)):
            cased = [*visible]
            for at, case in zip(letters, cases, strict=True):
                cased[at] = case(cased[at])
            found.append("".join(cased))
    return [*dict.fromkeys(found)]
