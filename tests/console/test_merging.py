"""The page that merges two accounts of one person: chosen, side by side, planned, applied."""

from matricula.models import Account
from tests.conftest import KEY, make_account
from tests.console.conftest import COURSE, Reader, words_of
from tests.university import University

SEAT = f"choice:course_enrollment:{KEY}"


def test_two_accounts_are_compared_planned_and_merged(university: University) -> None:
    root = Reader(university.root)
    kept, other = make_account("ana1"), make_account("anal")
    university.world.enroll("ana1", mode="audit")
    university.world.enroll("anal", mode="verified")
    pair = f"/merge/{kept.pk}/{other.pk}/"
    # ways there: from the person's page, from who may do what, and from an account that looks like this one
    assert f'href="/merge/?kept={kept.pk}"' in root.get(f"/people/{kept.pk}/")
    assert f'href="/merge/?kept={kept.pk}"' in root.get(f"/access/people/{kept.pk}/")
    assert f'href="{pair}"' in root.get(f"{COURSE}people/{kept.pk}/why/")
    assert 'value="ana1"' in root.get(f"/merge/?kept={kept.pk}")
    assert "no single account" in root.post("/merge/", 400, kept="ana1", other="nobody")
    assert root.post("/merge/", kept="ana1", other="anal@example.org") == pair
    page = words_of(root.get(pair))
    assert "enrolled (audit)" in page and "enrolled (verified)" in page and "choose which to keep" in page
    assert "Choose which to keep in each marked row." in root.post(pair, 400, reason="twice")
    assert "Enter a reason." in root.post(pair, 400, **{SEAT: "other"})
    plan = root.post(pair, reason="twice", **{SEAT: "other"})
    page = root.get(plan)
    # a merge is applied as a whole: no row has a box
    assert 'name="row"' not in page and "Merge of two accounts" in page
    root.apply(plan, reason="twice")
    assert not Account.objects.get(pk=other.pk).is_active
    page = words_of(root.get(f"{COURSE}people/{kept.pk}/"))
    assert "enrolled (verified)" in page
    assert "already merged into “ana1”" in words_of(root.get(f"/merge/{kept.pk}/{other.pk}/"))
    assert "account merged into another one of the same person" in root.get(f"/access/people/{other.pk}/")
    # the administration says why the account can't be active again
    address = f"/admin/matricula/account/{other.pk}/change/"
    assert "Undo the merge instead" in root.http.post(
        address, {"username": "anal", "email": "anal@example.org", "is_active": "on"}, follow=True
    ).content.decode()  # fmt: skip


def test_a_plan_that_needs_a_choice_leads_to_the_comparison(university: University) -> None:
    from tests.domain.plans.test_merging import plan_merge

    root = Reader(university.root)
    kept, other = make_account("ana"), make_account("ana2")
    university.world.enroll("ana", mode="audit")
    university.world.enroll("ana2", mode="verified")
    page = root.get(f"/plans/{plan_merge(kept, other).id}/")
    assert f'href="/merge/{kept.pk}/{other.pk}/"' in page and "Apply 1 change" not in page
