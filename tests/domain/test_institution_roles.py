"""Loading an institution: memberships that wait, and what ``prune_roles`` withdraws."""

import pytest

from matricula.models import Account, CourseRole, FeatureGrant, Membership, PendingMember, RoleGrant
from tests.conftest import make_account
from tests.domain.test_institution import COURSE, SMALL, counts, load

pytestmark = pytest.mark.usefixtures("db")


def test_pending_members() -> None:
    text = "groups:\n  - name: a\npending_members:\n  - {email: Active@example.org, group: a}\n"
    text += "  - {email: later@example.org, group: a}\n"
    active = make_account("active")
    make_account("later", is_active=False)
    # somebody's username is no address of theirs
    make_account("later@example.org", email="other@example.org")
    assert counts(load(text)) == {
        "groups": (1, 0, 0, 0), "memberships": (1, 0, 0, 0), "pending_members": (1, 0, 0, 0),
    }  # fmt: skip
    assert Membership.objects.get().account == active
    assert not load(text).changed
    load("users:\n  - {username: later, email: later@example.org, is_active: true}\n")
    assert Membership.objects.count() == 2
    assert not PendingMember.objects.exists()
    assert not load(text).changed


GIVEN = f"""
  - username: kim
    email: kim@example.org
    is_active: false
    groups: [a, b]
    features: [course_roles]
    roles:
      - {{role: read_reports, organization: north}}
      - {{role: read_reports, program: p}}
      - {{role: read_reports}}
      - {{role: staff, course: {COURSE}}}
      - {{role: beta_tester, course: {COURSE}}}
"""


def test_pruning_withdraws_what_the_file_no_longer_gives_to_those_whom_it_names() -> None:
    others = GIVEN.replace("kim", "other")
    grouped = SMALL.replace("name: a", "name: a\n    roles: [{role: read_enrollments}, {role: read_all_jobs}]")
    waiting = "pending_members:\n  - {email: kim@example.org, group: a}\n  - {email: kim@example.org, group: b}\n"
    load(grouped + "users:" + GIVEN + others + waiting)
    fewer = SMALL.replace("name: a", "name: a\n    roles: [{role: read_all_jobs}]") + (
        "users:\n  - username: kim\n    email: kim@example.org\n    groups: [b]\n    roles:\n"
        f"      - {{role: read_reports, program: p}}\n      - {{role: staff, course: {COURSE}}}\n"
        "pending_members:\n  - {email: KIM@example.org, group: b}\n"
    )
    assert not load(fewer).changed
    withdrawn = {name: c.withdrawn for name, c in load(fewer, prune_roles=True).sections.items() if c.changed}
    assert withdrawn == {"roles": 3, "course_roles": 1, "memberships": 1, "pending_members": 1}
    kim, other = Account.objects.get(username="kim"), Account.objects.get(username="other")
    assert RoleGrant.objects.get(account=kim).program is not None
    assert RoleGrant.objects.get(group__name="a").role == "read_all_jobs"
    assert CourseRole.objects.get(account=kim).role == "staff"
    assert Membership.objects.get(account=kim).group.name == PendingMember.objects.get().group.name == "b"
    assert FeatureGrant.objects.filter(account=kim).exists()
    # not named, not touched
    assert RoleGrant.objects.filter(account=other).count() == 3
    assert CourseRole.objects.filter(account=other).count() == Membership.objects.filter(account=other).count() == 2
    assert not load(fewer, prune_roles=True).changed


def test_a_pending_membership_that_took_effect_is_not_pruned() -> None:
    make_account("kim")
    text = "groups:\n  - name: a\nusers:\n  - {username: kim, email: kim@example.org}\n"
    text += "pending_members:\n  - {email: kim@example.org, group: a}\n"
    load(text)
    assert not load(text, prune_roles=True).changed
    assert Membership.objects.count() == 1
