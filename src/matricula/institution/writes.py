"""Loading an institution: the database agrees with the file afterwards, or nothing was changed.

See institution-and-commands: The institution file.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from django.db import connection

from matricula.access.clients.writes import ClientRequest, save_clients
from matricula.access.grants import save_groups
from matricula.access.statuses import Scope
from matricula.catalog.reads import organization_ids
from matricula.catalog.statuses import Saved
from matricula.catalog.writes import (
    CourseRequest,
    OrganizationRequest,
    ProgramCourseRequest,
    ProgramRequest,
    save_courses,
    save_organizations,
    save_program_courses,
    save_programs,
)
from matricula.connections.reads import list_conflicts, list_holders
from matricula.connections.writes import ConnectionRequest, save_connections
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.grades.writes import GradeRequest, save_grades
from matricula.identity.accounts import save_accounts
from matricula.identity.linking import link_student_keys
from matricula.institution.grants import Grants
from matricula.institution.items import (
    Client,
    Course,
    Grade,
    Institution,
    Lms,
    Organization,
    Program,
    ProgramCourse,
    User,
)
from matricula.institution.problems import Problems, quoted
from matricula.institution.references import References, in_chunks
from matricula.institution.summary import Summary
from matricula.journal.writes import Operation, record_operation
from matricula.learners.locks import lock_addresses, lock_keys_of_organizations, lock_usernames
from matricula.learners.reads import account_ids_by_username, find_identities
from matricula.learners.writes import AccountRequest

_LOAD_LOCK = 7302
_T = TypeVar("_T")


def load_institution(operation: Operation, institution: Institution, *, prune_roles: bool = False) -> Summary:
    """Creates or updates everything that the institution names, in one transaction, and counts what it did.

    Nothing is deleted, and a field that is not given stays as it is. With ``prune_roles`` the users and groups of the
    file lose the roles, and its users the memberships, that the file does not give them; features stay. Accounts that
    become active are enrolled where they were invited. Errors: ``InstitutionRefused`` for what only the database knows
    (an unknown course, an email of another account); nothing is saved then.
    """
    with one_transaction():
        with connection.cursor() as cursor:
            # one load at a time: two would each find the other's rows missing
            cursor.execute("select pg_advisory_xact_lock(%s)", [_LOAD_LOCK])
        # all at once, in one order: chunk by chunk, this and another transaction could wait for each other
        addresses = [user.email for user in institution.users]
        addresses += [pending.email for pending in institution.pending_members]
        lock_addresses(map(fold, addresses))
        lock_usernames(user.username for user in institution.users)
        lock_keys_of_organizations(_student_keys(institution.users))
        return _Load(operation, institution).run(prune_roles=prune_roles)


def _student_keys(users: Sequence[User]) -> set[tuple[int, str]]:
    """(organization id, folded key) of the keys in the file and of those that its people have now.

    What is not stored yet needs no lock: no one else knows it before the load ends.
    """
    named = [user for user in users if user.student_keys]
    organizations = organization_ids({key for user in named for key in user.student_keys or ()})
    keys = {
        (organizations[organization], fold(key))
        for user in named
        for organization, key in (user.student_keys or {}).items()
        if organization in organizations
    }
    for chunk in in_chunks(named):
        accounts = account_ids_by_username([fold(user.username) for user in chunk], unconfirmed=True).values()
        for organization_id in organizations.values():
            keys.update((organization_id, key) for key in find_identities(organization_id, (), accounts))
    return keys


class _Load:
    """One load, section by section. What holds ids of other things is saved only while there are no problems."""

    def __init__(self, operation: Operation, institution: Institution) -> None:
        self.operation = operation
        self.file = institution
        self.problems = Problems()
        self.references = References(institution, self.problems)
        self.grants = Grants(self.references)
        self.summary = Summary()

    def run(self, *, prune_roles: bool) -> Summary:
        record_operation(self.operation)
        self.save("organizations", [_organization_request(o) for o in self.file.organizations], save_organizations)
        self.references.read_organizations()
        self.save("courses", [self.course_request(c) for c in self.file.courses], save_courses)
        self.references.read_courses()
        self.save("programs", [self.program_request(p) for p in self.file.programs], save_programs)
        self.references.read_programs()
        self.save_program_courses()
        new_groups = save_groups(self.operation, [g.name for g in self.file.groups])
        self.summary.count_new("groups", len(self.file.groups), new_groups)
        self.references.read_groups()
        self.references.read_accounts(self.save_users())
        self.grants.gather(self.file)
        if not self.problems.count:
            self.grants.save(self.operation, self.summary)
            if prune_roles:
                self.grants.withdraw_others(self.operation, self.summary)
        self.save_student_keys()
        self.save("clients", [self.client_request(c) for c in self.file.clients], save_clients)
        self.save("grades", [self.grade_request(g) for g in self.file.grades], save_grades)
        self.save_lms()
        self.problems.refuse_if_any()
        return self.summary

    def save(
        self, section: str, requests: Sequence[_T], write: Callable[[Operation, Sequence[_T]], Sequence[str]]
    ) -> list[str]:
        """Saves the requests in chunks and counts them; the word for each. Nothing while there are problems."""
        words: list[str] = []
        for chunk in in_chunks(requests if not self.problems.count else []):
            words += write(self.operation, chunk)
            self.summary.count(section, words[-len(chunk) :])
        return words

    def course_request(self, course: Course) -> CourseRequest:
        return CourseRequest(
            key=course.key,
            organization_id=self.references.get("organization", course.organization, course, "organization"),
            title=course.title,
            url=course.url,
            modes=course.modes or None,
            enrollment_start=course.enrollment_start,
            enrollment_end=course.enrollment_end,
            capacity=course.capacity,
            invitation_only=course.invitation_only,
            limits=_limits(course),
        )

    def program_request(self, program: Program) -> ProgramRequest:
        return ProgramRequest(
            key=program.key,
            organization_id=self.references.get("organization", program.organization, program, "organization"),
            title=program.title,
            type=program.type,
            url=program.url,
            manages_enrollments=program.manages_enrollments,
            limits=_limits(program),
            hold_uploads=program.hold_uploads,
        )

    def save_program_courses(self) -> None:
        links: list[tuple[ProgramCourse, ProgramCourseRequest]] = []
        for program in self.file.programs:
            program_id = self.references.get("program", program.key, program, "key")
            for course in program.courses or ():
                course_id = self.references.get("course", course.key, course, "key")
                links.append((course, ProgramCourseRequest(program_id, course_id, course.external_key)))
        if self.problems.count or not links:
            return
        # not in chunks: the course runs of one program are arranged together
        words = save_program_courses(self.operation, [request for _, request in links])
        for (course, _), word in zip(links, words, strict=True):
            if word is Saved.EXTERNAL_KEY_TAKEN:
                key = quoted(course.external_key or "")
                message = (
                    f"another course run of the program has the external key {key}; list that one with its new key"
                )
                self.problems.add(course.line_of("external_key"), message)
            else:
                self.summary.count("program_courses", [word])

    def save_users(self) -> dict[str, int]:
        """Folded username → account id; 0 where the address belongs to someone else, which is a problem."""
        accounts: dict[str, int] = {}
        for chunk in in_chunks(self.file.users):
            outcomes = save_accounts(self.operation, [_account_request(user) for user in chunk])
            for user, outcome in zip(chunk, outcomes, strict=True):
                accounts[fold(user.username)] = outcome.account_id or 0
                if outcome.problem:
                    message = f"user {quoted(user.username)}: {outcome.problem.in_english()}"
                    self.problems.add(user.line_of("username"), message)
                elif outcome.account_id is None:
                    message = (
                        f"user {quoted(user.username)}: {quoted(user.email)} belongs to another account; correct one"
                    )
                    self.problems.add(user.line_of("email"), message)
            self.summary.count("users", [o.word for o in outcomes if o.account_id is not None])
        return accounts

    def save_student_keys(self) -> None:
        links: dict[int, list[tuple[str, int | None]]] = {}
        for user in self.file.users:
            for organization, key in (user.student_keys or {}).items():
                organization_id = self.references.get("organization", organization, user, "student_keys")
                account_id = self.references.get("user", user.username, user, "username")
                links.setdefault(organization_id, []).append((key, account_id))
        if self.problems.count:
            return
        for organization_id, all_links in links.items():
            for chunk in in_chunks(all_links):
                held = find_identities(organization_id, [fold(key) for key, _ in chunk])
                changed = link_student_keys(self.operation, organization_id, chunk)
                created = len(chunk) - len(held)
                words = [Saved.CREATED] * created + [Saved.UPDATED] * (changed - created)
                self.summary.count("student_keys", words + [Saved.UNCHANGED] * (len(chunk) - changed))

    def client_request(self, client: Client) -> ClientRequest:
        user_id = self.references.get("user", client.user, client, "user")
        scopes = None if client.scopes is None else [Scope(scope) for scope in client.scopes]
        return ClientRequest(
            client.client_id, client.client_secret or "", user_id, scopes, client.redirect_uris, client.public
        )

    def save_lms(self) -> None:
        holders = list_holders()
        requests = [self.connection_request(lms, holders) for lms in self.file.lms]
        if self.problems.count:
            return
        if requests:
            self.summary.count("lms", save_connections(requests))
        lines = {lms.name: lms.line for lms in self.file.lms}
        for key, one, other in list_conflicts():
            message = f"the course run {quoted(key)} is on {quoted(one)}, and by its organization on {quoted(other)}"
            line = lines.get(one, lines.get(other, 0))
            self.problems.add(line, f"{message}; a course run can be on one LMS: correct one of them")

    def connection_request(self, lms: Lms, holders: Mapping[tuple[str, int], str]) -> ConnectionRequest:
        return ConnectionRequest(
            name=lms.name,
            url=lms.url.rstrip("/"),
            client_id=lms.client_id,
            client_secret_env=lms.client_secret_env,
            api_key_env=lms.api_key_env,
            push=lms.push,
            grades=lms.grades,
            owner=lms.owner,
            pause_between_calls=lms.pause_between_calls,
            organization_ids=self._on_lms(lms, "organization", lms.organizations, holders),
            course_ids=self._on_lms(lms, "course", lms.courses, holders),
        )

    def _on_lms(
        self, lms: Lms, kind: str, keys: Sequence[str] | None, holders: Mapping[tuple[str, int], str]
    ) -> tuple[int, ...] | None:
        """The ids of what is on an LMS; a problem for each that a connection outside the file has."""
        if keys is None:
            return None
        ids, names = [], {item.name for item in self.file.lms}
        for key in keys:
            ids.append(self.references.get(kind, key, lms, f"{kind}s"))
            holder = holders.get((kind, ids[-1]), lms.name)
            if holder not in names:
                message = f"{kind} {quoted(key)} is on the LMS {quoted(holder)} already; list that one without it, too"
                self.problems.add(lms.line_of(f"{kind}s"), message)
        return tuple(ids)

    def grade_request(self, grade: Grade) -> GradeRequest:
        return GradeRequest(
            course_id=self.references.get("course", grade.course, grade, "course"),
            account_id=self.references.get("user", grade.username, grade, "username"),
            percent=grade.percent,
            letter_grade=grade.letter_grade,
            passed=grade.passed,
            error=grade.error,
        )


def _organization_request(organization: Organization) -> OrganizationRequest:
    return OrganizationRequest(organization.key, organization.name, _limits(organization))


def _limits(item: Organization | Course | Program) -> dict[str, int] | None:
    return None if item.limits is None else item.limits.given()


def _account_request(user: User) -> AccountRequest:
    return AccountRequest(
        username=user.username,
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        is_active=user.is_active,
        is_staff=user.is_staff,
        is_superuser=user.is_superuser,
        language=user.language,
        password=user.password,
    )
