import io
import json
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentencex import segment

from alliance_stance.corpus.readers.jsonl import parse_line, read_json_lines
from alliance_stance.corpus.readers.table import read_input
from alliance_stance.corpus.sentences import _without_lone_marks, split_sentences
from alliance_stance.errors import InputError
from alliance_stance.schema import Act, Document, Example, Label, Stance

PAIR = {"text": "Qatar left OPEC.", "state": "QAT", "alliance": "OPEC"}


def assert_is_whole(error: InputError, where: str) -> None:
    assert error.where.startswith(where)
    assert all(part.strip() for part in (error.found, error.expected, error.next_step))
    assert "\n" not in str(error)


def test_text_file_is_one_document_named_by_its_stem(tmp_path):
    path = tmp_path / "note.txt"
    path.write_bytes(b"\xef\xbb\xbfPeru spoke.\r\nChile listened.\r\n")
    # the text keeps its line ends, so that offsets point into the file
    assert list(read_input(path)) == [Document("note", "Peru spoke.\r\nChile listened.\r\n")]


def test_line_without_pair_is_a_document():
    line = json.dumps({"id": 3, "text": "Peru spoke.", "date": "2001", "speaker_state": "PER"})
    assert parse_line(line, "x:1", default_id="1") == Document(
        "3", "Peru spoke.", "", "2001", "PER"
    )


def test_line_with_pair_is_an_example():
    item = parse_line(
        json.dumps({**PAIR, "id": "d#4", "stance": "against", "act": "leave"}), "", default_id="1"
    )
    assert isinstance(item, Example)
    assert (item.id, item.candidate.document) == ("d#4", "d")
    assert item.label == Label(Stance.AGAINST, Act.LEAVE)


def test_stance_without_act_is_a_label():
    item = parse_line(json.dumps({**PAIR, "stance": "against"}), "", default_id="1")
    assert item.label == Label(Stance.AGAINST, None)


def test_no_stance_is_no_label_and_not_neutral():
    item = parse_line(json.dumps({**PAIR, "stance": None}), "", default_id="1")
    assert item.label is None


def test_line_without_id_is_named_by_its_number(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('\n{"text": "Peru spoke."}\n\n', encoding="utf-8")
    assert [item.id for item in read_json_lines(path)] == ["2"]


def test_line_separator_inside_a_string_does_not_end_the_line(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "Peru\u2028spoke."}\r\n{"text": "Chile."}\r\n', encoding="utf-8")
    assert [item.text for item in read_json_lines(path)] == ["Peru\u2028spoke.", "Chile."]


def test_further_keys_are_left_alone():
    assert parse_line('{"text": "Peru.", "mood": [1]}', "", default_id="1").text == "Peru."


BAD_FILES = {
    "empty": ("a.txt", b""),
    "white space": ("a.txt", b" \n\t\n"),
    "byte-order mark only": ("a.txt", b"\xef\xbb\xbf"),
    "binary": ("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"),
    "UTF-16": ("a.txt", "Peru spoke.".encode("utf-16")),
    "Latin-1": ("a.txt", "first\nCôte d'Ivoire".encode("latin-1")),
    "empty JSONL": ("a.jsonl", b""),
    "binary JSONL": ("a.jsonl", b"\x00\x01"),
    "Latin-1 JSONL": ("a.jsonl", '{"text": "Côte"}'.encode("latin-1")),
    "unknown ending": ("a.pdf", b"%PDF-1.7"),
}


@pytest.mark.parametrize(("name", "content"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_bad_file_is_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        list(read_input(path))
    assert_is_whole(caught.value, str(path))


def test_wrong_encoding_is_named_by_its_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("first\nCôte d'Ivoire".encode("latin-1"))
    with pytest.raises(InputError) as caught:
        list(read_input(path))
    assert caught.value.where == f"{path}:2"


@pytest.mark.parametrize("name", ["gone.txt", "gone.jsonl", "gone.pdf"])
def test_missing_file_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="no such file"):
        list(read_input(tmp_path / name))


def test_folder_is_refused(tmp_path):
    folder = tmp_path / "a.txt"
    folder.mkdir()
    with pytest.raises(InputError, match="a folder"):
        list(read_input(folder))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-03-01T10:00:00Z", "2024-03-01"),
        ("2024-03-01 10:00:00+02:00", "2024-03-01"),
        ("1 March 2024", "2024-03-01"),
        ("2024-03", "2024-03"),
    ],
)
@pytest.mark.parametrize("pair", [{}, PAIR])
def test_dates_in_json_lines_have_the_forms_of_all_readers(written, day, pair):
    line = json.dumps({"text": "Peru spoke.", **pair, "date": written})
    item = parse_line(line, "x:1", default_id="1")
    assert (item.candidate if pair else item).date == day


BAD_LINES = {
    "no JSON": "Peru spoke.",
    "cut JSON": '{"text": "Peru',
    "list": '["Peru spoke."]',
    "number": "17",
    "no text": '{"id": "a"}',
    "empty text": '{"text": "  "}',
    "text that is no string": '{"text": 5}',
    "title that is no string": '{"text": "Peru.", "title": ["a"]}',
    "state alone": '{"text": "Peru.", "state": "PER"}',
    "id that is true": '{"text": "Peru.", "id": true}',
    "document that is false": json.dumps({**PAIR, "document": False}),
    "alliance alone": '{"text": "Peru.", "alliance": "EU"}',
    "unknown stance": json.dumps({**PAIR, "stance": "hostile"}),
    "unknown act": json.dumps({**PAIR, "stance": "against", "act": "sulk"}),
    "act of another stance": json.dumps({**PAIR, "stance": "favor", "act": "leave"}),
    "stance that is a list": json.dumps({**PAIR, "stance": ["favor"]}),
    "half a character": '{"text": "Peru \\ud83d spoke."}',
    "half a character in the title": '{"text": "Peru.", "title": "\\udc00"}',
    "half a character in the speaker's state": '{"text": "Peru.", "speaker_state": "\\udc00"}',
    "half a character in the state": '{"text": "Peru.", "state": "\\udc00", "alliance": "EU"}',
    "NUL in the text": '{"text": "Peru\\u0000 spoke."}',
    "NUL in the id": '{"id": "a\\u0000", "text": "Peru."}',
    "id that is a truth value": '{"id": true, "text": "Peru."}',
    "speaker's state that is a number": '{"text": "Peru.", "speaker_state": 5}',
    "speaker's state that is a list": '{"text": "Peru.", "speaker_state": ["PER"]}',
    "state that is null": '{"text": "Peru.", "state": null, "alliance": "EU"}',
    "tags that are a number": json.dumps({**PAIR, "tags": 5}),
    "tags that are a string": json.dumps({**PAIR, "tags": "past"}),
    "number that is too long": '{"text": "Peru.", "id": ' + "1" * 5000 + "}",
    "nesting that is too deep": "[" * 100_000,
    "date that can be read in two ways": '{"text": "Peru.", "date": "03/04/2024"}',
    "day that no calendar has": '{"text": "Peru.", "date": "2024-02-30"}',
    "year 0": '{"text": "Peru.", "date": "0000"}',
    "act without stance": json.dumps({**PAIR, "act": "leave"}),
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_bad_line_is_refused_by_file_and_line(tmp_path, line):
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"text": "Peru spoke."}}\n{line}\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        list(read_json_lines(path))
    assert_is_whole(caught.value, f"{path}:2")


def test_clash_of_act_and_stance_names_the_right_stance():
    with pytest.raises(InputError, match="'against' with that act"):
        parse_line(json.dumps({**PAIR, "stance": "favor", "act": "leave"}), "x:1", default_id="1")


def test_half_a_pair_is_mended_in_one_of_two_ways():
    with pytest.raises(InputError, match="; add it, or remove the other"):
        parse_line('{"text": "Peru.", "state": "PER"}', "x:1", default_id="1")


def test_standard_input_is_text_unless_told_otherwise(monkeypatch):
    class Stdin:
        buffer = io.BytesIO(b"Peru spoke.")

    monkeypatch.setattr(sys, "stdin", Stdin)  # the process's own stream: there is no argument
    assert list(read_input(Path("-"))) == [Document("stdin", "Peru spoke.")]


def test_sentences_are_cut_exactly():
    text = "  Dr. Cruz left Lima.\n\nShe came back!  Why? "
    parts = [text[s.start : s.end] for s in split_sentences(Document("d", text))]
    assert parts == ["Dr. Cruz left Lima.", "She came back!", "Why?"]


@pytest.mark.parametrize(
    ("first", "second"), [("14.\t", "15.\t"), ("(a) ", "(b) "), ("\u2022 ", "\u2022 ")]
)
def test_paragraphs_of_a_list_are_cut_inside(first, second):
    text = f"{first}Lima spoke. Quito did not. We waited.\n{second}Peru left. Chile stayed."
    parts = [text[s.start : s.end] for s in split_sentences(Document("d", text))]
    assert parts == [
        f"{first}Lima spoke.", "Quito did not.", "We waited.",
        f"{second}Peru left.", "Chile stayed.",
    ]  # fmt: skip


def cut(text: str) -> list[str]:
    return [text[s.start : s.end] for s in split_sentences(Document("d", text))]


def test_numbered_paragraph_is_cut_behind_a_question():
    assert cut("7. Did Lima speak? Quito did not!\n8. We waited.") == [
        "7. Did Lima speak?", "Quito did not!", "8. We waited.",
    ]  # fmt: skip


def test_paragraphs_behind_a_quoted_list_are_cut_inside():
    quoted = '"(a) Peru shall leave;\n\n"(b) Chile shall stay."\n'
    text = f"{quoted}9. Lima spoke. Quito did not.\n10. We waited. Nobody came."
    assert cut(text)[-4:] == ["9. Lima spoke.", "Quito did not.", "10. We waited.", "Nobody came."]


def test_line_behind_a_list_is_no_part_of_its_last_item():
    assert cut('1) Peru left\n2) Chile paid.\n"Cuba", he said, stayed') == [
        "1) Peru left", "2) Chile paid.", '"Cuba", he said, stayed',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("## EU\nPeru blocks aid.", ["## EU", "Peru blocks aid."]),
        ("Peru left\n# EU\nChile stayed", ["Peru left", "# EU", "Chile stayed"]),
        ('# The EU\n"Peru" left\n', ["# The EU", '"Peru" left']),
        ("EU\n---\nPeru left.", ["EU\n---", "Peru left."]),
        (
            "| Peru | OAS |\n|---|---|\n| Cuba | EU |",
            ["| Peru | OAS |", "|---|---|", "| Cuba | EU |"],
        ),
        ("It is #1 in\n#Peru and | so\non", ["It is #1 in\n#Peru and | so\non"]),
    ],
)
def test_headings_and_rows_of_markdown_are_cut_off(text, parts):
    assert cut(text) == parts


@pytest.mark.parametrize(
    "lines",
    [
        ["Peru freezes its role", "Chile backs Cuban bid", "Cuba seeks entry"],
        ['"Peru" leaves', "\u2018No way\u2019, says Chile", "Will Cuba stay?", "14 states wait"],
        ["Peru leaves", "  Chile stays", "Cuba says \u201cno\u201d", "", "Then it rained."],
    ],
)
def test_headlines_one_below_the_other_are_cut(lines):
    assert cut("\n".join(lines)) == [line.strip() for line in lines if line]


@pytest.mark.parametrize(
    "text",
    [
        "Talks of the Minister of\nPeru and his host",
        "Address by the Minister of the\nRepublic of Peru\nLima",
        "Albania, Peru,\nChile, Cuba,\nHaiti",
        "TALKS BETWEEN PERU\nAND THE REPUBLIC\nOF CHILE",
        "The talks of\nPeru and Chile with\nCuba went on as\nHaiti had wished.",
    ],
    ids=["two lines", "wrapped title", "names", "capitals", "prose"],
)
def test_wrapped_lines_that_begin_with_capitals_are_not_cut(text):
    assert cut(text) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Talks in Lima\n \nPeru left.", ["Talks in Lima", "Peru left."]),
        ("\u25aa and Peru left. \n\t\n  Chile stayed", ["\u25aa and Peru left.", "Chile stayed"]),
        ("Of all the members\nof the United\n \nNations it left.", None),
        ("It spoke to the\n \nUnited Nations.", None),
        ("Peru spoke to the\n \n \n7 12-34567 \n \nAndean states.", None),
        ("Talks in Lima\n \nand in Quito.", None),
    ],
    ids=["heading", "stop", "page", "article", "number of a page", "small letter"],
)
def test_line_of_white_space_ends_what_is_no_half_of_a_sentence(text, parts):
    assert cut(text) == (parts or [text])


def test_offsets_are_characters_not_bytes():
    text = "Ünlü 🙂 naïve. Perú spoke."
    parts = [text[s.start : s.end] for s in split_sentences(Document("d", text))]
    assert parts == ["Ünlü 🙂 naïve.", "Perú spoke."]


@pytest.mark.parametrize("text", ["", " \n\t ", "\u00a0"])
def test_white_space_has_no_sentence(text):
    assert split_sentences(Document("d", text)) == []


any_text = st.one_of(
    st.text(max_size=120),
    st.lists(
        st.sampled_from(
            [
                "Peru",
                "Mr.",
                "U.S.",
                ".",
                "!",
                "?",
                " ",
                "\n",
                "\n\n",
                "“",
                "”",
                "🙂",
                "e\u0301",
                "3",
            ]
        ),
        max_size=30,
    ).map("".join),
)


@given(any_text)
def test_sentences_are_ordered_whole_and_inside(text):
    sentences = split_sentences(Document("d", text))
    position = 0
    for index, sentence in enumerate(sentences):
        assert sentence.number == index
        assert position <= sentence.start < sentence.end <= len(text)
        part = text[sentence.start : sentence.end]
        assert part == part.strip()
        assert text[position : sentence.start].strip() == ""
        position = sentence.end
    assert text[position:].strip() == ""


@pytest.mark.parametrize(
    "text",
    [
        "A \u2018b "
        + "It adopted No. 5. Then it left in May 3. Peru stayed. " * 8_000
        + "Peru\u2019s",
        "A \u2018b " + "The Peru delegation left.\nThe Cuba delegation\n" * 20_000 + "Peru\u2019s",
        "\u2018Peru left. " * 40_000,
        "Peru leaves\n" * 40_000,
        "Peru left\n \nOf " * 40_000,
        '" (a) Peru left. It did.\n1. ' * 20_000,
        "1. " * 100_000 + "Peru left. It did.",
        " \n" * 200_000 + "|" * 100_000,
    ],
    ids=["numbers", "lines", "marks", "headlines", "white lines", "items", "openings", "white"],
)
def test_time_for_a_sentence_without_end_does_not_grow_by_its_square(text):
    begun = time.process_time()
    split_sentences(Document("d", text))
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("quotation", "behind", "is_one"),
    [
        ('"Why stay?"', "Mr. Soto asked.", True),
        (
            "\u201cWhy stay?\u201d",
            "Peruvian Prime Minister Ana Soto asked in Lima on Monday.",
            True,
        ),
        ("'Stay!'", "Soto told reporters.", True),
        ("\u2018Stay!\u2019", "The minister said.", True),
        ('"Why stay?"', "Soto said Peru left.", False),
        ('"Why stay?"', "Soto left.", False),
        ('"Why stay?"', 'And Soto said, "I see."', False),
        ('"Why stay?"', 'Soto asked. "I see."', True),
        ('"We stay."', "Soto asked.", False),
        ("Why stay?", "Soto asked.", False),
    ],
)
def test_quotation_that_asks_or_shouts_stays_with_its_speaker(quotation, behind, is_one):
    text = f"{quotation} {behind}"
    first = split_sentences(Document("d", text))[0]
    end = text.index(".", len(quotation) + len(" Mr.")) + 1 if is_one else len(quotation)
    assert text[first.start : first.end] == text[:end]


mark_text = st.lists(
    st.sampled_from([
        "Peru", "left", "\u2018", "\u2019", "\u2019s", "\u201e", "\u2039", "\u203a", ". ", "! ",
        " ", "\n", "\n\n", "\n \n", "Mr. ", "No. 5. ", "(a) ", ")", "... ",
        ", ", "U.S. ", "'", "\u201a",
    ]),
    max_size=30,
).map("".join)  # fmt: skip


@given(mark_text)
def test_mark_that_nothing_closes_means_nothing_to_the_segmenter(text):
    cut = [list(map(len, segment("en", one))) for one in (text, _without_lone_marks(text))]
    assert cut[0] == cut[1]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("The ROK-U.S. alliance held. It grew.", "The ROK-U.S. alliance held."),
        ("After the China-U.S. talks it fell. It rose.", "After the China-U.S. talks it fell."),
        ("They took plan-B. Sweden left.", "They took plan-B."),
    ],
)
def test_hyphen_before_an_abbreviation_cuts_nothing(text, first):
    document = Document("d", text)
    sentence = split_sentences(document)[0]
    assert text[sentence.start : sentence.end] == first
