"""Who speaks: office-holders by name, and the first person of a state's own document.

A person's name stands for a state where the text itself introduces the holder of an office
("Kremlin spokesman Dmitry Peskov") or the table of offices knows the term (codebook, "State" and
rule 13). Once introduced, the surname alone is enough in the rest of the document.
"""

import re
from collections.abc import Iterable, Iterator

from alliance_stance.extraction.normalize import normalize
from alliance_stance.knowledge.offices import Office
from alliance_stance.schema import Mention

_TITLE = (
    r"(?:[Pp]resident|[Pp]rime [Mm]inister|[Pp]remier|[Cc]hancellor|[Kk]ing|[Qq]ueen|[Ee]mir|"
    r"[Ss]ultan|(?:[Dd]eputy |[Aa]cting )*"
    r"(?:[Ff]oreign|[Dd]efen[cs]e|[Ff]inance|[Tt]rade|[Ii]nterior|[Ee]nergy|[Oo]il|"
    r"[Ee]xternal [Aa]ffairs) (?:[Mm]inister|[Ss]ecretary)|"
    r"[Ss]ecretary of (?:[Ss]tate|[Dd]efen[cs]e)|[Ff]oreign [Mm]inistry [Ss]pokes(?:man|woman)|"
    r"[Ss]pokes(?:man|woman|person)|[Mm]inister|"
    r"[Aa]mbassador|[Ee]nvoy|[Hh]ead of [Ss]tate|[Ll]eader)"
)
_NAME = r"(?P<name>[A-Z][\w'.-]+(?: (?:al|bin|de|la|van|von|der|el)\b| [A-Z][\w'.-]+){0,3})"
_TITLE_THEN_NAME = re.compile(rf"(?: |'s |'s? )?{_TITLE} {_NAME}")
_OF_STATE_THEN_NAME = re.compile(rf",? {_NAME}")
_TITLE_OF = re.compile(rf"{_TITLE} of (?:the )?$")
_HONORIFIC = re.compile(rf"(?:{_TITLE}|Mr\.?|Mrs\.?|Ms\.?|Dr\.?|General|Colonel|Marshal|Sir) $")
_FORMER = re.compile(
    r"(?:\b(?:[Ff]ormer|[Oo]pposition|[Cc]andidate|late)\b|\b(?:[Ee]x|[Tt]hen)(?=-)|-elect\b)"
    r"[ -][\w' -]{0,24}$"
)
_FIRST_PERSON = re.compile(
    r"\b(?:[Ww]e|[Uu]s|[Oo]urs?|[Oo]urselves|I|[Mm]e|[Mm]y|[Mm]yself|[Mm]ine)\b(?!\.[A-Z])"
)
_REACH = 60
"""Characters before a name in which a title or a "former" is looked for."""


def introduced_persons(text: str, states: Iterable[Mention]) -> dict[str, str]:
    """Find the persons whom the text itself introduces as holders of a state's office.

    Parameters
    ----------
    text
        The document's text.
    states
        Its mentions of states, in order.

    Returns
    -------
    dict
        Full name as written, to state code; names after "former", "-elect" and the like are
        left out, since they do not speak for the state.

    Examples
    --------
    >>> text = "Kremlin spokesman Dmitry Peskov met former Polish president Lech Walesa."
    >>> kremlin = Mention("state", "RUS", 0, 7, "seat")
    >>> polish = Mention("state", "POL", 43, 49, "adjective")
    >>> introduced_persons(text, [kremlin, polish])
    {'Dmitry Peskov': 'RUS'}
    """
    plain = normalize(text)
    persons: dict[str, str] = {}
    for state in states:
        found = _TITLE_THEN_NAME.match(plain, state.end)
        before = plain[max(0, state.start - _REACH) : state.start]
        if found is None and _TITLE_OF.search(before):
            found = _OF_STATE_THEN_NAME.match(plain, state.end)
        if found is not None and not _FORMER.search(before):
            persons[found["name"].rstrip(".'")] = state.id
    return persons


class PersonFinder:
    """Finds the office-holders of one document.

    Parameters
    ----------
    offices
        Known terms; a name outside its term is a private person.
    """

    def __init__(self, offices: Iterable[Office]) -> None:
        self._offices: dict[str, list[Office]] = {}
        for office in offices:
            self._offices.setdefault(normalize(office.surname), []).append(office)

    def find(self, text: str, states: list[Mention], *, date: str = "") -> list[Mention]:
        """Find persons who stand for a state.

        Parameters
        ----------
        text
            The document's text.
        states
            Its mentions of states by name, in order.
        date
            The document's date; empty means that any term counts.

        Returns
        -------
        list of Mention
            With ``how`` equal to ``"person"``, in no set order; they may overlap `states`.
        """
        plain = normalize(text)
        persons = {**self._known(plain, date), **introduced_persons(text, states)}
        mentions = {
            (start, end): Mention("state", state, start, end, "person")
            for name, state in persons.items()
            for start, end in _occurrences(plain, name)
        }
        return list(mentions.values())

    def _known(self, plain: str, date: str) -> dict[str, str]:
        """Give the known holders whose full name, or title and surname, stand in the text."""
        persons: dict[str, str] = {}
        for surname in self._offices.keys() & set(re.findall(r"[^\W\d_][\w'-]+", plain)):
            terms = [office for office in self._offices[surname] if office.period.covers(date)]
            named = [office for office in terms if normalize(office.person) in plain]
            if not named and _has_honorific(plain, surname):
                named = terms
            # "Mr. Johnson" alone is nobody's where two states had one
            if len({office.state for office in named}) == 1:
                persons[surname] = named[0].state
        return persons


def _has_honorific(plain: str, surname: str) -> bool:
    return any(
        _HONORIFIC.search(plain[max(0, match.start() - _REACH) : match.start()])
        for match in re.finditer(rf"\b{re.escape(surname)}\b", plain)
    )


def _occurrences(plain: str, name: str) -> Iterator[tuple[int, int]]:
    """Yield where the surname stands, taking in the full name where that is written out."""
    surname = name.rsplit(" ", 1)[-1]
    if len(surname) < 3:
        return
    first = name[: -len(surname)]
    for match in re.finditer(rf"\b{re.escape(surname)}\b", plain):
        start = match.start()
        if first and plain.endswith(first, 0, start):
            start -= len(first)
        if not _FORMER.search(plain[max(0, start - _REACH) : start]):
            yield start, match.end()


def first_person(text: str, speaker_state: str | None) -> list[Mention]:
    """Find the pronouns by which a state's own speaker names the state (codebook rule 15).

    Returns
    -------
    list of Mention
        Empty where the document has no speaker state.

    Examples
    --------
    >>> [m.start for m in first_person("We and our allies met in the U.S.", "FRA")]
    [0, 7]
    """
    if speaker_state is None:
        return []
    return [
        Mention("state", speaker_state, match.start(), match.end(), "speaker")
        for match in _FIRST_PERSON.finditer(text)
    ]
