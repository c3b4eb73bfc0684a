"""Reading institution files: what is right, what is refused, and the line and words of each refusal."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matricula.institution.items import Institution
from matricula.institution.problems import MAX_PROBLEMS
from matricula.institution.reading import InstitutionRefused, read_institution, read_institution_file

COURSE = '"course-v1:North+CS101+2027_T1"'
USER = "- {username: kim, email: kim@example.org"


def problems_of(text: str) -> list[tuple[int, str]]:
    with pytest.raises(InstitutionRefused) as refused:
        read_institution(text)
    return [(problem.line, problem.message) for problem in refused.value.problems]


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "---\n", "users:\n", "users: []\n", "users: ~\ncourses:\n", "null", "{}"]
)
def test_nothing_is_an_institution(text: str) -> None:
    assert read_institution(text) == Institution()


def test_texts_are_taken_as_they_stand() -> None:
    read = read_institution(
        "organizations:\n  - {key: 2027, name: 1_000}\n"
        "users:\n  - {username: 007, email: no@example.org, first_name: no, last_name: 'null', language: ~}\n"
        "  - username: 2027-01-10\n    email: date@example.org\n    is_active: 'false'\n    first_name: ''\n"
    )
    assert (read.organizations[0].key, read.organizations[0].name) == ("2027", "1_000")
    first, second = read.users
    assert (first.username, first.first_name, first.last_name, first.language) == ("007", "no", "null", None)
    assert (second.username, second.is_active, second.first_name, second.last_name) == ("2027-01-10", False, "", None)


@pytest.mark.parametrize("written", ["2027-01-10T02:00:00+02:00", "2027-01-10 00:00:00Z", "'2027-01-10T00:00:00Z'"])
def test_times_have_offsets(written: str) -> None:
    text = f"courses:\n  - {{key: {COURSE}, organization: north, title: T, enrollment_start: {written}}}\n"
    assert read_institution(text).courses[0].enrollment_start == datetime(2027, 1, 10, tzinfo=UTC)


def test_an_item_knows_its_lines() -> None:
    user = read_institution("users:\n  - email: kim@example.org\n    username: kim\n\n    groups: [a]\n").users[0]
    assert (user.line, user.line_of("username"), user.line_of("groups"), user.line_of(None)) == (2, 3, 5, 2)
    assert (user.line_of("email"), user.line_of("password")) == (2, 2)


def test_anchors_may_save_repetition() -> None:
    read = read_institution(
        f"courses:\n  - {{key: {COURSE}, organization: o, title: T, modes: &m [audit, honor]}}\n"
        '  - {key: "course-v1:a+b+c", organization: o, title: T, modes: *m}\n'
    )
    assert read.courses[0].modes == read.courses[1].modes == ["audit", "honor"]


FAULTY = {
    # the file as YAML
    "invalid YAML": ("users:\n  - username: kim: x\n", 2, "invalid YAML: mapping values are not allowed"),
    "a tab": ("users:\n\t- username: kim\n", 2, "a tab indents this line; use spaces"),
    "an open quote": ('users:\n  - username: "kim\n', 3, "invalid YAML"),
    "a list at the top": ("\n- users\n", 2, "the file must be sections"),
    "a word at the top": ("users\n", 1, "the file must be sections"),
    "two documents": ("users:\n---\nusers:\n", 2, "a second document starts here"),
    "a control character": ("users:\n  - \x07\n", 2, "a character that YAML doesn't allow"),
    "a lone surrogate": ("users:\n  - \ud800\n", 2, "half of a character"),
    "an unknown alias": ("users:\n  - *nobody\n", 2, 'the alias "nobody" refers to nothing above it'),
    "a recursion": ("users:\n  - &u\n    username: *u\n", 3, 'the alias "u" is inside the value that it refers to'),
    "a deep nest": ("users:\n  - " + "[" * 5000 + "\n", 2, "nested more than 20 deep"),
    "many laughs": (
        "users:\n  - &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"  - &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)),
        7,
        "the aliases of this file expand to too much",
    ),
    "a tag": ("users:\n  - !!python/object:os.system {}\n", 2, "the tag"),
    "a key twice": (f"users:\n  {USER}, email: x@y.z}}\n", 2, '"email" appears twice, first in line 2'),
    "a list as a key": (f"users:\n  {USER}, [a]: b}}\n", 2, "a list or mapping is used where a name is expected"),
    # sections and fields
    "what is behind a section of processes": ("sign_on:\n  - {}\nuser:\n  - {}\n", 3, 'unknown section "user"'),
    "an unknown section": ("user:\n  - {}\n", 1, 'unknown section "user"; allowed: organizations, courses'),
    "a section twice": ("users:\ngroups:\nusers:\n", 3, "the section users appears twice, first in line 1"),
    "a section of no list": ("users:\n  username: kim\n", 1, '"users" must be a list'),
    "an item of no mapping": ("users:\n  - kim\n", 2, "users[0] must be a mapping, not a single value"),
    "an empty item": ("users:\n  -\n", 2, "users[0] is empty"),
    "an unknown field": (
        "courses:\n  - key: x\n    titel: T\n",
        3,
        'unknown field "titel" in courses (courses[0]); allowed',
    ),
    "a missing field": ("organizations:\n  - key: north\n", 2, "organizations[0] has no name; add it"),
    "a null field": ("organizations:\n  - {key: north, name: ~}\n", 2, "organizations[0] has no name; add it"),
    "a list for a text": (
        "organizations:\n  - {key: [a], name: N}\n",
        2,
        "organizations[0].key must be a single value",
    ),
    "a text for a list": (f"users:\n  {USER}, groups: a}}\n", 2, "users[0].groups must be a list, not a single value"),
    "an empty entry": (f"users:\n  {USER}, groups: [~]}}\n", 2, "users[0].groups[0] is empty"),
    "a list for a mapping": (f"users:\n  {USER}, student_keys: [a]}}\n", 2, "users[0].student_keys must be a mapping"),
    # forms
    "an organization key": ("organizations:\n  - {key: a/b, name: N}\n", 2, '"a/b" is not an organization key'),
    "a blank name": ("organizations:\n  - {key: a, name: ' '}\n", 2, 'organizations[0].name: " " is blank'),
    "a long name": (f"organizations:\n  - {{key: a, name: {'x' * 256}}}\n", 2, "has more than 255 characters"),
    "a line break": (
        'organizations:\n  - {key: a, name: "a\\nb"}\n',
        2,
        "contains a line break or a control character",
    ),
    "a NUL": ('organizations:\n  - {key: a, name: "a\\0b"}\n', 2, "contains a line break or a control character"),
    "a course key": ("courses:\n  - {key: CS101, organization: o, title: T}\n", 2, '"CS101" is not a course run key'),
    "a program key": ("programs:\n  - {key: a.b, organization: o, title: T}\n", 2, '"a.b" is not a program key'),
    "an address": (
        "users:\n  - {username: a, email: a@b.c}\n  - {username: b, email: b@b.c}\n"
        "  - username: c\n    email: no-at-sign\n",
        5,
        'users[2].email: "no-at-sign" is not an email address; write it as name@example.org',
    ),
    "a username": ("users:\n  - {username: 'a b', email: a@b.c}\n", 2, '"a b" contains a space, a comma, or a control'),
    "a language": (f"users:\n  {USER}, language: fr}}\n", 2, '"fr" is not allowed; write one of: en, es'),
    "a feature": (f"users:\n  {USER}, features: [x]}}\n", 2, 'users[0].features[0]: "x" is not allowed'),
    "a boolean": (f"users:\n  {USER}, is_staff: yes}}\n", 2, '"yes" is not valid; write true or false'),
    "a date": (f"courses:\n  - key: {COURSE}\n    enrollment_end: 2027-01-10\n", 3, "write a time with its offset"),
    "no offset": (f"courses:\n  - key: {COURSE}\n    enrollment_end: 2027-01-10T00:00:00\n", 3, "with its offset"),
    "a number as time": (f"courses:\n  - key: {COURSE}\n    enrollment_end: 2027\n", 3, "write a time with its offset"),
    "a far year": (f"courses:\n  - key: {COURSE}\n    enrollment_end: 9999-12-31T23:59:59-14:00\n", 3, "a year from"),
    "times in reverse": (
        f"courses:\n  - key: {COURSE}\n    organization: o\n    title: T\n"
        "    enrollment_start: 2027-03-01T00:00:00Z\n    enrollment_end: 2027-01-01T00:00:00Z\n",
        6,
        "courses[0].enrollment_end: is before enrollment_start",
    ),
    "a capacity": (f"courses:\n  - key: {COURSE}\n    capacity: -1\n", 3, '"-1" is out of range'),
    "half a seat": (f"courses:\n  - key: {COURSE}\n    capacity: 1.5\n", 3, "write a whole number"),
    "a mode": (f"courses:\n  - key: {COURSE}\n    modes: [a b]\n", 3, 'courses[0].modes[0]: "a b" is not a mode'),
    "a mode twice": (f"courses:\n  - {{key: {COURSE}, organization: o, title: T, modes: [a, a]}}\n", 2, "a mode twice"),
    "an address of the web": (f"courses:\n  - key: {COURSE}\n    url: learn\n", 3, '"learn" is not a web address'),
    "a percent": (f"grades:\n  - {{course: {COURSE}, username: sam, percent: 95}}\n", 2, '"95" is not a fraction'),
    "limits that are no mapping": (
        "organizations:\n  - {key: a, name: A, limits: 20}\n",
        2,
        "organizations[0].limits must be a mapping, not a single value",
    ),
    "an unknown limit": (
        "organizations:\n  - key: a\n    name: A\n    limits:\n      removals: 20\n",
        5,
        'unknown field "removals" in organizations (organizations[0].limits); allowed: removals_percent, removals_rows',
    ),
    "a limit of more than all": (
        f"courses:\n  - {{key: {COURSE}, organization: o, title: T, limits: {{removals_percent: 101}}}}\n",
        2,
        'courses[0].limits.removals_percent: "101" is out of range; write a whole number from 0 to 100',
    ),
    "a negative limit": (
        "programs:\n  - {key: p, organization: o, title: P, limits: {changes_rows: -1}}\n",
        2,
        'programs[0].limits.changes_rows: "-1" is out of range; write a whole number from 0 to 2147483647',
    ),
    "half a percent": (
        "programs:\n  - {key: p, organization: o, title: P, limits: {refused_percent: 0.5}}\n",
        2,
        '"0.5" is not valid; write a whole number',
    ),
    "a crowd of approvals": (
        "programs:\n  - {key: p, organization: o, title: P, limits: {approvals: 11}}\n",
        2,
        '"11" is out of range; write a whole number from 0 to 10',
    ),
    "uploads that are held perhaps": (
        "programs:\n  - {key: p, organization: o, title: P, hold_uploads: maybe}\n",
        2,
        '"maybe" is not valid; write true or false',
    ),
    "a percent of nothing": (
        f"grades:\n  - {{course: {COURSE}, username: sam, percent: nan}}\n",
        2,
        "is not a fraction",
    ),
    # what belongs together
    "neither grade nor error": (
        f"grades:\n  - {{course: {COURSE}, username: s}}\n",
        2,
        "needs percent and passed, or an",
    ),
    "grade and error": (
        f"grades:\n  - {{course: {COURSE}, username: s, percent: 1, passed: true, error: x}}\n",
        2,
        "grades[0].error: is given together with a grade",
    ),
    "a role": (f"users:\n  {USER}, roles: [{{role: king}}]}}\n", 2, 'users[0].roles[0].role: "king" is not allowed'),
    "two targets": (
        f"users:\n  {USER}, roles: [{{role: read_reports, organization: o, program: p}}]}}\n",
        2,
        "a role is on an organization or on a program",
    ),
    "a course role without course": (
        f"users:\n  {USER}, roles: [{{role: staff}}]}}\n",
        2,
        "staff is a role in one course",
    ),
    "a course role with more": (
        f"users:\n  {USER}, roles: [{{role: staff, course: {COURSE}, program: p}}]}}\n",
        2,
        "staff is a role in one course run; give it a course, and nothing else",
    ),
    "another role with course": (
        f"users:\n  {USER}, roles: [{{role: read_reports, course: {COURSE}}}]}}\n",
        2,
        "read_reports is not a role in a course run",
    ),
    "all jobs of one": (
        f"users:\n  {USER}, roles: [{{role: read_all_jobs, organization: o}}]}}\n",
        2,
        "read_all_jobs applies to everything",
    ),
    "a group in a course": (
        f"groups:\n  - name: g\n    roles: [{{role: staff, course: {COURSE}}}]\n",
        3,
        "groups[0].roles: a group can't have a role in a course run",
    ),
    "no scopes": (
        "clients:\n  - {client_id: c, client_secret: s, user: kim, scopes: []}\n",
        2,
        "clients[0].scopes: is empty",
    ),
    "a redirect address without https": (
        "clients:\n  - client_id: c\n    public: true\n    user: kim\n    redirect_uris: ['http://a.b/c']\n",
        5,
        'clients[0].redirect_uris[0]: "http://a.b/c" is not a redirect address; write it as https://app.example.org/callback',
    ),
    "public without redirect addresses": (
        "clients:\n  - {client_id: c, public: true, user: kim}\n",
        2,
        "clients[0].public: is for clients that people allow to act for them; add redirect_uris",
    ),
    "public with a secret": (
        "clients:\n  - {client_id: c, public: true, client_secret: s, user: kim, redirect_uris: ['https://a.b/c']}\n",
        2,
        "clients[0].public: is for clients without a secret; remove the secret, or public",
    ),
    # things twice
    "an organization twice": (
        "organizations:\n  - {key: a, name: A}\n  - {key: a, name: B}\n",
        3,
        "organizations[1].key is the same as in line 2",
    ),
    "a username twice": (
        f"users:\n  {USER}}}\n  - username: KIM\n    email: x@y.z\n",
        3,
        "users[1].username is the same",
    ),
    "an address twice": (
        f"users:\n  {USER}}}\n  - username: x\n    email: Kim@Example.org\n",
        4,
        "users[1].email is the",
    ),
    "twice in a line": (
        "users: [{username: a, email: a@b.c}, {username: a, email: b@b.c}]\n",
        1,
        "users[1].username is",
    ),
    "a student key twice": (
        f"users:\n  {USER}, student_keys: {{north: s-1}}}}\n"
        "  - {username: x, email: x@y.z, student_keys: {north: S-1}}\n",
        3,
        "users[1].student_keys is the same as in line 2",
    ),
    "a course twice in a program": (
        f"programs:\n  - key: p\n    organization: o\n    title: T\n    courses:\n"
        f"      - key: {COURSE}\n      - key: {COURSE}\n",
        7,
        "programs[0].courses[1].key is the same as in line 6",
    ),
    "an external key twice": (
        f"programs:\n  - key: p\n    organization: o\n    title: T\n    courses:\n"
        f'      - {{key: {COURSE}, external_key: X}}\n      - {{key: "course-v1:a+b+c", external_key: X}}\n',
        7,
        "programs[0].courses[1].external_key is the same as in line 6",
    ),
    "a grade twice": (
        f"grades:\n  - {{course: {COURSE}, username: sam, error: x}}\n"
        f"  - {{course: {COURSE}, username: SAM, error: y}}\n",
        3,
        "grades[1].username is the same as in line 2",
    ),
    # secrets
    "two passwords": (
        f"users:\n  {USER}, password: a, password_env: B}}\n",
        2,
        "has password and password_env; give one",
    ),
    "a blank password": (f"users:\n  {USER}, password: ''}}\n", 2, 'users[0].password: "" is blank'),
    "no variable": (f"users:\n  {USER}, password_env: NO_SUCH_1}}\n", 2, "the variable NO_SUCH_1 is not set"),
    "no file": (
        f"users:\n  {USER}, password_file: no/such}}\n",
        2,
        "no/such contains no secret (No such file or directory)",
    ),
    "no secret": (
        "clients:\n  - {client_id: c, user: kim}\n",
        2,
        "clients[0] has no client_secret; add client_secret, ",
    ),
}


@pytest.mark.parametrize("case", FAULTY)
def test_a_problem_has_its_line_and_its_remedy(case: str) -> None:
    text, line, fragment = FAULTY[case]
    problems = problems_of(text)
    assert any(at == line and fragment in message for at, message in problems), problems


def test_all_problems_come_together_in_the_order_of_their_lines() -> None:
    text = (
        "users:\n  - username: kim\n    email: kim\n    language: fr\n"
        "  - usrname: x\n    roles: [{role: a}, {role: b}]\ncourses:\n  - {key: x, organization: o, title: T}\n"
    )
    assert [line for line, _ in problems_of(text)] == [3, 4, 5, 5, 5, 6, 6, 8]


def test_a_hundred_problems_are_listed_and_the_others_counted() -> None:
    with pytest.raises(InstitutionRefused) as refused:
        read_institution("users:\n" + "  - {username: a b, email: a@b.c}\n" * 250)
    assert (len(refused.value.problems), refused.value.more) == (MAX_PROBLEMS, 150)
    assert str(refused.value).splitlines()[-1] == "and 150 more"
    assert str(refused.value).startswith('line 2: users[0].username: "a b" contains a space')


def test_a_secret_is_never_repeated() -> None:
    text = (
        "users:\n  - {username: kim, email: kim@x.y, password: [hidden-secret]}\n  - {password: hidden-secret, a: b}\n"
    )
    assert "hidden-secret" not in str(problems_of(text))


def test_secrets_come_from_files_beside_the_file_and_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIMS_PASSWORD", "from the environment")
    (tmp_path / "secret").write_text("from the file\n")
    file = tmp_path / "institution.yaml"
    file.write_text(
        f"users:\n  {USER}, password_env: KIMS_PASSWORD}}\nclients:\n"
        "  - {client_id: a, user: kim, client_secret_file: secret}\n"
        "  - {client_id: b, user: kim, client_secret: as it stands}\n",
        encoding="utf-8-sig",
    )
    read = read_institution_file(file)
    assert read.users[0].password == "from the environment"
    assert [client.client_secret for client in read.clients] == ["from the file", "as it stands"]


def test_a_file_that_is_not_utf_8_or_not_there(tmp_path: Path) -> None:
    file = tmp_path / "institution.yaml"
    file.write_bytes("users:\n  # Núñez\n".encode("latin-1"))
    with pytest.raises(InstitutionRefused, match="line 2: this isn't UTF-8"):
        read_institution_file(file)
    with pytest.raises(InstitutionRefused, match=r"missing\.yaml can't be read: No such file or directory"):
        read_institution_file(tmp_path / "missing.yaml")


def test_the_demo_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = Path(__file__).parents[2] / "src" / "matricula" / "institution" / "demo.yaml"
    with pytest.raises(InstitutionRefused, match="the variable MATRICULA_DEMO_SECRET is not set"):
        read_institution_file(demo)
    monkeypatch.setenv("MATRICULA_DEMO_PASSWORD", "for this test")
    monkeypatch.setenv("MATRICULA_DEMO_SECRET", "for this test, too")
    read = read_institution_file(demo)
    assert {user.password for user in read.users} == {"for this test", None}
    assert [client.user for client in read.clients] == ["admin"]


_BROKEN = """
users: [{username: kim, email: a@b.c}]
users:
  - &a
    email: a@b.c
  - *a
  - ? [a]
courses: !!binary >
 | \t ' "
<<: {
---
%YAML 1.1
\x00 \ud800 \u2028
"""
# pieces of one to eight characters, so that they come together as half of a file and as nonsense
_PIECES = st.integers(0, len(_BROKEN)).flatmap(
    lambda start: st.integers(1, 8).map(lambda n: _BROKEN[start : start + n])
)
_LINES = st.sampled_from(_BROKEN.splitlines(keepends=True))


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(), st.lists(_PIECES | _LINES, max_size=30).map("".join)))
@example("users:\n  - ? [a]\n    : b\n")
@example("users: &u\n  - {username: a, email: a@b.c}\ngroups: *u\n")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_institution(text)
    except InstitutionRefused as error:
        refused = error
    else:
        return
    assert refused.problems
    assert all(0 <= problem.line <= text.count("\n") + text.count("\u2028") + 2 for problem in refused.problems)
