"""Rules for `contribute`: the state gives troops, bases, money or work, or deepens ties."""

from alliance_stance.labeling.rules.patterns import NEAR, WORKS, compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.labeling.scenes.verbs import BUILD, GIVE, PRAISE, WORK
from alliance_stance.schema import Act

_FORCES = compiled(
    r"(?:troops?|forces?|soldiers|contingents?|battalions?|police(?:men)?|observers|"
    r"aircraft|ships?|"
    r"frigates?|personnel|units?|brigades?|peacekeepers|division|jets|planes|experts|"
    r"batter(?:y|ies)|"
    r"monitors|teams?|equipment|submarines|staff|officers)\b.*@A|@A.*(?:troops|forces|peacekeepers)"
)
_TOGETHER = compiled(
    r"^(?:FREE{0,4}(?:with|in) |OWN{0,14}(?:within|through|via|framework of|cooperation with) )"
    r"FREE{0,4}@A"
)
_TIES = (
    r"(?:relations(?:hips?)?|ties|cooperation|co-operation|partnerships?|dialogues?|engagements?|"
    r"links|bonds|integration|collaboration|contacts|coordination|association|work|interaction)"
)
_WITH = compiled(
    rf"{_TIES} (?:FREE{{0,4}})?(?:with|between|within|in|and|through|to) OWN{{0,6}}@A|"
    rf"^OWN{{0,4}}@S - @A|@A {_TIES}|^(?:its |the )?FREE{{0,2}}@A"
)
_DEAL = compiled(
    r"(?:agreements?|memorand\w+|partnerships?|treat(?:y|ies)|accords?|protocols?|deals?|compact|"
    r"arrangements?|talks|negotiations|programmes?|programs?|projects?|initiatives?) "
    r"FREE{0,6}(?:with|and|between) OWN{0,4}@A"
)
_JOINT = (
    r"(?:cooperation|co-operation|partnerships?|collaboration|agreement|initiative|"
    r"free trade|project|"
    r"engagement|commitment|work|participation|ties|alliance)"
)
_MINUTES = compiled(
    r"\b(?:discuss\w*|talks|agenda|exchange of views|exchanged views|implications|"
    r"negotiations|prospects|"
    r"issues|topics|questions|situation)\b"
)
_NAMED_TIES = compiled(
    rf"(?:@S - @A|@A - @S) FREE{{0,3}}{_JOINT}|{_JOINT} between (?:@S and @A|@A and @S)|"
    rf"@S 's FREE{{0,3}}{_JOINT} (?:with|in|within) FREE{{0,3}}@A"
)
_MONEY = compiled(
    r"(?:\$|\u20ac|million|billion|funds?|funding|money|aid|financ\w+|grants?|loans?|"
    r"budget|resources|contributions?) OWN{0,10}(?:to|for|through|in|with) OWN{0,6}@A"
)
_OPERATION = compiled(
    r"^in FREE{0,6}(?:missions?|operations?|exercises?|forces?|activities|work|programmes?|efforts|"
    r"manoeuvres|negotiations) FREE{0,4}(?:of|by|led by|under|within) FREE{0,3}@A|"
    r"^in FREE{0,3}@A(?: 's)?(?: - led)? FREE{0,3}(?:missions?|operations?|exercises?|forces?|"
    r"activities|programmes?|process|efforts|battlegroup)"
)
_JOINTLY = (
    r"(?:together|jointly|in (?:close )?(?:cooperation|coordination|collaboration|partnership|"
    r"concert|consultation|tandem))"
)
_WITH_OTHERS = compiled(
    rf"@S ,? ?(?:{_JOINTLY}|along) with FREE{{0,6}}@A|"
    rf"{_JOINTLY} with (?:@S 's |its |the |other |fellow |all ){{0,3}}(?:\w+ ){{0,3}}"
    r"@A[^.]{0,40} , @S"
)
_THANKED = compiled(
    r"^(?:FREE{0,3})@S (?:\S+ )?for (?:\S+ ){0,6}(?:contributions?|leadership|support|role|efforts|"
    r"chair\w*|work|part|generosity|hosting|hospitality|sending|providing|supporting|taking|making|"
    r"helping|assistance) (?:\S+ ){0,14}@A"
)
_CHAIR = compiled(
    r"(?:as|during) FREE{0,3}(?:chair(?:man|person|manship)?|president|presidency|host) OWN{0,5}@A|"
    r"@S 's FREE{0,2}(?:chair(?:manship|ship)?|presidency) (?:of|in|at) FREE{0,3}@A|"
    r"@S 's @A (?:chair(?:manship|ship)?|presidency)"
)
_CHAIR_WORKS = frozenset({
    "work", "host", "convene", "promote", "propose", "launch", "seek", "invite", "give",
    "strengthen", "help", "lead", "intend", "plan", "take", "make", "develop", "continue",
    "put", "support", "serve",
})  # fmt: skip


_HOSTS = compiled("^OWN{0,7}@A")
_TAKES_PART_IN_OPERATION = compiled(
    r"^(?:an? )?(?:\w+ )?part in (?!FREE{0,6}(?:summits?|sessions?|meetings?|"
    r"conferences?)\b)"
    r"OWN{0,8}@A(?! (?:\w+ )?(?:summit|session|meeting|conference))"
)
_CARRIES_OUT = compiled(rf"^OWN{{0,7}}@A|{WORKS} of FREE{{0,3}}@A")


def sends_forces(scene: Scene) -> bool:
    """The state sends or offers troops or means (9, 57)."""
    return scene.does(GIVE - {"host", "announce"}, _FORCES)


def hosts(scene: Scene) -> bool:
    """The state hosts or will host a meeting of the alliance, or offers to (9, 26)."""
    return scene.does({"host", "convene"}, _HOSTS)


def works_within(scene: Scene) -> bool:
    """The state works or takes part with or within the alliance (9)."""
    return scene.does(WORK - {"act", "join"}, _TOGETHER)


def builds_ties(scene: Scene) -> bool:
    """The state strengthens or develops its ties with the alliance (17)."""
    return scene.does(
        BUILD - {"sign", "conclude", "negotiate", "propose", "create", "found"}, _WITH
    )


def signs_deal(scene: Scene) -> bool:
    """The state signs or negotiates an agreement with the alliance (17)."""
    return scene.does(
        {"sign", "conclude", "negotiate", "launch", "establish", "develop", "initiate"}, _DEAL
    )


def has_ties_named(scene: Scene) -> bool:
    """A noun tells of its cooperation or partnership with the alliance (17, 19)."""
    return scene.says(_NAMED_TIES) and not scene.says(_MINUTES)


def pays(scene: Scene) -> bool:
    """The state gives money through or to the alliance (9)."""
    return scene.does(GIVE, _MONEY)


def takes_part_in_operation(scene: Scene) -> bool:
    """The state takes part in a mission, force or exercise (9)."""
    return scene.does({"participate"}, _OPERATION) or scene.does(
        {"take"},
        _TAKES_PART_IN_OPERATION,
    )


def acts_as_chair(scene: Scene) -> bool:
    """The state does something as the alliance's chair or host (26)."""
    return scene.says(_CHAIR) and any(
        scene.is_real(deed) and deed.form != "noun" for deed in scene.own(_CHAIR_WORKS)
    )


def carries_out(scene: Scene) -> bool:
    """The state carries out a decision of the alliance (27)."""
    return scene.does(
        {"implement", "comply", "abide", "fulfil", "fulfill", "enforce"},
        _CARRIES_OUT,
    )


def initiates(scene: Scene) -> bool:
    """The state proposes, launches or founds something in or of the alliance (9, 18)."""
    return scene.does(
        {"propose", "initiate", "launch", "found", "create", "form", "introduce"}, NEAR
    )


def acts_together(scene: Scene) -> bool:
    """The state does something together with the alliance or its other members (9)."""
    works = scene.own(WORK | GIVE | BUILD | {"seek", "help"})
    return scene.says(_WITH_OTHERS) and any(
        scene.is_real(deed) and deed.form != "noun" for deed in works
    )


def is_thanked_for_part(scene: Scene) -> bool:
    """Others thank the state for what it did in or for the alliance (2, 9)."""
    return not scene.is_author and any(
        deed.verb in PRAISE and not deed.is_negated and _THANKED.search(deed.after)
        for deed in scene.deeds
    )


CONTRIBUTE_RULES: tuple[Rule, ...] = (
    Rule(
        name="is_thanked_for_part",
        act=Act.CONTRIBUTE,
        codebook=(2, 9),
        holds=is_thanked_for_part,
        fires=Case(
            "We thank Ghana for its generous contribution to the African Union's mission.",
            "GHA",
            "AU",
            speaker_state="MLI",
        ),
        near_miss=Case(
            "We thank Ghana for its hymn, and the African Union for nothing.",
            "GHA",
            "AU",
            speaker_state="MLI",
        ),
    ),
    Rule(
        name="sends_forces",
        act=Act.CONTRIBUTE,
        codebook=(
            9,
            57,
        ),
        holds=sends_forces,
        fires=Case("Senegal sent two battalions to the ECOWAS force.", "SEN", "ECOWAS"),
        near_miss=Case(
            "Senegal sent a letter of sympathy to the chairman of ECOWAS.", "SEN", "ECOWAS"
        ),
    ),
    Rule(
        name="hosts",
        act=Act.CONTRIBUTE,
        codebook=(
            9,
            26,
        ),
        holds=hosts,
        fires=Case("Portugal will host the NATO summit next spring.", "PRT", "NATO"),
        near_miss=Case("Portugal was asked to host the NATO summit.", "PRT", "NATO"),
    ),
    Rule(
        name="works_within",
        act=Act.CONTRIBUTE,
        codebook=(9,),
        holds=works_within,
        fires=Case("Kenya cooperates closely with the African Union on water.", "KEN", "AU"),
        near_miss=Case(
            "Kenya cooperates closely with Uganda, and the African Union looks on.", "KEN", "AU"
        ),
    ),
    Rule(
        name="builds_ties",
        act=Act.CONTRIBUTE,
        codebook=(17,),
        holds=builds_ties,
        fires=Case("Serbia has deepened its relations with the European Union.", "SRB", "EU"),
        near_miss=Case(
            "Serbia has deepened the harbour that the European Union once drew on a map.",
            "SRB",
            "EU",
        ),
    ),
    Rule(
        name="signs_deal",
        act=Act.CONTRIBUTE,
        codebook=(17,),
        holds=signs_deal,
        fires=Case("Chile signed an agreement on trade with the European Union.", "CHL", "EU"),
        near_miss=Case(
            "Chile signed an agreement on trade with Peru, and the European Union took note.",
            "CHL",
            "EU",
        ),
    ),
    Rule(
        name="has_ties_named",
        act=Act.CONTRIBUTE,
        codebook=(
            17,
            19,
        ),
        holds=has_ties_named,
        fires=Case("Japan-NATO cooperation now covers space as well.", "JPN", "NATO"),
        near_miss=Case(
            "The agenda holds Japan-NATO cooperation and other topics for talks.", "JPN", "NATO"
        ),
    ),
    Rule(
        name="pays",
        act=Act.CONTRIBUTE,
        codebook=(9,),
        holds=pays,
        fires=Case("Norway gave 20 million euros in aid through the African Union.", "NOR", "AU"),
        near_miss=Case("Norway gave the press 20 pages about the African Union.", "NOR", "AU"),
    ),
    Rule(
        name="takes_part_in_operation",
        act=Act.CONTRIBUTE,
        codebook=(9,),
        holds=takes_part_in_operation,
        fires=Case("Denmark takes part in the NATO mission off that coast.", "DNK", "NATO"),
        near_miss=Case("Denmark takes part in the NATO summit on Friday.", "DNK", "NATO"),
    ),
    Rule(
        name="acts_as_chair",
        act=Act.CONTRIBUTE,
        codebook=(26,),
        holds=acts_as_chair,
        fires=Case("As chair of ASEAN, Laos will convene the ministers in June.", "LAO", "ASEAN"),
        near_miss=Case("As chair of ASEAN, Laos is mentioned on page four.", "LAO", "ASEAN"),
    ),
    Rule(
        name="carries_out",
        act=Act.CONTRIBUTE,
        codebook=(27,),
        holds=carries_out,
        fires=Case("Mali has implemented the decision of ECOWAS in full.", "MLI", "ECOWAS"),
        near_miss=Case("Mali has not implemented the decision of ECOWAS.", "MLI", "ECOWAS"),
    ),
    Rule(
        name="initiates",
        act=Act.CONTRIBUTE,
        codebook=(
            9,
            18,
        ),
        holds=initiates,
        fires=Case("Kazakhstan proposed a SCO centre for clean water.", "KAZ", "SCO"),
        near_miss=Case(
            "Kazakhstan proposed a toast in the hall where the SCO had met.", "KAZ", "SCO"
        ),
    ),
    Rule(
        name="acts_together",
        act=Act.CONTRIBUTE,
        codebook=(9,),
        holds=acts_together,
        fires=Case(
            "Togo, together with its partners in ECOWAS, works for a ceasefire.", "TGO", "ECOWAS"
        ),
        near_miss=Case(
            "Togo, together with its partners in ECOWAS, is deeply worried.", "TGO", "ECOWAS"
        ),
    ),
)
