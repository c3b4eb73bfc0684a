"""Many accounts at once are written set by set: all that comes of it is what a few at a time make of the same."""

from collections.abc import Sequence

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matricula.access.grants import PendingMembershipRequest, write_grants
from matricula.access.models import Group
from matricula.identity.accounts import save_accounts
from matricula.journal.writes import Operation, new_operation
from matricula.learners.newcomers import MANY
from matricula.learners.writes import CREATED, AccountOutcome, AccountRequest
from matricula.models import Account
from tests.conftest import World, make_account

# some are there already, some are unconfirmed sign-ups, some look like each other, some can be no one's
NAMES = [
    "sam",
    "SAM",
    "later",
    "signed",
    "p\u0430ypal",
    "paypal",
    "s\u0430m",
    "rnary",
    "mary",
    "m\u0430ry",
    "..",
    "x\\N",
]
ADDRESSES = ["sam@example.org", "Later@example.org", "signed@example.org", "invited@example.org", "two@example.org"]
OTHERS = ["group@example.org", "new@example.org", "NEW@example.org", "both@example.org", "a\\tb@example.org"]
texts = st.sampled_from([None, "", "Zoë", "a\tb", "\\N", "\n"])
requests = st.builds(
    AccountRequest,
    st.sampled_from(NAMES) | st.integers(0, 9).map(str),
    st.sampled_from(ADDRESSES + OTHERS) | st.integers(0, 9).map(lambda n: f"{n}@example.org"),
    texts,
    texts,
    st.sampled_from([None, None, True, False]),
    st.sampled_from([None] * 8 + [False, True]),
    language=st.sampled_from([None, "", "es"]),
    password=st.sampled_from([None] * 8 + ["a long password"]),
)
# an account that is there, with little or nothing changed
known = st.builds(
    AccountRequest,
    st.sampled_from(["sam", "later", "both"]),
    st.sampled_from(["sam@example.org", "later@example.org", "both@example.org"]),
    st.sampled_from([None, "", "Pat"]),
    st.sampled_from([None, ""]),
    st.sampled_from([None, True, False]),
    language=st.sampled_from([None, "", "es"]),
)
different = st.lists(requests | known, max_size=8, unique_by=(lambda r: r.username.lower(), lambda r: r.email.lower()))
# as far as they don't depend on when and in which order they were written
_TABLES = (
    """
    select username, email, first_name, last_name, is_active, is_staff, is_superuser, language, self_registered,
        wanted_email, generation, activated is null, left(password, 1) = '!'
    from matricula_account
    """,
    """
    select subject, a.username, c.email, c.course_id, transition, before::text, after::text, reason, actor_id, source
    from matricula_change c left join matricula_account a on a.id = c.account_id
    """,
    """
    select e.course_id, a.username, e.username_key, e.mode, e.is_active
    from matricula_courseenrollment e join matricula_account a on a.id = e.account_id
    """,
    """
    select p.course_id, p.email, a.username, p.mode, p.auto_enroll
    from matricula_preenrollment p left join matricula_account a on a.id = p.account_id
    """,
    "select group_id, a.username from matricula_membership m join matricula_account a on a.id = m.account_id",
    "select group_id, email from matricula_pendingmember",
)


@pytest.fixture
def world(world: World) -> World:
    """With people who are invited or shall be in a group, and with sign-ups that no one has confirmed."""
    for name in ("signed", "both"):
        account = make_account(name, is_active=False)
        Account.objects.filter(pk=account.pk).update(self_registered=True)
    # two new names look like this one
    make_account("m\u0430ry", email="cyrillic@example.org")
    world.enroll("invited@example.org", "both@example.org", auto_enroll=True)
    world.enroll("two@example.org")
    group = Group.objects.create(name="readers")
    waiting = [PendingMembershipRequest(group.pk, email) for email in ("group@example.org", "both@example.org")]
    write_grants(new_operation(None, "command"), waiting, granted=True)
    return world


def plain(number: int) -> AccountRequest:
    return AccountRequest(f"plain{number}", f"plain{number}@example.org", "Pat")


def few_at_a_time(operation: Operation, batch: Sequence[AccountRequest]) -> list[AccountOutcome]:
    size = MANY // 2
    pieces = [batch[start : start + size] for start in range(0, len(batch), size)]
    return [outcome for piece in pieces for outcome in save_accounts(operation, piece)]


def state() -> list[list[str]]:
    found = []
    with connection.cursor() as cursor:
        for query in _TABLES:
            cursor.execute(query)
            found.append(sorted(map(repr, cursor.fetchall())))
    return found


@settings(max_examples=30, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    before=st.lists(requests, max_size=4),
    batch=different | different | different | st.lists(requests, max_size=8),
    ends=st.booleans(),
)
def test_both_forms_do_the_same(
    world: World, before: list[AccountRequest], batch: list[AccountRequest], ends: bool
) -> None:
    others = [plain(number) for number in range(MANY)]
    whole = others + batch if ends else batch + others
    found = []
    for save in (few_at_a_time, save_accounts):
        with transaction.atomic():
            save_accounts(new_operation(None, "command"), before)
            outcomes = save(new_operation(None, "command", "why"), whole)
            names = dict(Account.objects.values_list("pk", "username"))
            told = [(names.get(outcome.account_id or 0), outcome.word, outcome.problem) for outcome in outcomes]
            found.append((told, state()))
            transaction.set_rollback(True)
    assert found[0] == found[1]


def test_a_set_is_written_with_few_statements_and_a_password_of_its_own_for_each(
    world: World, django_assert_max_num_queries: object
) -> None:
    people = [plain(number) for number in range(MANY)]
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        outcomes = save_accounts(new_operation(None, "command"), people)
    assert [outcome.word for outcome in outcomes] == [CREATED] * MANY
    made = Account.objects.filter(pk__in=[outcome.account_id for outcome in outcomes])
    assert len({account.password for account in made}) == MANY
    assert not any(account.has_usable_password() for account in made)
    # in the order of the file
    assert [account.username for account in made.order_by("pk")] == [person.username for person in people]


def test_a_sign_up_that_no_one_confirmed_is_not_taken_for_the_account_that_is_asked_for(world: World) -> None:
    people = [AccountRequest("signed", "signed@example.org"), *(plain(number) for number in range(MANY))]
    [outcome, *_] = save_accounts(new_operation(None, "command"), people)
    assert outcome.word == CREATED
    assert Account.objects.values_list("is_active", "self_registered").get(username="signed") == (True, False)
