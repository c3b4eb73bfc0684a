"""What someone may do and why: for random grants, the answers are those of the functions that decide, with reasons."""

import random
from collections.abc import Iterator

import pytest

from matricula.access.explaining.actions import NEEDS, Action, Flag, On
from matricula.access.explaining.answers import Answer, Place, answer, read_holdings, reasons_of, rows_at
from matricula.access.explaining.givers import find_givers, key_of, key_of_flag, list_operators
from matricula.access.grants import (
    CourseRoleRequest,
    FeatureRequest,
    MembershipRequest,
    RoleRequest,
    save_groups,
    write_grants,
)
from matricula.access.holders import COURSE_ROLE, FEATURE, ROLE
from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.permits import Permit
from matricula.access.reads import find_program_caller_by_account, group_ids, list_programs_of
from matricula.access.statuses import COURSE_ROLES, FEATURES, ROLES, CourseRole, Feature, Role, Scope
from matricula.catalog.reads import find_course, find_organization, find_program
from matricula.foundation.transactions import RightLost
from matricula.identity.accounts import AccountRequest, save_accounts
from matricula.journal.writes import new_operation
from matricula.models import Account, Client, FeatureGrant, Group, Membership, RoleGrant
from matricula.models import CourseRole as StoredCourseRole
from tests.conftest import KEY, OTHER_KEY, make_account
from tests.university import ABROAD, OWN, SECOND, UNMANAGED, University

pytestmark = pytest.mark.usefixtures("db")


def places() -> list[Place]:
    programs = [Place(program=find_program(key)) for key in (OWN, SECOND, ABROAD, UNMANAGED)]
    courses = [Place(course=find_course(key)) for key in (KEY, OTHER_KEY)]
    return [Place(), *(Place(organization=find_organization(key)) for key in ("north", "south")), *programs, *courses]


def questions() -> Iterator[tuple[Action, Place]]:
    for place in places():
        yield from ((action, place) for action, needs in NEEDS.items() if needs.on is place.on)


def holds(permit: Permit) -> bool:
    try:
        permit.hold()
    except RightLost:
        return False
    return True


def is_granted(account: Account, action: Action, place: Place) -> bool | None:
    """What the transaction that writes says; None where nothing is written."""
    who = account.pk
    if place.course is not None:
        return holds(Permit(who, course_id=place.course.id))
    if action is Action.ADMINISTER:
        return holds(Permit(who, is_operator=True))
    if action is Action.ACT_AS_STAFF:
        return holds(Permit(who, is_global_staff=True))
    needs = NEEDS[action]
    if place.program is None or needs.permission is None or action is Action.SEE_NAMES:
        return None
    features = frozenset({needs.feature} if needs.feature else set())
    return holds(Permit(who, program_id=place.program.id, permission=needs.permission, features=features))


def give_at_random(account: Account, university: University, chance: random.Random) -> None:
    """Roles, features and memberships of this account and of groups, and of others beside it."""
    groups = [Group.objects.get_or_create(name=f"g{n}")[0] for n in range(3)]
    for group in groups:
        if chance.random() < 0.5:
            Membership.objects.get_or_create(group=group, account=account)
    for _ in range(chance.randrange(6)):
        holder = {"account": account} if chance.random() < 0.5 else {"group": chance.choice(groups)}
        role = chance.choice(ROLES)
        program = chance.choice([university.own, university.abroad, university.second, university.unmanaged])
        place = chance.choice([{"program": program}, {"organization": program.organization}, {}])
        RoleGrant.objects.get_or_create(role=role, **holder, **({} if role is Role.READ_ALL_JOBS else place))
    if chance.random() < 0.4:
        holder = {"account": account} if chance.random() < 0.5 else {"group": chance.choice(groups)}
        FeatureGrant.objects.get_or_create(feature=chance.choice(FEATURES), **holder)
    for key in (KEY, OTHER_KEY):
        if chance.random() < 0.3:
            course = find_course(key)
            assert course is not None
            StoredCourseRole.objects.get_or_create(
                account=account, course_id=course.id, role=chance.choice(COURSE_ROLES)
            )
    flags = {"is_staff": chance.random() < 0.15, "is_superuser": chance.random() < 0.15}
    Account.objects.filter(pk=account.pk).update(**flags, is_active=chance.random() < 0.95)


@pytest.mark.parametrize("seed", range(60))
def test_answers_are_decisions_and_have_reasons(seed: int, university: University) -> None:
    account = make_account("asked")
    give_at_random(account, university, random.Random(seed))
    held = read_holdings(account.pk)
    assert len(list(questions())) > 0
    for action, place in questions():
        found = answer(held, action, place)
        granted = is_granted(account, action, place)
        assert granted is None or found.may == granted, (action, place)
        assert found.may == bool(reasons_of(held, action, place)), (action, place)
        assert found.may == bool(found.reasons)
        # a no says what would give it, unless nothing would
        said = found.missing is not None or found.unmanaged or found.inactive
        assert said != found.may
    # what is listed for all programs is so on each of them
    programs = [place for place in places() if place.program is not None and place.program.manages_enrollments]
    for row in rows_at(held, places()):
        for action, _ in row.may:
            for place in programs if NEEDS[action].on is On.PROGRAM else ():
                assert place.program is not None
                organization, within = row.place.organization, place.program.organization_id
                if row.place.program is None and (organization is None or organization.id == within):
                    assert answer(held, action, place).may, (action, place, row)
    # and what is on the page of a program is what lists of programs ask
    found_caller = find_program_caller_by_account(account.pk, None)
    if found_caller is not None:
        writes = {access.program.key for access in list_programs_of(found_caller[0], WRITE_ENROLLMENTS)}
        keys = {place.program.key for place in places() if place.program}
        asked = [(p.program.key, p) for p in places() if p.program]
        assert writes & keys == {key for key, p in asked if answer(held, Action.CHANGE_STUDENTS, p).may}


@pytest.mark.parametrize("seed", range(20))
def test_what_is_missing_gives_it(seed: int, university: University) -> None:
    account = make_account("asked")
    give_at_random(account, university, random.Random(1000 + seed))
    Account.objects.filter(pk=account.pk).update(is_active=True)
    assert len(list(questions())) > 0
    for action, place in questions():
        found = answer(read_holdings(account.pk), action, place)
        if found.missing is None:
            continue
        given = [_give(account, found, place)]
        assert answer(read_holdings(account.pk), action, place).may, (action, place, found)
        for undo in given:
            undo()


def _give(account: Account, found: Answer, place: Place):  # type: ignore[no-untyped-def]
    missing, made = found.missing, []
    assert missing is not None
    if missing.course_roles:
        assert place.course is not None
        role = missing.course_roles[0]
        made.append(StoredCourseRole.objects.create(account=account, course_id=place.course.id, role=role))
    if missing.roles:
        where = {"program_id": place.program.id} if place.program else {}
        where |= {"organization_id": place.organization.id} if place.organization else {}
        made.append(RoleGrant.objects.create(account=account, role=missing.roles[0], **where))
    if missing.feature:
        made.append(FeatureGrant.objects.create(account=account, feature=missing.feature))
    if not made:
        Account.objects.filter(pk=account.pk).update(**{missing.flags[0].value: True})

    def undo() -> None:
        for one in made:
            one.delete()
        if not made:
            Account.objects.filter(pk=account.pk).update(**{missing.flags[0].value: False})

    return undo


def test_a_client_reaches_as_far_as_its_scopes(university: University) -> None:
    writer = university.writer()
    client = Client.objects.create(user=writer, client_id="script", scopes=["read"])
    held, place = read_holdings(writer.pk, client.pk), Place(program=find_program(OWN))
    assert answer(held, Action.SEE_STUDENTS, place).may
    assert answer(held, Action.CHANGE_STUDENTS, place) == Answer(False, scope=Scope.WRITE)
    assert [action for action, _ in rows_at(held, [place])[0].may] == [Action.SEE_PROGRAM, Action.SEE_STUDENTS]


def test_reasons_name_who_gave_it_and_when(university: University) -> None:
    asked, giver = make_account("asked"), university.root
    operation = new_operation(giver.pk, "console", "on the team")
    save_groups(operation, ["team"])
    team = group_ids(["team"])["team"]
    write_grants(
        operation, [RoleRequest(Role.READ_ENROLLMENTS, group_id=team, program_id=university.own.pk)], granted=True
    )
    write_grants(operation, [MembershipRequest(team, asked.pk)], granted=True)
    write_grants(operation, [FeatureRequest(Feature.NAMES_IN_DOWNLOADS, asked.pk)], granted=True)
    course = find_course(KEY)
    assert course is not None
    write_grants(operation, [CourseRoleRequest(CourseRole.STAFF, asked.pk, course.id)], granted=True)
    save_accounts(
        new_operation(giver.pk, "console", "helps"),
        [AccountRequest(username="asked", email=asked.email, is_staff=True)],
    )
    held, givers = read_holdings(asked.pk), find_givers(asked.pk, [team])
    kinds = ((ROLE, held.roles), (FEATURE, held.features), (COURSE_ROLE, held.course_roles))
    granted = [(kind, grant) for kind, grants in kinds for grant in grants]
    for kind, grant in granted:
        found = givers[key_of(kind, grant)]
        assert (found.actor, found.reason) == ("root", "on the team")
    assert len(granted) == 3
    assert givers[key_of("member", held.members[0])].actor == "root"
    assert givers[key_of_flag(Flag.STAFF)].reason == "helps"
    assert key_of_flag(Flag.SUPERUSER) not in givers
    # of two, the latest
    request = FeatureRequest(Feature.NAMES_IN_DOWNLOADS, asked.pk)
    write_grants(operation, [request], granted=False)
    write_grants(new_operation(None, "command", "again"), [request], granted=True)
    again = find_givers(asked.pk, [team])[key_of("feature", held.features[0])]
    assert (again.actor, again.reason) == (None, "again")


def test_administrators_are_named(university: University) -> None:
    assert list_operators(limit=9) == ["root"]
