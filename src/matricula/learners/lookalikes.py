"""Usernames that look like each other though they are written in different scripts (Unicode TS 39).

``paypal`` with Cyrillic letters looks like the real one: a new name may not pass for one that exists. Names of one
script, such as ``jd0e`` beside ``jdoe``, are different people's all the same. What names that look alike have in common
is the database's to say: ``matricula_skeleton``, which has an index (migration 0019), so no look scans all accounts.
"""

from collections.abc import Iterable

from django.db import connection

from matricula.foundation.folding import fold
from matricula.foundation.text import TextProblem

LOOKS_LIKE_ANOTHER = TextProblem(
    "This username looks like an existing one that is written in another script. Choose another one."
)
_SHARED = {"COMMON", "INHERITED", None}
# scripts that are written together in one language (TS 39, section 5.1)
_TOGETHER = {
    "HAN": {"HAN", "JAPANESE", "KOREAN", "BOPOMOFO"},
    "HIRAGANA": {"HIRAGANA", "JAPANESE"},
    "KATAKANA": {"KATAKANA", "JAPANESE"},
    "HANGUL": {"HANGUL", "KOREAN"},
    "BOPOMOFO": {"BOPOMOFO"},
}
# capitals look like others than small letters do: both are looked at
_FIND = """
with asked as (
    select distinct n.name, matricula_skeleton(s.spelling) as skeleton
    from unnest(%b::text[], %b::text[]) n(name, small), lateral (values (n.name), (n.small)) s(spelling)
)
select k.name, k.skeleton, a.username from asked k
left join matricula_account a on matricula_skeleton(a.username) = k.skeleton
    -- an unconfirmed sign-up blocks no one
    and not (a.self_registered and a.activated is null and not a.is_active)
"""


def find_lookalikes(usernames: Iterable[str]) -> set[str]:
    """Return those of the new ``usernames`` that look like an account's, or like one before them; one statement."""
    names = list(usernames)
    if not names:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [names, [name.lower() for name in names]])
        rows = cursor.fetchall()
    others: dict[str, set[str]] = {}
    skeletons: dict[str, set[str]] = {}
    for name, skeleton, username in rows:
        skeletons.setdefault(name, set()).add(skeleton)
        if username is not None:
            others.setdefault(skeleton, set()).add(username)
    found = set()
    for name in names:
        if any(looks_like(name, other) for skeleton in skeletons[name] for other in others.get(skeleton, ())):
            found.add(name)
        else:
            for skeleton in skeletons[name]:
                others.setdefault(skeleton, set()).add(name)
    return found


_ALIKE = """
select id, username from matricula_account
where matricula_skeleton(username) = any(array[matricula_skeleton(%s), matricula_skeleton(%s)])
order by username_key limit 5
"""


def list_lookalikes(username: str) -> list[tuple[int, str]]:
    """Return the accounts, id and username, that a person may take for this one, also those of the same script."""
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, [username, username.lower()])
        return [(id_, name) for id_, name in cursor.fetchall()]


def looks_like(username: str, other: str) -> bool:
    """True if two names of the same skeleton have no script in common: one would pass for the other."""
    if fold(username) == fold(other) or (username.isascii() and other.isascii()):
        return False
    scripts, others = _scripts(username), _scripts(other)
    return scripts is not None and others is not None and not scripts & others


def _scripts(username: str) -> set[str] | None:
    """The scripts in which all of the name can be written: none if it mixes them; None if any will do."""
    # large tables: read when the first name outside ASCII comes
    from confusable_homoglyphs import categories

    found: set[str] | None = None
    for character in username:
        script = categories.alias(character)
        if script not in _SHARED:
            possible = _TOGETHER.get(script, {script})
            found = set(possible) if found is None else found & possible
    return found
