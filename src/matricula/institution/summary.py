"""What a load did, section by section."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """How many things of one section were created, updated, left as they were, and withdrawn (``--prune-roles``)."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    withdrawn: int = 0

    @property
    def changed(self) -> int:
        """How many are not as they were."""
        return self.created + self.updated + self.withdrawn


@dataclass(slots=True)
class Summary:
    """Section → counts, for the sections in which the file has something."""

    sections: dict[str, Counts] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """True if the load changed anything."""
        return any(counts.changed for counts in self.sections.values())

    def count(self, section: str, words: Iterable[str]) -> None:
        """Counts outcomes: created, updated or unchanged."""
        counts = self.sections.setdefault(section, Counts())
        for word in words:
            setattr(counts, word, getattr(counts, word) + 1)

    def count_new(self, section: str, all_of_them: int, new: int) -> None:
        """Counts things that are either new or there already."""
        if all_of_them:
            counts = self.sections.setdefault(section, Counts())
            counts.created += new
            counts.unchanged += all_of_them - new

    def count_withdrawn(self, section: str, number: int) -> None:
        """Counts what was taken away."""
        if number:
            self.sections.setdefault(section, Counts()).withdrawn += number

    def __str__(self) -> str:
        lines = []
        for section, counts in self.sections.items():
            counted = f"{counts.created} created, {counts.updated} updated, {counts.unchanged} unchanged"
            withdrawn = f", {counts.withdrawn} withdrawn" if counts.withdrawn else ""
            lines.append(f"{section.replace('_', ' ')}: {counted}{withdrawn}")
        return "\n".join(lines) or "the file is empty: nothing to load"
