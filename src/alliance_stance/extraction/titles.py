"""Titles of those who speak for a state, as patterns that the other modules share."""

_OFFICE = (
    r"(?:[Pp]resident|[Pp]remier|[Pp]rime [Mm]inister|[Mm]inister|[Cc]hancellor|[Ss]ecretary|"
    r"[Aa]mbassador|[Ee]nvoy|[Dd]elegate|[Dd]elegation|[Rr]epresentative|"
    r"[Ss]pokes(?:man|woman|person)|[Hh]igh [Cc]ommissioner|[Cc]ommissioner|[Hh]ead of [Ss]tate|"
    r"[Hh]ead of [Gg]overnment|[Ll]eader|[Ss]trongman|[Kk]ing|[Qq]ueen|[Ee]mir|[Aa]mir|[Ss]ultan|"
    r"[Ee]mperor|[Cc]rown [Pp]rince|[Ss]hah|[Cc]hief of [Ss]taff|[Cc]hief [Aa]dviser|[Aa]dviser|"
    r"[Nn]egotiator|[Dd]iplomat|[Tt]aoiseach|[Cc]olleague|[Cc]ounterpart|"
    r"[Ss]peaker of (?:the )?[Pp]arliament|"
    r"[Cc]hargé d'[Aa]ffaires|[Oo]fficial|[Gg]eneral|[Cc]olonel|[Cc]hief|[Dd]eputy|[Mm]inistry)"
)
_PORTFOLIO = r"(?: (?:of|for) (?:the )?[A-Z][\w-]+(?:(?:,? and|,) [A-Z][\w-]+| [A-Z][\w-]+){0,4})?"
TITLE = rf"(?:(?:[Vv]ice-|[Dd]eputy-)?{_OFFICE}{_PORTFOLIO})"
"""A title, with its portfolio ("Minister for Foreign Affairs")."""

_NOT_BEFORE = (
    r"(?:met|meets|received|receives|told|tells|asked|asks|urged|urges|welcomed|welcomes|thanked|"
    r"thanks|hosted|hosts|invited|invites|greeted|informed|congratulated|assured|accused|"
    r"critici[sz]ed|praised|saw|joined|called|wrote|said|says|with|by|to|from|against|that) "
)
QUALIFIED = rf"(?:(?!former |ex-|late |opposition |{_NOT_BEFORE})[\w-]+ ){{0,3}}?{TITLE}"
"""A title with the words before it ("deputy foreign minister", "new trade minister").

None of them is a verb or a preposition: in "Turkey's president received Secretary General
Stoltenberg" the second title is not Turkey's.
"""

PLURAL = r"(?:(?:[\w-]+ ){0,2}(?:[Mm]inisters|[Pp]residents|[Pp]remiers|[Ll]eaders|[Aa]mbassadors))"

BARE_TITLE = (
    r"(?:minister|president|premier|chancellor|secretary(?![ -]general)|ambassador|envoy|"
    r"delegate|delegation|"
    r"spokes(?:man|woman|person)|high commissioner|leader|king|queen|emir|sultan|shah|adviser|"
    r"ministry|government|official|diplomat|general|prime minister|foreign minister|statement|"
    r"negotiator|representative|strongman|chief of staff|junta|foreign ministry|chief)"
)
"""What one who was named before is called again: "the minister", "the ministry"."""

RANK = (
    r"(?:(?:[Gg]eneral|[Cc]olonel|[Mm]ajor|[Cc]aptain|[Aa]dmiral|[Mm]arshal|[Ll]ieutenant|"
    r"[Bb]rigadier|[Pp]rince|[Ss]heikh|[Ss]ir|[Ll]ord|[Dd]r|[Mm]rs?|[Mm]s|[Pp]rofessor|Gen|Col|"
    r"Lt|Maj)\.?[ -]){0,3}"
)

NAME = (
    r"(?P<name>[A-Z][\w'-]+(?:(?: (?:al|bin|ibn|de|del|da|dos|la|le|van|von|der|el|ben))? "
    r"(?:[A-Z]\.|(?:al-|el-|ul-|d'|O')?[A-Z][\w'-]+)){0,3})"
)
"""A person's name; the group ``name`` holds it."""

TITLE_HEADS = frozenset({
    "president", "presidents", "minister", "ministers", "premier", "premiers", "chancellor",
    "king", "queen", "emir", "amir", "sultan", "emperor", "prince", "secretary", "spokesman",
    "spokeswoman", "spokesperson", "ambassador", "envoy", "representative", "leader", "leaders",
    "strongman", "delegate", "adviser", "commissioner", "shah", "taoiseach", "colonel", "chief",
    "deputy", "ministry", "diplomat", "negotiator", "staff", "colleague", "counterpart",
})  # fmt: skip
"""One of these stands in every title, in small letters; finding them first saves most searches."""

TITLE_ENDS = TITLE_HEADS | {"affairs", "defence", "defense", "state", "trade", "finance", "speaker",
                            "general", "official", "government", "parliament"}  # fmt: skip
"""Last words of a title."""

HONORIFICS = TITLE_ENDS | {
    "mr", "mrs", "ms", "miss", "messrs", "dr", "gen", "col", "lt", "marshal", "sir", "lord", "dame",
    "comrade", "madame", "ayatollah", "sheikh", "sheik", "chairman", "senator", "pm",
}  # fmt: skip
"""Words that, right before a surname, say that an office-holder is meant."""
