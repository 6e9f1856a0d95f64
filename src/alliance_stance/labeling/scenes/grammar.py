"""The small words by which deeds are told: auxiliaries, negations, prepositions, barriers."""

NEGATIONS = frozenset({
    "not", "never", "n't", "cannot", "neither", "nor", "no", "without", "hardly", "scarcely",
    "barely", "won't", "didn't", "don't", "doesn't", "can't", "isn't", "wouldn't", "couldn't",
    "hasn't", "haven't", "aren't", "wasn't", "shouldn't",
})  # fmt: skip
"""Words that deny the verb behind them."""
MODALS = frozenset({
    "may", "might", "could", "would", "should", "must", "will", "shall", "can", "won't",
    "wouldn't", "couldn't", "can't", "cannot", "shouldn't",
})  # fmt: skip
"""Auxiliaries of mood."""
BE = frozenset({
    "be", "is", "are", "was", "were", "been", "being", "am", "isn't", "aren't", "wasn't",
    "gets", "got",
})  # fmt: skip
"""Forms of the verb that makes a passive."""
AUXILIARIES = MODALS | BE | frozenset({
    "has", "have", "had", "having", "do", "does", "did", "don't", "doesn't", "didn't", "hasn't",
    "haven't", "'ve", "'re", "'ll", "'d", "'m",
})  # fmt: skip
"""Everything that may stand before a verb in its group."""
ADVERBS = frozenset({
    "also", "always", "still", "now", "often", "already", "again", "once", "soon", "just",
    "thus", "then", "therefore", "even", "only", "indeed", "too", "ever", "yet", "all", "both",
    "today", "yesterday", "twice", "further", "longer", "hereby", "much", "very", "well",
    "itself", "themselves", "himself", "ourselves", "myself", "far", "so", "long", "later",
    "first", "monday", "ago", "de", "facto", "tuesday", "wednesday", "thursday", "friday",
    "saturday", "sunday", "likewise", "moreover",
})  # fmt: skip
"""Words that may stand inside a verb group, beside those in "-ly"."""
HEDGES = frozenset({
    "likely", "potentially", "probably", "perhaps", "reportedly", "allegedly", "possibly",
})  # fmt: skip
"""Adverbs that make a guess of a statement."""
PREPOSITIONS = frozenset({
    "of", "in", "with", "to", "from", "for", "by", "at", "on", "between", "among", "against",
    "toward", "towards", "within", "under", "into", "over", "through", "via", "about", "like",
    "including", "upon", "after", "before", "as", "than", "without", "behind", "near", "inside",
    "outside",
})  # fmt: skip
"""Behind these a name is no subject."""
CONJUNCTIONS = frozenset({
    "after", "before", "as", "than",
})  # fmt: skip
"""Prepositions that may open a clause, too."""
DETERMINERS = frozenset({
    "the", "a", "an", "its", "their", "his", "her", "this", "that", "these", "those", "any",
    "some", "no", "full", "strong", "further", "greater", "more", "every", "such", "'s",
    "continued", "firm", "new", "of", "for", "with", "in", "under", "by", "on", "from", "our",
    "unanimous", "possible",
})  # fmt: skip
"""Behind these a word that can be verb or noun is a noun."""
PRONOUNS = frozenset({
    "he", "she", "it", "they",
})  # fmt: skip
"""Subjects that were named before."""
RELATIVES = frozenset({
    "which", "who", "that",
})  # fmt: skip
"""Subjects that were named right before."""
JOINERS = frozenset({
    "and", "or", "but", "nor", "then",
})  # fmt: skip
"""Between verbs of one subject."""
DOERS = frozenset({
    "troops", "forces", "army", "soldiers", "police", "navy", "warships", "planes", "policy",
    "policies", "position", "stance", "view", "diplomacy", "representative", "representatives",
    "spokesman", "capital", "leader", "leaders", "military", "war",
})  # fmt: skip
"""Nouns that act for the state that owns them: "its troops", "the policy of"."""
BARRIERS = frozenset({
    ";", ":", "\u2014", "--", "while", "whereas", "although", "though", "because", "which",
    "who", "whose", "whom", "when", "if", "unless", "until", "but", "since", "where", "?",
})  # fmt: skip
"""A clause ends here."""
OPENERS = frozenset({
    ",", "before", "after", "as", "than", "and", "whatever", "so",
})  # fmt: skip
"""After these a new clause begins, if a subject and a verb follow."""
FACTS = frozenset({
    "fact", "idea", "view", "hope", "belief", "opinion", "conviction", "demand", "now",
    "proposal", "decision", "understanding", "condition", "position", "importance", "us",
    "argument", "claim", "call", "concern", ",", "believe", "say", "and",
})  # fmt: skip
"""A clause that begins with "that" behind these tells what the verb is about."""
IFS = frozenset({
    "if", "unless", "whether", "lest", "provided", "should",
})  # fmt: skip
"""A clause that begins so tells a condition."""
WISHES = frozenset(
    {"demand", "urge", "ask", "request", "propose", "insist", "suggest", "recommend"}
)
"""Verbs behind whose "that" stands what somebody else shall do."""

CONTROLS = frozenset({
    "allow", "allowed", "allows", "help", "helped", "force", "forced", "persuade", "persuaded",
    "compel", "compelled", "told", "tell", "enable", "enabled", "get", "let", "lead", "led",
    "want", "wants", "wanted", "warned", "pressed", "pushed", "permit", "permitted", "obliged",
    "forbid",
})  # fmt: skip
"""Verbs whose object does the infinitive behind it, beside those of asking."""
