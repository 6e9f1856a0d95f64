"""What each string of a text can read as: every name, in every spelling, as one folded string."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from alliance_stance.extraction.normalize import fold, normalize
from alliance_stance.extraction.titles import TITLE_HEADS
from alliance_stance.knowledge.alliances import MEMBERS
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.knowledge.names import Name
from alliance_stance.knowledge.offices import Office

GENERIC_NOUNS = (
    "alliance", "bloc", "block", "grouping", "pact", "cartel", "union", "organization",
    "organisation", "treaty", "club", "coalition", "association", "league", "body", "community",
    "forum", "confederation", "group", "council", "commonwealth", "membership", "latter", "former",
    "article",
)  # fmt: skip
"""Nouns that can stand for an alliance named before, with an article in front."""

_TREATY_KINDS = (
    "security", "defence", "mutual defence", "mutual security", "mutual assistance", "friendship",
    "partnership", "strategic partnership", "bilateral", "alliance",
)  # fmt: skip
TREATIES = (
    *(f"{kind} {noun}" for kind in _TREATY_KINDS for noun in ("treaty", "pact")),
    "bilateral instrument", "treaty of friendship", "treaty of alliance",
    "treaty of mutual assistance", "treaty of mutual defence", "pact of friendship",
    "pact of mutual assistance",
    *(f"{noun} {word}" for noun in ("treaty", "pact", "alliance") for word in ("between", "with")),
)  # fmt: skip
"""What a treaty of two parties is called where it is not named; one of the last row counts only
beside its parties."""
_BARE = frozenset({"Commonwealth", "Entente", "Axis"})
"""Names with an article that headlines and cables drop."""
_SHORTEST_SURNAME = 3
"""Shorter surnames stand in too many other names."""
_TWO_SPELLINGS = (
    ("efence", "efense"), ("rganisation", "rganization"), ("ooperation", "o-operation"),
    ("entre", "enter"), ("eighbour", "eighbor"), ("rogramme", "rogram"), ("isation", "ization"),
)  # fmt: skip
"""What differs between British and American spellings, and an old one, in names."""
_HAS_TWO_SPELLINGS = re.compile("|".join(part for pair in _TWO_SPELLINGS for part in pair))
_LIST_END = re.compile(r"(, [^,]+?)(,?) and ")
"""Behind the last but one of three, where some put a comma and some do not."""
_LONG = 9
"""From this length on, an alliance's name of several words is found in small letters too."""
_SHORT = 3
"""Names of up to so many letters count in one spelling only."""

ReadingKind = Literal[
    "state", "alliance", "phrase", "surname", "descriptor", "noun", "title", "treaty"
]
STRONG = frozenset({"state", "alliance", "phrase", "surname"})
"""Readings of which only one can stand in a place; the others give way or stand beside them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One reading of a folded string.

    Parameters
    ----------
    kind
        What it is.
    target, how
        Whom it stands for, and the kind of name that it is.
    exact
        The one spelling that counts where case matters; empty elsewhere.
    is_proper
        Whether it begins with a capital.
    last_sign
        The sign after the last letter, which folding drops ("OPEC+").
    is_prefix
        Whether a hyphen has to follow ("Franco-German").
    is_bare
        Whether the name lacks its article, which only the words around it can make good ("to quit
        Commonwealth").
    valid_from, valid_to
        When it stood for the target; empty for always.
    needs, unless
        Folded words of which one, or none, must stand in the document.
    members
        States of which one may stand in the document instead of `needs`.
    """

    kind: ReadingKind
    target: str
    how: str
    exact: str = ""
    is_proper: bool = False
    last_sign: str = ""
    is_prefix: bool = False
    is_bare: bool = False
    valid_from: str = ""
    valid_to: str = ""
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    members: frozenset[str] = frozenset()
    is_conditional: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Note once whether date or company can speak against the entry."""
        is_conditional = any(
            (self.valid_from, self.valid_to, self.needs, self.unless, self.members, self.is_bare)
        )
        object.__setattr__(self, "is_conditional", is_conditional)

    @property
    def spells_out(self) -> bool:
        """Whether the string is a full name of an alliance, in its time and spelling."""
        is_name = self.kind == "alliance" and self.how == "name"
        return is_name and not (self.needs or self.members or self.is_bare)

    @property
    def is_certain(self) -> bool:
        """Whether the string reads so wherever it stands, whatever its spelling and date."""
        return not (
            self.exact or self.is_proper or self.last_sign or self.is_prefix or self.is_conditional
        )


def entries_of(knowledge: Knowledge) -> dict[str, list[Entry]]:
    """Give what each folded string stands for, in the tables' order of preference.

    The strings have a space on both sides, so that they match whole words only.
    """
    entries: dict[str, list[Entry]] = {}
    for surface, entry in _all(knowledge):
        if surface.endswith("-"):
            surface, signed = surface[:-1], replace(entry, is_prefix=True)
        else:
            signed = entry if surface[-1].isalnum() else replace(entry, last_sign=surface[-1])
        for folded in folded_spellings(surface):
            group = entries.setdefault(folded, [])
            if signed not in group:
                group.append(signed)
    return entries


def _all(knowledge: Knowledge) -> list[tuple[str, Entry]]:
    """List every string with its reading."""
    pairs = [
        (surface, _named("state", name, _is_proper(surface)))
        for name in knowledge.state_names
        for surface in _state_spellings(name)
    ]
    members = {name: knowledge.memberships.states_of(name) for name in knowledge.alliances}
    for name in knowledge.alliance_names:
        kind: ReadingKind = "alliance" if _names_it(name) else "descriptor"
        entry = _named(kind, name, _is_proper_alliance(name))
        if MEMBERS in name.needs:
            entry = replace(entry, members=members[name.target])
        pairs.append((name.surface, entry))
        bare = name.surface.removeprefix("the ")
        if bare in _BARE and name.kind == "name":
            pairs.append((bare, replace(entry, exact=bare, is_proper=True, is_bare=True)))
    pairs += [
        (phrase, Entry("phrase", "", "phrase", is_proper=_is_proper(phrase)))
        for phrase in (*knowledge.not_states, *_with_article(knowledge))
    ]
    surnames = {office.surname for office in knowledge.offices if is_searched(office)}
    pairs += [
        (surname, Entry("surname", fold(surname), "surname", is_proper=_is_proper(surname)))
        for surname in sorted(surnames)
    ]
    pairs += [(word, Entry("title", "", "title")) for word in sorted(TITLE_HEADS)]
    pairs += [(noun, Entry("noun", "", "noun")) for noun in GENERIC_NOUNS]
    pairs += [(phrase, Entry("treaty", "", "treaty")) for phrase in TREATIES]
    return pairs


def _with_article(knowledge: Knowledge) -> Iterator[str]:
    """Yield what is no alliance, also behind the article that begins some names ("the Union")."""
    names = {name.surface for name in knowledge.alliance_names}
    articled = tuple(name.removeprefix("the ") for name in names if name.startswith("the "))
    for phrase in knowledge.not_alliances:
        yield phrase
        if phrase.startswith(articled):
            yield f"the {phrase}"


def _named(kind: ReadingKind, name: Name, is_proper: bool) -> Entry:
    is_exact = name.case_sensitive or len(name.surface) <= _SHORT
    return Entry(
        kind,
        name.target,
        name.kind,
        normalize(name.surface) if is_exact else "",
        is_proper,
        valid_from=name.period.start,
        valid_to=name.period.end,
        needs=tuple(f" {fold(word)} " for word in name.needs if word != MEMBERS),
        unless=tuple(f" {fold(word)} " for word in name.unless),
    )


def is_searched(office: Office) -> bool:
    """Say whether a surname is long or telling enough to be looked for."""
    return len(office.surname) >= _SHORTEST_SURNAME or office.stands_alone


def _names_it(name: Name) -> bool:
    """Say whether the string names its alliance; a descriptor waits for alliance_references.py."""
    return name.kind != "descriptor" and (name.kind != "metonym" or bool(name.needs))


def folded_spellings(surface: str) -> set[str]:
    """Give the folded forms: composed, decomposed, British, American, and split by a scan.

    "Friendship, Cooperation and Mutual Assistance" has a second comma in American texts.
    """
    plain = normalize(surface)
    forms = {plain} if plain.isascii() else {plain, unicodedata.normalize("NFD", plain)}
    # few names have two spellings, and all names come through here when a model is opened
    if _HAS_TWO_SPELLINGS.search(plain):
        for british, american in _TWO_SPELLINGS:
            forms |= {form.replace(british, american) for form in forms}
            forms |= {form.replace(american, british) for form in forms}
    if ", " in plain:
        forms |= {_LIST_END.sub(r"\1 and ", form) for form in forms}
        forms |= {_LIST_END.sub(r"\1, and ", form) for form in forms}
    forms |= {form.replace("-", "- ") for form in forms if "-" in form}
    return {f" {fold(form)} " for form in forms}


def _state_spellings(name: Name) -> set[str]:
    surfaces = {name.surface}
    if name.kind == "demonym" and name.surface[-1:] not in "sehz":
        surfaces.add(name.surface + "s")
    return surfaces


def _is_proper(surface: str) -> bool:
    # "turkey" and "chad" are other words; a name that is written small is not
    return not surface[:1].islower()


def _is_proper_alliance(name: Name) -> bool:
    if name.kind == "acronym" or not _is_proper(name.surface):
        return False
    return " " not in name.surface or len(name.surface) < _LONG
