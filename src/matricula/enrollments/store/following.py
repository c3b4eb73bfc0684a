"""Saving course enrollments; the rows in programs behind them follow."""

from collections.abc import Collection, Sequence

from matricula.enrollments.store.entries import program_entry, student_course_state
from matricula.enrollments.store.standings import Place, save_standings
from matricula.enrollments.store.students import follow_seats
from matricula.journal.writes import Entry, Operation, add_entries


def save_and_follow(operation: Operation, places: Collection[Place]) -> None:
    """Stores what changed; rows in programs follow the course enrollments behind them, with audit rows of their own."""
    turned = [
        (p.course_id, p.account_id, p.standing.enrolled)
        for p in places
        if p.account_id is not None and p.standing.enrolled != p.stored.enrolled
    ]
    followed = follow(operation, turned)
    save_standings(places)
    add_entries(operation, followed)


def follow(operation: Operation, turned: Sequence[tuple[int, int, bool]]) -> list[Entry]:
    """Rows in programs follow course enrollments that begin or end, (course id, account id, enrolled now); the entries.

    Before new enrollments are stored, which nothing else can hold yet: that is the order of those who write through a
    program.
    """
    return [
        program_entry(
            operation,
            program_id,
            student_key,
            account_id,
            student_course_state(before, course_staff),
            student_course_state(after, course_staff),
            course_id=course_id,
        )
        for program_id, course_id, account_id, student_key, course_staff, before, after in follow_seats(turned)
    ]
