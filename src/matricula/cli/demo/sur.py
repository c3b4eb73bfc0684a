"""Half a year at the Universidad del Sur: two programs that share a course run."""

from matricula.access.statuses import CourseRole
from matricula.cli.demo.acts import Acts
from matricula.cli.demo.people import People, Person
from matricula.cli.demo.plan import Plan, keys, some_grade, usernames
from matricula.enrollments.statuses import ACTIVE, CANCELED, ENDED, ENROLLED, INACTIVE, PENDING, SUSPENDED
from matricula.jobs.statuses import LIST_COURSE_RUN_ENROLLMENTS, LIST_PROGRAM_ENROLLMENTS
from matricula.journal.statuses import CONSOLE, UPLOAD

_EST110 = "course-v1:Sur+EST110+2027_1"
_EST110_LAST = "course-v1:Sur+EST110+2026_2"
_DAT220 = "course-v1:Sur+DAT220+2027_1"
_HUM105 = "course-v1:Sur+HUM105+2027_1"
_DATOS, _HUMANIDADES = "sur-datos", "sur-humanidades"
_NO_ACCOUNT = [f"A2027-4{n:02}" for n in range(1, 21)]
_REASONS = ("cambio de horario", "motivos personales", "traslado", "inscripción duplicada", "falta de pago")


def plan_events(plan: Plan, acts: Acts, people: People) -> None:
    """All that happens at the Universidad del Sur."""
    data, humanities = people.sur[:75], people.sur[60:110]
    _begin_last_term(plan, acts, people.sur, data, humanities)
    _change_statuses(plan, acts, data, humanities)
    _end_last_term(plan, acts, people.sur, data)
    _begin_new_term(plan, acts, data, humanities, people.sur_new)
    _leave(plan, acts, people.sur)
    _work_in_bulk(plan, acts, data, humanities, people.sur_new)


def _begin_last_term(
    plan: Plan, acts: Acts, everybody: list[Person], data: list[Person], humanities: list[Person]
) -> None:
    plan.on(181, acts.join, everybody, by="admin")
    admitted = dict.fromkeys(keys(data[:66]), ENROLLED) | dict.fromkeys(keys(data[66:]), PENDING)
    plan.on(178, acts.admit, _DATOS, admitted, by="ignacio", source=UPLOAD)
    admitted = dict.fromkeys(keys(humanities[:40]), ENROLLED) | dict.fromkeys(keys(humanities[40:]), PENDING)
    plan.on(176, acts.admit, _HUMANIDADES, admitted, by="farida", source=UPLOAD)
    plan.on(175, acts.link, "sur", everybody[:100], by="admin")
    plan.on(172, acts.study, _DATOS, _EST110_LAST, keys(data[:66]), by="ignacio", source=UPLOAD)
    plan.on(130, acts.link, "sur", everybody[100:110], by="admin")
    plan.on(170, acts.enroll, _EST110_LAST, usernames(everybody[110:122]), by="beatriz", mode="honor")
    plan.on(165, acts.enroll, _EST110_LAST, usernames(everybody[122:]), by="beatriz", mode="verified")


def _change_statuses(plan: Plan, acts: Acts, data: list[Person], humanities: list[Person]) -> None:
    plan.on(145, acts.admit, _DATOS, dict.fromkeys(keys(data[66:72]), ENROLLED), by="ignacio")
    plan.on(144, acts.study, _DATOS, _EST110_LAST, keys(data[66:72]), by="ignacio")
    plan.on(108, acts.admit, _HUMANIDADES, dict.fromkeys(keys(humanities[40:47]), ENROLLED), by="farida")
    for n, student in enumerate(data[5:9]):
        plan.on(125 - 10 * n, acts.admit, _DATOS, {student.student_key: SUSPENDED}, by="rosa", source=CONSOLE)
    plan.on(66, acts.admit, _DATOS, {data[5].student_key: ENROLLED}, by="rosa", source=CONSOLE)
    for n, student in enumerate(data[12:16]):
        key = student.student_key
        plan.on(119 - 13 * n, acts.admit, _DATOS, {key: CANCELED}, by="ignacio")
        plan.on(118 - 13 * n, acts.study, _DATOS, _EST110_LAST, [key], by="ignacio", status=INACTIVE)
    for n, student in enumerate(humanities[20:23]):
        plan.on(98 - 17 * n, acts.admit, _HUMANIDADES, {student.student_key: SUSPENDED}, by="farida")


def _end_last_term(plan: Plan, acts: Acts, everybody: list[Person], data: list[Person]) -> None:
    grades = {key: some_grade(plan.random) for key in keys(data[:12] + data[16:72])}
    plan.on(47, acts.grade_students, _DATOS, _EST110_LAST, grades)
    others = usernames(everybody[114:])
    plan.on(47, acts.grade, _EST110_LAST, {name: some_grade(plan.random) for name in others})
    plan.on(46, acts.grade, _EST110_LAST, dict.fromkeys(usernames(data[5:9]), "sin trabajos calificados"))
    plan.on(43, acts.admit, _DATOS, dict.fromkeys(keys(data[16:36]), ENDED), by="ignacio", source=UPLOAD)


def _begin_new_term(
    plan: Plan, acts: Acts, data: list[Person], humanities: list[Person], newcomers: list[Person]
) -> None:
    plan.on(57, acts.study, _HUMANIDADES, _HUM105, keys(humanities[:38]), by="farida", source=UPLOAD)
    plan.on(49, acts.enroll, _HUM105, usernames(data[:11]), by="farida", mode="no-id-professional")
    plan.on(45, acts.join, newcomers, by="admin")
    plan.on(41, acts.admit, _DATOS, dict.fromkeys(keys(newcomers[:30]), ENROLLED), by="rosa", source=UPLOAD)
    admitted = dict.fromkeys(keys(newcomers[30:50]), ENROLLED) | dict.fromkeys(keys(newcomers[50:55]), PENDING)
    plan.on(41, acts.admit, _HUMANIDADES, admitted, by="farida", source=UPLOAD)
    plan.on(39, acts.link, "sur", newcomers[:52], by="admin")
    plan.on(37, acts.study, _DATOS, _EST110, keys(newcomers[:30]), by="rosa", source=UPLOAD)
    plan.on(35, acts.study, _DATOS, _DAT220, keys(data[36:72]), by="ignacio", source=UPLOAD)
    plan.on(32, acts.study, _HUMANIDADES, _HUM105, keys(newcomers[30:50]), by="farida", source=UPLOAD)
    plan.on(30, acts.study, _DATOS, _DAT220, keys(data[36:37]), by="ignacio", staff=True)
    plan.on(28, acts.enroll, _EST110, usernames(newcomers[55:]), by="beatriz", mode="verified")
    plan.on(27, acts.give_role, CourseRole.BETA_TESTER, _EST110, newcomers[:3])
    plan.on(21, acts.enroll, _EST110, ["mateo", "ximena", "lucia"], by="beatriz", auto=True, reason="reinscripción")
    plan.on(24, acts.admit, _DATOS, dict.fromkeys(_NO_ACCOUNT[:9], PENDING), by="rosa")
    plan.on(21, acts.study, _DATOS, _EST110, _NO_ACCOUNT[:6], by="rosa")
    invited = [f"{name}@correo.example.org" for name in ("a.ferrari", "c.moura", "j.huanca", "p.lozano", "s.arce")]
    plan.on(14, acts.enroll, _EST110, invited, by="beatriz", mode="honor", auto=True)
    plan.on(12, acts.enroll, _HUM105, invited[:2], by="farida", reason="oyentes")


def _leave(plan: Plan, acts: Acts, everybody: list[Person]) -> None:
    for n, person in enumerate(everybody[110:114]):
        reason = _REASONS[n]
        plan.on(150 - 19 * n, acts.unenroll, _EST110_LAST, [person.username], by="beatriz", reason=reason)
    for n, person in enumerate(everybody[:4]):
        reason = _REASONS[-1 - n]
        plan.on(33 - 6 * n, acts.unenroll, _HUM105, [person.username], by="farida", reason=reason, source=CONSOLE)


def _work_in_bulk(
    plan: Plan, acts: Acts, data: list[Person], humanities: list[Person], newcomers: list[Person]
) -> None:
    """Jobs; those of the last weeks are kept."""
    late = _NO_ACCOUNT[9:]
    # the words of the university, which no one here knows; then the file was corrected
    plan.on(19, acts.upload, _DATOS, [f"{key},inscrito" for key in late], by="rosa")
    plan.on(17, acts.upload, _DATOS, [f"{key},{PENDING}" for key in late], by="rosa")
    # the first fifteen are in DAT220 through the other program
    rows = [f"DAT220,{key},{ACTIVE}" for key in keys(humanities[8:30])]
    rows += [f"HUM105,{key},{ACTIVE}" for key in keys(newcomers[50:55])]
    rows += [f"HUM999,{humanities[0].student_key},{ACTIVE}", f"HUM999,{humanities[1].student_key},{ACTIVE}"]
    rows += [f"HUM105,A2026-999,{ACTIVE}", f"HUM105,{newcomers[0].student_key},{ACTIVE}"]
    rows += [f"HUM105,{humanities[2].student_key},activo", *(f"DAT220,{humanities[40].student_key},{ACTIVE}",) * 2]
    plan.on(12, acts.upload_courses, _HUMANIDADES, rows, by="farida")
    plan.on(9, acts.upload, _DATOS, [f"{key},{ENDED}" for key in keys(data[36:72])], by="rosa", canceled=True)
    plan.on(8, acts.download, LIST_PROGRAM_ENROLLMENTS, _DATOS, by="rosa")
    plan.on(3, acts.download, LIST_COURSE_RUN_ENROLLMENTS, _HUMANIDADES, _HUM105, by="ignacio", form="json")
