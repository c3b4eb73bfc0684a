"""What bench/screens.py asks of pages beside the pages themselves: searches, filters, sorts, deep pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variant:
    """A query of a page; ``parts``: what is another thing in the address; ``target``: the part that htmx asks for."""

    what: str
    query: str = ""
    staff: bool = False
    target: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)


# what is in addresses and queries, in this order: each may use those before it
CONSTANTS = {
    "kind": "role",
    "month": "2026-01-15T00:00:00%2B00:00",
    "week_later": "2026-01-22T00:00:00%2B00:00",
    "half_year_later": "2026-06-15T00:00:00%2B00:00",
}
FACTS = {
    "course": "select id from matricula_course where key = %(course_key)s",
    "program": "select id from matricula_program where key = %(program_key)s",
    "people": "select count(*) from matricula_courseenrollment where course_id = %(course)s",
    "account_id": """
select account_id from matricula_courseenrollment where course_id = %(course)s
order by account_id offset %(people)s / 2 limit 1
""",
    "username": "select username from matricula_account where id = %(account_id)s",
    "other_id": "select min(id) from matricula_account where id > %(account_id)s",
    "newest_account": "select max(id) from matricula_account",
    "student_id": """
select id from matricula_programenrollment where program_id = %(program)s
order by student_key_folded offset %(people)s / 2 limit 1
""",
    "student_key": "select student_key from matricula_programenrollment where id = %(student_id)s",
    "job_id": """
select id from matricula_job where not starts_with(kind, 'check') order by total desc nulls last limit 1
""",
    "rejected_job": "select id from matricula_job where kind = 'change_roster' limit 1",
    "plan_id": """
select p.job_id from matricula_plan p join matricula_job j on j.id = p.job_id order by j.total desc limit 1
""",
    "operation_id": """
select o.id from matricula_operation o join matricula_job j on j.id = o.job_id
where not starts_with(j.kind, 'check') order by j.total desc nulls last limit 1
""",
    "old_operation": """
select id from matricula_operation order by started desc offset (select count(*) / 2 from matricula_operation) limit 1
""",
    "far_change": "select max(id) - 100 from matricula_journalentry where operation = %(operation_id)s",
    "old_entry": """
select id from matricula_journalentry where course_id = %(course)s and program_id is null
order by id offset %(people)s / 2 limit 1
""",
    "old_student_entry": """
select id from matricula_journalentry where program_id = %(program)s order by id offset %(people)s / 2 limit 1
""",
    "snapshot_id": "select id from matricula_snapshot limit 1",
    "connection_id": "select id from matricula_lmsconnection limit 1",
    "group_id": "select min(id) from matricula_group",
    "grant_id": "select min(id) from matricula_rolegrant",
    "webhook_id": "select id from matricula_webhook limit 1",
    "delivery_id": "select id from matricula_webhookdelivery limit 1",
    "client_id": "select min(id) from matricula_client",
    "old_disclosure": "select max(id) / 2 from matricula_disclosure",
}


def _of_searches() -> list[Variant]:
    return [
        Variant("one username", "q={username}"),
        Variant("a common name", "q=maria"),
        Variant("two words", "q=smith+emma"),
        Variant("no match", "q=zzzzzz"),
        Variant("two letters", "q=xq"),
    ]


_PAGES = [
    Variant("page 2", "page=2"),
    Variant("middle page", "page={middle_page}"),
    Variant("last page", "page={last_page}"),
]
_OF_ROSTER = [
    *_PAGES,
    Variant("table alone, middle page", "page={middle_page}", target="roster"),
    Variant("by someone who manages it", staff=True),
    *(
        Variant(f"sort by {sort}, {where}", f"sort={sort}&page={page}")
        for sort in ("-username", "created", "-created")
        for where, page in (("first page", "1"), ("middle page", "{middle_page}"), ("last page", "{last_page}"))
    ),
    Variant("sort by created, all states, middle page", "sort=created&state=all&page={middle_page}"),
    Variant("sort by created, one mode, page 1000", "sort=created&mode=verified&page=1000"),
    Variant("all states, middle page", "state=all&page={middle_page}"),
    Variant("ended", "state=ended"),
    Variant("ended, sorted by date", "state=ended&sort=-created&page=100"),
    Variant("invited", "state=invited"),
    Variant("invited, page 2000", "state=invited&page=2000"),
    Variant("invited, search", "state=invited&q=invited77"),
    Variant("one mode", "mode=verified"),
    Variant("beta testers", "beta=yes"),
    Variant("without beta testers, middle page", "beta=no&page={middle_page}"),
    *_of_searches(),
    Variant("a common name, sorted by date", "q=maria&sort=-created"),
]
_OF_PROGRAM = [
    Variant("table alone", target="students"),
    Variant("by someone who reads it", staff=True),
    Variant("last page", "page=last"),
    Variant("behind the middle", "after={student_id}"),
    Variant("before the middle", "before={student_id}"),
    Variant("page 2", "page=2"),
    Variant("middle page", "page={middle_page}"),
    *(Variant(f"status {status}", f"status={status}") for status in ("enrolled", "suspended", "ended")),
    Variant("status suspended, middle page", "status=suspended&page=2000"),
    Variant("waiting for an account", "account=waiting"),
    Variant("waiting and suspended", "account=waiting&status=suspended"),
    Variant("in a course run", "course=course-v1:North%2BC1%2B2026&in=active"),
    Variant("in a course run, not active", "course=course-v1:North%2BC1%2B2026&in=inactive"),
    Variant("in a smaller course run", "course=course-v1:South%2BC2%2B2026"),
    Variant("one key", "q={student_key}"),
    Variant("start of a key", "q=S0005"),
    *_of_searches(),
    Variant("a common name among the suspended", "q=maria&status=suspended"),
]
_HISTORIES = [
    Variant("by kind", "kind=course_enrollment"),
    Variant("by actor", "actor=speed-root"),
    Variant("by days", "since=2026-01-10&until=2026-01-12"),
    Variant("by person", "person={username}"),
]
_MOMENTS = [
    Variant("in the middle", "as_of={month}"),
    Variant("in the middle, page behind someone", "as_of={month}&after={account_id}"),
]
_COMPARISONS = [
    Variant("a week", "from={month}&to={week_later}"),
    Variant("half a year", "from={month}&to={half_year_later}"),
]
VARIANTS: Mapping[str, Sequence[Variant]] = {
    "home": [Variant("of someone who manages a hundred course runs", staff=True)],
    "news": [Variant("of someone who manages a hundred course runs", staff=True)],
    "search": [
        *_of_searches(),
        Variant("a student key", "q={student_key}"),
        Variant("an address", "q={username}@students.north.example.org"),
        Variant("a course run by key", "q=C1%2B2026"),
        Variant("a common name, by someone who manages some", "q=maria", staff=True),
        Variant("no match, by someone who manages some", "q=zzzzzz", staff=True),
    ],
    "why": [Variant("by someone who manages some", staff=True)],
    "course": _OF_ROSTER,
    "course_history": [Variant("older", "before={old_entry}"), *_HISTORIES, Variant("by a manager", staff=True)],
    "course_as_of": _MOMENTS,
    "course_as_of_file": [Variant("in the middle", "as_of={month}")],
    "course_comparison": _COMPARISONS,
    "course_comparison_file": _COMPARISONS[:1],
    "program": _OF_PROGRAM,
    "program_numbers": [Variant("total", "total=1")],
    "program_history": [Variant("older", "before={old_student_entry}"), *_HISTORIES],
    "program_as_of": _MOMENTS[:1],
    "program_as_of_file": [Variant("in the middle", "as_of={month}")],
    "program_comparison": _COMPARISONS,
    "program_comparison_file": _COMPARISONS[:1],
    "jobs": [
        Variant("all", "of=all"),
        Variant("all, page 900", "of=all&page=900"),
        Variant("all that failed", "of=all&state=failed"),
        Variant("all unfinished", "of=all&state=unfinished"),
        Variant("of someone who has none", staff=True),
    ],
    "job": [
        Variant("rejected rows", "outcome=error", parts={"job_id": "rejected_job"}),
        Variant("page 10000", "page=10000"),
    ],
    "plans": [
        Variant("about the course run", "about={course_key}"),
        Variant("mine", "mine=on"),
        Variant("by someone who manages some", staff=True),
    ],
    "plan": [
        Variant("rejected rows", "outcome=refused"),
        Variant("one status", "outcome=enrolled"),
        Variant("page 10000", "page=10000"),
    ],
    "operations": [
        Variant("older", "before={old_operation}"),
        Variant("of the course run", "about=course-v1:North%2BC1%2B2026"),
        Variant("of the program", "about={program_key}"),
        Variant("of one person", "actor=speed-root"),
        Variant("of someone who did nothing", "actor=speed-staff"),
        Variant("by door", "source=upload"),
        Variant("of two days", "since=2026-01-10&until=2026-01-12"),
        Variant("of two days, by someone who manages some", "since=2026-01-10&until=2026-01-12", staff=True),
        Variant("by someone who manages some", staff=True),
    ],
    "operation": [Variant("deep in the changes", "after={far_change}")],
    "disclosures": [
        Variant("older", "before={old_disclosure}"),
        Variant("of the program", "about={program_key}"),
        Variant("of one person", "actor=speed-root"),
        Variant("of someone who got nothing", "actor=speed-staff"),
        Variant("of two days", "since=2026-11-10&until=2026-11-12"),
    ],
    "access": [
        *(Variant(show, f"show={show}") for show in ("course-role", "feature", "groups", "clients")),
        Variant("a common name", "q=maria"),
        Variant("no match", "q=zzzzzz"),
    ],
    "access_group": [Variant("a common name", "q=maria"), Variant("page 100", "page=100")],
    "my": [Variant("of someone in many course runs", staff=True)],
}
