"""Rules for `appeal`: the state asks the alliance for help, protection or a greater role."""

from alliance_stance.labeling.rules.patterns import compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.labeling.scenes.verbs import ASK
from alliance_stance.schema import Act

_TO_ACT = compiled(
    r"^(?:on |upon |to |for )?(?:FREE{0,4}and |"
    r"FREE{0,3}of )?(?:the )?@A (?:\S+ ){0,3}(?:to|for) (?!lift|refrain|stop|cease|"
    r"end |halt|abandon|lower|reform|renounce|withdraw)"
)
_HELP = (
    r"(?:help|assistance|support|troops|protection|aid|intervention|guarantees?|forces?|mission|"
    r"mediation|action|pressure|monitors|peacekeepers|meeting|session|contribution|presence)"
)
_FOR_HELP = compiled(
    rf"{_HELP} (?:FREE{{0,4}})?(?:from|of|by) FREE{{0,3}}@A|"
    rf"^(?:for )?FREE{{0,2}}@A FREE{{0,2}}{_HELP}|^@A (?:for )?FREE{{0,3}}{_HELP}"
)
_ROLE = compiled(
    r"@A (?:and \S+ )?(?:should|must|needs? to|has to|have to|"
    r"ought to) (?:\S+ ){0,3}(?:play|take|act|do|"
    r"be given|assume|continue|help|provide|become|support|remain|be strengthened|"
    r"be more|send|exert|make)"
)


_TURNS_TO_ALLIANCE = compiled(
    r"@S (?:\S+ ){0,4}(?:appealed|complained|referred|brought|submitted|turned|took|turns|"
    r"addressed|requested) (?:\S+ ){0,6}(?:to|before|at) (?:the )?@A|"
    r"@S(?: 's)? (?:appeal|request|complaint|pleas?|calls?|requests) (?:to|for|"
    r"that) FREE{0,3}@A"
)


def calls_on_alliance(scene: Scene) -> bool:
    """The state calls on the alliance to act (7)."""
    return scene.does(ASK - {"expect", "want"}, _TO_ACT, forms="base s ed ing")


def asks_for_help(scene: Scene) -> bool:
    """The state asks for help or protection (7)."""
    return scene.does(ASK - {"invite"}, _FOR_HELP)


def wants_greater_role(scene: Scene) -> bool:
    """The state says that the alliance should do more (49)."""
    speaks = scene.is_author or any(deed.verb == "say" for deed in scene.own({"say"}))
    return speaks and scene.says(_ROLE)


def turns_to_alliance(scene: Scene) -> bool:
    """The state takes a case to the alliance (7)."""
    return scene.says(_TURNS_TO_ALLIANCE)  # fmt: skip


APPEAL_RULES: tuple[Rule, ...] = (
    Rule(
        name="calls_on_alliance",
        act=Act.APPEAL,
        codebook=(7,),
        holds=calls_on_alliance,
        fires=Case("Niger called on the African Union to send observers.", "NER", "AU"),
        near_miss=Case("Niger called on the African Union to lift its sanctions.", "NER", "AU"),
    ),
    Rule(
        name="asks_for_help",
        act=Act.APPEAL,
        codebook=(7,),
        holds=asks_for_help,
        fires=Case("Estonia asked for help from NATO after the cable was cut.", "EST", "NATO"),
        near_miss=Case(
            "Estonia did not ask for help from NATO after the cable was cut.", "EST", "NATO"
        ),
    ),
    Rule(
        name="wants_greater_role",
        act=Act.APPEAL,
        codebook=(49,),
        holds=wants_greater_role,
        fires=Case(
            "The African Union should play a larger part in these talks.",
            "RWA",
            "AU",
            speaker_state="RWA",
        ),
        near_miss=Case(
            "The African Union should play a larger part, wrote a scholar about Rwanda.",
            "RWA",
            "AU",
        ),
    ),
    Rule(
        name="turns_to_alliance",
        act=Act.APPEAL,
        codebook=(7,),
        holds=turns_to_alliance,
        fires=Case("Costa Rica took the border quarrel to the OAS.", "CRI", "OAS"),
        near_miss=Case(
            "Costa Rica took the border quarrel to a court, and the OAS kept silent.", "CRI", "OAS"
        ),
    ),
)
