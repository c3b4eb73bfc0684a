"""New usernames at every door: the command line, the institution file, the admin, the writer itself."""

import json
import threading
import uuid
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from matricula.batches.imports import ImportDoor
from matricula.batches.values import Rejected
from matricula.identity.accounts import save_accounts
from matricula.institution.problems import InstitutionRefused
from matricula.institution.reading import read_institution
from matricula.institution.writes import load_institution
from matricula.journal.writes import new_operation
from matricula.learners.locks import lock_usernames
from matricula.learners.lookalikes import find_lookalikes
from matricula.learners.usernames import username_validators
from matricula.learners.writes import USERNAME_REFUSED, AccountRequest
from matricula.models import Account
from tests.batches import import_users
from tests.conftest import World, make_account

TWINS = (
    "username,email\nzed\u200b,zed1@lake.example.org\nzed,zed2@lake.example.org\n"
    "zo\u00eb,zoe-c@lake.example.org\nzoe\u0308,zoe-d@lake.example.org\nboma,\ufeffboma@lake.example.org\n"
)


def save(*usernames: str) -> list[str]:
    requests = [AccountRequest(name, f"{uuid.uuid4()}@example.org") for name in usernames]
    return [outcome.word for outcome in save_accounts(new_operation(None, "command"), requests)]


def test_twins_in_a_file_are_rejected_with_the_character_named(world: World, tmp_path: Path) -> None:
    rejected: list[Rejected] = []
    file = tmp_path / "users.csv"
    file.write_text(TWINS, encoding="utf-8")
    counts = import_users(file, ImportDoor(None, "command", lambda _: None, rejected.append))
    assert counts == {"created": 3, "error": 2}
    assert [row.number for row in rejected] == [2, 5]
    assert "ZERO WIDTH SPACE (U+200B)" in rejected[0].reason
    assert "LATIN SMALL LETTER E WITH DIAERESIS (U+00EB)" in rejected[1].reason
    assert Account.objects.get(username="zed").email == "zed2@lake.example.org"
    assert Account.objects.get(username="boma").email == "boma@lake.example.org"


@pytest.mark.parametrize("name", ["lucy\u200b", "\u202eyad", "..", "zoe\u0308", "s\u0430m"])
def test_an_institution_file_names_the_line(name: str, world: World) -> None:
    written = json.dumps({"username": name, "email": "x@example.org"})
    file = read_institution(f"users:\n- {written}\n")
    with pytest.raises(InstitutionRefused) as refused:
        load_institution(new_operation(None, "command"), file)
    assert refused.value.problems[0].line == 2
    assert not Account.objects.filter(email="x@example.org").exists()


def test_a_name_that_looks_like_anothers_is_refused(world: World) -> None:
    make_account("paypal")
    cyrillic, mixed = "\u0440\u0430\u0443\u0440\u0430l", "p\u0430yp\u0430l"
    assert save(cyrillic, mixed, "paypa1", "PAYPAL", "payroll") == [
        USERNAME_REFUSED,
        USERNAME_REFUSED,
        "created",
        "updated",
        "created",
    ]
    for name in (cyrillic, mixed):
        with pytest.raises(ValidationError, match="looks like an existing one"):
            username_validators[0](name)
    username_validators[0]("payday")


def test_so_is_one_in_ascii_that_looks_like_a_name_in_other_letters(world: World) -> None:
    assert save("\u0455\u0441\u043e\u0440\u0435") == ["created"]
    assert save("scope") == [USERNAME_REFUSED]
    # two in one request, in order
    assert save("\u043e\u0441\u0430", "oca", "OCA") == ["created", USERNAME_REFUSED, USERNAME_REFUSED]


def test_capitals_look_like_others_than_small_letters(world: World) -> None:
    for name in ("\u0405\u0410\u041c", "\u0455\u0430m", "S\u0410M"):
        assert find_lookalikes([name]) == {name}


def test_an_account_that_exists_keeps_its_name_whatever_it_is(world: World) -> None:
    Account.objects.filter(pk=world.learner.pk).update(username="s\u0430m\u200b")
    assert save("s\u0430m\u200b") == ["updated"]


def test_looking_for_lookalikes_scans_no_accounts(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("explain select 1 from matricula_account where matricula_skeleton(username) = 'sarn'")
        assert "account_lookalike" in str(cursor.fetchall())


def test_of_two_names_that_look_alike_made_at_once_one_is_refused(own_database: None) -> None:
    words: list[str] = []
    names = ["raj", "r\u0430j"]

    def make() -> None:
        words.extend(save(names[1]))
        connection.close()

    with transaction.atomic():
        # the first has the name, and is not done yet
        lock_usernames([names[0]])
        thread = threading.Thread(target=make)
        thread.start()
        save(names[0])
        thread.join(0.5)
        assert words == []
    thread.join()
    assert words == [USERNAME_REFUSED]
