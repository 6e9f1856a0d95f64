"""Rules for `deliberate`: the state weighs both sides, is undecided, or asks for reform."""

from alliance_stance.labeling.rules.patterns import compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.labeling.scenes.verbs import WEIGH
from alliance_stance.schema import Act

_ABOUT = compiled(
    r"(?:join|joining|membership|participation|participate|whether|withdraw\w*|accession|"
    r"entry|decisions?|attend\w*)\b.*@A|@A (?:membership|bid|accession|proposal)"
)


_WOULD_DISSOLVE_BOTH = compiled(
    r"(?:dissol\w+|disband\w*|liquidat\w+|non-aggression (?:pact|treaty)) (?:\S+ ){0,14}"
    r"@A|@A(?: \S+){0,8} (?:dissol\w+|disband\w*|non-aggression)"
)
_ASKS_FOR_REFORM = compiled(
    r"(?:reform\w*|revis\w+|restructur\w+|overhaul|moderni[sz]\w+|renovat\w+|refrain|"
    r"lower|expel|lift|burden)\b.*@A|@A.*(?:reform|revis|restructur|overhaul|moderni|"
    r"lower|refrain|lift)"
)


def weighs(scene: Scene) -> bool:
    """The state discusses or examines what to do, undecided (3, 53)."""
    return any(deed.form != "noun" and _ABOUT.search(deed.after) for deed in scene.own(WEIGH))


def would_dissolve_both(scene: Scene) -> bool:
    """Both blocs are to be dissolved, or to make a pact (44)."""
    holds = scene.is_author or scene.is_subject or "@S 's" in scene.text
    names_both = scene.skeleton.blocs > 1 or "@B" in scene.text
    return holds and names_both and scene.says(_WOULD_DISSOLVE_BOTH)


def abstains(scene: Scene) -> bool:
    """The state abstains, or puts its decision off (22, 53)."""
    return any(
        not deed.is_negated and "@A" in deed.after
        for deed in scene.own({"abstain", "postpone", "defer", "hesitate"})
    )


def asks_for_reform(scene: Scene) -> bool:
    """The state asks for reform or fair burdens without blame (5)."""
    return scene.does(
        {
            "call",
            "propose",
            "want",
            "urge",
            "ask",
            "advocate",
            "demand",
            "press",
            "need",
            "seek",
            "believe",
        },
        _ASKS_FOR_REFORM,
    )


DELIBERATE_RULES: tuple[Rule, ...] = (
    Rule(
        name="weighs",
        act=Act.DELIBERATE,
        codebook=(
            3,
            53,
        ),
        holds=weighs,
        fires=Case("Thailand is studying whether to join BRICS.", "THA", "BRICS"),
        near_miss=Case("Thailand is studying an old map that BRICS printed.", "THA", "BRICS"),
    ),
    Rule(
        name="would_dissolve_both",
        act=Act.DELIBERATE,
        codebook=(44,),
        holds=would_dissolve_both,
        fires=Case(
            "We propose a non-aggression pact between NATO and the Warsaw Pact.",
            "POL",
            "NATO",
            speaker_state="POL",
            date="1961",
        ),
        near_miss=Case(
            "We know of NATO and the Warsaw Pact what the papers tell.",
            "POL",
            "NATO",
            speaker_state="POL",
            date="1961",
        ),
    ),
    Rule(
        name="abstains",
        act=Act.DELIBERATE,
        codebook=(
            22,
            53,
        ),
        holds=abstains,
        fires=Case("Austria abstained in the European Union's vote.", "AUT", "EU"),
        near_miss=Case("Austria did not abstain in the European Union's vote.", "AUT", "EU"),
    ),
    Rule(
        name="asks_for_reform",
        act=Act.DELIBERATE,
        codebook=(5,),
        holds=asks_for_reform,
        fires=Case("Spain called for a reform of the European Union.", "ESP", "EU"),
        near_miss=Case("Spain called for a taxi near the European Union's old house.", "ESP", "EU"),
    ),
)
