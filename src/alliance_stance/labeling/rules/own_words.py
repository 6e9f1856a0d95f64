"""Rules for favor that reads from the state's own words, where no verb says so (15, 28)."""

from alliance_stance.labeling.rules.patterns import GOOD, compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.schema import Act

_AUTHOR_VIEW = compiled(
    rf"@A (?:, [^,]{{3,60}} , )?(?:itself )?(?:\S+ )?(?:is|are|was|were|has|have|"
    rf"remains|plays|continues|"
    rf"can|will|provides|represents|constitutes|made|proved) (?:\S+ ){{0,6}}{GOOD}\b|"
    rf"\b{GOOD} (?:\S+ )?(?:role|work|contributions?|efforts|part|achievements?|force|"
    rf"factor|forum|"
    r"organization|alliance|framework|partner|step|leadership|experience|results?) (?:\S+ ){0,4}"
    r"(?:of|by|played by|in|made by|from) (?:\S+ ){0,2}@A"
)
_AS_MEMBER = compiled(
    r"as an? (?:\S+ ){0,3}(?:member|participant|partner|founder)(?: state| country)? (?:of|in|to) "
    r"(?:\S+ ){0,6}@A[^;]{0,80}, @S|as (?:\S+ ){0,2}@A member , @S|"
    r"@S , as an? (?:\S+ ){0,3}(?:member|participant|founder|partner) (?:of|in) (?:\S+ ){0,4}@A"
)
_TAKES_SIDE_WITH = compiled(
    r"(?:solidarity|stand|stands|side by side|shoulder to shoulder|unity) (?:firmly |"
    r"united )?(?:with|of|within|among) (?:\S+ ){0,5}@A"
)
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


def speaks_well(scene: Scene) -> bool:
    """The state's own words praise the alliance, though no verb says that it does (28)."""
    return scene.is_author and not scene.is_question and scene.says(_AUTHOR_VIEW)


def speaks_as_member(scene: Scene) -> bool:
    """The state does or says something as a member of the alliance."""
    return scene.says(_AS_MEMBER) and scene.is_author


def counts_on_allies(scene: Scene) -> bool:
    """The state speaks of its allies, partners or brothers in the alliance (15)."""
    return scene.is_author and scene.says(_ITS_ALLIES) and not scene.says(_MINUTES)


def speaks_of_efforts(scene: Scene) -> bool:
    """The state's own words name the alliance's efforts or principles, unblamed (28)."""
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
    return scene.is_author and scene.says(_TAKES_SIDE_WITH)


OWN_WORDS_RULES: tuple[Rule, ...] = (
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
