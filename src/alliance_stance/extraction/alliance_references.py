"""Which alliance "the bloc" is: noun phrases for an alliance named before.

The nearest one named before within a few sentences that fits the phrase is taken (codebook,
"Alliance"). A descriptor that the tables tie to some alliances ("the Community") fits those only,
"the military bloc" a military one, "the trade bloc" an economic one, "the Arab bloc" one of Arab
states, and a noun that many things are called ("the association") only an alliance whose own name
holds it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from alliance_stance.extraction.lexicon import GENERIC_NOUNS, folded_spellings
from alliance_stance.extraction.mentions import Names
from alliance_stance.extraction.order import Ordered
from alliance_stance.extraction.organizations import NOUNS, SENTENCES_BACK, Scene, named_last
from alliance_stance.knowledge.alliances import Alliance
from alliance_stance.knowledge.names import Name
from alliance_stance.schema import Mention

_REACH = 48
"""Characters before a noun in which its article and adjectives are looked for."""

_FAR = 2000
"""Characters before a phrase in which another thing of its name is looked for."""

_FREE_NOUNS = frozenset({"alliance", "bloc", "block", "grouping", "pact", "cartel"})
"""Nouns that hardly stand for anything else; the others must be part of the alliance's name or
follow a telling adjective."""
_CONTRAST_NOUNS = frozenset({"latter", "former"})
_CAPITAL_BEFORE = re.compile(r"[\w,] [A-Z][\w-]+ $")
"""Before a noun that ends the name of something else ("Political Forum")."""
_ACCUSING = ("accus", "suspect", "assur", "remind", "inform")
_ACCUSED = re.compile(
    rf"\b(?:{'|'.join(_ACCUSING)})\w*(?: (?:the|this|that|The)(?: [\w-]+){{0,2}})? $"
)
"""Before what is accused "of" something, so that the "of" does not belong to the noun."""
_ANOTHER = re.compile(
    r"\b(?:an?|another|(?:the )?(?:news|press|peace|liberation|protest)) (?:[\w'-]+ ){0,3}"
    r"(conference|movement|initiative)\b"
)
"""Another conference or movement than the alliance of that name."""
_NO_NAME = (
    r"(?!(?:The|This|That|An?|Its|Our|Their|In|On|By|Of|At|To|For|If|As|When|But|And|While) )"
)
"""What is written with a capital before a noun and does not belong to its name."""

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
_FROM_MOSCOW = "CIS COMECON CSTO EAEU UNION_STATE WARSAW_PACT"
_REGIONS: Mapping[str, str] = {
    "african": "AES AMU CEN_SAD FRONT_LINE_STATES G5_SAHEL ICGLR IGAD MANO_RIVER_UNION",
    "american": "ALBA ANDEAN_COMMUNITY AUKUS CARICOM NATO OECS PACIFIC_ALLIANCE",
    "andean": "",
    "arab": "",
    "asian": "BIMSTEC CENTO CICA CPTPP ECO QUAD RCEP SCO",
    "atlantic": "",
    "caribbean": "ALBA",
    "european": "BALKAN_PACT BUCHAREST_NINE DUNKIRK FRANCO_GERMAN JEF LITTLE_ENTENTE "
    "LUBLIN_TRIANGLE NORDEFCO THREE_SEAS VISEGRAD WARSAW_PACT WEIMAR_TRIANGLE",
    "gulf": "",
    "islamic": "",
    "latin": "ANDEAN_COMMUNITY MERCOSUR OAS PACIFIC_ALLIANCE RIO_TREATY SICA UNASUR",
    "moscow-led": _FROM_MOSCOW,
    "nordic": "JEF",
    "oil": "",
    "pacific": "AUKUS MSG QUAD",
    "post-soviet": "CIS CSTO EAEU GUAM UNION_STATE",
    "russian-led": _FROM_MOSCOW,
    "sahelian": "G5_SAHEL",
    "transatlantic": "",
}
"""Adjectives that only some alliances fit: those that have the word in a name, and these."""
_COUNTED = re.compile(r"[\w]+-(?:nation|member|state|country|power|party|strong|way)")
_OF = re.compile(r" (?:of|between)\b| (?:with|against) (?:[A-Z]|the [A-Z])")
_ON = re.compile(r" on (?:the )?(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z][a-z]+ \d)[A-Z]")
_FOR = re.compile(r" for (?:the )?[A-Z]")
"""What follows a noun that is not an alliance named before ("the forum for", "the pact with Iran");
"blame the alliance for" is one."""
_NUMBER = re.compile(r"[Tt]he \d+")
_WHOLE = re.compile(
    r"-(?:nation|member|state|country|power|strong)\b|(?: (?:other|remaining|European|EU))* "
    r"(?:EU|members?|member[ -]states?|(?:member )?(?:countries|nations|states|governments)|"
    r"leaders|heads|capitals|partners|(?:[a-z]+ )?ministers)\b(?! of\b)|"
    r" (?:agreed?|decided?|said|say|met|meet|want(?:ed)?|need(?:ed)?|failed|adopted|approved|"
    r"backed|have|had|has|are|were|is|was|will|would|can|could|must|should|may|might|did|do|also|"
    r"still|now|not|and|or|but|that|to|in|on|at|by|with|from|as|than|who|which|whose|after|before|"
    r"when|while|because|if|over|for|into|about)\b|"
    r"(?:[.,;:!?)\]\"'\u2019\u201d]|\s*[-\u2013\u2014]{1,2} |\s*$|\n)(?!\d)"
)
"""What follows a number that stands for all members ("the 27 agreed"); another noun behind it is
what was counted ("the 27 civilians")."""
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
    """A noun phrase that may stand for an alliance, and what it can be; None for anything.

    `is_organization` says whether it is "the organization", `is_proper` whether with a capital.
    """

    start: int
    end: int
    owners: Collection[str] | None = None
    kinds: Collection[str] | None = None
    is_organization: bool = False
    is_proper: bool = False


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
        self._of_region = {
            word: self._named_so.get(word, set()).union(others.split())
            for word, others in _REGIONS.items()
        }

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
        scene = Scene(plain, alliances, sentence_starts, title)
        references = [
            _reference(named, phrase.start, phrase.end)
            for phrase in self._phrases(scene, names)
            if (named := self._antecedent(scene, phrase)) is not None
        ]
        if "first of these" in plain or "second of these" in plain:
            references.extend(_ordinals(plain, alliances))
        for start, end in names.nouns:
            if plain[start:end] in _CONTRAST_NOUNS:
                references.extend(_contrasted(plain, start, end, alliances))
            elif plain.startswith("Article", start):
                floor = scene.floor(start, SENTENCES_BACK)
                references.extend(_article(plain, start, alliances, floor))
        return sorted(references, key=lambda mention: mention.start)

    def _antecedent(self, scene: Scene, phrase: _Phrase) -> Mention | None:
        """Give the mention of the alliance that a phrase stands for, the nearest that fits."""
        if phrase.is_organization:
            so_called = phrase.owners or ()
            span = (phrase.start, phrase.end)
            return named_last(scene, *span, so_called, is_proper=phrase.is_proper)
        floor = scene.floor(phrase.start, SENTENCES_BACK)
        first, place = scene.alliances.place(floor), scene.alliances.place(phrase.start)
        for named in (*reversed(scene.alliances[first:place]), *scene.title):
            if self._fits(phrase, named.id):
                since = named.end if named.start >= floor else floor
                return None if _is_another(scene.plain, phrase, since) else named
        return None

    def _phrases(self, scene: Scene, names: Names) -> Iterator[_Phrase]:
        """Yield the phrases that may refer to an alliance, where one is named near before them."""
        plain = scene.plain
        for start, end, owners in names.descriptors:
            if scene.is_near(start) and not _is_other_thing(plain, start, end):
                is_organization = plain.startswith(("Organi", "organi"), start + len("the "))
                yield _Phrase(start, end, owners, None, is_organization, is_proper=True)
        for start, end in names.nouns:
            phrase = self._generic_phrase(plain, start, end) if scene.is_near(start) else None
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
        is_organization = noun in NOUNS and not words
        stands_alone = noun in _FREE_NOUNS or bool(words)
        owners = None if stands_alone else self._named_so.get(noun, set())
        regions = [self._of_region[word] for word in words if word in self._of_region]
        if regions:
            owners = set.intersection(*regions)
        return _Phrase(article.start(), end, owners, kinds, is_organization)

    def _fits(self, phrase: _Phrase, alliance: str) -> bool:
        return (phrase.owners is None or alliance in phrase.owners) and (
            phrase.kinds is None or self._kinds[alliance] in phrase.kinds
        )


def _reference(named: Mention, start: int, end: int) -> Mention:
    return Mention(named.kind, named.id, start, end, "reference")


def _is_other_thing(plain: str, start: int, end: int) -> bool:
    """Say whether what stands around a descriptor makes it the name of something else."""
    if _has_of(plain, start, end) or _FOR.match(plain, end):
        return True
    if _NUMBER.fullmatch(plain, start, end) and not _WHOLE.match(plain, end):
        return True
    # "the Commission on Human Rights", but "Brussels on Monday"
    is_on = plain.startswith("the ", start) and _ON.match(plain, end) is not None
    return is_on or _is_last_of_name(plain, start, end)


def _has_of(plain: str, start: int, end: int) -> bool:
    """Say whether a noun goes on with "of" or "between", and is another one by that."""
    if _OF.match(plain, end) is None:
        return False
    before = plain[max(0, start - _REACH) : start]
    # of most, nothing is said that may be accused of something
    return not any(verb in before for verb in _ACCUSING) or _ACCUSED.search(before) is None


def _is_last_of_name(plain: str, start: int, end: int) -> bool:
    """Say whether a noun without an article ends another's name ("Political Forum")."""
    if not plain[start].isupper() or plain[start:end].lower() not in GENERIC_NOUNS:
        return False
    return _CAPITAL_BEFORE.search(plain, max(0, start - _REACH), start) is not None


def _is_another(plain: str, phrase: _Phrase, since: int) -> bool:
    """Say whether "the conference" is one that was called "a conference" after the alliance.

    "The Council" is the Security Council where that was named since.
    """
    noun = plain[phrase.start + len("the ") : phrase.end]
    if noun.istitle() and noun.isalpha():
        longer = re.compile(rf"\b{_NO_NAME}[A-Z][\w-]+ {noun}\b(?! of\b)")
        return longer.search(plain, max(since, phrase.start - _FAR), phrase.start) is not None
    if noun not in {"conference", "movement", "initiative"}:
        return False
    others = _ANOTHER.finditer(plain, max(since, phrase.start - _FAR), phrase.start)
    return any(other[1] == noun for other in others)


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
