import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_stance.extraction.joining import Change, Joined, join
from alliance_stance.extraction.normalize import LIGATURES, spell_out
from alliance_stance.schema import Document

KNOWN = frozenset({"bulgaria", "russian", "nato", "peru"})


def is_name(word: str) -> bool:
    return word.lower() in KNOWN


@pytest.fixture(scope="module")
def found(finder):
    """Give sentence, surface and id of each mention, as the candidates of a text have them."""

    def find(text: str) -> set[tuple[int, str, str]]:
        return {
            (candidate.sentence, candidate.text[m.start : m.end], m.id)
            for candidate in finder.find_candidates(Document("d", text))
            for m in candidate.mentions
        }

    return find


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bul-\ngaria spoke.", "Bulgaria spoke."),
        ("Bul-\r\ngaria spoke.", "Bulgaria spoke."),
        ("Bul- \t\n  garia spoke.", "Bulgaria spoke."),
        ("a Russian-\nled force", "a Russian-\nled force"),
        ("the organ-\nisation", "the organisation"),
        ("NA-\nTO", "NA-\nTO"),
        ("in 19-\nninety", "in 19-\nninety"),
        ("one -\nthe other", "one -\nthe other"),
        ("Bul-\n", "Bul-\n"),
        ("-\ngaria", "-\ngaria"),
    ],
)
def test_hyphen_at_a_line_end_is_the_printers_or_the_words_own(text, expected):
    assert join(text, is_name).text == expected


@pytest.mark.parametrize("sign", ["\u00ad", "\u00ad\n", "\u00ad \r\n\t"])
def test_soft_hyphen_is_left_out(sign):
    assert join(f"Bul{sign}garia spoke.", is_name).text == "Bulgaria spoke."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("signed the\n\n - 12 -\n\nlong pact", "signed the\nlong pact"),
        ("signed the\n\n - 12 -\nlong pact", "signed the\nlong pact"),
        ("signed,\n \n- 1234 -\n\nthen left", "signed,\nthen left"),
        ("signed the\n\n - 12 - \n\nlong pact", "signed the\nlong pact"),
        ("signed it.\n\n- 12 -\n\nThey left", "signed it.\n\n- 12 -\n\nThey left"),
        ("signed the\n\n- 12345 -\n\npact", "signed the\n\n- 12345 -\n\npact"),
        ("signed the\n- 12 -\n\npact", "signed the\n- 12 -\n\npact"),
    ],
)
def test_page_number_inside_a_sentence_is_left_out(text, expected):
    assert join(text, is_name).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Peru left.\r\n\r\nChile", "Peru left.\n\nChile"),
        ("Peru\r\r\nleft", "Peru\nleft"),
        ("Peru left.\n\rChile", "Peru left.\nChile"),
        ("Peru left.\r\rChile", "Peru left.\n\nChile"),
        ("Bul-\r\ngaria\r\nspoke", "Bulgaria\nspoke"),
        ("signed the\r\n\r\n - 12 -\r\n\r\nlong pact", "signed the\nlong pact"),
    ],
)
def test_lines_end_in_line_breaks_whatever_wrote_them(text, expected):
    assert join(text, is_name).text == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_change_no_candidate(finder, end):
    lines = ["Talks in Lima", "", "Peru left", "ASEAN.", "It", "did.", "", "Chile praised NATO."]
    text = end.join(lines)
    found = list(finder.find_candidates(Document("d", text)))
    assert [(c.state, c.alliance, c.text, c.context) for c in found] == [
        ("PER", "ASEAN", f"Peru left{end}ASEAN.", "Talks in Lima"),
        ("CHL", "NATO", "Chile praised NATO.", f"It{end}did."),
    ]
    assert all(text[c.start : c.end] == c.text for c in found)


@pytest.mark.parametrize("text", ["", "Peru spoke.", "Peru-\nChile", "12-\n13", "\n\n- 12 -\n\nx"])
def test_text_without_cuts_is_whole(text):
    joined = join(text, is_name)
    assert joined.is_whole
    assert joined.text is text


def test_name_over_a_line_end_is_found_where_it_stands(found):
    assert found("In Lima Bul-\ngaria met NA\u00adTO.") == {
        (0, "Lima", "PER"),
        (0, "Bul-\ngaria", "BGR"),
        (0, "NA\u00adTO", "NATO"),
    }


def test_page_number_does_not_part_a_sentence(found):
    assert found("Peru will sign with the\n\n - 12 -\n\nNATO council.") == {
        (0, "Peru", "PER"),
        (0, "NATO council", "NATO"),
    }


def test_cut_in_an_earlier_sentence_moves_no_offset(finder):
    text = "Co-\nlombia slept. So did we\u00ad. Bul-\ngaria left NATO."
    (candidate,) = finder.find_candidates(Document("d", text))
    assert (candidate.text, candidate.context) == ("Bul-\ngaria left NATO.", "So did we\u00ad.")
    assert text[candidate.start : candidate.end] == candidate.text


def test_context_keeps_its_cuts_and_its_mentions(finder):
    (candidate,) = finder.find_candidates(Document("d", "Bul-\ngaria slept. Peru left NATO."))
    (mention,) = candidate.context_mentions
    assert candidate.context == "Bul-\ngaria slept."
    assert candidate.context[mention.start : mention.end] == "Bul-\ngaria"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Paci\ufb01c O\ufb03ce", "the Pacific Office"),
        ("Paci-\n\ufb01c", "Pacific"),
        ("Paci\ufb01-\nca", "Pacifica"),
        ("\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06", "fffiflffifflstst"),
    ],
)
def test_ligature_is_spelt_out(text, expected):
    assert join(text, is_name).text == expected


def test_name_with_a_ligature_is_found_where_it_stands(found):
    assert found(
        "The \ufb01rst spoke. In Lima Fi\u00adji met the Paci\ufb01c Islands Forum (PIF)."
    ) == {
        (1, "Lima", "PER"),
        (1, "Fi\u00adji", "FJI"),
        (1, "Paci\ufb01c Islands Forum", "PIF"),
        (1, "PIF", "PIF"),
    }


def test_ligature_in_a_title_hides_no_alliance(finder):
    document = Document("d", "Fiji left the forum.", "The Paci\ufb01c Islands Forum")
    (candidate,) = finder.find_candidates(document)
    assert (candidate.alliance, candidate.title) == ("PIF", document.title)


def test_cuts_inside_the_line_of_a_page_number_move_no_offset(found):
    assert found("Peru met the\n\n - 12 - no\u00adte-\n\nNATO council and Chile.") == {
        (0, "Peru", "PER"),
        (0, "NATO council", "NATO"),
        (0, "Chile", "CHL"),
    }


piece = st.text(alphabet="ab -\n\u00ad🙂", max_size=4)


@given(st.lists(st.tuples(piece, piece), max_size=8), piece)
def test_any_slice_of_a_joined_text_leads_back(parts, last):
    original, plain, cuts = "", "", []
    for kept, cut in parts:
        original, plain = original + kept, plain + kept
        if cut:
            cuts.append((len(original), len(original) + len(cut)))
        original += cut
    original, plain = original + last, plain + last
    joined = Joined(original, [Change(*cut) for cut in cuts])
    assert joined.text == plain
    for start in range(len(plain)):
        for end in range(start + 1, len(plain) + 1):
            first, stop = joined.start(start), joined.end(end)
            inside = [(a, b) for a, b in cuts if first <= a and b <= stop]
            rest = original[first:stop]
            for a, b in reversed(inside):
                rest = rest[: a - first] + rest[b - first :]
            assert rest == plain[start:end]
            # neither end takes in a cut
            assert original[first] == plain[start]
            assert original[stop - 1] == plain[end - 1]


def assert_leads_back(text: str) -> None:
    joined = join(text, is_name)
    position = index = 0
    while index < len(joined.text):
        start = joined.start(index)
        letters = {**LIGATURES, "\r": "\n"}.get(text[start], text[start])
        assert position <= start
        assert joined.place(start) == index
        assert joined.text.startswith(letters, index)
        for _ in letters:
            index += 1
            assert (joined.start(index - 1), joined.end(index)) == (start, start + 1)
        position = start + 1
    assert len(joined.text) <= len(spell_out(text))


@given(st.text())
def test_any_text_is_joined_without_moving_a_character(text):
    assert_leads_back(text)


WORDS = ["Bul", "garia", "Russian", "led", "NATO", " ", ".", "-\n", "-\r\n", "\u00ad", "\u00ad\n  "]
RETURNS = ["\r", "\r\n", "\n\r", "\r\n\r\n - 1 -\r\n"]
cut_text = st.lists(st.sampled_from(WORDS), max_size=20).map("".join)


@given(st.lists(st.sampled_from([*WORDS, *LIGATURES, *RETURNS, "\n\n - 1 -", "\n\n"]), max_size=20))
def test_text_full_of_cuts_and_ligatures_leads_back(parts):
    assert_leads_back("".join(parts))


@given(cut_text)
def test_text_full_of_cuts_is_joined_without_moving_a_character(text):
    assert_leads_back(text)


@given(
    st.lists(
        st.sampled_from(
            ["\n\n - 1 -\n\n", "\n\n - 12 - a", "-\n", "\u00ad", "\n", "-", " ", "a", ",", "- 2 -"]
        ),
        max_size=20,
    )
)
def test_text_full_of_page_numbers_is_joined_without_moving_a_character(parts):
    assert_leads_back("".join(parts))


@given(cut_text)
def test_joined_text_keeps_every_letter(text):
    joined = join(text, is_name)
    assert [c for c in joined.text if c.isalpha()] == [c for c in text if c.isalpha()]


def test_blanks_behind_a_hyphen_do_not_hide_a_cut(finder):
    """Texts taken from pages often have them."""
    text = "Russia told Tur- \nkey that NATO would wait."
    found = {c.state for c in finder.find_candidates(Document("d", text))}
    assert found == {"RUS", "TUR"}
