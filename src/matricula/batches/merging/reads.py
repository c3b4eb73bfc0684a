"""What two accounts of one person have, thing by thing: a few statements, however much it is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from matricula.access.grants import (
    CourseRoleRequest,
    FeatureRequest,
    GrantRequest,
    MembershipRequest,
    PendingMembershipRequest,
    RoleRequest,
    list_grants_of,
    list_pending_of,
)
from matricula.access.reads import group_names
from matricula.batches.merging.rules import decide
from matricula.batches.merging.values import Account, Ending, Key, MergeOptions, Rights, Step, Thing
from matricula.catalog.reads import CourseRun, get_courses, organization_keys, program_keys
from matricula.enrollments.store.standings import Place, read_standings
from matricula.enrollments.store.values import CoursePerson
from matricula.foundation.database import fetch_all
from matricula.foundation.folding import fold
from matricula.foundation.statements import read_statements
from matricula.grades.writes import find_grades
from matricula.journal.statuses import Subject

_STATEMENTS = read_statements(__file__)
_SUBJECTS: Mapping[type[Any], Subject] = {
    CourseRoleRequest: Subject.COURSE_ROLE,
    RoleRequest: Subject.ROLE,
    FeatureRequest: Subject.FEATURE,
    MembershipRequest: Subject.MEMBERSHIP,
}


class Pair(NamedTuple):
    """Two accounts, and those that were merged into the other one before."""

    kept: Account
    other: Account
    earlier: Sequence[Account]


def find_pair(kept_id: int, other_id: int) -> Pair:
    """The two accounts as they are now."""
    found = fetch_all(_STATEMENTS["accounts"](), {"accounts": [kept_id, other_id], "other": other_id})
    accounts = {row[0]: Account(*row) for row in found}
    earlier = [one for id_, one in accounts.items() if id_ not in {kept_id, other_id}]
    return Pair(accounts[kept_id], accounts[other_id], earlier)


def list_steps(options: MergeOptions) -> list[Step]:
    """What would become of each thing that the other account has now, the account itself last."""
    pair = find_pair(options.kept, options.other)
    return [decide(thing, options) for thing in _things(pair)]


def _things(pair: Pair) -> Iterator[Thing]:
    both, email = [pair.kept.id, pair.other.id], fold(pair.other.email)
    asked = {"accounts": both, "other": pair.other.id, "email": email}
    grants = [grant for made in _SUBJECTS for grant in list_grants_of(made, both)]
    pending = list_pending_of(email)
    courses = _courses(asked, grants)
    yield from _keys(asked, pair)
    yield from _enrollments(asked, pair, courses)
    yield from _grades(asked, pair, courses)
    yield from _grants(pair, grants, pending, courses)
    for (client_id,) in fetch_all(_STATEMENTS["clients"](), asked):
        yield Thing(Subject.CLIENT, f"client:{client_id}", None, Ending(client_id))
    kept, other = (Rights(one.is_staff, one.is_superuser) for one in (pair.kept, pair.other))
    if other != Rights(is_staff=False, is_superuser=False):
        yield Thing(Subject.ACCOUNT, "account:rights", kept, other)
    for one in (*pair.earlier, pair.other):
        yield Thing(Subject.ACCOUNT, f"account:{one.username}", pair.kept, one)


def _courses(asked: Mapping[str, Any], grants: Sequence[GrantRequest]) -> dict[int, CourseRun]:
    ids = {id_ for name in ("courses", "graded") for (id_,) in fetch_all(_STATEMENTS[name](), asked)}
    ids |= {grant.course_id for grant in grants if isinstance(grant, CourseRoleRequest)}
    return get_courses(ids) if ids else {}


def _keys(asked: Mapping[str, Any], pair: Pair) -> Iterator[Thing]:
    held: dict[int, dict[int, Key]] = {}
    for organization_id, key, account_id in fetch_all(_STATEMENTS["keys"](), asked):
        held.setdefault(organization_id, {})[account_id] = Key(organization_id, key)
    names = organization_keys(held) if held else {}
    for organization_id, of in held.items():
        if pair.other.id in of:
            name = f"student_key:{names[organization_id]}"
            yield Thing(Subject.STUDENT_KEY, name, of.get(pair.kept.id), of[pair.other.id])


def _enrollments(asked: Mapping[str, Any], pair: Pair, courses: Mapping[int, CourseRun]) -> Iterator[Thing]:
    ids = sorted(course_id for (course_id,) in fetch_all(_STATEMENTS["courses"](), asked))
    places = places_of(pair, ids)
    read_standings([*places.values()])
    for course_id in ids:
        kept, other = (places[CoursePerson(course_id, one.id)].stored for one in (pair.kept, pair.other))
        course = courses[course_id]
        name = f"{Subject.COURSE_ENROLLMENT}:{course.key}"
        yield Thing(Subject.COURSE_ENROLLMENT, name, kept, other, course_id, course.default_mode)


def places_of(pair: Pair, course_ids: Sequence[int]) -> dict[CoursePerson, Place]:
    """Both accounts in some course runs; nothing is read yet."""
    return {
        CoursePerson(course_id, one.id): Place(course_id, one.id, one.email, fold(one.email), one.is_active)
        for course_id in course_ids
        for one in (pair.kept, pair.other)
    }


def _grades(asked: Mapping[str, Any], pair: Pair, courses: Mapping[int, CourseRun]) -> Iterator[Thing]:
    ids = [course_id for (course_id,) in fetch_all(_STATEMENTS["graded"](), asked)]
    held = find_grades([CoursePerson(id_, one.id) for id_ in ids for one in (pair.kept, pair.other)]) if ids else {}
    for id_ in ids:
        kept, other = (held.get(CoursePerson(id_, one.id)) for one in (pair.kept, pair.other))
        yield Thing(Subject.GRADE, f"grade:{courses[id_].key}", kept, other, id_)


def _grants(
    pair: Pair,
    grants: Sequence[GrantRequest],
    pending: Sequence[PendingMembershipRequest],
    courses: Mapping[int, CourseRun],
) -> Iterator[Thing]:
    of_kept = {grant for grant in grants if grant_to(grant, pair.kept.id) == grant}
    of_other: list[GrantRequest] = [grant for grant in grants if grant not in of_kept]
    names = _Names([*of_other, *pending], courses)
    seen: set[GrantRequest] = set()
    for grant in [*of_other, *pending]:
        wanted = grant_to(grant, pair.kept.id)
        has = wanted if wanted in of_kept or wanted in seen else None
        seen.add(wanted)
        course_id = grant.course_id if isinstance(grant, CourseRoleRequest) else None
        subject = _SUBJECTS.get(type(grant), Subject.MEMBERSHIP)
        yield Thing(subject, f"{subject}:{names.of(grant)}", has, grant, course_id)


def grant_to(grant: GrantRequest, account_id: int) -> GrantRequest:
    """The same for another account; a membership that waits is one that has come."""
    if isinstance(grant, PendingMembershipRequest):
        return MembershipRequest(grant.group_id, account_id)
    return grant._replace(account_id=account_id)


class _Names:
    """What roles, features and groups are called in a plan."""

    def __init__(self, grants: Sequence[GrantRequest], courses: Mapping[int, CourseRun]) -> None:
        roles = [grant for grant in grants if isinstance(grant, RoleRequest)]
        self._groups = group_names(
            grant.group_id for grant in grants if isinstance(grant, MembershipRequest | PendingMembershipRequest)
        )
        self._organizations = organization_keys([r.organization_id for r in roles if r.organization_id])
        self._programs = program_keys([r.program_id for r in roles if r.program_id])
        self._courses = courses

    def of(self, grant: GrantRequest) -> str:
        if isinstance(grant, CourseRoleRequest):
            return f"{grant.role}:{self._courses[grant.course_id].key}"
        if isinstance(grant, FeatureRequest):
            return str(grant.feature)
        if isinstance(grant, RoleRequest):
            if grant.program_id:
                return f"{grant.role}:program:{self._programs[grant.program_id]}"
            where = self._organizations.get(grant.organization_id or 0)
            return f"{grant.role}:organization:{where}" if where else f"{grant.role}:everywhere"
        waits = ":waiting" if isinstance(grant, PendingMembershipRequest) else ""
        return f"{self._groups[grant.group_id]}{waits}"
