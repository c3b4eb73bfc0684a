"""What is a whole grade. Plain Python: values in, decision out."""

MAX_TEXT = 255
# the words for what became of a student's grade that was sent
SAVED = "saved"
DUPLICATED = "duplicated"
INVALID_GRADE = "invalid-grade"
NOT_IN_PROGRAM = "not-in-program"
NOT_LINKED = "not-linked"


def is_whole_grade(percent: float | None, letter_grade: str | None, passed: bool | None, error: str | None) -> bool:
    """True for a grade (percent from 0 to 1 and passed, perhaps a letter) or the error why there is none, not both."""
    if error is not None:
        return (percent, letter_grade, passed) == (None, None, None) and _is_line(error)
    if percent is None or passed is None:
        return False
    return 0 <= percent <= 1 and (letter_grade is None or _is_line(letter_grade))


def _is_line(text: str) -> bool:
    return bool(text.strip()) and len(text) <= MAX_TEXT and text.isprintable()


def decide_student_grade(
    *, repeated: bool = False, whole: bool = True, in_program: bool = True, linked: bool = True
) -> str:
    """The word for a grade that is sent for a student key; first rule first."""
    if repeated:
        return DUPLICATED
    if not whole:
        return INVALID_GRADE
    if not in_program:
        return NOT_IN_PROGRAM
    return SAVED if linked else NOT_LINKED
