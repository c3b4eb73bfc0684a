"""Histories: a line for each act, which unfolds into its changes; filtered by time, person, kind and who did it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from matricula.access.reads import Caller
from matricula.console import inputs
from matricula.console.disclosing import stem_for
from matricula.console.downloading import ListFile
from matricula.console.inputs import entry_of
from matricula.console.undoable import list_undoable
from matricula.console.words import step
from matricula.disclosures.statuses import DisclosureKind
from matricula.disclosures.writes import Contents
from matricula.foundation.folding import fold
from matricula.journal.acts import Act, ActFilter, ActPage, Scope, list_acts
from matricula.journal.operations import Someone
from matricula.journal.statuses import OperationKind
from matricula.learners.reads import find_learners, list_merged
from matricula.listings.exports import ListedHistory, export_list

KINDS: Mapping[OperationKind, Promise] = {
    OperationKind.REQUEST: gettext_lazy("Single action"),
    OperationKind.TASK: gettext_lazy("API enrollment task"),
    OperationKind.UPLOAD: gettext_lazy("Upload"),
    OperationKind.IMPORT: gettext_lazy("Import"),
    OperationKind.ROSTER_CHANGE: gettext_lazy("Roster change"),
    OperationKind.PLAN: gettext_lazy("Plan applied"),
    OperationKind.UNDO: gettext_lazy("Undo"),
    OperationKind.LOAD: gettext_lazy("Institution file"),
    OperationKind.SIGN_UP: gettext_lazy("Sign-up"),
    OperationKind.NIGHTLY: gettext_lazy("Daily task"),
    OperationKind.UPGRADE: gettext_lazy("Upgrade"),
    OperationKind.DEMO: gettext_lazy("Demo"),
}
PAGE = 25
# of one person, in the line of an act
_STEPS = 3


@dataclass(frozen=True, slots=True)
class ShownAct:
    """An act in words; ``undoable``: the changes of it that the reader may undo."""

    act: Act
    undoable: set[int]
    # the file of a program's upload is the program's
    file: str

    @property
    def is_of_one(self) -> bool:
        """True if all of it is about one person, and all of it is known."""
        return self.act.people <= 1 and not self.act.is_more

    @property
    def kind(self) -> str:
        """What it was."""
        return str(KINDS[self.act.operation.kind])

    @property
    def steps(self) -> str:
        """What happened to the one person."""
        steps = list(dict.fromkeys(step(entry) for entry in reversed(self.act.entries)))
        rest = [] if len(steps) <= _STEPS else ["…"]
        return " · ".join([*steps[:_STEPS], *rest])

    @property
    def numbers(self) -> str:
        """How much changed, of how many people."""
        n, people = self.act.changes, self.act.people
        changes = ngettext("%(n)s change", "%(n)s changes", n) % {"n": f"{n:,}"}
        if self.act.is_more:
            return _("%(changes)s and more") % {"changes": changes}
        of_whom = ngettext("%(n)s person", "%(n)s people", people) % {"n": f"{people:,}"}
        return _("%(changes)s, %(people)s") % {"changes": changes, "people": of_whom}

    @property
    def hidden(self) -> int:
        """How many of its changes are on its own page only."""
        return self.act.changes - len(self.act.entries)


@dataclass(frozen=True, slots=True)
class ShownActs:
    """A page of acts; ``query``: the address of the next one, '' on the last."""

    acts: list[ShownAct]
    query: str
    is_cut: bool
    is_filtered: bool = False

    def __bool__(self) -> bool:
        return bool(self.acts)


def shown_acts(caller: Caller, scope: Scope, page: ActPage, kept: Mapping[str, str] | None = None) -> ShownActs:
    """The acts of a page in words; ``kept``: what the address of the next page has beside its place."""
    undoable = list_undoable(caller, [entry for act in page.acts for entry in act.entries])
    acts = [
        ShownAct(act, undoable & {entry.id for entry in act.entries}, _file_of(act, scope.programs))
        for act in page.acts
    ]  # fmt: skip
    query = urlencode({**(kept or {}), "before": page.older}) if page.older else ""
    return ShownActs(acts, query, page.is_cut, bool(kept))


def _file_of(act: Act, programs: Any) -> str:
    program_id = act.operation.program_id
    return (act.operation.file or "") if programs is None or program_id is None or program_id in programs else ""


_FILTERS = ("since", "until", "kind", "actor", "person")
# of a filter: what a disclosure says of it as it is; of the others, that there was something
_RECORDED = ("since", "until", "kind")


def _asked(request: HttpRequest, scope: Scope) -> tuple[dict[str, str], ActFilter]:
    """The filters of a history: as they were given, and as they are understood."""
    given = {name: inputs.word(request.GET, name) for name in _FILTERS}
    kind = inputs.choice(request.GET, "kind", [*OperationKind])
    is_looked_for = given["person"] and scope.of != "of_person"
    return given, ActFilter(
        since=inputs.day_of(request.GET, "since"),
        until=inputs.day_after(request.GET, "until"),
        kind=OperationKind(kind) if kind else None,
        actor=given["actor"] or None,
        # in a course run people are shown by their names: found by a key, it would be known whose the key is
        person=someone(given["person"], by_key=scope.of != "of_course") if is_looked_for else None,
    )


def history_file(request: HttpRequest, scope: Scope, about: str) -> ListFile:
    """A history with its filters as a file; ``about``: whose, in the file's name."""
    given, wanted = _asked(request, scope)
    filters = {name: given[name] for name in _RECORDED if given[name]}
    is_person = scope.of == "of_person"
    filters |= {"list": "history of a person"} if is_person else {}
    filters |= {"searched": "yes"} if given["actor"] or wanted.person else {}
    contents = Contents(DisclosureKind.JOURNAL, scope.course_id, scope.program_id, filters=filters)
    listed = ListedHistory(scope, wanted)
    export = export_list(listed, scope.course_id, scope.program_id)
    # a job is about a course run or a program
    return ListFile(stem_for(about, "history"), contents, export, None if is_person else listed)


def show_history(request: HttpRequest, caller: Caller, scope: Scope, about: Mapping[str, Any]) -> HttpResponse:
    """A page of a history, with its filters; ``about`` has what it is about, for the template."""
    given, wanted = _asked(request, scope)
    kept = {name: value for name, value in given.items() if value}
    page = list_acts(scope, wanted, limit=PAGE, before=entry_of(request, "before"))
    acts = shown_acts(caller, scope, page, kept)
    context = {
        **about,
        **given,
        "acts": acts,
        "kinds": list(KINDS.items()),
        "filtered": bool(kept),
        "by_key": scope.of != "of_course",
    }
    return render(request, "matricula/history.html", context)


def someone(identifier: str, *, by_key: bool = True) -> Someone:
    """Who may be meant by a username, an address or (``by_key``) a student key."""
    key = fold(identifier)
    accounts = [learner.id for learner in find_learners([key]).get(key, [])]
    return Someone(with_merged(accounts), [key] if by_key else [], [key] if "@" in key else [])


def with_merged(account_ids: Sequence[int]) -> list[int]:
    """Accounts with those that were merged into them: what happened to these happened to the same person."""
    return [*account_ids, *(merged for id_ in account_ids for merged in list_merged(id_))]
