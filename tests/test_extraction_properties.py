import gc
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_stance.corpus.sentences import split_sentences
from alliance_stance.schema import Candidate, Document, Example, Mention

FRAGMENTS = [
    "Peru", "Moscow", "Georgian spokesman Zurab Mikadze", "Mikadze", "Macron", "President Xi",
    "New Mexico", "Guinea-Bissau", "Franco-", "US", "Chad", "Israel Rosen", "NATO", "ASEAN",
    "European Union", "Sino-Soviet Treaty", "OPEC+", "the bloc", "the former", "the latter",
    "the first of these", "Article 5", "security treaty", "the country", "both countries",
    "the three Baltic states", "It ", "it ", "its membership", "we ", "our ", "You ", "he said",
    "said", "the minister", "former ", "-elect", ", who represented ", ", whom ", "\u201c",
    "\u201d", '"', "\u00ab", "\u00bb", "'", "\u2019s ", "(", ")", "[", "]", "-\n", "-\r\n",
    "\u00ad", "\u00ad\n", "\n\n - 12 -\n\n", "\n", "\n\n", " ", " ", " ", ". ", ", ", "? ", ": ",
    "\nQ. ", "\nA. ", "\nQUESTION: ", "\nMr. Soto (Chile): ", "\n- ", "\n1) ", "Mr. ", "no. ",
    "1975 ", "of 1922", "12", "\u0967", "🙂", "👩‍👩‍👧", "🇵🇪", "e\u0301", "İ", "ß", "ﬁ", "\u2028",
    "\u200b", "\u202e", "\x00", "\ufeff",
]  # fmt: skip
mixed = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)
any_text = st.one_of(mixed, st.text(max_size=120))
any_title = st.one_of(
    st.just(""),
    st.sampled_from(
        [
            "Statement by the Minister of Peru",
            "Joint statement of Peru and NATO",
            "Letter from the President of Peru to Chile",
            "PRESIDENT XI IN PERU",
        ]
    ),
    mixed,
)
documents = st.builds(
    Document,
    st.just("d"),
    any_text,
    any_title,
    st.sampled_from(["", "1935", "1975", "1991-12", "2020-05-01"]),
    st.sampled_from([None, None, "PER", "RUS", "EU"]),
)


def check(mentions: Sequence[Mention], text: str, knowledge) -> None:
    position = 0
    for mention in mentions:
        assert position <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end].strip()
        known = knowledge.states if mention.kind == "state" else knowledge.alliances
        assert mention.id in known
        position = mention.end


@settings(deadline=None, max_examples=250)
@given(documents)
def test_candidates_of_any_document_are_sound(finder, knowledge, document):
    seen = set()
    for candidate in finder.find_candidates(document):
        assert candidate.text == document.text[candidate.start : candidate.end]
        assert candidate.text == candidate.text.strip() != ""
        assert candidate.context in document.text[: candidate.start]
        assert candidate.state in knowledge.states
        assert candidate.alliance in knowledge.alliances
        assert candidate.state_how
        assert candidate.alliance_how
        assert bool(candidate.membership) is bool(document.date)
        check(candidate.mentions, candidate.text, knowledge)
        check(candidate.context_mentions, candidate.context, knowledge)
        assert candidate.alliance in {m.id for m in candidate.mentions}
        key = (candidate.sentence, candidate.state, candidate.alliance)
        assert key not in seen
        seen.add(key)


@settings(deadline=None, max_examples=250)
@given(documents)
def test_mentions_of_any_document_are_sound(finder, knowledge, document):
    sentences = split_sentences(document)
    found = finder.find_mentions(document, sentences)
    check(found, document.text, knowledge)
    spans = [(sentence.start, sentence.end) for sentence in sentences]
    for mention in found:
        assert any(start <= mention.start and mention.end <= end for start, end in spans)


@settings(deadline=None, max_examples=250)
@given(any_text, any_text, any_title, st.sampled_from([None, "RUS", "EU"]))
def test_any_ready_example_is_marked_soundly(finder, knowledge, text, context, title, speaker):
    ready = Candidate(
        "d", 0, 0, len(text), text, context, "PER", "NATO", (), (), title, "1975", speaker
    )
    marked = finder.mark_example(Example("e", ready)).candidate
    assert (marked.text, marked.context) == (text, context)
    assert (marked.state, marked.alliance) == ("PER", "NATO")
    check(marked.mentions, text, knowledge)
    check(marked.context_mentions, context, knowledge)
    assert finder.mark_candidate(marked) == marked


@settings(deadline=None, max_examples=150)
@given(documents)
def test_candidates_have_the_mentions_of_their_sentences(finder, document):
    if any(sign in document.text for sign in ("-\n", "-\r", "\u00ad", "-   ")):
        return
    found = finder.find_mentions(document, split_sentences(document))
    for candidate in finder.find_candidates(document):
        own = [
            m._replace(start=m.start - candidate.start, end=m.end - candidate.start)
            for m in found
            if candidate.start <= m.start < candidate.end
        ]
        assert list(candidate.mentions) == own


@settings(deadline=None, max_examples=100)
@given(mixed)
def test_same_document_gives_the_same_candidates(finder, text):
    document = Document("d", text, date="1975")
    assert list(finder.find_candidates(document)) == list(finder.find_candidates(document))


HEAD = "NATO met Peru.\n"
MB = 1_000_000
_HEADROOM = 3
_SLACK = 1.0
"""Seconds that a slow moment of the machine may take."""

LONG = {
    "one word": ("a", 10 * MB),
    "nested brackets": ("(", 10 * MB),
    "quotation marks": ("\u201c \" ", 4 * MB),
    "quotation marks and words": ("\u201cAye\" ", 2 * MB),
    "straight quotation marks": ('"', 2 * MB),
    "line breaks": ("\n", 4 * MB),
    "hyphens at line ends": ("-\n", 10 * MB),
    "words cut at line ends": ("a-\n", MB),
    "soft hyphens": ("\u00ad", MB),
    "page numbers": ("go\n\n - 12 -\n", MB),
    "no spaces": ("NATO,Peru;", MB),
    "no full stops": ("NATO and Peru ", 2 * MB),
    "labels": ("A: B\n", 2 * MB),
    "references": ("the bloc ", 2 * MB),
    "names": ("NATO and Peru. ", MB),
    "persons": ("Georgian spokesman Zurab Mikadze met. ", 2 * MB),
    "emojis": ("🙂", 5 * MB),
    "one forename and surname": ("Israel Rosen and NATO Rosen ", MB // 4),
    "countries without full stops": ("Peru, NATO the country ", MB // 4),
    "groups without full stops": ("NATO Peru Chile both countries ", MB // 4),
    "treaties without full stops": ("Peru and NATO security treaty ", MB // 4),
    "treaties between two states": ("NATO, the treaty between Japan and Peru ", MB // 4),
    "organizations without full stops": ("Peru left the organization ", MB // 4),
    "conferences without full stops": ("ICGLR, Peru left the conference ", MB // 4),
    "single quotation marks": (" 'Aye", MB // 2),
    "questions": ("Q. Will your government leave NATO?\n", MB // 2),
    "spokesmen": ("Peru, Oil Ministry spokesman Ann Lee said NATO ", MB // 4),
}  # fmt: skip


def long_text(unit: str, size: int) -> str:
    if unit == "(":
        return HEAD + "(" * (size // 2) + ")" * (size // 2)
    return HEAD + unit * (size // len(unit))


def seconds(finder, text: str) -> tuple[float, int]:
    """Give processor time and the number of candidates."""
    gc.disable()  # a sweep through all that earlier tests left would count as the text's time
    try:
        begin = time.process_time()
        count = sum(1 for _ in finder.find_candidates(Document("d", text)))
        return time.process_time() - begin, count
    finally:
        gc.enable()


@pytest.mark.parametrize(("unit", "size"), LONG.values(), ids=LONG.keys())
def test_time_grows_with_the_length(finder, unit, size):
    short, _ = seconds(finder, long_text(unit, size // 5))
    whole, count = seconds(finder, long_text(unit, size))
    assert count >= 1
    assert whole <= 5 * _HEADROOM * short + _SLACK


@pytest.mark.parametrize(
    "form",
    ["Israel {} and NATO and Peru. ", "Georgian spokesman Zurab {} "],
    ids=["forenames", "row"],
)
def test_time_grows_with_the_number_of_persons(finder, form):
    texts = [HEAD + "".join(form.format(f"X{surname(n)}") for n in range(k)) for k in (600, 3000)]
    (short, _), (whole, _) = (seconds(finder, text) for text in texts)
    assert whole <= 5 * _HEADROOM * short + _SLACK


def surname(number: int) -> str:
    return "".join("bdfgklmnrs"[int(digit)] + "a" for digit in str(number))


def test_time_of_a_speech_grows_with_its_facts(finder):
    text = HEAD + "NATO was founded Peru was signed " * 8000
    begin = time.process_time()
    assert list(finder.find_candidates(Document("d", text, speaker_state="CHL")))
    assert time.process_time() - begin < 10


PLAIN = ["a", "(", "\u201c", '"', "x,", "\n", "A: B\n", "-\n", "NATO ", "Peru. ", "the bloc "]


@pytest.mark.parametrize("unit", PLAIN)
def test_long_text_without_a_pair_has_no_candidate(finder, unit):
    assert list(finder.find_candidates(Document("d", unit * (MB // len(unit) // 4)))) == []


@pytest.mark.parametrize("unit", ["Peru ", "NATO ", "\u201c", "-\n", "the country ", "we "])
def test_long_ready_example_is_marked(finder, knowledge, unit):
    text = unit * 4000
    ready = Candidate("d", 0, 0, len(text), text, text, "PER", "NATO", speaker_state="PER")
    check(finder.mark_candidate(ready).mentions, text, knowledge)
