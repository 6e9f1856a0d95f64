"""Rules for `affirm`: the state praises or defends the alliance, or declares commitment."""

from alliance_stance.labeling.rules.patterns import GOOD, NEAR, REACHES, compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.labeling.scenes.verbs import AFFIRM, LEAVE, PRAISE, SUPPORT
from alliance_stance.schema import Act

_THANKS = compiled(
    r"(?:thanks?|gratitude|grateful|appreciation|appreciative|tributes?|thankful|indebted|"
    r"congratulations|congratulate|commendation|pays? homage|gratefully) (?:\S+ ){0,16}@A"
)
_BLESSED = compiled(
    r"@S (?:'m |is |are |am |was |were |feel |feels |be )(?:\S+ ){0,2}(?:encouraged|"
    r"gratified|pleased|"
    r"heartened|grateful|indebted|delighted|satisfied|happy|proud|honou?red|thankful|privileged) "
    r"(?:\S+ ){0,14}@A"
)
_COMMITTED = compiled(
    r"@S (?:\S+ ){0,5}(?:committed|devoted|faithful|dedicated|loyal|attached|adheres?|bound|wedded|"
    r"commitment|devotion|dedication|loyalty|fidelity|adherence|attachment|allegiance|faith) "
    r"(?:to|in|with) (?:\S+ ){0,10}@A"
)
_WEIGHT = compiled(
    r"^(?:the |very |a |particular |special |utmost |great |major |high |much |lot |"
    r"of |considerable |"
    r"paramount |enormous |primary |highest ){0,4}(?:importance|significance|value|"
    r"weight|priority) "
    r"(?:\S+ ){0,12}@A"
)
_VIEW = compiled(rf"(?:@A.*\b{GOOD}\b|\b{GOOD}\b.*@A)")
_ROLE_OF = compiled(
    r"(?:commitments?|support|solidarity|importance|role|adherence|faith|loyalty|confidence|value|"
    r"significance|centrality|unity|friendship|contributions?|leadership|obligations|readiness|"
    r"determination|devotion|belief|conviction|principles|efforts|validity|need) OWN{0,12}@A|"
    r"@A (?:'s )?(?:centrality|unity|solidarity|role|commitments?|principles)"
)
_NAMED = compiled(
    r"@S(?: 's)? (?:FREE{0,3})?(?:support|commitment|loyalty|devotion|solidarity|"
    r"adherence|dedication|"
    r"appreciation|faith|confidence|gratitude|allegiance|praise|enthusiasm) "
    r"(?:for|to|of|with|in) (?:\S+ ){0,6}@A"
)
_BASIS = compiled(
    r"@A (?:is|are|remains|was|has been|will remain|"
    r"constitutes)? ?(?:\S+ ){0,6}(?:cornerstone|pillar|basis|"
    r"foundation|linchpin|bedrock|mainstay|framework|priority|anchor|heart) (?:\S+ ){0,3}@S|"
    r"(?:cornerstone|pillar|basis|foundation|linchpin|bedrock|priority) of @S 's (?:\S+ ){0,6}@A|"
    r"@S(?: 's)? (?:\w+ ){0,2}(?:policy|security|defence|"
    r"safety) (?:\S+ ){0,4}(?:based|rests?|built|"
    r"depends?|founded|dependent) (?:\S+ ){0,10}(?:on|upon) (?:\S+ ){0,4}@A|"
    r"@A (?:\S+ )?(?:is|was|are|were|remains) (?:\S+ ){0,2}(?:fundamental|vital|essential|crucial|"
    r"importance|indispensable|necessary) (?:\S+ )?(?:to|for) @S"
)
_WARMLY = frozenset({
    "reaffirm", "reiterate", "underscore", "underline", "stress", "emphasize", "emphasise",
    "pledge", "express", "affirm", "highlight", "acknowledge", "recognize", "recall",
    "recognise", "declare", "note", "voice", "demonstrate",
})  # fmt: skip
_PRAISES = compiled("^OWN{0,9}@A")
_STAYS = compiled(r"^(?:in|a member of|within|part of|a FREE{0,2}member of) FREE{0,2}@A")


def praises(scene: Scene) -> bool:
    """The state praises or welcomes the alliance or its work (1, 5)."""
    return scene.does(PRAISE, _PRAISES)


def thanks(scene: Scene) -> bool:
    """The state thanks the alliance or pays tribute to it."""
    thanks_itself = scene.is_author or any(True for _ in scene.own({"express", "thank", "voice"}))
    return thanks_itself and scene.says(_THANKS)


def is_pleased(scene: Scene) -> bool:
    """The state is pleased, proud or grateful about the alliance."""
    return scene.says(_BLESSED)


def is_committed(scene: Scene) -> bool:
    """The state is committed or faithful to the alliance."""
    return scene.says(_COMMITTED)


def attaches_weight(scene: Scene) -> bool:
    """The state attaches importance to the alliance."""
    return scene.does({"attach", "give", "accord", "assign"}, _WEIGHT)


def thinks_well(scene: Scene) -> bool:
    """The state calls the alliance important, effective or the like, under a verb of opinion."""
    return scene.does({"believe", "regard", "consider", "think", "see", "say", "recognize"}, _VIEW)


def supports(scene: Scene) -> bool:
    """The state supports or defends the alliance itself."""
    return scene.does(SUPPORT - {"advocate"}, NEAR)


def reaffirms(scene: Scene) -> bool:
    """The state reaffirms or stresses its commitment, or the alliance's role or principles."""
    return scene.does(_WARMLY & AFFIRM | {"note", "declare"}, _ROLE_OF)


def has_support_named(scene: Scene) -> bool:
    """A noun tells of its support or commitment (19)."""
    return scene.says(_NAMED)


def builds_on_alliance(scene: Scene) -> bool:
    """The alliance is called the cornerstone of its policy."""
    return scene.says(_BASIS)


def stays(scene: Scene) -> bool:
    """The state will not leave (4)."""
    return scene.denies(LEAVE - {"denounce", "walk", "cease", "abandon"}, REACHES) or scene.does(
        {"remain"}, _STAYS
    )


AFFIRM_RULES: tuple[Rule, ...] = (
    Rule(
        name="praises",
        act=Act.AFFIRM,
        codebook=(1, 5),
        holds=praises,
        fires=Case("Minsk praised the CSTO for its swift work.", "BLR", "CSTO"),
        near_miss=Case("Minsk praised Moscow, and the CSTO chief listened.", "BLR", "CSTO"),
    ),
    Rule(
        name="thanks",
        act=Act.AFFIRM,
        codebook=(15, 28),
        holds=thanks,
        fires=Case(
            "We express our gratitude to the European Union for its observers.",
            "MNE",
            "EU",
            speaker_state="MNE",
        ),
        near_miss=Case(
            "The visitors expressed their gratitude to the European Union in Montenegro.",
            "MNE",
            "EU",
        ),
    ),
    Rule(
        name="is_pleased",
        act=Act.AFFIRM,
        codebook=(1,),
        holds=is_pleased,
        fires=Case("Slovenia is proud of its place in NATO.", "SVN", "NATO"),
        near_miss=Case("Slovenia is near the sea, and NATO ships pass it.", "SVN", "NATO"),
    ),
    Rule(
        name="is_committed",
        act=Act.AFFIRM,
        codebook=(1,),
        holds=is_committed,
        fires=Case("Romania remains firmly committed to NATO.", "ROU", "NATO"),
        near_miss=Case("Romania is a place where NATO's planes land.", "ROU", "NATO"),
    ),
    Rule(
        name="attaches_weight",
        act=Act.AFFIRM,
        codebook=(1,),
        holds=attaches_weight,
        fires=Case("Vietnam attaches great importance to ASEAN.", "VNM", "ASEAN", date="2015"),
        near_miss=Case(
            "Vietnam attaches a map to its letter to ASEAN.", "VNM", "ASEAN", date="2015"
        ),
    ),
    Rule(
        name="thinks_well",
        act=Act.AFFIRM,
        codebook=(2,),
        holds=thinks_well,
        fires=Case("Italy believes that NATO is indispensable for peace.", "ITA", "NATO"),
        near_miss=Case(
            "Italy does not believe that NATO is indispensable for peace.", "ITA", "NATO"
        ),
    ),
    Rule(
        name="supports",
        act=Act.ENDORSE,
        codebook=(1, 27),
        holds=supports,
        fires=Case("Uganda fully supports the African Union.", "UGA", "AU"),
        near_miss=Case("Uganda supports a club that the African Union has never met.", "UGA", "AU"),
    ),
    Rule(
        name="reaffirms",
        act=Act.AFFIRM,
        codebook=(1,),
        holds=reaffirms,
        fires=Case("Canada reaffirmed its commitment to NATO.", "CAN", "NATO"),
        near_miss=Case(
            "Canada reaffirmed its claim to the strait that NATO ships use.", "CAN", "NATO"
        ),
    ),
    Rule(
        name="has_support_named",
        act=Act.AFFIRM,
        codebook=(19,),
        holds=has_support_named,
        fires=Case("Ireland's strong support for the European Union has not waned.", "IRL", "EU"),
        near_miss=Case(
            "Ireland's strong winds delayed the ministers of the European Union.", "IRL", "EU"
        ),
    ),
    Rule(
        name="builds_on_alliance",
        act=Act.AFFIRM,
        codebook=(1,),
        holds=builds_on_alliance,
        fires=Case("NATO remains the cornerstone of Norway's defence.", "NOR", "NATO"),
        near_miss=Case("NATO remains a topic of Norway's newspapers.", "NOR", "NATO"),
    ),
    Rule(
        name="stays",
        act=Act.AFFIRM,
        codebook=(4,),
        holds=stays,
        fires=Case("Greece will not leave the European Union.", "GRC", "EU"),
        near_miss=Case("Greece will leave the European Union.", "GRC", "EU"),
    ),
)
