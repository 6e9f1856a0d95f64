"""The verbs that labelling rules know, by what they do, with all their forms.

A group holds base forms. `FORMS` leads from every form to its base form and its kind, so that one
look-up a word finds all verbs of a sentence.
"""

from collections.abc import Mapping

PRAISE = frozenset({
    "welcome", "praise", "commend", "applaud", "appreciate", "thank", "salute", "hail", "laud",
    "congratulate", "value", "admire", "acclaim", "cherish", "esteem", "honour", "honor",
})  # fmt: skip
SUPPORT = frozenset({
    "support", "back", "endorse", "favour", "favor", "champion", "uphold", "defend", "advocate",
    "subscribe", "second", "espouse", "embrace", "approve", "encourage", "promote",
})  # fmt: skip
AFFIRM = frozenset({
    "reaffirm", "reiterate", "affirm", "underscore", "underline", "stress", "emphasize",
    "emphasise", "recall", "express", "pledge", "attach", "remain", "believe", "regard",
    "consider", "recognize", "recognise", "acknowledge", "highlight",
})  # fmt: skip
JOIN = frozenset({
    "join", "rejoin", "accede", "adhere", "enter", "re-enter", "apply", "ratify", "become",
    "integrate", "return", "admit",
})  # fmt: skip
WORK = frozenset({
    "contribute", "participate", "cooperate", "co-operate", "collaborate", "work", "partner",
    "engage", "coordinate", "co-ordinate", "join", "act",
})  # fmt: skip
GIVE = frozenset({
    "send", "provide", "deploy", "offer", "supply", "host", "donate", "give", "commit",
    "pledge", "allocate", "contribute", "dispatch", "lend", "finance", "fund", "train",
    "invest", "announce",
})  # fmt: skip
BUILD = frozenset({
    "strengthen", "deepen", "expand", "enhance", "develop", "consolidate", "reinforce",
    "intensify", "launch", "establish", "elevate", "build", "broaden", "bolster", "upgrade",
    "promote", "advance", "initiate", "found", "create", "form", "convene", "sign", "conclude",
    "negotiate", "revitalize", "revitalise", "renew", "improve", "boost", "implement",
    "propose",
})  # fmt: skip
ASK = frozenset({
    "ask", "request", "urge", "appeal", "call", "seek", "demand", "invite", "beg", "plead",
    "expect", "hope", "want", "turn", "press", "encourage",
})  # fmt: skip
BLAME = frozenset({
    "criticize", "criticise", "condemn", "denounce", "blame", "accuse", "slam", "blast",
    "decry", "deplore", "regret", "lambast", "lambaste", "rebuke", "chide", "castigate",
    "denigrate", "lament", "ridicule", "mock", "dismiss", "assail", "fault", "disparage",
    "scold",
})  # fmt: skip
OPPOSE = frozenset({
    "oppose", "reject", "object", "resist", "protest", "repudiate", "disagree", "contest",
    "dispute", "resent", "fear", "mistrust", "distrust", "doubt", "question",
})  # fmt: skip
BLOCK = frozenset({
    "block", "veto", "boycott", "skip", "obstruct", "hinder", "thwart", "stall", "delay",
    "impede", "undermine", "sabotage", "withhold", "hold", "derail", "stonewall", "frustrate",
    "shun", "snub", "abstain", "miss", "cheat", "stop", "prevent",
})  # fmt: skip
FLOUT = frozenset({
    "flout", "defy", "violate", "disregard", "ignore", "breach", "contravene", "disobey",
    "scorn", "break", "reject", "challenge",
})  # fmt: skip
REFUSE = frozenset({
    "refuse", "decline", "rebuff", "spurn", "reject", "turn", "rule", "shun", "refrain",
    "abandon", "resist",
})  # fmt: skip
LEAVE = frozenset({
    "leave", "quit", "exit", "withdraw", "pull", "secede", "abandon", "denounce", "renounce",
    "terminate", "expel", "abrogate", "walk", "cease", "opt", "evict",
})  # fmt: skip
SUSPEND = frozenset({
    "suspend", "freeze", "halt", "pause", "stop", "cease",
})  # fmt: skip
ATTACK = frozenset({
    "attack", "bomb", "threaten", "weaken", "divide", "split", "destroy", "break", "confront",
    "blackmail", "bully", "sanction", "invade", "retaliate", "respond", "fracture", "target",
    "menace", "warn", "intimidate", "provoke", "caution", "weaponize", "weaponise", "ban",
    "deter", "counter", "subvert",
})  # fmt: skip
WEIGH = frozenset({
    "consider", "discuss", "debate", "study", "examine", "explore", "weigh", "review",
    "hesitate", "ponder", "assess", "undecide", "mull", "postpone", "defer",
})  # fmt: skip
SAY = frozenset({
    "say", "tell", "add", "declare", "note", "warn", "argue", "insist", "claim", "announce",
    "suggest", "report", "think", "know", "inform",
})  # fmt: skip
FURTHER = frozenset({
    "help", "share", "agree", "accept", "adopt", "intend", "plan", "decide", "vote", "follow",
    "fulfil", "fulfill", "abide", "comply", "respect", "serve", "lead", "chair", "belong",
    "stand", "look", "fail", "lack", "use", "play", "take", "make", "meet", "attend", "visit",
    "benefit", "need", "suspect", "see", "put", "congratulate", "insist", "allow", "tolerate",
    "permit", "let", "enforce", "recommend", "cut", "raise",
})  # fmt: skip

_IRREGULAR: Mapping[str, tuple[str, ...]] = {
    "leave": ("left",), "quit": ("quit",), "withdraw": ("withdrew", "withdrawn"),
    "send": ("sent",), "give": ("gave", "given"), "lend": ("lent",), "build": ("built",),
    "become": ("became", "become"), "seek": ("sought",), "hold": ("held",),
    "withhold": ("withheld",),
    "break": ("broke", "broken"), "freeze": ("froze", "frozen"), "split": ("split",),
    "say": ("said",), "tell": ("told",), "think": ("thought",), "know": ("knew", "known"),
    "uphold": ("upheld",), "stand": ("stood",), "lead": ("led",), "take": ("took", "taken"),
    "make": ("made",), "meet": ("met",), "see": ("saw", "seen"), "put": ("put",), "cut": ("cut",),
    "forget": ("forgot",),
}  # fmt: skip
_DOUBLED = frozenset({
    "admit", "commit", "abet", "quit", "cut", "put", "split", "ban", "skip", "stop", "plan",
    "beg", "snub", "refer", "defer", "expel", "deter", "rebut",
})  # fmt: skip
_VOWELS = "aeiou"


def _past(base: str) -> str:
    if base.endswith("e"):
        return f"{base}d"
    if base.endswith("y") and base[-2] not in _VOWELS:
        return f"{base[:-1]}ied"
    return f"{base}{base[-1] if base in _DOUBLED else ''}ed"


def _present(base: str) -> str:
    if base.endswith("y") and base[-2] not in _VOWELS:
        return f"{base[:-1]}ies"
    return f"{base}es" if base.endswith(("s", "x", "z", "ch", "sh", "eto")) else f"{base}s"


def _gerund(base: str) -> str:
    if base.endswith("e") and not base.endswith("ee"):
        return f"{base[:-1]}ing"
    return f"{base}{base[-1] if base in _DOUBLED else ''}ing"


def inflect(base: str) -> dict[str, str]:
    """Give every form of a verb with its kind: ``base``, ``s``, ``ed`` or ``ing``.

    Examples
    --------
    >>> inflect("deny") == {"deny": "base", "denies": "s", "denied": "ed", "denying": "ing"}
    True
    >>> inflect("freeze")["frozen"], inflect("expel")["expelled"]
    ('ed', 'ed')
    """
    forms = {base: "base", _present(base): "s", _gerund(base): "ing"}
    for past in _IRREGULAR.get(base, (_past(base),)):
        forms.setdefault(past, "ed")
    return forms


KNOWN = (PRAISE | SUPPORT | AFFIRM | JOIN | WORK | GIVE | BUILD | ASK | BLAME | OPPOSE | BLOCK
         | FLOUT | REFUSE | LEAVE | SUSPEND | ATTACK | WEIGH | SAY | FURTHER)  # fmt: skip
"""Every verb that any rule knows."""

FORMS: Mapping[str, tuple[str, str]] = {
    form: (base, kind) for base in sorted(KNOWN) for form, kind in inflect(base).items()
}
"""Form to base form and kind."""
