"""What becomes of what two accounts have: rules, and no table that refers to accounts is forgotten."""

import pytest
from django.db.models import ManyToOneRel

from matricula.batches.merging.rules import decide
from matricula.batches.merging.values import Choice, Key, MergeOptions, Rights, Side, Thing, Word
from matricula.enrollments.store.values import Invitation, Seat, Standing
from matricula.journal.states import GradeState
from matricula.journal.statuses import Subject
from matricula.models import Account

AUDIT, VERIFIED = Standing(Seat("audit", is_active=True)), Standing(Seat("verified", is_active=True))
ENDED, NOWHERE = Standing(Seat("audit", is_active=False)), Standing()
BOUND = Invitation("verified", auto_enroll=False, bound=True)
WAITING = Invitation("verified", auto_enroll=True, bound=False)
GOOD = GradeState(percent=0.9, letter_grade="A", passed=True, error=None)
FAIR = GradeState(percent=0.5, letter_grade="C", passed=True, error=None)
NONE = GradeState(percent=None, letter_grade=None, passed=None, error="none yet")
STAFF, PLAIN = Rights(is_staff=True, is_superuser=False), Rights(is_staff=False, is_superuser=False)
KEY, OTHER_KEY = Key(1, "K"), Key(1, "O")
SUBJECTS = {Standing: Subject.COURSE_ENROLLMENT, GradeState: Subject.GRADE, Key: Subject.STUDENT_KEY}


@pytest.mark.parametrize(
    ("kept", "other", "word", "after"),
    [
        (NOWHERE, AUDIT, Word.MOVED, AUDIT),
        (NOWHERE, ENDED, Word.MOVED, ENDED),
        (AUDIT, AUDIT, Word.KEPT, AUDIT),
        (AUDIT, ENDED, Word.KEPT, AUDIT),
        (ENDED, VERIFIED, Word.COMBINED, VERIFIED),
        (AUDIT, VERIFIED, Word.CHOICE_NEEDED, AUDIT),
        (NOWHERE, Standing(None, BOUND), Word.MOVED, Standing(None, BOUND)),
        (AUDIT, Standing(None, BOUND), Word.COMBINED, Standing(AUDIT.seat, BOUND)),
        (Standing(None, BOUND), Standing(None, WAITING), Word.KEPT, Standing(None, BOUND)),
        # as if the kept account had just become active under the address
        (NOWHERE, Standing(None, WAITING), Word.MOVED, Standing(VERIFIED.seat, Invitation("verified", True, True))),
        (None, GOOD, Word.MOVED, GOOD),
        (GOOD, GOOD, Word.KEPT, GOOD),
        (NONE, GOOD, Word.COMBINED, GOOD),
        (GOOD, NONE, Word.KEPT, GOOD),
        (GOOD, FAIR, Word.CHOICE_NEEDED, GOOD),
        (None, OTHER_KEY, Word.MOVED, OTHER_KEY),
        (KEY, OTHER_KEY, Word.CHOICE_NEEDED, KEY),
        (STAFF, STAFF, Word.KEPT, STAFF),
        (PLAIN, STAFF, Word.CHOICE_NEEDED, PLAIN),
    ],
)
def test_what_the_kept_account_has_then(kept: Side, other: Side, word: Word, after: Side) -> None:
    thing = Thing(SUBJECTS.get(type(other), Subject.ACCOUNT), "thing", kept, other, 1, "honor")
    step = decide(thing, MergeOptions())
    assert (step.word, step.kept) == (word, after)
    assert step.is_choice == (word is Word.CHOICE_NEEDED)
    if not step.is_choice:
        # what a rule decides is no choice
        assert decide(thing, MergeOptions(prefer=Choice.OTHER)) == step
        return
    chosen = decide(thing, MergeOptions(prefer=Choice.KEPT, choices={"thing": Choice.OTHER}))
    assert chosen.is_choice and (chosen.word, chosen.kept) == (Word.COMBINED, other)
    chosen = decide(thing, MergeOptions(prefer=Choice.KEPT))
    assert (chosen.word, chosen.kept) == (Word.KEPT, kept)


MOVED, ENDS, STAYS = "moved", "ends", "stays"
# table, column → what a merge does about it (docs/merging-accounts.md)
TREATED = {
    ("matricula_studentidentity", "account_id"): MOVED,
    ("matricula_programenrollment", "account_id"): MOVED,
    ("matricula_courseenrollment", "account_id"): MOVED,
    ("matricula_preenrollment", "account_id"): MOVED,
    ("matricula_grade", "account_id"): MOVED,
    ("matricula_courserole", "account_id"): MOVED,
    ("matricula_rolegrant", "account_id"): MOVED,
    ("matricula_featuregrant", "account_id"): MOVED,
    ("matricula_membership", "account_id"): MOVED,
    ("matricula_account", "merged_into_id"): MOVED,
    ("matricula_client", "user_id"): ENDS,
    ("oauth2_provider_accesstoken", "user_id"): ENDS,
    ("oauth2_provider_refreshtoken", "user_id"): ENDS,
    ("oauth2_provider_grant", "user_id"): ENDS,
    ("oauth2_provider_devicegrant", "user_id"): ENDS,
    ("oauth2_provider_idtoken", "user_id"): ENDS,
    # who did something did it with the account that it was
    ("matricula_preenrollment", "actor_id"): STAYS,
    ("matricula_job", "actor_id"): STAYS,
    ("matricula_planreview", "account_id"): STAYS,
    ("matricula_snapshot", "actor_id"): STAYS,
    ("matricula_disclosure", "actor_id"): STAYS,
    ("matricula_retirement", "account_id"): STAYS,
    ("matricula_retirement", "actor_id"): STAYS,
    ("django_admin_log", "user_id"): STAYS,
    # what an account follows and how it logs in: it does neither any more
    ("matricula_webhook", "owner_id"): STAYS,
    ("account_emailaddress", "user_id"): STAYS,
    ("socialaccount_socialaccount", "user_id"): STAYS,
    ("mfa_authenticator", "user_id"): STAYS,
    # an LMS follows the enrollments, account by account
    ("matricula_lmsrow", "account_id"): STAYS,
    ("matricula_lmsusername", "account_id"): STAYS,
    ("matricula_lmsmissinggrade", "account_id"): STAYS,
    # a login leads to the account that its own was merged into
    ("matricula_externallogin", "account_id"): STAYS,
}


def test_a_merge_knows_every_table_that_refers_to_accounts() -> None:
    relations = [r for r in Account._meta.get_fields(include_hidden=True) if isinstance(r, ManyToOneRel)]
    found = {(r.related_model._meta.db_table, str(r.field.column)) for r in relations}
    assert found - TREATED.keys() == set(), "say what a merge of two accounts does about it"
    assert {place for place, what in TREATED.items() if what != STAYS} <= found
