"""Which alliance "the bloc" is: noun phrases for an alliance named before.

The nearest one named before within a few sentences that fits the phrase is taken (codebook,
"Alliance"). A descriptor that the tables tie to some alliances ("the Community") fits those only,
"the military bloc" a military one, "the trade bloc" an economic one, and a noun that many things
are called ("the association") only an alliance whose own name holds it.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from alliance_stance.extraction.lexicon import GENERIC_NOUNS, folded_spellings
from alliance_stance.extraction.mentions import Names
from alliance_stance.extraction.order import Ordered
from alliance_stance.knowledge.alliances import Alliance
from alliance_stance.knowledge.names import Name
from alliance_stance.schema import Mention

_SENTENCES_BACK = 4
_REACH = 48
"""Characters before a noun in which its article and adjectives are looked for."""

_FREE_NOUNS = frozenset({"alliance", "bloc", "block", "grouping", "pact", "cartel"})
"""Nouns that hardly stand for anything else; the others must be part of the alliance's name or
follow a telling adjective."""
_NEAR_NOUNS = frozenset({"organization", "organisation"})
"""Nouns for any alliance, but for the one named last only, and not from far: much else is so
called."""
_NEAR = 2
"""Sentences before in which that one has to be named."""
_OTHER_BODY = re.compile(
    r"\b(?:United Nations|UN|U\.N\.|League of Nations)(?!\w)|"
    r"\b[A-Z][\w-]+ (?:Organi[sz]ation|Fund|Bank|Agency|Committee|Council|Commission|Association|"
    r"Institute|Court|Party|Group|Watch|Foundation|Company|Corporation|Programme|Program)\b"
)
"""What else "the organization" can be, if it is named between."""
_OTHER_THING = re.compile(
    r"\b[Oo]rgani[sz]ations?\b|\b[A-Z]{3,}\b|\b(?:group|movement|militia|charity|agency|foundation|company)\b"
)
"""The same, for an alliance whose name does not have the noun."""
_NAMED_THING = re.compile(r"\b(?:organi[sz]ation|group|charity|agency) (?:called )?[A-Z]")
"""Another that is so called by its name ("the aid organization Nine Wells")."""
_CAPITAL_BEFORE = re.compile(r"[\w,] [A-Z][\w-]+ $")
_ACCUSED = re.compile(
    r"\b(?:accus|suspect|assur|remind|inform)\w*(?: (?:the|this|that|The)(?: [\w-]+){0,2})? $"
)
"""Before what is accused "of" something, so that the "of" does not belong to the noun."""
_A_CONFERENCE = re.compile(
    r"\b(?:an?|another|(?:the )?(?:news|press|peace)) (?:[\w'-]+ ){0,3}conference\b"
)
_NARROWED = re.compile(r" (?:which|that|who|whose|responsible|charged|known|in charge|\w+ing)\b")
"""What tells behind the noun which one it is, so that none named before is meant."""
_CONTRAST_NOUNS = frozenset({"latter", "former"})

_ARTICLE = re.compile(
    r"\b(?P<article>[Tt]he|[Tt]his|[Tt]hat|[Ii]ts) "
    r"(?P<adjectives>(?:(?![Tt]he |[Tt]his |[Tt]hat |[Ii]ts )[\w.-]*[\w-] ){0,2})$"
)
_MILITARY = frozenset({"military", "security"})
_CIVIL = frozenset({"economic", "political", "security"})
_PHRASE_KINDS: Mapping[str, Collection[str] | None] = {
    **dict.fromkeys(("military", "defence", "defense", "security", "collective"), _MILITARY),
    **dict.fromkeys(("trade", "trading", "economic", "customs", "political"), _CIVIL),
    **dict.fromkeys((
        "regional", "sub-regional", "subregional", "continental", "western", "atlantic",
        "transatlantic", "submarine", "whole", "entire", "same", "african", "asian", "european",
        "gulf", "arab", "latin", "american", "southern", "northern", "eastern", "russian-led",
        "moscow-led", "us-led", "u.s.-led", "american-led", "british-led", "chinese-led",
        "nuclear", "defensive", "old", "new", "larger", "wider", "post-soviet",
        "intergovernmental", "islamic", "pacific", "caribbean", "nordic", "west", "east",
        "south", "central", "trilateral", "oil", "sahelian", "andean", "enlarged",
    )),
}  # fmt: skip
"""Adjectives that tell an alliance, and the kinds of alliance that they leave."""
_COUNTED = re.compile(r"[\w]+-(?:nation|member|state|country|power|party|strong|way)")
_OF = re.compile(r" (?:of|between)\b| (?:with|against) (?:[A-Z]|the [A-Z])")
_ON = re.compile(r" on (?:the )?(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z][a-z]+ \d)[A-Z]")
_FOR = re.compile(r" for (?:the )?[A-Z]")
"""What follows a noun that is not an alliance named before ("the forum for", "the pact with Iran");
"blame the alliance for" is one."""
_BEFORE_MEMBERSHIP = re.compile(
    r"\b(?:for|of|seeks?|seeking|sought|full|[Ii]ts|[Tt]heir|his|her|our|the|this|that|whose|'s) $"
)
_OF_THESE = re.compile(r"[Tt]he (first|second) of these\b")
_ALONE = re.compile(
    r"(?: (?:organi[sz]ation|alliance|bloc|pact|grouping|body|treaty)\b|[,.;:?!)]| (?:is|was|"
    r"are|were|has|had|would|will|and|but|over|than|rather|only)\b|$)"
)
_ARTICLE_NUMBER = re.compile(r"Article (?:[IVX]+|[0-9]+)\b(?! of\b)")
_TREATY = re.compile(r"\b[Tt]reat(?:y|ies)\b|\b[Pp]act\b")
_TREATY_REACH = 8
"""Characters behind an alliance's name in which its "treaty" may stand."""
_PAIR_REACH = 80
"""Characters between two names that "the former" and "the latter" can tell apart."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A noun phrase that may stand for an alliance, and what it can be; None for anything."""

    start: int
    end: int
    owners: Collection[str] | None = None
    kinds: Collection[str] | None = None
    near_noun: str = ""


class AllianceReferences:
    """Finds noun phrases that stand for an alliance named before.

    Parameters
    ----------
    alliances
        Keyed by id; their kinds decide what "the military bloc" can be.
    alliance_names
        All names; the nouns in them decide what "the association" can be.
    """

    def __init__(self, alliances: Mapping[str, Alliance], alliance_names: Iterable[Name]) -> None:
        self._kinds = {alliance.id: alliance.kind for alliance in alliances.values()}
        self._named_so: dict[str, set[str]] = {}
        for name in alliance_names:
            if name.kind in {"name", "treaty", "acronym"}:
                for folded in folded_spellings(name.surface):
                    for word in folded.split():
                        self._named_so.setdefault(word, set()).add(name.target)

    def find(
        self,
        plain: str,
        names: Names,
        sentence_starts: Sequence[int],
        title: Sequence[Mention] = (),
    ) -> list[Mention]:
        """Find the references to alliances of a whole document.

        Parameters
        ----------
        plain
            The document's text, normalised.
        names
            What was found by name.
        sentence_starts
            Where its sentences begin, in order; they bound how far back an antecedent may be.
        title
            Mentions of alliances in its title, which is what all of it is about.

        Returns
        -------
        list of Mention
            With ``how`` equal to ``"reference"``, in text order.
        """
        alliances = Ordered(names.alliances)
        references: list[Mention] = []
        for phrase in self._phrases(plain, names):
            if phrase.near_noun:
                references.extend(
                    self._organization(plain, phrase, alliances, sentence_starts, title)
                )
                continue
            floor = _floor(sentence_starts, phrase.start, _SENTENCES_BACK)
            place = alliances.place(phrase.start)
            first = alliances.place(floor)
            for named in (*reversed(alliances[first:place]), *title):
                if self._fits(phrase, named.id):
                    if not _is_another(plain, phrase, named.end if named.start >= floor else floor):
                        references.append(_reference(named, phrase.start, phrase.end))
                    break
        if "first of these" in plain or "second of these" in plain:
            references.extend(_ordinals(plain, alliances))
        for start, end in names.nouns:
            if plain[start:end] in _CONTRAST_NOUNS:
                references.extend(_contrasted(plain, start, end, alliances))
            elif plain.startswith("Article", start):
                floor = _floor(sentence_starts, start, _SENTENCES_BACK)
                references.extend(_article(plain, start, alliances, floor))
        return sorted(references, key=lambda mention: mention.start)

    def _organization(
        self,
        plain: str,
        phrase: _Phrase,
        alliances: Ordered,
        sentence_starts: Sequence[int],
        title: Sequence[Mention],
    ) -> Iterator[Mention]:
        """Settle "the organization": the alliance named last, where no other body stands between.

        One whose own name has the noun may stand as far back as for other phrases.
        """
        if _NARROWED.match(plain, phrase.end):
            return
        near = _floor(sentence_starts, phrase.start, _NEAR)
        place = alliances.place(phrase.start)
        last = alliances[place - 1 : place] if place else []
        if title and not (last and last[0].start >= near):
            named, since = title[0], near
        elif last and last[0].start >= _floor(sentence_starts, phrase.start, _SENTENCES_BACK):
            named, since = last[0], last[0].end
        else:
            return
        is_so_called = named.id in self._named_so.get(phrase.near_noun, ())
        if _OTHER_BODY.search(plain, since, phrase.start) or not (
            is_so_called
            or (
                since >= near
                and not _OTHER_THING.search(plain, since, phrase.start)
                and not _NAMED_THING.search(plain, near, phrase.start)
            )
        ):
            return
        yield _reference(named, phrase.start, phrase.end)

    def _phrases(self, plain: str, names: Names) -> Iterator[_Phrase]:
        for start, end, owners in names.descriptors:
            is_other = _has_of(plain, start, end) or _FOR.match(plain, end)
            # "the Commission on Human Rights", but "Brussels on Monday"
            is_other = is_other or (plain.startswith("the ", start) and _ON.match(plain, end))
            if not is_other and not _is_last_of_name(plain, start, end):
                yield _Phrase(start, end, owners)
        for start, end in names.nouns:
            phrase = self._generic_phrase(plain, start, end)
            if phrase is not None:
                yield phrase

    def _generic_phrase(self, plain: str, start: int, end: int) -> _Phrase | None:
        """Read "the military bloc"; None if the noun is not in such a phrase."""
        noun = plain[start:end]
        is_other = _has_of(plain, start, end) or (
            noun not in _FREE_NOUNS and _FOR.match(plain, end)
        )
        if is_other or noun[0].isupper() or noun in _CONTRAST_NOUNS:
            return None
        if noun == "membership":
            reach = max(0, start - _REACH)
            is_free = _BEFORE_MEMBERSHIP.search(plain, reach, start)
            return _Phrase(start, end) if is_free and not plain.startswith(" in ", end) else None
        reach = max(0, start - _REACH)
        article = _ARTICLE.search(plain, reach, start)
        if article is None or article["article"].lower() == "its":
            return None
        kinds: Collection[str] | None = None
        words = article["adjectives"].lower().split()
        for word in words:
            if _COUNTED.fullmatch(word):
                continue
            if word not in _PHRASE_KINDS:
                return None
            kinds = _PHRASE_KINDS[word] or kinds
        is_near = noun in _NEAR_NOUNS and not words
        stands_alone = noun in _FREE_NOUNS or bool(words) or is_near
        owners = None if stands_alone else self._named_so.get(noun, set())
        return _Phrase(article.start(), end, owners, kinds, noun if is_near else "")

    def _fits(self, phrase: _Phrase, alliance: str) -> bool:
        return (phrase.owners is None or alliance in phrase.owners) and (
            phrase.kinds is None or self._kinds[alliance] in phrase.kinds
        )


def _reference(named: Mention, start: int, end: int) -> Mention:
    return Mention(named.kind, named.id, start, end, "reference")


def _has_of(plain: str, start: int, end: int) -> bool:
    """Say whether a noun goes on with "of" or "between", and is another one by that."""
    return (
        _OF.match(plain, end) is not None
        and _ACCUSED.search(plain, max(0, start - _REACH), start) is None
    )


def _is_last_of_name(plain: str, start: int, end: int) -> bool:
    """Say whether a noun without an article ends another's name ("Political Forum")."""
    if plain[start:end].lower() not in GENERIC_NOUNS:
        return False
    return _CAPITAL_BEFORE.search(plain, max(0, start - _REACH), start) is not None


def _is_another(plain: str, phrase: _Phrase, since: int) -> bool:
    """Say whether "the conference" is one that was called "a conference" after the alliance."""
    if not plain.startswith("the conference", phrase.start):
        return False
    return _A_CONFERENCE.search(plain, since, phrase.start) is not None


def _contrasted(plain: str, start: int, end: int, alliances: Ordered) -> Iterator[Mention]:
    """Settle "the latter" and "the former" where the last two alliances stand close together."""
    if not plain.endswith(("the ", "The "), 0, start) or not _ALONE.match(plain, end):
        return
    place = alliances.place(start)
    before = alliances[max(0, place - 2) : place]
    if len(before) < len(_CONTRAST_NOUNS) or before[0].id == before[1].id:
        return
    if before[1].start - before[0].end > _PAIR_REACH or start - before[1].end > 2 * _PAIR_REACH:
        return
    chosen = before[1] if plain[start:end] == "latter" else before[0]
    yield _reference(chosen, start - len("the "), end)


def _ordinals(plain: str, alliances: Ordered) -> Iterator[Mention]:
    """Settle "the first of these" and "the second of these" where two alliances go before."""
    for match in _OF_THESE.finditer(plain):
        place = alliances.place(match.start())
        before = alliances[max(0, place - 2) : place]
        is_pair = len(before) == len(_CONTRAST_NOUNS) and before[0].id != before[1].id
        if is_pair and match.start() - before[1].end <= _PAIR_REACH:
            yield _reference(before[match[1] == "second"], match.start(), match.end())


def _article(plain: str, start: int, alliances: Ordered, floor: int) -> Iterator[Mention]:
    """Settle "Article IV": it belongs to the treaty that was named last."""
    match = _ARTICLE_NUMBER.match(plain, start)
    if match is None:
        return
    place = alliances.place(start)
    while place and alliances[place - 1].start >= floor:
        place -= 1
        named = alliances[place]
        if _TREATY.search(plain, named.start, named.end + _TREATY_REACH):
            yield _reference(named, start, match.end())
            return


def _floor(sentence_starts: Sequence[int], position: int, back: int) -> int:
    index = bisect_right(sentence_starts, position) - 1
    return sentence_starts[max(0, index - back)] if index >= 0 else 0
