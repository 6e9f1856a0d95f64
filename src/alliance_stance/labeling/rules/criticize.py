"""Rules for `criticize`: the state blames, condemns or doubts the alliance."""

from alliance_stance.labeling.rules.patterns import compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.labeling.scenes.verbs import BLAME, OPPOSE
from alliance_stance.schema import Act

_BLAMED = compiled(
    r"^(?:FREE{0,7}(?<!before )(?<!at )(?<!attack on )(?<!attacks on )(?<!aggression "
    r"against ))@A(?! member(?!s| states))"
)
_ABUSE = (
    r"(?:aggressive|imperialists?|militarist\w*|colonialists?|warmongering|war-mongering|notorious|"
    r"so-called|reactionary|obsolete|arrogant|hypocritical|insolent|predatory|neo-colonial\w*|"
    r"expansionist|belligerent|barbaric|criminal|rapacious|hostile)"
)
_ABUSED = compiled(
    rf"(?<!no )(?<!-)\b{_ABUSE} (?:(?!or\b|towards?\b|against\b)\S+ ){{0,2}}@A|"
    rf"@A(?: 's)? (?:(?:and|of|"
    rf"its) ){{0,2}}(?:\S+ )?(?:{_ABUSE}|war machine|"
    r"military machine|militarism|hypocrisy|machinations|hegemony|aggression|bombing|"
    r"bombardment|bombs|"
    r"double standards|warmongers|expansionism|imperialists?|crimes|complicity|"
    r"connivance|military bloc|"
    r"aggressors|colonizers|diktat|occupation|interference|intervention in the internal)"
)
_SIDES_WITH = compiled(
    r"(?:by the|by|of its|its|their|certain|some|these|other|many|from|several|all|"
    r"of) (?:\S+ ){0,2}@A "
    r"(?:allies|countries|members?|states|powers|capitals|friends|partners|circles|"
    r"governments|member states)|"
    r"(?:connivance|complicity|support|assistance|help|assistance|aid|backing|"
    r"protection|encouragement|blessing|"
    r"weapons|arms|bases) (?:\S+ ){0,6}(?:of|by|from|through) (?:\S+ ){0,5}@A(?: \S+)? ?(?:allies|"
    r"friends|partners|powers|members|states|countries)?"
)
_VICTIMS = compiled(
    r"\b(?:racist|colonial|minority|apartheid|oppress|imperialis|aggress|massacre|"
    r"genocid|brutal|illegal|"
    r"war machine|fascis|repress|arms|weapons|bombs|conniv|complicit|blessing|"
    r"occupation|interfer|hypocri|"
    r"mercenar|manoeuvre|puppet|cruel|puppets|dictat)"
)
_FAILS = compiled(
    r"@A (?:\S+ ){0,4}(?:failed|fails|failure|inability|incapable|unable|powerless|"
    r"ineffective|inoperative|"
    r"impotent|paralysed|paralyzed|discredit\w*|in crisis|no longer|not able|"
    r"has done nothing|betray\w+|"
    r"doomed|collaps\w+|disintegrat\w+|helpless|useless|irrelevant|refus\w+|violat\w+|"
    r"ignor\w+|provok\w+)|"
    r"(?:failure|inability|inaction|refusal|unwillingness|violations?|crisis|"
    r"impotence|ineffectiveness|"
    r"shortcomings|indifference) (?:of|by|within|in) (?:\S+ ){0,2}@A"
)
_HEADLINE = compiled(
    r"^@S : (?:\S+ ){0,4}@A|^(?:(?!@O)\S+ ){0,4}@A(?! (?:needs|may|"
    r"should)\b).*\u2014 (?:@S|@S \S+)$"
)
_BAD = compiled(
    r"\b(?:threat\w*|crisis|discredit\w*|provocat\w*|demoni[sz]\w+|escalat\w+|aggress\w*|backfire|"
    r"desperate|hysteri\w*|doubl\w+ standards|anti-\w+|swallowing|drags?|dragging|"
    r"fail\w*|unaccept\w+|wrong|mistake|lies?|illegal|hostile|russophob\w+|never|destroy\w*|"
    r"breach\w*|harm\w*|dangerous|undermin\w+|interfer\w+|blackmail|militari\w+|pressure|"
    r"hypocri\w+|fears?|lost|loses|infring\w+|violat\w+|can't|cannot|unable|provok\w+|refus\w+)\b"
)
_ARMS = (
    r"(?<!anti-)\b(?:aggressive|circles|weapons|military bloc|bases|arms race|imperialis\w+|"
    r"colonialis\w+|revanchis\w+|"
    r"nuclear arm\w*|militar\w+|war machine|@A allies|allies in @A|racist|apartheid|"
    r"monopolies|mercenar\w+)\b"
)
_ARMS_NEAR = compiled(rf"{_ARMS}(?: \S+){{0,14}} @A|@A(?: \S+){{0,14}} {_ARMS}")
_PEACE = compiled(
    r"\b(?:victory|vindicated|stock allegation|opposition to|liberation of|solidarity|accepted|"
    r"efforts?|peaceful|welcome\w*|mediation|resolutions? of|decisions? of|"
    r"adopted|peacekeep\w*|"
    r"peace-keep\w*|settlement|initiative|fully support\w*|initiatives|ceasefire)\b"
)
_EXPANSION = (
    r"(?:@A(?: 's)? FREE{0,2}(?:expan\w+|enlarge\w+|eastward\w*|infrastructure|advance)|"
    r"(?:non-expansion|expansion|enlargement|advance|eastward\w*|infrastructure) (?:\S+ )?of @A)"
)
_DISLIKED = (
    r"(?:oppos\w+|concern\w*|threat\w*|objection\w*|reject\w*|unaccept\w+|danger\w*|"
    r"non-expansion|against|"
    r"no(?:t|n't)|border\w*|assurances|guarantees|mistake|provocati\w+|contrary|despite)"
)
_NEARLY = compiled("^OWN{0,6}@A")
_WARNED = compiled(
    r"^(?:(?:of|against|about) )?STRICT{0,2}@A(?! (?:leaders )?of )|"
    r"(?:against|not to|about|of) (?:\S+ ){0,4}(?:join\w*|@A)"
)
_AGAINST_GROWTH = compiled(
    rf"{_DISLIKED}\b (?:\S+ ){{0,8}}{_EXPANSION}|{_EXPANSION}(?: \S+){{0,12}} {_DISLIKED}\b"
)


_OPPOSES = compiled(r"^(?:FREE{0,6})@A(?! candidates)")
_REGRETTED = compiled(
    r"^(?:that |the |which )*(?:(?:decision|refusal|sanctions|intention|attitude|"
    r"position|fact|promises|proposals) )?(?:FREE{0,3})@A"
)
_IS_SORRY = compiled(
    r"@S (?:is|are|was|were|am|'m) (?:\S+ )?(?:disappointed|dismayed|outraged|shocked|"
    r"frustrated|angry|astonished) (?:\S+ ){0,6}@A"
)
_GIVES_IN = compiled(
    r"(?:withdr\w+|drop\w*|lift\w*|no) (?:his |its |their |her |the |"
    r"any )?(?:objections?|opposition|"
    r"veto|criticism|concerns?)\b"
)
_HAS_CRITICISM_NAMED = compiled(
    r"@S (?:casts? doubt|cast doubts|sees? no (?:point|need|sense|reason)|"
    r"has no faith|lost faith|took aim|hits? out|lash\w* out) (?:\S+ ){0,4}@A|"
    r"(?:complaint|protest|criticism|objection)s? (?:by|from|of) @S (?:against|to|of|"
    r"about) (?:\S+ ){0,5}@A|"
    r"@S(?: 's)? (?:(?:has |have )?(?:reiterated|voiced|expressed|repeated|renewed) )?"
    r"(?:(?!is\b|was\b|has\b|have\b|no\b)FREE){0,2}(?:criticism|opposition|"
    r"objections?|concerns?|hostility|condemnation|"
    r"protests?|complaints?|anger|doubts|displeasure|resentment|attacks?|mistrust|distrust) "
    r"(?:of|to|about|over|against|toward|towards|at|"
    r"regarding) STRICT{0,4}@A(?! (?:candidates?|agreement))"
)


def blames(scene: Scene) -> bool:
    """The state criticizes, condemns or blames the alliance."""
    return scene.does(BLAME - {"dismiss", "regret"}, _BLAMED)


def opposes(scene: Scene) -> bool:
    """The state opposes or rejects what the alliance does (23)."""
    return scene.does(OPPOSE - {"fear", "question"}, _OPPOSES)


def calls_names(scene: Scene) -> bool:
    """The state's own words abuse the alliance: "the aggressive bloc" (28, 43)."""
    return scene.is_author and scene.says(_ABUSED) and not scene.says(_PEACE)


def sees_accomplice(scene: Scene) -> bool:
    """The state's own words make the alliance an accomplice of a regime (28, 43)."""
    return (
        scene.is_author and all(map(scene.says, (_SIDES_WITH, _VICTIMS))) and not scene.says(_PEACE)
    )


def finds_failing(scene: Scene) -> bool:
    """The state's own words tell of the alliance's failure or wrong (7, 28)."""
    return scene.is_author and not scene.is_question and scene.says(_FAILS)


def regrets(scene: Scene) -> bool:
    """The state regrets, or is disappointed by, what the alliance does."""
    return (
        scene.does({"regret", "deplore", "lament"}, _REGRETTED)
        or scene.says(_IS_SORRY)
    )  # fmt: skip


def headline_blames(scene: Scene) -> bool:
    """A headline ends in the state as its source, and says something bad of the alliance (2)."""
    return scene.says(_HEADLINE) and scene.says(_BAD)


def opposes_growth(scene: Scene) -> bool:
    """The state opposes the alliance's enlargement or its coming nearer (6, 23)."""
    return (scene.is_author or scene.is_subject) and scene.says(_AGAINST_GROWTH)


def has_criticism_named(scene: Scene) -> bool:
    """A noun tells of its criticism, opposition or concern (19)."""
    return scene.says(_HAS_CRITICISM_NAMED) and not scene.says(_GIVES_IN)


def speaks_of_arms(scene: Scene) -> bool:
    """The unnamed speaker talks of weapons, circles and bases around the alliance (28, 43)."""
    return scene.is_silent_author and scene.says(_ARMS_NEAR) and not scene.says(_PEACE)


def warns_off(scene: Scene) -> bool:
    """The state warns the alliance, or others against joining it (23)."""
    return scene.does({"warn", "caution"}, _WARNED)


def cannot_accept(scene: Scene) -> bool:
    """The state says that it cannot accept or share what the alliance does (23, 28)."""
    verbs = {"accept", "agree", "support", "share", "recognize", "understand", "tolerate"}
    return scene.is_author and scene.denies(verbs, _NEARLY)


CRITICIZE_RULES: tuple[Rule, ...] = (
    Rule(
        name="cannot_accept",
        act=Act.CRITICIZE,
        codebook=(23, 28),
        holds=cannot_accept,
        fires=Case(
            "We cannot accept the tariffs of the European Union.", "BRA", "EU", speaker_state="BRA"
        ),
        near_miss=Case(
            "We can accept the tariffs of the European Union.", "BRA", "EU", speaker_state="BRA"
        ),
    ),
    Rule(
        name="blames",
        act=Act.CRITICIZE,
        codebook=(
            5,
            7,
        ),
        holds=blames,
        fires=Case("Belgrade condemned NATO for the raid.", "SRB", "NATO"),
        near_miss=Case("Belgrade condemned the attack on NATO's convoy.", "SRB", "NATO"),
    ),
    Rule(
        name="opposes",
        act=Act.CRITICIZE,
        codebook=(23,),
        holds=opposes,
        fires=Case("Nicaragua rejects the OAS report.", "NIC", "OAS"),
        near_miss=Case("Nicaragua does not reject the OAS report.", "NIC", "OAS"),
    ),
    Rule(
        name="calls_names",
        act=Act.CRITICIZE,
        codebook=(
            28,
            43,
        ),
        holds=calls_names,
        fires=Case("The aggressive NATO bloc feeds on fear.", "CUB", "NATO", speaker_state="CUB"),
        near_miss=Case(
            "An aggressive dog barked, and we told NATO's guards.",
            "CUB",
            "NATO",
            speaker_state="CUB",
        ),
    ),
    Rule(
        name="sees_accomplice",
        act=Act.CRITICIZE,
        codebook=(
            28,
            43,
        ),
        holds=sees_accomplice,
        fires=Case(
            "The racist regime lives on the arms of its NATO friends.",
            "TZA",
            "NATO",
            speaker_state="TZA",
            date="1974",
        ),
        near_miss=Case(
            "The racist regime has no friends here, and NATO is far away.",
            "TZA",
            "NATO",
            speaker_state="TZA",
            date="1974",
        ),
    ),
    Rule(
        name="finds_failing",
        act=Act.CRITICIZE,
        codebook=(
            7,
            28,
        ),
        holds=finds_failing,
        fires=Case(
            "The OAS has once more failed the small countries.", "BOL", "OAS", speaker_state="BOL"
        ),
        near_miss=Case("The OAS has once more met in the small hall of Bolivia.", "BOL", "OAS"),
    ),
    Rule(
        name="regrets",
        act=Act.CRITICIZE,
        codebook=(5,),
        holds=regrets,
        fires=Case("Ankara regrets the European Union's decision.", "TUR", "EU"),
        near_miss=Case(
            "Ankara regrets the loss of a ship that the European Union had hired.", "TUR", "EU"
        ),
    ),
    Rule(
        name="headline_blames",
        act=Act.CRITICIZE,
        codebook=(2,),
        holds=headline_blames,
        fires=Case("NATO drags Europe into a crisis — Russia", "RUS", "NATO"),
        near_miss=Case("NATO opens a library in the north — Russia", "RUS", "NATO"),
    ),
    Rule(
        name="opposes_growth",
        act=Act.CRITICIZE,
        codebook=(
            6,
            23,
        ),
        holds=opposes_growth,
        fires=Case("Moscow remains opposed to any expansion of NATO.", "RUS", "NATO"),
        near_miss=Case(
            "Moscow is far from where the expansion of NATO was celebrated.", "RUS", "NATO"
        ),
    ),
    Rule(
        name="has_criticism_named",
        act=Act.CRITICIZE,
        codebook=(19,),
        holds=has_criticism_named,
        fires=Case("Hungary's criticism of the European Union grew louder.", "HUN", "EU"),
        near_miss=Case("Hungary's harvest for the European Union grew smaller.", "HUN", "EU"),
    ),
    Rule(
        name="speaks_of_arms",
        act=Act.CRITICIZE,
        codebook=(
            28,
            43,
        ),
        holds=speaks_of_arms,
        fires=Case(
            "These bases and weapons serve the plans of NATO.",
            "BGR",
            "NATO",
            speaker_state="BGR",
            date="1962",
        ),
        near_miss=Case(
            "These peaceful efforts of NATO were adopted without weapons.",
            "BGR",
            "NATO",
            speaker_state="BGR",
            date="1962",
        ),
    ),
    Rule(
        name="warns_off",
        act=Act.CRITICIZE,
        codebook=(23,),
        holds=warns_off,
        fires=Case("Russia warned Georgia against joining NATO.", "RUS", "NATO"),
        near_miss=Case("Russia was warned by Georgia, and NATO heard of it.", "RUS", "NATO"),
    ),
)
