"""Rules for `describe`: the state is mentioned, and no more. "No rule fired" is another thing."""

from alliance_stance.labeling.rules.patterns import compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.schema import Act

_MEETING = compiled(
    r"(?:summit|meeting|conference|session|assembly|congress|talks|held|signed|opened|"
    r"took place|takes place|ministerial)"
)
_ONLY_PLACE = compiled(
    r"(?<![a-z] by )(?:in|at|to|near|outside|throughout|into|across) @S\b(?! 's)"
)
_MEMBER = compiled(
    r"@S (?:(?:is|was|are|were|being) (?:\S+ ){0,4}|, (?:an? |the |one of the )(?:\S+ ){0,3})"
    r"(?:members?|observer|candidate|applicant|signatory)(?: states?| countries|"
    r" country)? (?:of|in|to) (?:\S+ ){0,4}@A|"
    r"@A(?: 's)? (?:\S+ )?(?:members?|allies|ally|member states?|partners?|countries|"
    r"states|founder|leader|nations|producers?|heavyweight|kingpin|"
    r"candidates?)(?: such as| like| including)? @S|"
    r"non - @A (?:\S+ )?(?:\S+ )?@S"
)
_HOST_ONLY = compiled(
    r"@A (?:\S+ ){0,4}(?:summit|meeting|conference|session|forum) (?:\S+ ){0,6}(?:in|"
    r"at) @S\b(?! 's)"
)
_FIGURES = compiled(
    r"\b(?:per cent|percent|pct|%|barrels?|bpd|tonnes|tons|exports?|imports?|gdp|"
    r"inflation|prices?|output|"
    r"production|quota|market|dlrs|trade)\b"
)
_TALKED = compiled(
    r"\b(?:discuss(?:ed|ions?)|agenda|exchange of views|exchanged views|"
    r"non-aggression|telephone|conversation|"
    r"sidelines|answering|in reply to|questions? from|journalists|upcoming|"
    r"will be held|was held|informed @S|"
    r"told @S|updated|briefed|several|a few|met with|meetings? with|prospects)\b"
)


def _acts_on_alliance(scene: Scene) -> bool:
    return any(deed.subject == "@S" and "@A" in deed.after for deed in scene.deeds)


def is_only_place(scene: Scene) -> bool:
    """The state is named as a place, each time it is named (29, 46)."""
    count = scene.text.count("@S")
    return 0 < count == len(_ONLY_PLACE.findall(scene.text)) and not scene.is_author


def is_meeting_place(scene: Scene) -> bool:
    """A meeting of the alliance takes place there, and that is all (9, 46)."""
    return is_only_place(scene) and scene.says(_MEETING)


def is_in_long_list(scene: Scene) -> bool:
    """The state is one of a list of four or more (1)."""
    return scene.listed >= 4 and not _acts_on_alliance(scene)


def is_in_list_of_others(scene: Scene) -> bool:
    """The state is one of a list of three or more, in another's speech (1)."""
    return (
        scene.listed >= 3
        and not (scene.is_author or _acts_on_alliance(scene))
        and scene.candidate.speaker_state is not None
    )


def is_bare_member(scene: Scene) -> bool:
    """Its membership is told, in another's words, and nothing more of it (9)."""
    return not scene.is_author and scene.says(_MEMBER)


def is_only_unofficial(scene: Scene) -> bool:
    """Only its opposition, public, experts or former leaders are named (13, 40)."""
    return "@U" in scene.text and "@S" not in scene.text


def is_question(scene: Scene) -> bool:
    """The sentence asks, and the state is not the one who answers (48)."""
    return scene.is_question


def is_far_from_alliance(scene: Scene) -> bool:
    """State and alliance stand far apart in a long sentence (1)."""
    return not scene.is_author and scene.gap >= 18


def is_in_market_news(scene: Scene) -> bool:
    """Prices, trade and output are told (1)."""
    return scene.is_report and scene.says(_FIGURES)


def is_where_it_meets(scene: Scene) -> bool:
    """The alliance meets there, said by whoever (46)."""
    return scene.says(_HOST_ONLY)


def tells_as_in_minutes(scene: Scene) -> bool:
    """Talks are told as in minutes: who met, what was discussed (28, 51, 59)."""
    return scene.is_author and scene.says(_TALKED)


NEUTRAL_RULES: tuple[Rule, ...] = (
    Rule(
        name="is_only_place",
        act=Act.DESCRIBE,
        codebook=(
            29,
            46,
        ),
        holds=is_only_place,
        fires=Case(
            "The wounded were brought to a clinic in Togo, an ECOWAS officer said.", "TGO", "ECOWAS"
        ),
        near_miss=Case(
            "Togo said that ECOWAS had brought the wounded to a clinic.", "TGO", "ECOWAS"
        ),
    ),
    Rule(
        name="is_meeting_place",
        act=Act.DESCRIBE,
        codebook=(
            9,
            46,
        ),
        holds=is_meeting_place,
        fires=Case("The ASEAN summit opened in Thailand.", "THA", "ASEAN"),
        near_miss=Case("The ASEAN summit pleased Thailand.", "THA", "ASEAN"),
    ),
    Rule(
        name="is_in_long_list",
        act=Act.DESCRIBE,
        codebook=(1,),
        holds=is_in_long_list,
        fires=Case(
            "ASEAN's first members were Indonesia, Malaysia, Singapore and Thailand.",
            "MYS",
            "ASEAN",
        ),
        near_miss=Case(
            "Indonesia, Malaysia, Singapore and Thailand praised ASEAN.", "MYS", "ASEAN"
        ),
    ),
    Rule(
        name="is_in_list_of_others",
        act=Act.DESCRIBE,
        codebook=(1,),
        holds=is_in_list_of_others,
        fires=Case(
            "We flew over Kenya, Uganda and Rwanda with guests of the African Union.",
            "UGA",
            "AU",
            speaker_state="GHA",
        ),
        near_miss=Case(
            "Kenya, Uganda and Rwanda thanked the African Union.", "UGA", "AU", speaker_state="GHA"
        ),
    ),
    Rule(
        name="is_bare_member",
        act=Act.DESCRIBE,
        codebook=(9,),
        holds=is_bare_member,
        fires=Case("Albania, which is small, and Croatia are members of NATO.", "HRV", "NATO"),
        near_miss=Case("Albania thanked the members of NATO.", "ALB", "NATO"),
    ),
    Rule(
        name="is_only_unofficial",
        act=Act.DESCRIBE,
        codebook=(
            13,
            40,
        ),
        holds=is_only_unofficial,
        fires=Case("Hungarian farmers are tired of the European Union.", "HUN", "EU"),
        near_miss=Case("Hungary is tired of the European Union.", "HUN", "EU"),
    ),
    Rule(
        name="is_question",
        act=Act.DESCRIBE,
        codebook=(48,),
        holds=is_question,
        fires=Case("Does Iceland need NATO?", "ISL", "NATO"),
        near_miss=Case("Iceland needs NATO.", "ISL", "NATO"),
    ),
    Rule(
        name="is_far_from_alliance",
        act=Act.DESCRIBE,
        codebook=(1,),
        holds=is_far_from_alliance,
        fires=Case(
            (
                "Peru has mountains, rivers and towns that draw people from many parts of "
                "the world every year, and a bank that deals with the OAS."
            ),
            "PER",
            "OAS",
        ),
        near_miss=Case("Peru deals with the OAS.", "PER", "OAS"),
    ),
    Rule(
        name="is_in_market_news",
        act=Act.DESCRIBE,
        codebook=(1,),
        holds=is_in_market_news,
        fires=Case(
            "Oil prices fell as Nigeria and other OPEC countries pumped more barrels.",
            "NGA",
            "OPEC",
        ),
        near_miss=Case("Nigeria thanked OPEC.", "NGA", "OPEC"),
    ),
    Rule(
        name="is_where_it_meets",
        act=Act.DESCRIBE,
        codebook=(46,),
        holds=is_where_it_meets,
        fires=Case("After the NATO summit in Spain the ministers flew home.", "ESP", "NATO"),
        near_miss=Case("After the NATO summit Spain closed the hall.", "ESP", "NATO"),
    ),
    Rule(
        name="tells_as_in_minutes",
        act=Act.DESCRIBE,
        codebook=(
            28,
            59,
        ),
        holds=tells_as_in_minutes,
        fires=Case(
            "We discussed the ASEAN charter with our guests.", "IDN", "ASEAN", speaker_state="IDN"
        ),
        near_miss=Case("We welcome the ASEAN charter.", "IDN", "ASEAN", speaker_state="IDN"),
    ),
)
