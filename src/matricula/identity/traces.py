"""Where people are: every column that may hold a text about a person, and every column that refers to an account.

Declared by the names of tables, so that it can speak of all packages and import none of them. A test walks the columns
of the whole database: a new one isn't overlooked. A table that isn't there is passed over.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Holds(StrEnum):
    """What a column with texts holds."""

    # words and keys of the institution or of Matricula, digests, secrets: never a person
    NOTHING = "nothing"
    # exactly one name by which a person is known, compared without the case of A to Z
    USERNAME = "username"
    ADDRESS = "address"
    # of an organization: see ``ORGANIZATIONS``
    STUDENT_KEY = "student key"
    # identifiers of any kind, or else texts; arrays and JSON
    IDENTIFIERS = "identifiers"
    # what people wrote, or a file contained: a person may be named anywhere in it; also JSON and arrays
    TEXT = "text"
    # follows another column by itself: generated, or by a foreign key
    DERIVED = "derived"
    # has a treatment of its own (``retirement``)
    OWN = "own"


class Refers(StrEnum):
    """How a row refers to an account."""

    # it is about the person
    PERSON = "person"
    # the person did it
    ACTOR = "actor"


class Reference(NamedTuple):
    """A column with the id of an account; ``many``: an array of them."""

    table: str
    column: str
    how: Refers
    many: bool = False


_NOTHING, _TEXT, _OWN, _DERIVED = Holds.NOTHING, Holds.TEXT, Holds.OWN, Holds.DERIVED

COLUMNS: Mapping[str, Mapping[str, Holds]] = {
    # people
    "matricula_account": {
        "username": _OWN,
        "email": _OWN,
        "first_name": _OWN,
        "last_name": _OWN,
        "wanted_email": _OWN,
        "password": _OWN,
        "language": _NOTHING,
        "username_key": _DERIVED,
        "email_key": _DERIVED,
        "search_text": _DERIVED,
    },
    "matricula_studentidentity": {"student_key": Holds.STUDENT_KEY, "student_key_folded": _DERIVED},
    "account_emailaddress": {"email": Holds.ADDRESS},
    "account_emailconfirmation": {"key": _NOTHING},
    # enrollments and grades
    "matricula_courseenrollment": {"username_key": _DERIVED, "mode": _NOTHING},
    "matricula_rosterblock": {"start": _OWN},
    "matricula_rostercount": {"block": _OWN, "mode": _NOTHING},
    "matricula_preenrollment": {
        "email": Holds.ADDRESS,
        "email_key": _DERIVED,
        "mode": _NOTHING,
        "reason": _TEXT,
    },
    "matricula_programenrollment": {
        "student_key": Holds.STUDENT_KEY,
        "student_key_folded": _DERIVED,
        "status": _NOTHING,
    },
    "matricula_programcourseenrollment": {"status": _NOTHING, "student_key_folded": Holds.STUDENT_KEY},
    "matricula_studentcount": {"status": _NOTHING},
    "matricula_grade": {"letter_grade": _NOTHING, "error": _TEXT},
    # who may do what
    "matricula_courserole": {"role": _NOTHING},
    "matricula_group": {"name": _TEXT},
    "matricula_pendingmember": {"email": Holds.ADDRESS, "email_key": _DERIVED},
    "matricula_rolegrant": {"role": _NOTHING},
    "matricula_featuregrant": {"feature": _NOTHING},
    "matricula_client": {
        "client_id": _TEXT,
        "name": _TEXT,
        "redirect_uris": _TEXT,
        "post_logout_redirect_uris": _TEXT,
        "allowed_origins": _TEXT,
        "registration_source": _TEXT,
        "client_type": _NOTHING,
        "authorization_grant_type": _NOTHING,
        "client_secret": _NOTHING,
        "algorithm": _NOTHING,
        "scopes": _NOTHING,
    },
    # logins
    "matricula_externallogin": {"provider": _NOTHING, "subject": _OWN},
    "mfa_authenticator": {"type": _NOTHING, "data": _OWN},
    "socialaccount_socialaccount": {"provider": _NOTHING, "uid": _OWN, "extra_data": _OWN},
    "socialaccount_socialtoken": {"token": _OWN, "token_secret": _OWN},
    "socialaccount_socialapp": {
        "provider": _NOTHING,
        "provider_id": _NOTHING,
        "name": _NOTHING,
        "client_id": _NOTHING,
        "secret": _NOTHING,
        "key": _NOTHING,
        "settings": _NOTHING,
    },
    # the journal
    "matricula_operation": {
        "kind": _NOTHING,
        "source": _NOTHING,
        "reason": _OWN,
        "file": _TEXT,
    },
    "matricula_journalentry": {
        "source": _NOTHING,
        "subject": _NOTHING,
        "email": Holds.ADDRESS,
        "student_key": Holds.STUDENT_KEY,
        "transition": _NOTHING,
        "before": _OWN,
        "after": _OWN,
        "reason": _OWN,
    },
    "matricula_journalredaction": {"digest": _NOTHING},
    "matricula_seal": {"digest": _NOTHING},
    "matricula_snapshot": {
        "name": _TEXT,
        "digest": _NOTHING,
        "file_digest": _NOTHING,
        "file": _NOTHING,
        "redacted_digest": _NOTHING,
    },
    "matricula_disclosure": {
        "kind": _NOTHING,
        "source": _NOTHING,
        "os_user": _TEXT,
        "file": _TEXT,
        "filters": _TEXT,
        "reason": _TEXT,
    },
    "matricula_retirement": {
        "state": _NOTHING,
        "code": _NOTHING,
        # what is still to be replaced; gone when that is done
        "traces": _OWN,
        "reason": _TEXT,
        "replaced": _NOTHING,
    },
    # jobs and plans
    "matricula_job": {
        "kind": _NOTHING,
        "state": _NOTHING,
        "source": _NOTHING,
        "options": _TEXT,
        "counts": _NOTHING,
        "error": _TEXT,
        "result": _NOTHING,
        "text": _NOTHING,
    },
    "matricula_jobchunk": {
        "keys": Holds.IDENTIFIERS,
        "asks": _TEXT,
        "reasons": _TEXT,
        "rejected": Holds.IDENTIFIERS,
        "outcomes": _TEXT,
        "counts": _NOTHING,
        "effects": _NOTHING,
        "input": _TEXT,
        "results": _TEXT,
    },
    "matricula_jobslice": {
        "keys": Holds.IDENTIFIERS,
        "reasons": _TEXT,
        "cases": _TEXT,
        "outcomes": _TEXT,
        "counts": _NOTHING,
    },
    "matricula_plan": {
        "name": _TEXT,
        "scope": _NOTHING,
        "effects": _NOTHING,
        "words": _NOTHING,
        "limits": _NOTHING,
        "fingerprint": _NOTHING,
    },
    "matricula_planreview": {"decision": _NOTHING, "note": _TEXT, "fingerprint": _NOTHING},
    # what leaves
    "matricula_outgoingmail": {
        "kind": _NOTHING,
        "to": Holds.ADDRESS,
        "language": _NOTHING,
        "context": _TEXT,
        "last_error": _TEXT,
    },
    "matricula_webhook": {
        "url": _TEXT,
        "subjects": _NOTHING,
        "off_reason": _NOTHING,
        "secret": _NOTHING,
        "old_secret": _NOTHING,
    },
    "matricula_webhookdelivery": {"kind": _NOTHING, "state": _NOTHING, "tries": _TEXT},
    # keyed hashes of what was tried, deleted within days
    "matricula_failurecount": {"key": _NOTHING},
    "matricula_knownaddress": {"key": _NOTHING},
    "matricula_tally": {"kind": _NOTHING, "subject": _NOTHING, "outcome": _NOTHING},
    # what was answered, for a day, compressed and encrypted
    "matricula_storedanswer": {"identity": _NOTHING, "request": _NOTHING, "answer": _OWN, "rights": _NOTHING},
    # the institution
    "matricula_organization": {"key": _NOTHING, "name": _NOTHING, "limits": _NOTHING},
    "matricula_course": {
        "key": _NOTHING,
        "title": _NOTHING,
        "url": _NOTHING,
        "modes": _NOTHING,
        "limits": _NOTHING,
    },
    "matricula_program": {"key": _NOTHING, "title": _NOTHING, "type": _NOTHING, "url": _NOTHING, "limits": _NOTHING},
    "matricula_programcourse": {"external_key": _NOTHING},
    # an LMS
    "matricula_lmsconnection": {
        "name": _NOTHING,
        "url": _NOTHING,
        "client_id": _NOTHING,
        "client_secret_env": _NOTHING,
        "api_key_env": _NOTHING,
        "owner": _NOTHING,
    },
    "matricula_lmsstate": {"problem": _TEXT},
    "matricula_lmsrow": {
        "email_key": Holds.ADDRESS,
        "email": Holds.ADDRESS,
        "wanted": _NOTHING,
        "mode": _NOTHING,
        "invite_email": Holds.ADDRESS,
        "state": _NOTHING,
        "words": _TEXT,
        "confirmed_mode": _NOTHING,
        "sent_email": Holds.ADDRESS,
    },
    "matricula_lmsusername": {"username": Holds.USERNAME},
    "matricula_lmsdifference": {
        "username": Holds.USERNAME,
        "kind": _NOTHING,
        "here": _NOTHING,
        "there": _NOTHING,
    },
    # Django and its libraries
    "django_session": {"session_key": _NOTHING, "session_data": _OWN},
    "django_admin_log": {"object_id": _NOTHING, "object_repr": _TEXT, "change_message": _TEXT},
    "django_content_type": {"app_label": _NOTHING, "model": _NOTHING},
    "django_migrations": {"app": _NOTHING, "name": _NOTHING},
    "auth_group": {"name": _NOTHING},
    "auth_permission": {"name": _NOTHING, "codename": _NOTHING},
    "oauth2_provider_accesstoken": {
        "token": _NOTHING,
        "scope": _NOTHING,
        "token_checksum": _NOTHING,
        "resource": _TEXT,
    },
    "oauth2_provider_devicegrant": {
        "device_code": _NOTHING,
        "user_code": _NOTHING,
        "scope": _NOTHING,
        "status": _NOTHING,
        "client_id": _TEXT,
    },
    "oauth2_provider_grant": {
        "code": _NOTHING,
        "redirect_uri": _TEXT,
        "scope": _NOTHING,
        "code_challenge": _NOTHING,
        "code_challenge_method": _NOTHING,
        "nonce": _NOTHING,
        "claims": _TEXT,
        "resource": _TEXT,
    },
    "oauth2_provider_idtoken": {"scope": _NOTHING},
    "oauth2_provider_refreshtoken": {"token": _NOTHING, "token_checksum": _NOTHING, "resource": _TEXT},
    "procrastinate_jobs": {
        "queue_name": _NOTHING,
        "task_name": _NOTHING,
        "lock": _TEXT,
        "args": _TEXT,
        "queueing_lock": _TEXT,
    },
    "procrastinate_periodic_defers": {"task_name": _NOTHING, "periodic_id": _NOTHING},
}
"""Every column with text, JSON or bytes of every table, and what it holds; views and parts of tables aside."""

_OF_THE_JOB = (
    "(select p.organization_id from matricula_program p join matricula_job j on j.program_id = p.id"
    " where j.id = t.job_id)"
)
ORGANIZATIONS: Mapping[str, str] = {
    "matricula_studentidentity": "t.organization_id",
    "matricula_programenrollment": "(select p.organization_id from matricula_program p where p.id = t.program_id)",
    "matricula_programcourseenrollment": "t.organization_id",
    "matricula_journalentry": "coalesce((t.before || t.after ->> 'organization_id')::bigint,"
    " (select p.organization_id from matricula_program p where p.id = t.program_id))",
    "matricula_jobchunk": _OF_THE_JOB,
    "matricula_jobslice": _OF_THE_JOB,
}
"""The organization whose student keys a row ``t`` has, in SQL."""

_PERSON, _ACTOR = Refers.PERSON, Refers.ACTOR
REFERENCES: tuple[Reference, ...] = (
    # the account that this one became part of
    Reference("matricula_account", "merged_into_id", _PERSON),
    Reference("matricula_studentidentity", "account_id", _PERSON),
    Reference("matricula_courseenrollment", "account_id", _PERSON),
    Reference("matricula_preenrollment", "account_id", _PERSON),
    Reference("matricula_preenrollment", "actor_id", _ACTOR),
    Reference("matricula_programenrollment", "account_id", _PERSON),
    Reference("matricula_grade", "account_id", _PERSON),
    Reference("matricula_courserole", "account_id", _PERSON),
    Reference("matricula_membership", "account_id", _PERSON),
    Reference("matricula_rolegrant", "account_id", _PERSON),
    Reference("matricula_featuregrant", "account_id", _PERSON),
    Reference("matricula_client", "user_id", _PERSON),
    # the states of an entry may name accounts too, as account_id
    Reference("matricula_journalentry", "account_id", _PERSON),
    Reference("matricula_journalentry", "actor_id", _ACTOR),
    Reference("matricula_operation", "actor_id", _ACTOR),
    Reference("matricula_snapshot", "actor_id", _ACTOR),
    Reference("matricula_disclosure", "actor_id", _ACTOR),
    Reference("matricula_retirement", "account_id", _PERSON),
    Reference("matricula_retirement", "actor_id", _ACTOR),
    Reference("matricula_job", "actor_id", _ACTOR),
    Reference("matricula_jobchunk", "people", _PERSON, many=True),
    # while a job of course enrollments runs, its slices have accounts in "held", too; of programs, rows of students
    Reference("matricula_jobslice", "people", _PERSON, many=True),
    Reference("matricula_planreview", "account_id", _ACTOR),
    Reference("matricula_webhook", "owner_id", _PERSON),
    Reference("matricula_lmsrow", "account_id", _PERSON),
    Reference("matricula_lmsusername", "account_id", _PERSON),
    Reference("matricula_lmsmissinggrade", "account_id", _PERSON),
    Reference("matricula_externallogin", "account_id", _PERSON),
    Reference("matricula_storedanswer", "account_id", _PERSON),
    Reference("mfa_authenticator", "user_id", _PERSON),
    Reference("socialaccount_socialaccount", "user_id", _PERSON),
    Reference("account_emailaddress", "user_id", _PERSON),
    Reference("django_admin_log", "user_id", _ACTOR),
    Reference("oauth2_provider_accesstoken", "user_id", _PERSON),
    Reference("oauth2_provider_devicegrant", "user_id", _PERSON),
    Reference("oauth2_provider_grant", "user_id", _PERSON),
    Reference("oauth2_provider_idtoken", "user_id", _PERSON),
    Reference("oauth2_provider_refreshtoken", "user_id", _PERSON),
)
"""Every column with ids of accounts, whether a foreign key says so or not."""
