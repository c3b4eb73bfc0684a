"""One registry of batches: its rows are whole, and nothing else in the code knows the kinds of jobs by name."""

import re
from pathlib import Path

import pytest
from django.utils.translation import get_language, override

import matricula
from matricula.batches.kinds import CHECKS, DONE_BY_WORKERS, KINDS, OF_FILES, TITLES
from matricula.batches.stored import AnyKind
from matricula.batches.values import by_language
from matricula.jobs.statuses import CHECK

SOURCE = Path(matricula.__file__).parent
# kinds that a wire contract or a constraint of the database names
_NAMED_BELOW = {"write_program_enrollments", "write_course_run_enrollments", "undo_operation"}
# the words for the scope of a batch
_ALSO_SUBJECTS = {"course_enrollments"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.job)
def test_a_row_is_whole(kind: AnyKind) -> None:
    assert (kind.check is None) == (kind.preview is None) == (kind.check_title is None)
    if kind.check:
        assert kind.check.startswith(CHECK) and kind.keep
    # what is stored is typed
    assert (kind.keep is None) == (kind.row is None) == (kind.outcome is None)
    assert kind.options.__name__.endswith("Options")
    assert kind.rejected


def test_names_of_jobs_are_told_apart() -> None:
    jobs = [job for kind in KINDS for job in (kind.job, kind.check) if job]
    assert len(jobs) == len(set(jobs)) == len(TITLES)
    assert not [kind.job for kind in KINDS if kind.job.startswith(CHECK)]
    assert set(CHECKS) < set(OF_FILES) < set(DONE_BY_WORKERS) < set(jobs)


def test_nothing_else_switches_on_a_kind() -> None:
    names = {job for kind in KINDS for job in (kind.job, kind.check) if job} - _NAMED_BELOW - _ALSO_SUBJECTS
    word = re.compile(rf'"({"|".join(names)})"')
    found = [
        f"{path.relative_to(SOURCE)}: {name}"
        for path in SOURCE.rglob("*.py")
        if path.parent.name != "migrations" and path != SOURCE / "batches/kinds.py"
        for name in word.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []
    assert word.search('"check_roster"')


def test_words_are_looked_up_once_for_each_language() -> None:
    asked: list[str | None] = []

    @by_language
    def words() -> dict[str, str]:
        asked.append(get_language())
        return {"language": str(get_language())}

    said = []
    for language in ("es", "en", "es"):
        with override(language):
            said += [words()["language"] for _ in range(2)]
    assert said == ["es", "es", "en", "en", "es", "es"]
    assert asked == ["es", "en"]
