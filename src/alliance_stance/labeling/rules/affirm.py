"""Rules for `affirm`: the state praises or defends the alliance, or declares commitment."""

from alliance_stance.labeling.rules.patterns import NEAR, REACHES, compiled
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
_GOOD = (
    r"(?:important|vital|positive|constructive|valuable|invaluable|commendable|"
    r"decisive|crucial|essential|"
    r"effective|effectively|successful|successfully|pillar|cornerstone|indispensable|"
    r"strongest|stronger|"
    r"noble|untiring|tireless|remarkable|outstanding|key|significant|strategic|best|"
    r"useful|great|praiseworthy|"
    r"laudable|historic|unique|powerful|united|admirable|leading|bulwark|guarantor|"
    r"guarantee|bedrock|"
    r"foundation|appropriate|credible|excellent|solid|promising|encouraging|timely|prominent|"
    r"fundamental|central|force for|model|linchpin|mainstay|authoritative|legitimate)"
)
_VIEW = compiled(rf"(?:@A.*\b{_GOOD}\b|\b{_GOOD}\b.*@A)")
_AUTHOR_VIEW = compiled(
    rf"@A (?:, [^,]{{3,60}} , )?(?:itself )?(?:\S+ )?(?:is|are|was|were|has|have|"
    rf"remains|plays|continues|"
    rf"can|will|provides|represents|constitutes|made|proved) (?:\S+ ){{0,6}}{_GOOD}\b|"
    rf"\b{_GOOD} (?:\S+ )?(?:role|work|contributions?|efforts|part|achievements?|force|"
    rf"factor|forum|"
    r"organization|alliance|framework|partner|step|leadership|experience|results?) (?:\S+ ){0,4}"
    r"(?:of|by|played by|in|made by|from) (?:\S+ ){0,2}@A"
)
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
    r"(?:cornerstone|pillar|basis|foundation|linchpin|bedrock|priority) of @S 's (?:\S+ ){0,6}@A"
)
_AS_MEMBER = compiled(
    r"as an? (?:\S+ ){0,3}(?:member|participant|partner|founder)(?: state| country)? (?:of|in|to) "
    r"(?:\S+ ){0,6}@A[^;]{0,80}, @S|as (?:\S+ ){0,2}@A member , @S|"
    r"@S , as an? (?:\S+ ){0,3}(?:member|participant|founder|partner) (?:of|in) (?:\S+ ){0,4}@A"
)
_WARMLY = frozenset({"reaffirm", "reiterate", "underscore", "underline", "stress", "emphasize", "emphasise",
                     "pledge", "express", "affirm", "highlight", "acknowledge", "recognize", "recall",
                     "recognise", "declare", "note", "voice", "demonstrate"})  # fmt: skip


def praises(scene: Scene) -> bool:
    """The state praises or welcomes the alliance or its work (rule on acts: affirm)."""
    return scene.does(PRAISE, compiled("^OWN{0,9}@A"))


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


def speaks_well(scene: Scene) -> bool:
    """The state's own words praise the alliance, though no verb says that it does (28)."""
    return scene.is_author and not scene.is_question and scene.says(_AUTHOR_VIEW)


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
        {"remain"}, compiled(r"^(?:in|a member of|within|part of|a FREE{0,2}member of) FREE{0,2}@A")
    )


def speaks_as_member(scene: Scene) -> bool:
    """The state does or says something as a member of the alliance."""
    return scene.says(_AS_MEMBER) and scene.is_author


_ITS_ALLIES = compiled(
    r"@S 's (?:\S+ ){0,4}@A (?:allies|partners|friends|colleagues|allied)|"
    r"@S 's (?:\S+ ){0,3}(?:allies|partners|friends|brothers|colleagues|"
    r"fellow members) (?:\S+ ){0,5}"
    r"(?:in|of|at|from|within) (?:\S+ ){0,3}@A"
)
_EFFORTS = compiled(
    r"(?:efforts?|resolutions?|initiatives?|principles|charter|recommendations?|"
    r"achievements?|work|endeavou?rs|"
    r"mediation|good offices|contribution|role|solidarity|unity|ideals|values|goals|"
    r"objectives|purposes|spirit) "
    r"(?:(?!@O)\S+ ){0,10}@A|@A(?: 's)? (?:\S+ ){0,3}(?:efforts?|principles|"
    r"initiatives?|mediation|values|"
    r"solidarity|unity|good offices)|@A (?:\S+ ){0,4}(?:tirelessly|intensive efforts|"
    r"contribut\w+|helped|"
    r"stands? firm\w*|supports?|is working|has worked|worked|assist\w+|mediat\w+)"
)
_ILL = compiled(
    r"\b(?:aggress\w+|imperialis\w+|fail\w*|regret\w*|unfortunately|military bloc|"
    r"militar\w+|threat to|expansion|"
    r"hypocri\w+|violat\w+|racist|colonialis\w+|despite|ignored?|against @S|not)\b"
)
_COOPERATES = (
    r"\b(?:support\w*|strengthen\w*|commitment|committed|cooperation|co-operation|"
    r"cooperat\w+|close|closer|together|"
    r"joint\w*|engagement|actively|partnership|promot\w+|building|solidarity|unity|"
    r"continue to|calls for|"
    r"contribut\w+|participat\w+|integration|efforts?|good|positive|successful|proud|"
    r"determined|ensure)\b"
)
_COOPERATES_WITH = compiled(
    rf"(?:{_COOPERATES})(?: (?!;)\S+){{0,11}} @A|@A(?: (?!;)\S+){{0,10}} (?:{_COOPERATES})"
)
_MINUTES = compiled(
    r"\b(?:discuss\w*|met|agenda|talks|told|questions?|issues?|informed|"
    r"exchange of views|non-aggression|"
    r"situation|mentioned|prospects|according to|pact|journalists|reporters|"
    r"conversation|telephone)\b"
)


def counts_on_allies(scene: Scene) -> bool:
    """The state speaks of its allies, partners or brothers in the alliance (15)."""
    return scene.is_author and scene.says(_ITS_ALLIES) and not scene.says(_MINUTES)


def speaks_of_efforts(scene: Scene) -> bool:
    """The state's own words name the alliance's efforts, principles or resolutions, unblamed (28)."""
    return (
        scene.is_author and not scene.is_question and scene.says(_EFFORTS) and not scene.says(_ILL)
    )


def speaks_of_cooperation(scene: Scene) -> bool:
    """The state says "we" and speaks of cooperation, support or partnership, not as in minutes."""
    return (
        scene.is_author and scene.is_named and not scene.is_question
        and scene.says(_COOPERATES_WITH) and not scene.says(_MINUTES) and not scene.says(_ILL)
    )  # fmt: skip


def takes_side_with(scene: Scene) -> bool:
    """The state's own words condemn attacks on the alliance's members, or stand with them (42)."""
    return scene.is_author and scene.says(
        compiled(
            r"(?:solidarity|stand|stands|side by side|shoulder to shoulder|unity) (?:firmly |"
            r"united )?(?:with|of|within|among) (?:\S+ ){0,5}@A"
        )
    )


AFFIRM_RULES: tuple[Rule, ...] = (
    Rule(
        name="praises",
        act=Act.AFFIRM,
        codebook=(27,),
        holds=praises,
        fires=Case("Minsk praised the CSTO for its swift work.", "BLR", "CSTO"),
        near_miss=Case("Minsk praised Moscow, and the CSTO chief listened.", "BLR", "CSTO"),
    ),
    Rule(
        name="thanks",
        act=Act.AFFIRM,
        codebook=(28,),
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
        codebook=(15,),
        holds=is_pleased,
        fires=Case("Slovenia is proud of its place in NATO.", "SVN", "NATO"),
        near_miss=Case("Slovenia is near the sea, and NATO ships pass it.", "SVN", "NATO"),
    ),
    Rule(
        name="is_committed",
        act=Act.AFFIRM,
        codebook=(15,),
        holds=is_committed,
        fires=Case("Romania remains firmly committed to NATO.", "ROU", "NATO"),
        near_miss=Case("Romania is a place where NATO's planes land.", "ROU", "NATO"),
    ),
    Rule(
        name="attaches_weight",
        act=Act.AFFIRM,
        codebook=(15,),
        holds=attaches_weight,
        fires=Case("Vietnam attaches great importance to ASEAN.", "VNM", "ASEAN", date="2015"),
        near_miss=Case(
            "Vietnam attaches a map to its letter to ASEAN.", "VNM", "ASEAN", date="2015"
        ),
    ),
    Rule(
        name="thinks_well",
        act=Act.AFFIRM,
        codebook=(28,),
        holds=thinks_well,
        fires=Case("Italy believes that NATO is indispensable for peace.", "ITA", "NATO"),
        near_miss=Case(
            "Italy does not believe that NATO is indispensable for peace.", "ITA", "NATO"
        ),
    ),
    Rule(
        name="speaks_well",
        act=Act.AFFIRM,
        codebook=(28,),
        holds=speaks_well,
        fires=Case(
            "The African Union has played a decisive part in this.",
            "GHA",
            "AU",
            speaker_state="GHA",
        ),
        near_miss=Case("The African Union has met twice on this in Ghana.", "GHA", "AU"),
    ),
    Rule(
        name="supports",
        act=Act.ENDORSE,
        codebook=(27,),
        holds=supports,
        fires=Case("Uganda fully supports the African Union.", "UGA", "AU"),
        near_miss=Case("Uganda supports a club that the African Union has never met.", "UGA", "AU"),
    ),
    Rule(
        name="reaffirms",
        act=Act.AFFIRM,
        codebook=(15,),
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
        codebook=(15,),
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
    Rule(
        name="speaks_as_member",
        act=Act.AFFIRM,
        codebook=(15,),
        holds=speaks_as_member,
        fires=Case(
            "As a loyal member of the African Union, Lesotho will do its share.",
            "LSO",
            "AU",
            speaker_state="LSO",
        ),
        near_miss=Case(
            "As a visitor to the African Union, Lesotho saw the hall.",
            "LSO",
            "AU",
            speaker_state="LSO",
        ),
    ),
    Rule(
        name="counts_on_allies",
        act=Act.AFFIRM,
        codebook=(15,),
        holds=counts_on_allies,
        fires=Case("Our NATO allies know what we stand for.", "DNK", "NATO", speaker_state="DNK"),
        near_miss=Case("NATO allies of that country know what Denmark stands for.", "DNK", "NATO"),
    ),
    Rule(
        name="speaks_of_efforts",
        act=Act.AFFIRM,
        codebook=(28,),
        holds=speaks_of_efforts,
        fires=Case(
            "Peace came through the patient efforts of the African Union.",
            "GMB",
            "AU",
            speaker_state="GMB",
        ),
        near_miss=Case("The efforts of the African Union did not spare Gambia.", "GMB", "AU"),
    ),
    Rule(
        name="speaks_of_cooperation",
        act=Act.CONTRIBUTE,
        codebook=(
            15,
            28,
        ),
        holds=speaks_of_cooperation,
        fires=Case(
            "We shall continue to work together with ASEAN for clean seas.",
            "PHL",
            "ASEAN",
            speaker_state="PHL",
        ),
        near_miss=Case(
            "We discussed what may come of it for ASEAN.", "PHL", "ASEAN", speaker_state="PHL"
        ),
    ),
    Rule(
        name="takes_side_with",
        act=Act.AFFIRM,
        codebook=(42,),
        holds=takes_side_with,
        fires=Case("We stand firmly with ASEAN in this hour.", "JPN", "ASEAN", speaker_state="JPN"),
        near_miss=Case(
            "A Japanese expert said that few would stand firmly with ASEAN.", "JPN", "ASEAN"
        ),
    ),
)
