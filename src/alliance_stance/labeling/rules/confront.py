"""Rules for `confront`: the state threatens, sanctions, arms against or attacks the alliance."""

from alliance_stance.labeling.rules.patterns import compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.schema import Act

_AT = compiled(
    r"^(?:(?:to|at|against|with|up|apart|on|by) )?(?!to )FREE{0,4}@A(?! (?:member |"
    r"air |nation|'s \d))"
)
_ATTACKS = frozenset({
    "attack", "bomb", "threaten", "weaken", "divide", "split", "destroy", "confront", "blackmail",
    "bully", "invade", "fracture", "menace", "intimidate", "provoke", "subvert", "break",
})  # fmt: skip
_NAMED = compiled(
    r"@S(?: 's)? (?:FREE{0,3})?(?:war|aggression|attacks?|blackmail|coercion|provocations?|"
    r"aggressive intentions|hybrid \w+|military build-?up|campaign|hostility|"
    r"countermeasures|ultimatum) "
    r"(?:on|against|toward|towards|of) STRICT{0,3}@A(?! (?:leaders )?of)"
)


_ANSWERED = compiled(r"^(?:to|against|with|by|if|at) (?:\S+ ){0,10}@A|^@A")
_STRIKES = compiled(r"respond|retaliat|counter|sanction|ban|militar|threat")
_WILL_NOT_TOLERATE = compiled(r"^(?:FREE{0,4})@A")


def attacks(scene: Scene) -> bool:
    """The state attacks, threatens or seeks to weaken the alliance or its members (42)."""
    return scene.does(_ATTACKS, _AT)


def retaliates(scene: Scene) -> bool:
    """The state answers the alliance with counter-measures (23)."""
    return scene.does(
        {"retaliate", "respond", "counter", "sanction", "ban", "arm", "deter"},
        _ANSWERED,
    ) and scene.says(_STRIKES)


def has_threat_named(scene: Scene) -> bool:
    """A noun tells of its threat, war or sanctions against the alliance (19, 23)."""
    return scene.says(_NAMED)


def will_not_tolerate(scene: Scene) -> bool:
    """The state says that it will not allow the alliance something (23)."""
    return scene.denies({"allow", "tolerate", "permit", "let", "accept"}, _WILL_NOT_TOLERATE)


CONFRONT_RULES: tuple[Rule, ...] = (
    Rule(
        name="attacks",
        act=Act.CONFRONT,
        codebook=(42,),
        holds=attacks,
        fires=Case("Russia threatened NATO with new missiles.", "RUS", "NATO"),
        near_miss=Case("Russia did not threaten NATO with new missiles.", "RUS", "NATO"),
    ),
    Rule(
        name="retaliates",
        act=Act.CONFRONT,
        codebook=(23,),
        holds=retaliates,
        fires=Case(
            "Belarus retaliated against the European Union with a ban on fruit.", "BLR", "EU"
        ),
        near_miss=Case("Belarus responded to a letter before the European Union met.", "BLR", "EU"),
    ),
    Rule(
        name="has_threat_named",
        act=Act.CONFRONT,
        codebook=(
            19,
            23,
        ),
        holds=has_threat_named,
        fires=Case("Libya's war on NATO was one of words.", "LBY", "NATO"),
        near_miss=Case("Libya's war was watched by NATO.", "LBY", "NATO"),
    ),
    Rule(
        name="will_not_tolerate",
        act=Act.CONFRONT,
        codebook=(23,),
        holds=will_not_tolerate,
        fires=Case("Serbia will not tolerate NATO on its soil.", "SRB", "NATO"),
        near_miss=Case("Serbia will tolerate NATO on its soil.", "SRB", "NATO"),
    ),
)
