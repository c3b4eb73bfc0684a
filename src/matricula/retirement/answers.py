"""Replacing people in the answers that are kept for a day, for clients that repeat a change (docs/idempotency.md)."""

from matricula.foundation.database import execute, fetch_all
from matricula.idempotency.encryption import AnswerUnreadable, decrypt, encrypt
from matricula.idempotency.rules import packed, unpacked
from matricula.retirement.matching import Matcher

_AT_ONCE = 500
_ANSWERS = "select identity, answer from matricula_storedanswer where identity > %b order by identity limit %s"
_SET = "update matricula_storedanswer set answer = %b where identity = %b and answer = %b"


def replace_in_answers(matcher: Matcher, *, dry: bool) -> int:
    """Replaces the people in kept answers; how many. What can't be read is given to no one, and expires."""
    after, concerned = b"", 0
    while found := fetch_all(_ANSWERS, [after, _AT_ONCE]):
        for identity, stored in found:
            after = bytes(identity)
            try:
                headers, body = unpacked(decrypt(after, bytes(stored)))
            except AnswerUnreadable:
                continue
            text = body.decode("utf-8", "surrogateescape")
            replaced = matcher.text(text)
            if replaced == text:
                continue
            concerned += 1
            if not dry:
                new = encrypt(after, packed(headers, replaced.encode("utf-8", "surrogateescape")))
                execute(_SET, [new, after, bytes(stored)])
    return concerned
