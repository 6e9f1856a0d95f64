"""Which reading of a string holds where it stands, by spelling, date and company.

"CIS" is an alliance beside "Minsk", "Chad" a state and "Chad Williams" a person, "the Community"
another one in each decade. A document is asked once for what decides, and remembers the answer.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from alliance_stance.extraction.lexicon import STRONG, Entry
from alliance_stance.extraction.normalize import HYPHENS, fold, normalize, spell_out
from alliance_stance.knowledge.tables import covers
from alliance_stance.schema import Document

_FORENAMES = frozenset({"Chad", "Israel", "Jordan", "Georgia", "India", "Kenya", "Mali", "Cuba"})
"""States whose name is also a forename or a surname."""
_SURNAME_AFTER = re.compile(
    r"-[A-Z][a-z]| (?!Prime|Foreign|Defen[cs]e|President|King|Minister)[A-Z][a-z]+"
    r"(?:, (?:who|whose|an?|the) | (?:said|says|told|wrote) )"
)
_NEXT_WORD = re.compile(r" (?!Prime|Foreign|Defen[cs]e|President|King|Minister)[A-Z][a-z]{2,}")
_HONORIFIC_BEFORE = re.compile(
    r"(?:\b(?:Senator|Governor|Congress(?:man|woman)|Representative|Sen|Gov|"
    r"Rep)\.? [A-Z][\w'-]+ of |"
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|General|Gen|Captain|Colonel|Major|Sir|Lord|Lady|Professor|Judge)"
    r"\.? (?:[A-Z][a-z]+ )?|\b(?:[Hh]er|[Hh]is|[Tt]heir) (?:dog|cat|horse|son|daughter) )$"
)
_PLACE_BEFORE = re.compile(
    r"\b(?:analyst|economist|historian|professor|scholar|expert|researcher|lawyer|lecturer|trader|"
    r"broker|banker|journalist|correspondent|student|dealer|fellow|consultant) (?:based )?(?:in|"
    r"at) $"
)
"""Before the city of a private person, which stands for no government."""
_JOINING = re.compile(
    r"\b(?:[Qq]uit(?:s|ting)?|[Ll]eav(?:e|es|ing)|[Ll]eft|(?:[Rr]e-?)?[Jj]oin(?:s|ed|ing)?|"
    r"[Ee]xit(?:s|ed|ing)?|[Ee]nter(?:s|ed|ing)?|[Aa]bandon(?:s|ed|ing)?|[Bb]oycott(?:s|ed|ing)?|"
    r"(?:[Ww]ithdr[ae]w[nals]*|[Ww]ithdrawing|[Ee]xpel\w*|[Ee]xpulsion|[Ss]uspen\w+|[Ee]xit|"
    r"[Dd]eparture|[Rr]esign\w*|[Ss]ecede\w*|[Bb]anned|[Bb]arred|[Bb]reak\w*) from|[Oo]ut of|"
    r"(?:[Rr]eturn\w*|[Rr]e-?admi\w+|[Aa]dmi\w+|[Rr]e-?entry|[Bb]ack|[Aa]cce\w+) (?:in)?to|"
    r"(?:[Ss]tay\w*|[Rr]emain\w*|[Mm]embership|[Pp]lace|[Ss]eat|[Bb]ack) (?:in|of)|"
    r"(?:[Ww]ork|[Tt]ies|[Ll]inks|[Cc]ontacts|[Cc]ooperation) with) $"
)
"""What goes before an alliance's name whose article is left out: leaving, joining, staying."""
_ENDS_BARE = re.compile(
    r"$|[.,;:!?)\]\"'\u2019\u201d](?!s\b)|\s+(?:$|[-\u2013\u2014]|(?:by|in|on|over|after|before|as|and|"
    r"but|or|to|at|for|if|unless|until|since|when|while|because|amid|with|without|within|this|"
    r"next|last|from|under|again|soon|yesterday|today|tomorrow|now)\b(?! (?:State|Territor)))|\n"
)
"""What may follow it; a noun behind it ("Commonwealth Games") would make it an adjective."""
_BEGINS = re.compile(r"(?:^|\n|[.;:] )$")
_DOES = re.compile(
    r" (?:suspends|expels|re-?admits|condemns|urges|warns|rejects|accuses|welcomes|lifts|imposes|"
    r"sends|backs|bars|ejects|to (?:suspend|expel|readmit|send|discuss|debate))\b"
)
"""What an alliance does, in a headline that begins with its name."""
_OF_YEAR = re.compile(r" of ((?:1[89]|20)\d\d)\b")
_NOT_US = re.compile(r"\b(?:LET|HELP|GIVE|TELL|SPARE|SHOW|JOIN) $")
"""Before the pronoun, in a text of capitals."""
_NO_SMALL = frozenset({"us", "can", "ua", "cis", "ic", "ec", "eco", "las", "asa"})
"""Names that are other words in a text without any capital."""
_LATER = {"descriptor": 1, "noun": 2}
_PERSON_REACH = 40
_SURNAME_REACH = 1000
_REMEMBERED = 8
"""Spellings of one string whose readings are kept; a corpus repeats the same few."""


Hit = tuple[int, int, int]
"""Index of the string, start and end, as the automaton gives them."""


class Group:
    """All readings of one folded string.

    `certain` is the first of them where nothing can speak against it, `settled` the first by
    spelling; `names_alliance` says whether any is an alliance, `is_title` whether the first is the
    word of a title, `states` which states it can stand for, `spells_out` the readings as an
    alliance's full name.
    """

    __slots__ = (
        "_fitting", "certain", "entries", "is_strong", "is_title", "names_alliance", "settled",
        "spells_out", "states",
    )  # fmt: skip

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        # a name that holds here goes before a descriptor that may refer to anything, and that
        # before a noun, which has no owners
        self.entries = tuple(sorted(entries, key=lambda entry: _LATER.get(entry.kind, 0)))
        self._fitting: dict[str, tuple[Entry, ...]] = {}
        self.settled: dict[str, Entry] = {}
        self.is_strong = entries[0].kind in STRONG
        self.certain = entries[0] if entries[0].is_certain else None
        self.names_alliance = any(entry.kind in {"alliance", "treaty"} for entry in entries)
        self.is_title = entries[0].kind == "title"
        self.spells_out = tuple(entry for entry in entries if entry.spells_out)
        self.states = tuple({entry.target for entry in entries if entry.kind == "state"})

    def fitting(self, surface: str) -> tuple[Entry, ...]:
        """Give the readings that a spelling allows, in order; a few spellings are remembered."""
        found = self._fitting.get(surface)
        if found is None:
            found = tuple(entry for entry in self.entries if _case_fits(entry, surface))
            if len(self._fitting) < _REMEMBERED:
                self._fitting[surface] = found
                if found and _is_plain(found[0], surface):
                    self.settled[surface] = found[0]
        return found


class Context:
    """What decides between the readings of a string: spelling, date and words of the document."""

    def __init__(
        self, document: Document, folded: str, raw: Sequence[Hit], groups: Sequence[Group]
    ) -> None:
        self.text = document.text
        self.folded = folded
        self._date = document.date
        self._raw = raw
        self._groups = groups
        self._speaker = document.speaker_state or ""
        self._beside = f" {fold(spell_out(document.title))} "
        self._has_one: dict[tuple[str, ...], bool] = {}
        # entries live as long as the finder, so their ids stay theirs
        self._held: dict[int, bool] = {}
        self._owners: dict[int, frozenset[str]] = {}
        self._is_small = document.text.islower()

    def choose(self, group: Group, start: int, end: int) -> Entry | None:
        """Take the first entry of the right case, time and company; tables are in order."""
        surface = self.text[start:end]
        if surface == "US" and _NOT_US.search(self.text, max(0, start - _PERSON_REACH), start):
            return None
        fallback = None
        fitting = self._any_case(group, surface) if self._is_small else group.fitting(surface)
        for entry in fitting:
            if self._breaks_off(entry, start, end):
                continue
            if entry.is_conditional and not self._holds(entry):
                continue
            if self._is_private(entry, surface, start, end):
                return None
            if self._date or not entry.valid_to or entry.kind != "state":
                return entry
            # without a date a name that has passed to another state is that one's
            fallback = fallback or entry
        return fallback

    def _breaks_off(self, entry: Entry, start: int, end: int) -> bool:
        """Say whether what follows tells of something else: "Franco's", "the treaty of 1922"."""
        if entry.is_bare:
            return not _stands_bare(self.text, start, end)
        if entry.is_prefix:
            return not self.text.startswith(HYPHENS, end)
        year = _OF_YEAR.match(self.text, end) if entry.how == "treaty" else None
        return year is not None and not covers(entry.valid_from, entry.valid_to, year[1])

    def _is_private(self, entry: Entry, surface: str, start: int, end: int) -> bool:
        """Say whether a state's name is a person's, or the city of one ("an analyst in London")."""
        if surface in _FORENAMES and _is_person(self.text, start, end):
            return True
        return (
            entry.how == "capital"
            and self.text.endswith((" in ", " at "), 0, start)
            and _PLACE_BEFORE.search(self.text, max(0, start - _PERSON_REACH), start) is not None
        )

    def _any_case(self, group: Group, surface: str) -> Iterable[Entry]:
        """Give the readings of a name in a text that has no capitals at all."""
        if surface in _NO_SMALL:
            return ()
        return (*group.fitting(surface.title()), *group.fitting(surface.upper()))

    def _holds(self, entry: Entry) -> bool:
        """Say whether date and company allow an entry; asked once for each."""
        holds = self._held.get(id(entry))
        if holds is None:
            holds = self._held[id(entry)] = self._is_allowed(entry)
        return holds

    def _is_allowed(self, entry: Entry) -> bool:
        if not self._is_in_time(entry):
            return False
        lacks_company = (entry.needs or entry.members) and not self._has_company(entry)
        if not lacks_company and not (entry.unless and self._has(entry.unless)):
            return True
        # "the Shanghai Cooperation Organisation" says what "SCO" is, whatever else is named
        return entry.how == "acronym" and entry.target in self._spelt_out

    def _has_company(self, entry: Entry) -> bool:
        """Say whether a word or a member of an alliance stands beside its ambiguous name."""
        if entry.needs and self._has(entry.needs):
            return True
        return bool(entry.members) and not entry.members.isdisjoint(self._states)

    @cached_property
    def _states(self) -> set[str]:
        """The states that any name of the document can stand for, and its speaker's."""
        states = {target for index, _, _ in self._raw for target in self._groups[index].states}
        return states | {self._speaker}

    @cached_property
    def _spelt_out(self) -> set[str]:
        """The alliances that the document names in full."""
        return {
            entry.target
            for index, begin, last in self._raw
            for entry in self._groups[index].spells_out
            # the padded text is one longer at the front, each string has a space on both sides
            if _case_fits(entry, self.text[begin : last - 2])
            and (not entry.is_conditional or self._holds(entry))
        }

    def owners(self, group: Group) -> frozenset[str]:
        """Give all alliances that a descriptor can stand for at the document's time."""
        if id(group) not in self._owners:
            self._owners[id(group)] = frozenset(
                entry.target
                for entry in group.entries
                if entry.kind == "descriptor" and self._is_in_time(entry)
            )
        return self._owners[id(group)]

    def _is_in_time(self, entry: Entry) -> bool:
        return not self._date or covers(entry.valid_from, entry.valid_to, self._date)

    def _has(self, words: tuple[str, ...]) -> bool:
        known = self._has_one.get(words)
        if known is None:
            known = any(word in self._beside or word in self.folded for word in words)
            self._has_one[words] = known
        return known


def _stands_bare(text: str, start: int, end: int) -> bool:
    """Say whether an alliance's name can lack its article here: "quit Commonwealth over"."""
    reach = max(0, start - _PERSON_REACH)
    if _JOINING.search(text, reach, start):
        return _ENDS_BARE.match(text, end) is not None
    return _BEGINS.search(text, reach, start) is not None and _DOES.match(text, end) is not None


def _is_person(text: str, start: int, end: int) -> bool:
    """Say whether a state's name is a person's here: "General Jordan", "Chad Williams, who"."""
    if _SURNAME_AFTER.match(text, end) or _HONORIFIC_BEFORE.search(
        text, max(0, start - _PERSON_REACH), start
    ):
        return True
    # "Israel Rosen ... it was Rosen who": a surname comes again without the forename
    after = _NEXT_WORD.match(text, end)
    if after is None:
        return False
    near = text[max(0, start - _SURNAME_REACH) : end + _SURNAME_REACH]
    return re.search(rf"(?<!{text[start:end]}){after[0]}\b", near) is not None


def _is_plain(entry: Entry, surface: str) -> bool:
    """Say whether nothing around a spelling can speak against a reading."""
    return not (
        entry.is_conditional
        or entry.is_prefix
        or entry.how in {"capital", "treaty"}
        or surface in _FORENAMES
        or surface == "US"
    )


def _case_fits(entry: Entry, surface: str) -> bool:
    if entry.last_sign and surface[-1] != entry.last_sign:
        return False
    if entry.exact:
        if surface == entry.exact:
            return True
        if surface.isalnum():
            return False
        plain = normalize(surface)
        return entry.exact in (plain, f"the{plain[3:]}" if plain.startswith("The ") else plain)
    return not entry.is_proper or not surface[0].islower()
