"""Rules for `endorse`: the state backs a decision of the alliance, its growth, another's entry."""

from alliance_stance.labeling.rules.patterns import WORKS, compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.labeling.scenes.verbs import PRAISE, SUPPORT
from alliance_stance.schema import Act

_WORK_OF = compiled(
    rf"{WORKS} (?:OWN{{0,8}})?(?:of|by|from|under|within|made|taken|adopted|at|proposed|undertaken|"
    rf"drafted|submitted|launched) OWN{{0,8}}@A|@A(?: 's)? (?:- (?:led|sponsored|"
    rf"brokered|mediated) )?"
    rf"FREE{{0,3}}{WORKS}"
)
_ENTRY = (
    r"(?:membership|accession|entry|admission|inclusion|candidacy|candidature|"
    r"integration|joining|bid|"
    r"application|aspirations?|readmission|join|enter|participation|becoming|admitted|status)"
)
_OTHERS_ENTRY = compiled(rf"@O.*{_ENTRY}.*@A|{_ENTRY} (?:\S+ )?of @O.*@A|@O.*@A(?: \S+)? {_ENTRY}")
_GROWTH = compiled(
    r"(?:enlarge\w*|expan\w+|widening|admission of (?:\S+ )?new|new members) (?:of |into |to |in )?"
    r"FREE{0,4}@A|@A(?: 's)? FREE{0,2}(?:enlargement|expansion)"
)
_AGREEMENT = compiled(
    r"(?:with |in |to |the |by |itself ){0,3}(?:FREE{0,4}(?:views?|position|statement|call|calls|"
    r"declaration|decisions?|consensus|concerns?|opinion|demand|communiqu.|text)) OWN{0,6}@A|"
    r"^(?:itself |@S )?(?:fully |entirely )?(?:with|to) (?:the )?FREE{0,6}@A"
)
_HOPES = compiled(r"@S (?:sincerely |very much )?(?:hopes?|looks? forward|trust)\b[^;]{0,120}@A")
_BASIS = compiled(
    r"(?:in (?:line|accordance|keeping|conformity|compliance) with|on the basis of|pursuant to|"
    r"consistent with|as (?:called for|proposed|recommended|decided|stipulated|agreed|affirmed) "
    r"(?:by|in|at)|in implementation of) (?:\S+ ){0,14}@A"
)


def supports_work(scene: Scene) -> bool:
    """The state supports or welcomes what the alliance does or decided (27)."""
    return scene.does(SUPPORT | PRAISE | {"endorse", "accept", "adopt"}, _WORK_OF)


def supports_entry_of_other(scene: Scene) -> bool:
    """The state supports another's membership (6, 25)."""
    return scene.does(
        SUPPORT | PRAISE | {"recognize", "agree", "recommend", "propose"}, _OTHERS_ENTRY
    )


def supports_growth(scene: Scene) -> bool:
    """The state supports the alliance's enlargement (6)."""
    return scene.does(SUPPORT | PRAISE, _GROWTH)


def agrees_with(scene: Scene) -> bool:
    """The state agrees with the alliance, shares its view or joins its statement (27)."""
    return scene.does(
        {"agree", "share", "associate", "subscribe", "align", "join", "concur"}, _AGREEMENT
    )


def names_decision_as_basis(scene: Scene) -> bool:
    """The state, in its own voice, wants something done by the alliance's decisions (27, 28)."""
    return scene.is_author and not scene.is_question and scene.says(_BASIS)


def accepts_work(scene: Scene) -> bool:
    """The state accepted a plan or decision of the alliance (27)."""
    return scene.does({"accept", "approve", "adopt", "sign", "agree"}, _WORK_OF, forms="base s ed")


def has_work_backed(scene: Scene) -> bool:
    """A plan of the alliance is backed by the state, in the passive (27)."""
    return any(
        deed.is_passive and deed.subject == "@S" and not deed.is_negated
        and deed.verb in SUPPORT | {"accept", "propose"} and "@A" in scene.tokens[: deed.place]
        for deed in scene.deeds
    )  # fmt: skip


def hopes_for_work(scene: Scene) -> bool:
    """The state hopes for the success of what the alliance does (27)."""
    hopes = scene.does({"hope", "look", "expect", "trust", "wish"}, _WORK_OF)
    return hopes or (scene.is_author and scene.says(_HOPES))


ENDORSE_RULES: tuple[Rule, ...] = (
    Rule(
        name="supports_work",
        act=Act.ENDORSE,
        codebook=(27,),
        holds=supports_work,
        fires=Case(
            "Botswana supports the decision of the African Union on this matter.", "BWA", "AU"
        ),
        near_miss=Case(
            "Botswana does not support the decision of the African Union on this matter.",
            "BWA",
            "AU",
        ),
    ),
    Rule(
        name="supports_entry_of_other",
        act=Act.ENDORSE,
        codebook=(
            6,
            25,
        ),
        holds=supports_entry_of_other,
        fires=Case("Poland supports Ukraine's accession to the European Union.", "POL", "EU"),
        near_miss=Case("Poland opposes Ukraine's accession to the European Union.", "POL", "EU"),
    ),
    Rule(
        name="supports_growth",
        act=Act.ENDORSE,
        codebook=(6,),
        holds=supports_growth,
        fires=Case("Lithuania welcomes the enlargement of the European Union.", "LTU", "EU"),
        near_miss=Case(
            "Lithuania is where the enlargement of the European Union was discussed.", "LTU", "EU"
        ),
    ),
    Rule(
        name="agrees_with",
        act=Act.ENDORSE,
        codebook=(27,),
        holds=agrees_with,
        fires=Case("Fiji fully agrees with the Pacific Islands Forum on this point.", "FJI", "PIF"),
        near_miss=Case(
            "Fiji agrees with Tonga, whatever the Pacific Islands Forum says.", "FJI", "PIF"
        ),
    ),
    Rule(
        name="names_decision_as_basis",
        act=Act.ENDORSE,
        codebook=(
            27,
            28,
        ),
        holds=names_decision_as_basis,
        fires=Case(
            "The conflict must be settled in line with the resolutions of the African Union.",
            "ZMB",
            "AU",
            speaker_state="ZMB",
        ),
        near_miss=Case(
            "The conflict must be settled, though the African Union met only once.",
            "ZMB",
            "AU",
            speaker_state="ZMB",
        ),
    ),
    Rule(
        name="accepts_work",
        act=Act.ENDORSE,
        codebook=(27,),
        holds=accepts_work,
        fires=Case("Sudan accepted the plan of the African Union on Monday.", "SDN", "AU"),
        near_miss=Case(
            "Sudan refused to accept the plan of the African Union on Monday.", "SDN", "AU"
        ),
    ),
    Rule(
        name="has_work_backed",
        act=Act.ENDORSE,
        codebook=(27,),
        holds=has_work_backed,
        fires=Case("The plan of the African Union was supported by Ghana.", "GHA", "AU"),
        near_miss=Case("The plan of the African Union was not supported by Ghana.", "GHA", "AU"),
    ),
    Rule(
        name="hopes_for_work",
        act=Act.ENDORSE,
        codebook=(27,),
        holds=hopes_for_work,
        fires=Case("Malawi hopes that the mediation of SADC will bear fruit.", "MWI", "SADC"),
        near_miss=Case("Malawi hopes for rain, and SADC has no say in that.", "MWI", "SADC"),
    ),
)
