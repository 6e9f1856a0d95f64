"""Rules for `obstruct`: the state vetoes, blocks, boycotts, skips, withholds or flouts."""

from alliance_stance.labeling.rules.patterns import REACHES, compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.labeling.scenes.verbs import BLOCK, REFUSE, SUPPORT
from alliance_stance.schema import Act

_BLOCKED = compiled("^(?:\\S+ ){0,9}@A")
_BLOCKS = frozenset({
    "block", "veto", "obstruct", "hinder", "thwart", "stall", "delay", "derail", "sabotage",
    "stonewall", "impede", "undermine", "frustrate",
})  # fmt: skip
_FLOUTS = frozenset({
    "flout", "defy", "violate", "disregard", "ignore", "breach", "contravene", "scorn", "disobey",
})  # fmt: skip
_FOLLOWS = frozenset({
    "comply", "abide", "implement", "respect", "respond", "accept", "follow", "fulfil",
})  # fmt: skip
_TEXTS = (
    r"(?:resolutions?|decisions?|declarations?|principles?|charters?|rules?|appeals?|calls?|"
    r"obligations?|commitments?|norms?|agreements?|demands?|recommendations?|documents?|requests?)"
)
_FLOUTED = compiled(
    rf"^(?:\S+ ){{0,12}}{_TEXTS} (?:\S+ ){{0,12}}@A|"
    rf"^(?:\S+ ){{0,10}}@A(?: 's)? (?:\S+ ){{0,2}}{_TEXTS}"
)
_DEFIANCE = compiled(
    r"(?:in|despite|with) (?:\S+ ){0,2}(?:defiance|violation|disregard|breach|"
    r"contempt|contravention) (?:of|for|to) "
    r"(?:\S+ ){0,12}@A"
)
_CULPRIT = compiled(
    r"@S(?: 's)? FREE{0,9}in FREE{0,3}(?:defiance|violation|disregard|breach|contempt|"
    r"contravention)\b"
)
_REJECTED = compiled(
    r"^(?:\S+ ){0,6}(?:appeals?|proposals?|offers?|resolutions?|calls?|efforts?|"
    r"mediation|requests?|demands?|"
    r"plans?|decisions?|recommendations?) (?:\S+ ){0,8}@A|"
    r"^(?:FREE{0,2})@A(?: 's)? (?:\S+ ){0,3}(?:appeals?|"
    r"proposals?|offers?|resolutions?|calls?|efforts?|mediation|requests?|demands?|"
    r"plans?|decisions?|"
    r"recommendations?|observers|monitors|mission)"
)
_VETO = compiled(
    r"@S(?: 's)? FREE{0,2}(?:veto|vetoes|vetoing|blockade|objections?|opposition|"
    r"boycott|refusal|obstruction|"
    r"blocking|intransigence|non-compliance|failure to comply|failure to implement|delay) "
    r"(?:of|to|from|by|on|over|with) (?:\S+ ){0,8}@A|"
    r"@A(?: \S+){0,10} (?:over|despite|because of|in the face of|against|amid|after|"
    r"due to) @S(?: 's)? "
    r"FREE{0,1}(?:veto|objections?|opposition|refusal|resistance|boycott|rejection|blockade)"
)
_NEAR = compiled(r"^(?:\S+ ){0,8}@A")


_GIVES_IN = compiled(
    r"(?:withdr\w+|drop\w*|lift\w*|overc\w+) (?:his |its |their |her |the |any )?(?:objections?|"
    r"opposition|veto|blockade)\b"
)
_STAYS_AWAY = compiled(
    r"^(?:out |from |of )*(?:\S+ ){0,4}(?:talks|meeting|summit|exercises?|manoeuvres|"
    r"maneuvers|session|drills) (?:\S+ ){0,3}@A|^(?:out |from |"
    r"of )*STRICT{0,2}@A (?:summit|meeting|talks|exercise)"
)
_REJECTS_OFFER = compiled(r"^(?:\S+ ){0,10}@A")
_WITHHOLDS = compiled("^OWN{0,8}@A")


def blocks(scene: Scene) -> bool:
    """The state blocks, vetoes or delays what the alliance wants (5, 6)."""
    return scene.does(_BLOCKS, _BLOCKED)


def stays_away(scene: Scene) -> bool:
    """The state boycotts or skips a meeting of the alliance (21)."""
    return scene.does({"boycott", "skip", "shun", "snub", "miss"}, _BLOCKED) or scene.does(
        {"withdraw", "walk", "pull"},
        _STAYS_AWAY,
    )


def flouts(scene: Scene) -> bool:
    """The state flouts or violates a text of the alliance (24)."""
    return scene.does(_FLOUTS, _FLOUTED)


def acts_in_defiance(scene: Scene) -> bool:
    """The state, not the speaker, acts in defiance of a text of the alliance (24)."""
    return not scene.is_author and scene.says(_DEFIANCE) and scene.says(_CULPRIT)


def rejects_offer(scene: Scene) -> bool:
    """The state rejects an appeal, offer or demand of the alliance (5, 20)."""
    return not scene.is_author and (
        scene.does({"reject", "refuse", "rebuff", "spurn", "dismiss"}, _REJECTED)
        or scene.denies(_FOLLOWS, _REJECTS_OFFER)
    )  # fmt: skip


def denies_consent(scene: Scene) -> bool:
    """The state does not approve, ratify or back what the alliance decides (5, 6)."""
    return not scene.is_author and scene.denies(
        SUPPORT | {"ratify", "allow", "agree", "sign", "accept", "free", "release"}, _BLOCKED
    )


def has_veto_named(scene: Scene) -> bool:
    """A noun tells of its veto, boycott or defiance (19)."""
    return scene.says(_VETO) and not scene.says(_GIVES_IN)


def withholds(scene: Scene) -> bool:
    """The state withholds money or troops, or cheats (20)."""
    return scene.does({"withhold", "cheat"}, _BLOCKED) or scene.denies(
        {"give", "provide", "send", "contribute", "pay"}, _WITHHOLDS
    )


def rejects(scene: Scene) -> bool:
    """The state rejects or refuses something of or with the alliance (5)."""
    return scene.does({"reject", "refuse"}, _NEAR)


def threatens_to_block(scene: Scene) -> bool:
    """The state threatens or vows to block or refuse (5)."""
    return any(
        deed.governor.startswith(("threat", "vow")) and REACHES.search(deed.after)
        for deed in scene.own(BLOCK | REFUSE)
    )


OBSTRUCT_RULES: tuple[Rule, ...] = (
    Rule(
        name="rejects",
        act=Act.OBSTRUCT,
        codebook=(5,),
        holds=rejects,
        fires=Case("Italy refused to hand the ships over to NATO.", "ITA", "NATO"),
        near_miss=Case("Italy was told to refuse the ships to NATO.", "ITA", "NATO"),
    ),
    Rule(
        name="threatens_to_block",
        act=Act.OBSTRUCT,
        codebook=(5,),
        holds=threatens_to_block,
        fires=Case("Austria threatened to veto the European Union's budget.", "AUT", "EU"),
        near_miss=Case("Austria threatened a driver near the European Union's gate.", "AUT", "EU"),
    ),
    Rule(
        name="blocks",
        act=Act.OBSTRUCT,
        codebook=(
            5,
            6,
        ),
        holds=blocks,
        fires=Case("Bulgaria blocked the European Union's talks with its neighbour.", "BGR", "EU"),
        near_miss=Case(
            "Bulgaria did not block the European Union's talks with its neighbour.", "BGR", "EU"
        ),
    ),
    Rule(
        name="stays_away",
        act=Act.OBSTRUCT,
        codebook=(21,),
        holds=stays_away,
        fires=Case("Mexico boycotted the OAS session.", "MEX", "OAS"),
        near_miss=Case("Mexico was urged to boycott the OAS session.", "MEX", "OAS"),
    ),
    Rule(
        name="flouts",
        act=Act.OBSTRUCT,
        codebook=(24,),
        holds=flouts,
        fires=Case("Eritrea ignored the resolutions of the African Union.", "ERI", "AU"),
        near_miss=Case("Eritrea ignored the rain while the African Union met.", "ERI", "AU"),
    ),
    Rule(
        name="acts_in_defiance",
        act=Act.OBSTRUCT,
        codebook=(24,),
        holds=acts_in_defiance,
        fires=Case(
            "South Africa held the territory in open defiance of the OAU.", "ZAF", "AU", date="1975"
        ),
        near_miss=Case(
            "We condemn South Africa, and the OAU does so in open defiance of its friends.",
            "ZAF",
            "AU",
            date="1975",
        ),
    ),
    Rule(
        name="rejects_offer",
        act=Act.OBSTRUCT,
        codebook=(
            5,
            20,
        ),
        holds=rejects_offer,
        fires=Case("Myanmar rejected an offer of ASEAN to mediate.", "MMR", "ASEAN"),
        near_miss=Case("Myanmar rejected an offer of Norway before ASEAN met.", "MMR", "ASEAN"),
    ),
    Rule(
        name="denies_consent",
        act=Act.OBSTRUCT,
        codebook=(
            5,
            6,
        ),
        holds=denies_consent,
        fires=Case("Cyprus refused to approve the European Union's list.", "CYP", "EU"),
        near_miss=Case("Cyprus was asked to approve the European Union's list.", "CYP", "EU"),
    ),
    Rule(
        name="has_veto_named",
        act=Act.OBSTRUCT,
        codebook=(19,),
        holds=has_veto_named,
        fires=Case("Slovakia's veto of the European Union's loan held for a week.", "SVK", "EU"),
        near_miss=Case("Slovakia's view of the European Union's loan was not told.", "SVK", "EU"),
    ),
    Rule(
        name="withholds",
        act=Act.OBSTRUCT,
        codebook=(20,),
        holds=withholds,
        fires=Case("Libya withheld its dues from the African Union.", "LBY", "AU"),
        near_miss=Case("Libya gave its dues to the African Union.", "LBY", "AU"),
    ),
)
