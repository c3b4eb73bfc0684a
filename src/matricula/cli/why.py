"""``matricula why``: why someone is in a course run or a program, or why not."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from matricula.cli.printing import print_json
from matricula.cli.service import Data, database, fail

if TYPE_CHECKING:
    from matricula.history.why.values import Answer

_LONGEST = 500


def why(
    about: Annotated[str, typer.Argument(metavar="COURSE|PROGRAM", help="The key of a course run or a program.")],
    person: Annotated[str, typer.Argument(help="Username or email address; of a program, the student key.")],
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Why someone is in a course run or a program, or why not: a sentence, and the changes behind it."""
    with database(data):
        from matricula.catalog.reads import find_course, find_program
        from matricula.history.why.course import explain_in_course
        from matricula.history.why.program import explain_in_program
        from matricula.history.why.values import EVERYTHING

        if course := find_course(about):
            answer = explain_in_course(course, person, EVERYTHING)
        elif program := find_program(about):
            answer = explain_in_program(program, person, EVERYTHING)
        else:
            raise fail(f"there is no course run or program {about}.", 1)
        if as_json:
            print_json(_told(answer))
        else:
            _print(answer)


def _told(answer: "Answer") -> dict[str, Any]:
    import msgspec

    from matricula.history.why.words import conflict_text, sentence_of

    told: dict[str, Any] = msgspec.to_builtins(
        {
            "sentence": sentence_of(answer),
            "case": answer.case,
            "state": answer.state,
            "person": answer.who,
            "chain": answer.chain,
            "through": answer.through,
            "waiting": answer.waiting,
            "refused": answer.refused,
            "conflicts": [conflict_text(one) for one in answer.conflicts],
        }
    )
    return told


def _print(answer: "Answer") -> None:
    from matricula.foundation.text import one_line
    from matricula.history.why.words import conflict_text, sentence_of

    def line(*parts: object) -> None:
        typer.echo(one_line("  ".join(str(part) for part in parts if part), _LONGEST))

    typer.echo(one_line(sentence_of(answer), _LONGEST))
    for conflict in answer.conflicts:
        line(conflict_text(conflict))
    for link in answer.chain:
        act = link.act
        line(
            f"{link.at:%Y-%m-%d %H:%M}",
            link.transition,
            link.program,
            act.actor,
            act.source,
            link.reason,
            act.operation_id,
        )
    for one in answer.waiting:
        line("waiting:", one.kind, one.email or one.student_key or one.plan_name, one.program, one.plan_id)
    for row in answer.refused:
        line("rejected:", f"{row.at:%Y-%m-%d %H:%M}", row.key, row.reason, row.file, row.actor, row.operation_id)
