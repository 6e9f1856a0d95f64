"""Choose the name that takes another's place, so that the sentence stays English.

A name is replaced by one of the same kind (a capital by a capital), which was in use on the
document's date, stands for nobody else, and fits the grammar around it: article, plural,
possessive, "a" or "an".
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alliance_stance.extraction.normalize import fold
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.knowledge.names import Name
from alliance_stance.schema import MentionKind

_HEADS = (
    "Republic|Kingdom|Union|Federation|Islands|Emirates|States|Empire|Netherlands|Philippines|"
    "Bahamas|Gambia|Maldives|Comoros|Palace|House|Office|Ministry|Department|Congress|Senate|"
    "Parliament|Administration|Treasury|Government|Navy|Forces?|Army|Council|Assembly|Kremlin|"
    "Pentagon|Vatican"
)
_ARTICLED = re.compile(rf"(?:United|Holy|Soviet|People.s) |.*\b(?:{_HEADS})$|.* of ")
"""Names of states and seats that stand behind an article ("the Netherlands")."""
_SPOKEN = frozenset({
    "NATO", "ASEAN", "OPEC", "OPEC+", "SEATO", "CENTO", "ECOWAS", "ANZUS", "AUKUS", "CARICOM",
    "BRICS", "MERCOSUR", "UNASUR", "CELAC", "SAARC", "COMECON", "COMESA", "CEMAC", "UEMOA",
    "BIMSTEC", "GUAM", "ALBA", "EFTA", "BENELUX", "NORDEFCO", "IGAD", "CARIFTA", "LAFTA",
})  # fmt: skip
"""Acronyms of alliances that are said as words, and stand without an article."""
_NOUN_ADJECTIVE = re.compile(r".*(?:sh|ch|ese|ss)$")
"""Adjectives that can stand for a people ("the British")."""
_FEW = 4
"""The names of alliances that never had more members spell these out."""


_SPELLINGS = (("co-operation", "cooperation"), ("defense", "defence"), ("ization", "isation"))
"""What the tables of names and of alliances write in two ways."""


@dataclass(frozen=True, slots=True)
class Place:
    """A name in a text that is to be replaced.

    Parameters
    ----------
    kind, target
        ``"state"`` or ``"alliance"``, and the code or id.
    how
        Kind of the name.
    surface
        The name as the text writes it.
    before, after
        The text on both sides.
    """

    kind: MentionKind
    target: str
    how: str
    surface: str
    before: str
    after: str


class NameChooser:
    """Finds names that can take another's place.

    Parameters
    ----------
    knowledge
        The tables of names.
    spoken
        Acronyms, in capitals, that stand without an article beside those of the knowledge tables.
    """

    def __init__(self, knowledge: Knowledge, spoken: Sequence[str] = ()) -> None:
        self.knowledge = knowledge
        self._spoken = _SPOKEN.union(spoken)
        self._names: dict[tuple[str, str, str], list[Name]] = defaultdict(list)
        self._owners: dict[str, list[Name]] = defaultdict(list)
        for kind, names in (
            ("state", knowledge.state_names),
            ("alliance", knowledge.alliance_names),
        ):
            for name in names:
                self._names[kind, name.target, name.kind].append(name)
                self._owners[fold(name.surface)].append(name)
        self._written = {name.surface for names in self._names.values() for name in names}

    def living(self, kind: MentionKind, date: str) -> list[str]:
        """Give the states, or the alliances of more than a few states, that existed on a date.

        Returns
        -------
        list of str
            Codes or ids, in alphabetical order.
        """
        if kind == "state":
            states = self.knowledge.states.values()
            return sorted(state.code for state in states if state.period.covers(date))
        year = date[:4]
        members = self.knowledge.memberships
        return sorted(
            alliance.id
            for alliance in self.knowledge.alliances.values()
            if (not year or alliance.founded <= year <= (alliance.ended or year))
            and not 0 < len(members.states_of(alliance.id)) <= _FEW
        )

    def names_for(
        self, places: Sequence[Place], target: str, date: str, random: np.random.Generator
    ) -> Mapping[str, str] | None:
        """Give a name of `target` for each surface that stands in a text.

        Returns
        -------
        Mapping or None
            By surface; None where one of them has no counterpart.
        """
        by_surface: dict[str, list[Place]] = defaultdict(list)
        for place in places:
            by_surface[place.surface].append(place)
        chosen: dict[str, str] = {}
        for surface, same in by_surface.items():
            fitting = self._fitting(same, target, date)
            if not fitting:
                return None
            name = fitting[int(random.integers(len(fitting)))]
            is_shouted = surface.isupper() and not self._is_acronym(surface)
            chosen[surface] = name.upper() if is_shouted else name
        return chosen

    def _fitting(self, places: Sequence[Place], target: str, date: str) -> list[str]:
        """Give the names that fit every place; of its own names only the usual one."""
        first = places[0]
        names = self._names[first.kind, target, first.how]
        if first.kind == "state" and first.how == "name" and not self._is_acronym(first.surface):
            # not "Uncle Sam"
            names = [name for name in names if name.surface == self.knowledge.states[target].name]
        if first.kind == "alliance" and first.how == "name":
            # not "Commonwealth sanctions", nor "member States of the Islamic Conference"
            usual = _spelled_alike(self.knowledge.alliances[target].name)
            names = [n for n in names if _spelled_alike(n.surface) == usual]
        return [
            name.surface.removesuffix("-")
            for name in names
            if self._is_clear(name, date) and all(self._fits(name, place) for place in places)
        ]

    def _is_clear(self, name: Name, date: str) -> bool:
        """Say whether a name was in use on a date, and stood for nobody else."""
        if name.needs or name.unless or not name.period.covers(date):
            return False
        owners = self._owners[fold(name.surface)]
        return {owner.target for owner in owners if owner.period.covers(date)} == {name.target}

    def _fits(self, name: Name, place: Place) -> bool:
        surface = name.surface.removesuffix("-")
        # "Franco-German": such names are written with their hyphen in the tables
        is_prefix = place.surface not in self._written and f"{place.surface}-" in self._written
        if (surface != name.surface) != is_prefix:
            return False
        own, other = (self._form(text, place) for text in (surface, place.surface))
        return own == other and self._agrees(surface, place)

    def _form(self, surface: str, place: Place) -> tuple[bool, ...]:
        """Give what two names must share, whatever stands around them."""
        return (
            self._is_acronym(surface),
            "." in surface,
            # "the pan-Arab bloc" behind an article, "new Commonwealth ...", "member States of ..."
            surface[:1].islower(),
            self._takes_article(surface, place),
            place.how == "demonym" and surface.endswith("s"),
            place.how == "adjective" and _NOUN_ADJECTIVE.match(surface) is not None,
            # "non-Commonwealth" is listed beside acronyms
            place.how == "acronym" and "-" in surface,
        )

    def _takes_article(self, surface: str, place: Place) -> bool:
        if place.how == "acronym":
            return surface.upper() not in self._spoken
        if place.kind == "alliance":
            return " " in surface
        return self._is_acronym(surface) or _ARTICLED.match(surface) is not None

    def _agrees(self, surface: str, place: Place) -> bool:
        """Say whether a name fits the words beside it."""
        words = place.before.split()
        article = words[-1].casefold() if words else ""
        is_said_by_letter = self._is_acronym(surface) and surface not in self._spoken
        vowels = "AEFHILMNORSX" if is_said_by_letter else "AEIO"
        if article in {"a", "an"} and (surface[0].upper() in vowels) != (article == "an"):
            return False
        if place.after[:1] in {"'", "\u2019"}:
            return surface.endswith("s") == place.surface.endswith("s")
        return True

    def _is_acronym(self, surface: str) -> bool:
        """Say whether the tables write a name in capitals, so that it is not merely shouted."""
        return surface.isupper() and surface in self._written


def _spelled_alike(name: str) -> str:
    """Give a name in one spelling, without a remark in parentheses."""
    plain = name.partition(" (")[0].lower()
    for one, other in _SPELLINGS:
        plain = plain.replace(one, other)
    return fold(plain)
