"""Write a candidate's sentence as a skeleton: every name a sign, government phrases folded in.

What comes in is a candidate with its mentions; what goes out is one string of small letters:

    Armenia's prime minister said the CSTO had let Yerevan down.  ->  @S said @A had let @S down .

A rule then reads ``@S`` for whoever speaks for the judged state, also "its foreign minister" and,
in the state's own speech, "we" and "my delegation". Persons and groups of the state for whom the
codebook does not let it answer (rules 13 and 40: opposition, former leaders, publics) are ``@U``.
"""

import re
from collections.abc import Iterator

from alliance_stance.schema import Candidate, Mention

STATE, OTHER, ALLIANCE, BLOC, UNOFFICIAL = "@S", "@O", "@A", "@B", "@U"
"""The judged state, another state, the judged alliance, another alliance, and people of the judged
state who are not its government."""

_POSSESSIVE_PRONOUNS = frozenset({
    "our", "my", "your",
})  # fmt: skip
_OFFICES = (
    r"(?:(?:[Pp]rime|[Ff]oreign|[Dd]efen[cs]e|[Ff]inance|[Tt]rade|[Ii]nterior|[Ee]nergy|[Oo]il|"
    r"[Aa]griculture|[Ff]arm|[Ee]conomy|[Cc]ommerce|[Dd]eputy|[Ee]xternal [Aa]ffairs) ){0,3}"
    r"(?:[Mm]inisters?|[Ss]ecretary(?: of (?:[Ss]tate|[Dd]efen[cs]e|[Ww]ar))?)|[Pp]residents?|"
    r"[Pp]remiers?|[Cc]hancellors?|[Kk]ings?|[Qq]ueen|[Ee]mperor|[Ss]ultan|[Hh]eads? of [Ss]tate|"
    r"[Hh]eads? of [Gg]overnment|[Ll]eaders?|[Aa]mbassador|[Ee]nvoy|[Ss]pokes(?:man|woman|person)|"
    r"(?:[Tt]op |[Ss]enior )?[Dd]iplomats?|[Pp]ermanent [Rr]epresentative|[Rr]epresentatives?|"
    r"[Ff]oreign [Ss]ecretary|[Pp]rime [Mm]inister|[Pp]resident-in-[Oo]ffice|[Dd]eputy PM|PM|FM"
)
_BODIES = (
    r"[Gg]overnments?|[Aa]uthorit(?:y|ies)|[Ll]eadership|[Dd]elegations?|[Aa]dministration|"
    r"[Oo]fficials?|[Pp]arliament|[Ss]enate|[Cc]ongress|[Cc]abinet|[Ss]ide|[Ee]mbassy|"
    r"(?:[Ff]oreign|[Dd]efen[cs]e|[Ee]nergy) [Mm]inistry|[Mm]inistry of [A-Z]\w+(?: [A-Z]\w+)?|"
    r"[Rr]egime|[Cc]ountry|[Nn]ation|[Rr]epublic|[Ss]tate|[Mm]ission"
)
_PRIVATE = (
    r"opposition(?! to\b)(?: \w+)?|lawmakers?|voters?|citizens?|public|people|media|newspapers?|"
    r"press|analysts?|experts?|scholars?|MPs?|MP|senators?|companies|company|businesses|exporters?|"
    r"farmers?|workers?|students?|activists?|rebels?|refugees|migrants|nationals|Communist Party|"
    r"Labour Party|Parties|[Pp]art(?:y|ies)|politicians?|population|economist|economists|"
    r"protesters?|investors?|banks?|firms?|journalists?|professor|referendum|presidential candidate"
)
_UNOFFICIAL = r"(?:[Ff]ormer|[Ee]x-?|[Oo]pposition|[Ll]ate|[Oo]usted|[Dd]eposed)(?!\w)"
_NAMES = r"(?: (?!@)[A-Z][\w.'\u2019-]*){0,3}"
_ADJECTIVES = r"(?:(?:own|new|present|current|outgoing|legitimate|royal|federal|whole) )?"

_STEPS: tuple[tuple[re.Pattern[str], str, bool], ...] = tuple(
    (re.compile(pattern), replacement, _PRIVATE in pattern)
    for pattern, replacement in (
        # names given twice: "the Arab League (AL)", "AL [Arab League]"
        (r"(@[SOAB]) [(\[]+ (?:the )?\1 [)\]]+", r"\1"),
        (r"[Tt]he (?=@[SOAB])", ""),
        (r"(?:all )?(?:[Tt]he )?[Oo]rgani[sz]ation (?:of )?(?=@[AB])", ""),
        # when something was, and asides, are in the way of subjects
        (r"(?<=\w) on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", ""),
        (
        r" (?:last|this|next|earlier this|late last) (?:week|month|year|spring|summer|"
        r"autumn|fall)\b",
         ""),
        (r" , (?:therefore|however|too|indeed|in turn|in its turn|of course|moreover|for its part|"
         r"as well|for example|for instance|consequently|accordingly|naturally|"
        r"in particular) ,", ""),
        # people who do not speak for the government
        (rf"{_UNOFFICIAL} @S(?: 's)?(?: (?:{_OFFICES}|{_BODIES}))?(?: @S)?{_NAMES}", "@U"),
        (rf"@S(?: 's)? {_UNOFFICIAL}(?: (?:{_OFFICES}|{_BODIES}))?(?: @S)?{_NAMES}", "@U"),
        (rf"{_UNOFFICIAL} (?:{_OFFICES})(?: of)? @S", "@U"),
        (rf"@S(?: 's)? (?:\w+ )?(?:{_PRIVATE})(?![\w-])", "@U"),
        (rf"(?:{_PRIVATE}) (?:of|in) @S(?! 's)", "@U"),
        # offices and bodies that do
        (rf"(@[SO])(?: 's)? {_ADJECTIVES}(?:{_OFFICES})(?![\w-])(?: \1{_NAMES}|{_NAMES})", r"\1"),
        (rf"(?:{_OFFICES}) (@[SO]) (?:of|from) \1", r"\1"),
        (rf"(?:[Tt]he )?(?:{_OFFICES})(?: {_NAMES})?,? (?:of|from) (@[SO])(?: \1)?", r"\1"),
        (rf"(?:[Tt]he )?(?:{_OFFICES}) (@[SO])(?: of \1)?", r"\1"),
        (rf"(@[SO])(?: 's)? {_ADJECTIVES}(?:{_BODIES})(?![\w-])", r"\1"),
        (
        rf"(?:[Tt]he )?(?:[Pp]eoples? and )?(?:the )?{_ADJECTIVES}(?:{_BODIES}|"
        rf"Kingdom)s? of (@[SO])(?! 's [a-z])",
         r"\1"),
        (r"(@[SO]) (?:\1|[(] \1 [)])", r"\1"),
        (r"(@S) (?:,|of) (?:the )?\1(?= ,|$)", r"\1"),
        (r"(@[SO]) of \1", r"\1"),
        (r"[Tt]he (?=@[SOAB])", ""),
    )
)  # fmt: skip
_QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"', "\u00ab": '"', "\u00bb": '"',
                         "\u2018": "'", "\u2019": "'", "@": " ", "\u2013": "\u2014"})  # fmt: skip
_PIECE = re.compile(r"@[SOABU]|'s(?=\W|$)|\d[\d.,]*\d|\w+(?:['.-]\w+)*|--|[^\w\s]")
_LIST = re.compile(r"@[SO](?:(?: ,)?(?: and| or| as well as)? @[SO])+(?! 's| [a-z]+ness)")
_BLOCS = re.compile(
    r"(?:united nations|@[AB])(?:(?: ,)?(?: and| as well as)?(?: by| of| to| from)? "
    r"(?:united nations|@[AB]))+"
)


class Skeleton:
    """A sentence in signs.

    Parameters
    ----------
    text
        The sentence, or the context, as tokens with one space between.
    listed, blocs
        How many states stand in the longest list that has the judged one, and how many alliances in
        that of the judged one; 1 where it stands alone.
    """

    __slots__ = ("blocs", "listed", "text")

    def __init__(self, text: str, listed: int, blocs: int) -> None:
        self.text = text
        self.listed = listed
        self.blocs = blocs


def skeleton(candidate: Candidate) -> Skeleton:
    """Give the skeleton of a candidate's sentence.

    Examples
    --------
    >>> mentions = (
    ...     Mention("state", "FRA", 4, 10, "adjective"),
    ...     Mention("alliance", "NATO", 27, 31, "acronym"),
    ... )
    >>> text = "The French government left NATO."
    >>> skeleton(Candidate("d", 0, 0, 32, text, "", "FRA", "NATO", mentions)).text
    '@S left @A .'
    """
    is_own = candidate.speaker_state == candidate.state
    return _fold(_signed(candidate.text, candidate.mentions, candidate), is_own=is_own)


def context_skeleton(candidate: Candidate) -> Skeleton:
    """Give the skeleton of the sentence before; empty where there is none."""
    is_own = candidate.speaker_state == candidate.state
    signed = _signed(candidate.context, candidate.context_mentions, candidate)
    return _fold(signed, is_own=is_own)


def _signed(text: str, mentions: tuple[Mention, ...], candidate: Candidate) -> str:
    """Put a sign in the place of every mention; a possessive pronoun becomes a sign with 's."""
    parts = []
    position = 0
    for mention in mentions:
        parts.append(text[position : mention.start].translate(_QUOTES))
        sign = _sign(mention, candidate)
        is_own = text[mention.start : mention.end].lower() in _POSSESSIVE_PRONOUNS
        parts.append(f" {sign} 's " if is_own else f" {sign} ")
        position = mention.end
    parts.append(text[position:].translate(_QUOTES))
    return "".join(parts)


def _sign(mention: Mention, candidate: Candidate) -> str:
    if mention.kind == "state":
        return STATE if mention.id == candidate.state else OTHER
    return ALLIANCE if mention.id == candidate.alliance else BLOC


def _fold(signed: str, *, is_own: bool) -> Skeleton:
    """Fold the phrases; in a state's own speech "our people" is the state."""
    text = " ".join(_PIECE.findall(signed))
    for pattern, replacement, is_private in _STEPS:
        if not (is_private and is_own):
            text = pattern.sub(replacement, text)
    text = _lowered(text)
    listed, blocs = _longest(_LIST, STATE, text), _longest(_BLOCS, ALLIANCE, text)
    text = _LIST.sub(lambda match: STATE if STATE in match[0] else OTHER, text)
    text = _BLOCS.sub(lambda match: ALLIANCE if ALLIANCE in match[0] else BLOC, text)
    return Skeleton(text, listed, blocs)


def _longest(lists: re.Pattern[str], sign: str, text: str) -> int:
    return max(
        (match[0].count("@") for match in lists.finditer(text) if sign in match[0]), default=1
    )


def _lowered(text: str) -> str:
    return "".join(_lower_but_signs(text))


def _lower_but_signs(text: str) -> Iterator[str]:
    for piece in re.split(r"(@[SOABU])", text):
        yield piece if piece.startswith("@") else piece.lower()
