"""Half a year at North University: a term that ends with grades, and the next one, which fills."""

from matricula.access.statuses import NAMES_IN_DOWNLOADS, CourseRole
from matricula.cli.demo.acts import Acts
from matricula.cli.demo.people import People, Person
from matricula.cli.demo.plan import Plan, keys, some_grade, usernames
from matricula.enrollments.statuses import ACTIVE, CANCELED, ENDED, ENROLLED, INACTIVE, PENDING, SUSPENDED
from matricula.jobs.statuses import (
    GET_COURSE_RUN_GRADES,
    LIST_ALL_COURSE_RUN_ENROLLMENTS,
    LIST_PROGRAM_ENROLLMENTS,
)
from matricula.journal.statuses import COMMAND, CONSOLE, UPLOAD

CS101 = "course-v1:North+CS101+2027_T1"
_CS101_LAST = "course-v1:North+CS101+2026_T2"
_MAT150 = "course-v1:North+MAT150+2026_T2"
_CS201 = "course-v1:North+CS201+2027_T1"
_CS310 = "course-v1:North+CS310+2027_T2"
_HIS120 = "course-v1:North+HIS120+2027_T1"
_MCS = "north-mcs"
# who the README and docs/api.md show: no one else may stay in this course run, or become known to the program
_ROSTER = ("sam", "kim", "oliver", "lucia", "walter", "new.learner@north.example.org")
_NO_ACCOUNT = [f"N-27-2{n:03}" for n in range(1, 33)]
_REASONS = ("moved away", "wrong section", "medical leave", "timetable conflict", "financial reasons", "transferred")


def plan_events(plan: Plan, acts: Acts, people: People) -> None:
    """All that happens at North University."""
    students = people.north[:120]
    _begin_last_term(plan, acts, people.north, students)
    _change_statuses(plan, acts, students)
    _take_guests(plan, acts, people.guests[:25])
    _end_last_term(plan, acts, people.north, students)
    _begin_new_term(plan, acts, students, people.north_new)
    _fill_history_course(plan, acts, students, people.guests)
    _fill_first_course(plan, acts, people.north_new[70:74], people.guests[50:])
    _work_in_bulk(plan, acts, students, people.north_new)


def _begin_last_term(plan: Plan, acts: Acts, everybody: list[Person], students: list[Person]) -> None:
    plan.on(181, acts.join, everybody, by="admin")
    admitted = dict.fromkeys(keys(students[:100]), ENROLLED) | dict.fromkeys(keys(students[100:]), PENDING)
    # keys that no one ever claimed; the nights' work has deleted them since
    admitted |= {f"N-26-09{n:02}": PENDING for n in range(1, 7)}
    plan.on(179, acts.admit, _MCS, admitted, by="rita", source=UPLOAD)
    plan.on(177, acts.link, "north", students[:105], by="admin")
    plan.on(174, acts.study, _MCS, _CS101_LAST, keys(students[:100]), by="rita", source=UPLOAD)
    plan.on(173, acts.study, _MCS, _MAT150, keys(students[:80]), by="rita", source=UPLOAD)
    plan.on(171, acts.study, _MCS, _CS101_LAST, keys(students[90:92]), by="rita", staff=True)
    for n in range(5):
        plan.on(150 - 7 * n, acts.link, "north", students[105 + 3 * n : 108 + 3 * n], by="admin")
    others = everybody[120:]
    plan.on(170, acts.enroll, _CS101_LAST, usernames(others[:18]), by="helen", mode="audit")
    plan.on(168, acts.enroll, _CS101_LAST, usernames(others[18:]), by="helen", mode="honor", source=CONSOLE)
    plan.on(155, acts.enroll, _CS101_LAST, usernames(others[:7]), by="helen", mode="verified", reason="fee paid")
    plan.on(164, acts.enroll, _MAT150, usernames(others[10:28]), by="daniel", source=COMMAND)
    for n, person in enumerate(others[8:20]):
        reason = _REASONS[n % len(_REASONS)]
        plan.on(161 - 8 * n, acts.unenroll, _CS101_LAST, [person.username], by="helen", reason=reason)
    plan.on(120, acts.enroll, _CS101_LAST, [others[9].username], by="helen", reason="came back")


def _change_statuses(plan: Plan, acts: Acts, students: list[Person]) -> None:
    plan.on(140, acts.admit, _MCS, dict.fromkeys(keys(students[100:114]), ENROLLED), by="rita")
    plan.on(138, acts.study, _MCS, _CS101_LAST, keys(students[100:114]), by="rita")
    plan.on(111, acts.admit, _MCS, dict.fromkeys(keys(students[116:]), CANCELED), by="rita", source=CONSOLE)
    for n, student in enumerate(students[10:17]):
        plan.on(116 - 6 * n, acts.admit, _MCS, {student.student_key: SUSPENDED}, by="rita", source=CONSOLE)
    for n, student in enumerate(students[10:13]):
        plan.on(70 - 9 * n, acts.admit, _MCS, {student.student_key: ENROLLED}, by="rita", source=CONSOLE)
    for n, student in enumerate(students[30:36]):
        plan.on(135 - 11 * n, acts.admit, _MCS, {student.student_key: CANCELED}, by="rita")
        for course in (_CS101_LAST, _MAT150):
            plan.on(134 - 11 * n, acts.study, _MCS, course, [student.student_key], by="rita", status=INACTIVE)


def _take_guests(plan: Plan, acts: Acts, guests: list[Person]) -> None:
    """Addresses are invited; most of their people sign up, and are enrolled by that."""
    plan.on(169, acts.enroll, _CS101_LAST, [g.email for g in guests], by="helen", mode="audit", auto=True)
    for n, guest in enumerate(guests[:20]):
        plan.on(167 - 2 * n, acts.join, [guest], by=None)


def _end_last_term(plan: Plan, acts: Acts, everybody: list[Person], students: list[Person]) -> None:
    grades = {key: some_grade(plan.random) for key in keys(students[:30] + students[36:114])}
    plan.on(48, acts.grade_students, _MCS, _CS101_LAST, grades)
    others = usernames(everybody[120:128] + everybody[140:])
    plan.on(48, acts.grade, _CS101_LAST, {name: some_grade(plan.random) for name in others})
    plan.on(47, acts.grade, _CS101_LAST, dict.fromkeys(usernames(students[10:13]), "no graded work"))
    plan.on(44, acts.admit, _MCS, dict.fromkeys(keys(students[40:58]), ENDED), by="rita", source=UPLOAD)


def _begin_new_term(plan: Plan, acts: Acts, students: list[Person], newcomers: list[Person]) -> None:
    plan.on(46, acts.join, newcomers, by="admin")
    admitted = dict.fromkeys(keys(newcomers[:58]), ENROLLED) | dict.fromkeys(keys(newcomers[58:70]), PENDING)
    plan.on(43, acts.admit, _MCS, admitted, by="rita", source=UPLOAD)
    plan.on(42, acts.link, "north", newcomers[:62], by="admin")
    plan.on(16, acts.link, "north", newcomers[62:68], by="admin")
    returning = students[:10] + students[58:100]
    plan.on(38, acts.study, _MCS, _CS201, keys(returning), by="rita", source=UPLOAD)
    plan.on(36, acts.study, _MCS, _CS201, keys(newcomers[:30]), by="rita", source=UPLOAD)
    plan.on(34, acts.give_role, CourseRole.BETA_TESTER, _CS201, students[60:64])
    plan.on(33, acts.enroll, _CS201, usernames(newcomers[70:78]), by="helen", mode="verified")
    for n, person in enumerate(students[64:70]):
        reason = _REASONS[-1 - n]
        plan.on(31 - 5 * n, acts.unenroll, _CS201, [person.username], by="helen", reason=reason, source=CONSOLE)
    plan.on(25, acts.admit, _MCS, dict.fromkeys(_NO_ACCOUNT[:18], PENDING), by="rita", source=UPLOAD)
    plan.on(22, acts.study, _MCS, CS101, _NO_ACCOUNT[:18], by="rita", source=UPLOAD)


def _fill_history_course(plan: Plan, acts: Acts, students: list[Person], guests: list[Person]) -> None:
    invited = [g.email for g in guests[25:50]]
    plan.on(58, acts.enroll, _HIS120, invited, by="daniel", mode="audit", auto=True, reason="open day")
    for n, guest in enumerate(guests[25:40]):
        plan.on(56 - 3 * n, acts.join, [guest], by=None)
    plan.on(52, acts.enroll, _HIS120, usernames(guests[:14]), by="daniel", source=CONSOLE)
    plan.on(50, acts.enroll, _HIS120, usernames(students[100:112]), by="daniel", mode="credit", source=COMMAND)
    plan.on(41, acts.enroll, _HIS120, usernames(guests[:3]), by="daniel", mode="credit", reason="fee paid")
    plan.on(40, acts.give_role, CourseRole.BETA_TESTER, _HIS120, guests[:2])
    for n, person in enumerate([*guests[4:8], students[104]]):
        reason = _REASONS[n % len(_REASONS)]
        plan.on(37 - 7 * n, acts.unenroll, _HIS120, [person.username], by="daniel", reason=reason)
    plan.on(29, acts.unenroll, _HIS120, [guests[49].email], by="daniel", reason="wrong address")


def _fill_first_course(plan: Plan, acts: Acts, left: list[Person], invited: list[Person]) -> None:
    plan.on(20, acts.enroll, CS101, _ROSTER, by="helen", auto=True, reason="early registration")
    plan.on(19, acts.enroll, CS101, usernames(left), by="helen", mode="honor")
    for n, person in enumerate(left):
        plan.on(17 - 4 * n, acts.unenroll, CS101, [person.username], by="helen", reason=_REASONS[n])
    plan.on(11, acts.enroll, CS101, [p.email for p in invited[:7]], by="helen", mode="verified", auto=True)
    plan.on(10, acts.enroll, CS101, [p.email for p in invited[7:]], by="helen", reason="asked for a place")


def _work_in_bulk(plan: Plan, acts: Acts, students: list[Person], newcomers: list[Person]) -> None:
    """Jobs; those of the last weeks are kept."""
    good = [f"{key},{ENROLLED}" for key in keys(newcomers[58:66])]
    good += [f"{key},{PENDING}" for key in _NO_ACCOUNT[18:]]
    wrong = [f"{_NO_ACCOUNT[0]},enroled", f"{_NO_ACCOUNT[1]},active", "N-26-0118,withdrawn"]
    twice = [f"N-27-1067,{ENROLLED}", f"n-27-1067,{PENDING}", f"N-27-1068,{ENROLLED}", f"N-27-1068,{ENROLLED}"]
    plan.on(23, acts.upload, _MCS, [*good, *wrong, *twice], by="rita")
    rows = [f"CS310-27,{key},{ACTIVE}" for key in keys(students[70:96])]
    plan.on(18, acts.upload_courses, _MCS, rows, by="rita")
    named = {NAMES_IN_DOWNLOADS: True}
    plan.on(13, acts.download, LIST_PROGRAM_ENROLLMENTS, _MCS, by="rita", options=named)
    plan.on(6, acts.download, LIST_ALL_COURSE_RUN_ENROLLMENTS, _MCS, by="rita")
    plan.on(5, acts.download, GET_COURSE_RUN_GRADES, _MCS, _CS101_LAST, by="rita", form="json")
    late = [*usernames(newcomers[78:]), "nobody.known", "not-an-address@"]
    plan.on(4, acts.enroll_many, _CS201, late, by="helen", mode="audit")
    plan.on(1, acts.download, LIST_PROGRAM_ENROLLMENTS, _MCS, by="admin", form="json")
