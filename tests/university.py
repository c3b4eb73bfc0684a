"""Programs for tests of the Registrar API: two organizations, their programs, and people with roles in them."""

from dataclasses import dataclass

from matricula.access.statuses import FEATURE_COURSE_ROLES
from matricula.catalog.reads import ProgramFacts, find_program
from matricula.models import (
    Account,
    Course,
    FeatureGrant,
    Group,
    Membership,
    Organization,
    Program,
    ProgramCourse,
    RoleGrant,
)
from tests.conftest import KEY, OTHER_KEY, World, make_account

OWN, ABROAD, UNMANAGED, SECOND = "n-cs", "s-art", "n-open", "n-ds"
EXTERNAL, EXTRA = "CS 101/27", "course-v1:North+B+1"


@dataclass
class University:
    """``own`` is the program in which people have roles; ``abroad`` belongs to another organization."""

    world: World
    own: Program
    abroad: Program
    unmanaged: Program
    second: Program
    course: Course
    extra: Course
    root: Account

    def holder(self, role: str, *, on: str = "program", group: bool = False, name: str | None = None) -> Account:
        """A new account with a role on the own program, on its organization, or everywhere; maybe through a group."""
        account = make_account(name or f"{role}-{on}-{'group' if group else 'direct'}")
        grant(role, account, on="everywhere" if role == "read_all_jobs" else on, program=self.own, group=group)
        return account

    def writer(self, name: str = "writer", *, course_roles: bool = False) -> Account:
        """Somebody who may read and write the enrollments of the own program."""
        account = self.holder("read_write_enrollments", name=name)
        if course_roles:
            FeatureGrant.objects.create(feature=FEATURE_COURSE_ROLES, account=account)
        return account


def grant(role: str, account: Account, *, on: str, program: Program, group: bool = False) -> None:
    place = {"program": {"program": program}, "organization": {"organization": program.organization}}.get(on, {})
    if not group:
        RoleGrant.objects.create(role=role, account=account, **place)
        return
    held, _ = Group.objects.get_or_create(name=f"{role} {on}")
    Membership.objects.create(group=held, account=account)
    RoleGrant.objects.get_or_create(role=role, group=held, **place)


def make_university(world: World) -> University:
    """Makes what ``read_university`` returns."""
    north, south = Organization.objects.get(key="north"), Organization.objects.get(key="south")
    Organization.objects.create(key="empty", name="Without programs")

    def program(key: str, organization: Organization, title: str, **fields: object) -> Program:
        return Program.objects.create(key=key, organization=organization, title=title, **fields)

    own = program(OWN, north, "Computer Science", type="Masters", url="https://x.org/cs", manages_enrollments=True)
    abroad = program(ABROAD, south, "Fine Arts", type="Masters", manages_enrollments=True)
    program(UNMANAGED, north, "Open Ärzte", type="MicroMasters")
    second = program(SECOND, north, "Data Science", type="Masters", manages_enrollments=True)
    course, other = Course.objects.get(key=KEY), Course.objects.get(key=OTHER_KEY)
    extra = Course.objects.create(key=EXTRA, organization=south, title="B", modes=["audit"])
    make_account("root", is_superuser=True)
    # a program may hold course runs of other organizations, in an order of its own
    ProgramCourse.objects.create(program=own, course=extra, position=1)
    ProgramCourse.objects.create(program=own, course=course, position=0, external_key=EXTERNAL)
    ProgramCourse.objects.create(program=second, course=course, position=0)
    ProgramCourse.objects.create(program=abroad, course=other, position=0, external_key="ART")
    return read_university(world)


def read_university(world: World) -> University:
    """The university of a database that has one."""
    programs = {program.key: program for program in Program.objects.select_related("organization")}
    return University(
        world,
        programs[OWN],
        programs[ABROAD],
        programs[UNMANAGED],
        programs[SECOND],
        Course.objects.get(key=KEY),
        Course.objects.get(key=EXTRA),
        Account.objects.get(username="root"),
    )


def facts(key: str = OWN) -> ProgramFacts:
    found = find_program(key)
    assert found is not None
    return found
