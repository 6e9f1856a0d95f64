import pytest

from alliance_stance.corpus.sentences import split_sentences
from alliance_stance.extraction.quotations import quoted_spans
from alliance_stance.schema import Document

WHO = "Peru's minister Zurab Mikadze spoke. "


@pytest.fixture(scope="module")
def mentions(finder):
    def find(text: str, **facts: str) -> list[tuple[str, str]]:
        document = Document("d", text, **facts)
        found = finder.find_mentions(document, split_sentences(document))
        return [(m.id, text[m.start : m.end]) for m in found if m.kind == "state"]

    return find


@pytest.fixture(scope="module")
def pairs(finder):
    def find(text: str, **facts: str) -> set[tuple[str, str, str]]:
        """Give state, alliance and how the state came into each sentence."""
        found = finder.find_candidates(Document("d", text, **facts))
        return {(c.state, c.alliance, c.state_how) for c in found}

    return find


@pytest.mark.parametrize(
    ("speaker", "date", "expected"),
    [
        ("NOR", "", {("NOR", "NATO", "speaker")}),
        ("RUS", "2010", {("RUS", "NATO", "speaker")}),
        ("RUS", "1975", {("SUN", "NATO", "speaker")}),
        ("NATO", "", set()),
    ],
)
def test_speaker_of_a_document_holds_what_it_says(pairs, speaker, date, expected):
    assert pairs("NATO is unjust.", speaker_state=speaker, date=date) == expected


@pytest.mark.parametrize(
    ("text", "has_holder"),
    [
        ("NATO was founded in 1949.", False),
        ("NATO counts thirty members.", False),
        ("NATO was founded in 1949 and we like it.", True),
        ("NATO was founded on fear.", True),
    ],
)
def test_plain_fact_of_an_alliance_is_in_nobodys_voice(pairs, text, has_holder):
    assert bool(pairs(text, speaker_state="NOR")) is has_holder


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("We left, and our fleet with us.", ["We", "our", "us"]),
        ("I left my post myself.", ["I", "my", "myself"]),
        ("Our region is cold.", []),
        ("our sub-region, our continent, our hemisphere", []),
        ("In our time, our century, our age", []),
        ("Our regional fleet", ["Our"]),
        ("Ours is old; the other is mine.", ["Ours", "mine"]),
        ("They met in the U.S. Army hall.", []),
        ("The west is weak; iodine heals; mesa", []),
        ("You left.", []),
        ("The I.M.F. left.", []),
        ("In Lima I spoke of World War I and Annex I, as Leonid I. Petrov did.", ["I"]),
        ("I. General Remarks", []),
        ("King Carol I of Romania left.", []),
        ("He and I.", ["I"]),
        ("A friend of mine was here, and mine is the old one.", ["mine", "mine"]),
        ("Mine is old.", ["Mine"]),
        ("Land mine clearance, the coal mine, like mine workers of a gold mine.", []),
        ("Mine action and mine clearing cost little.", []),
    ],
)
def test_first_person_is_the_speakers_where_its_name_could_stand(mentions, text, words):
    found = [word for state, word in mentions(text, speaker_state="NOR") if state == "NOR"]
    assert found == words


@pytest.mark.parametrize(
    "text",
    [
        "Peru's minister said: \u201cWe left NATO.\u201d",
        "Peru's minister said, \u201cWe left NATO.\u201d",
        "\u201cWe left NATO,\u201d Peru's minister said.",
        "\u201cWe left NATO,\u201d said Peru's minister.",
        "\u201cWe left NATO,\u201d Peru's minister said, \u201cin May.\u201d",
        "Peru's minister had this: \u201cWe left NATO.\u201d",
        '"We left NATO," said Peru\'s minister.',
        "\u00abWe left NATO\u00bb, said Peru's minister.",
        "Peru's minister spoke. \u201cWe left NATO.\u201d",
        "Peru's minister spoke. \u201cWe left NATO,\u201d he added.",
    ],
)
def test_quotation_belongs_to_its_speaker(mentions, text):
    assert ("PER", "We") in mentions(text)


@pytest.mark.parametrize(
    "text",
    [
        "We left NATO.",
        "We left NATO, said a tailor.",
        "\u201cWe left NATO.\u201d Peru's minister slept.",
        "\u201cWe left NATO,\u201d a tailor in Cusco said.",
        "\u201cWe met NATO in Peru,\u201d a tailor said.",
        "A tailor added Peru to \u201cWe hate NATO\u201d.",
        "We left, and Peru's minister said \u201cno\u201d to NATO.",
    ],
)
def test_words_of_nobody_known_are_in_no_voice(mentions, text):
    assert "We" not in [word for _, word in mentions(text)]


def test_first_person_outside_the_quoted_words_is_the_reporters(mentions):
    text = "Peru's minister told us: \u201cWe left NATO.\u201d"
    assert mentions(text) == [("PER", "Peru"), ("PER", "We")]


def test_quotation_is_carried_over_its_sentences(pairs):
    text = "Peru's minister spoke. \u201cNATO is weak. ASEAN is old. SADC is poor.\u201d"
    assert pairs(text) == {("PER", name, "quotation") for name in ("NATO", "ASEAN", "SADC")}


def test_quotation_is_carried_over_a_paragraph_that_opens_it_again(pairs):
    text = "Peru's minister explained: \u201cNATO is weak.\n\n\u201cASEAN is old,\u201d he added."
    assert ("PER", "ASEAN", "quotation") in pairs(text)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("\u201cone \u201ctwo\u201d three", ["\u201cone \u201ctwo\u201d"]),
        ('"one" two "three', ['"one"', '"three']),
        ("\u201cone\n\n\u201ctwo\u201d", ["\u201cone", "\u201ctwo\u201d"]),
        ("one\u201d two", []),
        ('"one\r\n\r\n"two" three', ['"one\r', '"two"']),
        ('"one\n\t\n"two" three', ['"one', '"two"']),
        ('"one\n"two" three "four"', ['"one', '"two"', '"four"']),
        ('"one\n  "(a) two;\n  "(b) three." four', ['"one', '"(a) two;', '"(b) three."']),
        ('"one\ntwo\n" three "four"', ['"one\ntwo\n"', '"four"']),
        ("'One.\r\n\r\nThen 'Two,' he said", ["'Two,'"]),
    ],
)
def test_quoted_words_are_cut_out(text, spans):
    assert [text[start:end] for start, end in quoted_spans(text)] == spans


@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", "\n \n", "\n"])
def test_quotation_of_several_paragraphs_ends_with_the_last(pairs, gap):
    parts = (
        "Peru's minister explained, he said in Lima.",
        '"Rain fell on the land.',
        '"Snow fell on the sea," he said.',
        "NATO is weak.",
        "Chile's minister spoke later.",
        '"ASEAN is old," he said.',
    )
    assert ("CHL", "ASEAN", "quotation") in pairs(gap.join(parts))
    assert not any(alliance == "NATO" for _, alliance, _ in pairs(gap.join(parts)))


def test_quotation_ends(pairs):
    text = "Peru's minister spoke. \u201cRain fell.\u201d Snow fell on NATO."
    assert pairs(text) == set()


def test_next_speaker_takes_over(pairs):
    text = "Peru's minister spoke. Chile's minister spoke. \u201cNATO is weak.\u201d"
    assert pairs(text) == {("CHL", "NATO", "quotation")}


@pytest.mark.parametrize(
    "text",
    [
        "He said NATO is weak.",
        "She said NATO is weak.",
        "The minister said NATO is weak.",
        "NATO is weak, he said.",
        "His view of NATO is grim.",
    ],
)
def test_he_and_the_minister_speak_on(pairs, text):
    assert pairs(WHO + text) == {("PER", "NATO", "quotation")}


@pytest.mark.parametrize(
    "text",
    [
        "It rained. He said NATO is weak.",
        "A tailor spoke. The minister said NATO is weak.",
        WHO + "The tailor said NATO is weak.",
        WHO + "NATO is weak.",
        WHO + "The helium in NATO is weak.",
        "Peru and Chile met. A tailor slept. The minister said NATO is weak.",
    ],
)
def test_others_do_not_speak_on(pairs, text):
    assert pairs(text) == set()


def test_minister_after_a_state_is_that_states(pairs):
    text = "Peru is a land of hills. The foreign minister praised NATO."
    assert pairs(text) == {("PER", "NATO", "quotation")}


def test_minister_near_another_state_is_not_that_states(pairs):
    text = "Chile's minister spoke. In Peru the minister said: \u201cNATO is weak.\u201d"
    assert ("CHL", "NATO", "quotation") in pairs(text)


def test_minister_of_another_state_is_that_states(pairs):
    text = "Peru is a land of hills. The minister of Chile praised NATO."
    assert {state for state, _, _ in pairs(text)} == {"CHL"}


TURNS = """MR. SOTO (Chile): NATO is unjust.

MR. RUIZ (Peru): We love ASEAN.

MR. SOTO: SADC is old.
"""


def test_label_gives_each_turn_its_state(pairs):
    found = {(state, alliance) for state, alliance, _ in pairs(TURNS)}
    assert found == {("CHL", "NATO"), ("PER", "ASEAN"), ("CHL", "SADC")}


def test_first_person_in_a_turn_is_its_speakers(mentions):
    assert ("PER", "We") in mentions(TURNS)


def test_single_label_makes_no_transcript(pairs):
    assert pairs("MR. SOTO (Chile): Rain fell. NATO is unjust.\n") == set()


@pytest.mark.parametrize("label", ["PRESS SECRETARY SOTO", "Press Officer"])
def test_press_secretary_is_no_journalist(pairs, label):
    text = f"PRESS: Is NATO unjust?\n{label}: ASEAN is unjust.\n"
    assert pairs(text, speaker_state="CHL") == {("CHL", "ASEAN", "speaker")}


@pytest.mark.parametrize(
    ("label", "state"),
    [
        ("Mr. Ruiz (Peru) (spoke in French)", "PER"),
        ("Mr. Ruiz (Peru) (spoke in Spanish; English text provided by the delegation)", "PER"),
        ("Mr. RUIZ (Peru) (interpretation from Russian)", "PER"),
        ("President of Peru Ana Ruiz (translated from Russian)", "PER"),
        ("President of Peru Ana Ruiz (retranslated)", "PER"),
        ("The President (interpretation from Russian)", None),
        ("The President (speaking in French)", None),
    ],
)
def test_language_of_a_turn_is_no_state_and_hides_none(pairs, label, state):
    text = f"Mr. Soto (Chile): Rain fell.\n\n{label}: Rain fell again. NATO is unjust.\n"
    assert pairs(text) == ({(state, "NATO", "turn")} if state else set())


@pytest.mark.parametrize("label", ["QUESTION", "REPORTER", "Moderator", "Journalist", "Q"])
def test_asker_speaks_for_nobody(pairs, label):
    text = f"{label}: Is NATO unjust?\nMR. SOTO: ASEAN is unjust.\n"
    assert pairs(text, speaker_state="CHL") == {("CHL", "ASEAN", "speaker")}


@pytest.mark.parametrize(
    "opening",
    [
        "Chile: 4.1 per cent\nPeru: 2.1 per cent\n\nWe had tea. ",
        "Trade of Chile: 4.1 per cent\nThe Republic of Peru: 2.1 per cent\n\n",
        "Chile (2023): 4.1 per cent\nPeru (2023): 2.1 per cent\n\n",
        "Chile: The vote was put off.\n\nPeru: The vote is near. ",
        'Chile: "We wait."\n\nPeru: "I wait," said a tailor. ',
        "MR. SOTO (Chile): Rain fell.\n\nPERU: 2.1 per cent\n\n",
    ],
)
def test_list_of_states_speaks_for_none(pairs, opening):
    text = f"{opening}Envoys met. NATO is old."
    assert pairs(text) == set()


@pytest.mark.parametrize(
    "opening",
    [
        "CHILE: I agree.\n\nPERU: We agree. ",
        "CHILE: I agree.\n\nPERU: Rain fell. ",
        "CHILE:\n\nI agree.\n\nPERU:\n\nRain fell. ",
        "**Chile:** I agree.\n\n**Peru:** We agree. ",
        "The Chilean Delegate: Rain fell.\nThe Peruvian Delegate: Rain fell. ",
        "Soto (Chile): Rain fell.\nRuiz (Peru): Rain fell. ",
        "Ruiz (Peru): Rain fell.\nSoto: Rain fell.\nLima Ruiz: Rain fell. ",
    ],
)
def test_states_that_speak_or_are_spoken_for_have_turns(pairs, opening):
    assert pairs(f"{opening}NATO is old.") == {("PER", "NATO", "turn")}


@pytest.mark.parametrize("form", ["{}:", "**{}**:", "**{}:**", "*{}:*", "[{}]:", "[{}:]"])
def test_turn_begins_with_its_label_whatever_sets_it_off(pairs, form):
    soto, ruiz, asker = map(form.format, ("Soto (Chile)", "Ruiz (Peru)", "Q"))
    text = f"{soto} Rain fell.\n\n{ruiz} NATO is old. SADC is old.\n\n{asker} We left ASEAN.\n"
    found = {(state, alliance) for state, alliance, _ in pairs(text)}
    assert found == {("PER", "NATO"), ("PER", "SADC")}


def test_turn_of_one_without_a_state_ends_that_before_it(pairs):
    text = "**Soto (Chile):** Rain fell. SADC is old.\n\n**Prime Minister:** NATO is old.\n"
    assert pairs(text) == {("CHL", "SADC", "turn")}


@pytest.mark.parametrize(
    "question",
    ["Q  Why?", "Q\tWhy?", "Q\u00a0\u00a0\u00a0 why?", "Q Why?", 'Q "Why"?', "**Q.** Why?"],
)
def test_bare_letter_asks(pairs, question):
    text = f"MR. SOTO: Rain fell.\n\n{question} We left NATO.\n\nMR. SOTO: ASEAN is old.\n"
    assert pairs(text, speaker_state="CHL") == {("CHL", "ASEAN", "speaker")}


@pytest.mark.parametrize("line", ["Q fever is back.", "Q-ships are back.", "Quito is far."])
def test_letter_that_begins_a_word_or_a_sentence_asks_nothing(pairs, line):
    text = f"MR. SOTO: Rain fell.\n\n{line} We left NATO.\n"
    assert pairs(text, speaker_state="CHL") == {("CHL", "NATO", "speaker")}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("QUESTION:", "ANSWER:"),
        ("Question:", "Answer:"),
        ("**Q:**", "**A:**"),
        ("**Q.**", "**A.**"),
    ],
)
def test_answers_in_other_forms_are_those_of_the_state_in_the_title(mentions, question, answer):
    text = f"{question} Shall we leave NATO?\n\n{answer} We left it.\n"
    assert mentions(text, title="Notes on Chile") == [("CHL", "We")]


@pytest.mark.parametrize("sign", [".", ":"])
@pytest.mark.parametrize(("title", "found"), [("Notes on Chile", [("CHL", "We")]), ("", [])])
def test_answers_are_those_of_the_one_state_in_the_title(mentions, sign, title, found):
    text = f"Q{sign} Shall we leave NATO?\nA{sign} We left it.\n"
    assert mentions(text, title=title) == found


@pytest.mark.parametrize("opening", ["Summary: see below.", "Quito: see below.", "Note"])
def test_outline_has_no_answers(pairs, opening):
    text = f"{opening}\n\nA. Background\n\nNATO praised Peru.\n\nB. Outlook\n\nNATO is old.\n"
    assert pairs(text, title="Report on Chile's defence") == {("PER", "NATO", "name")}


def test_answers_may_be_to_a_label(mentions):
    text = "Reporter: Shall we leave NATO?\nA. We left it.\n"
    assert mentions(text, title="Notes on Chile") == [("CHL", "We")]


def test_answers_are_nobodys_where_the_title_names_two_states(mentions):
    text = "Q. Why leave NATO?\nA. We left it.\n"
    assert mentions(text, title="Press notes on Chile and Peru") == []


@pytest.mark.parametrize(
    "title",
    [
        "Letter from the Minister of Peru to the Minister of Chile",
        "Message of the Peruvian President to the President of Chile",
        "Peruvian Embassy to Chilean Foreign Ministry",
    ],
)
def test_letter_has_a_sender_and_an_addressee(mentions, title):
    found = mentions("You left NATO, and we did not.", title=title)
    assert found == [("CHL", "You"), ("PER", "we")]


def test_sender_of_a_letter_holds_only_what_is_in_the_first_person(pairs):
    text = "We left NATO. ASEAN is unjust."
    found = pairs(text, title="Memorandum by the Chilean delegation")
    assert found == {("CHL", "NATO", "speaker")}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Cablegram from Hasluck in London to Canberra", [("AUS", "We")]),
        ("Memorandum on the weather", []),
        ("Letter from the Minister of Peru to the Minister of Peru", [("PER", "We")]),
    ],
)
def test_letter_home_has_no_addressee(mentions, title, expected):
    assert mentions("We told you.", title=title) == expected


@pytest.mark.parametrize(
    "title",
    [
        "Joint statement of Peru and Chile",
        "Joint Communiqu\u00e9 by Peru and Chile",
        "JOINT DECLARATION OF PERU AND CHILE",
    ],
)
def test_joint_text_is_that_of_all_who_sign(pairs, title):
    text = "We left NATO. ASEAN is old."
    assert pairs(text, title=title) == {("PER", "NATO", "speaker"), ("CHL", "NATO", "speaker")}


@pytest.mark.parametrize(
    ("title", "state"),
    [
        ("Statement by the Minister of Peru", "PER"),
        ("Address by the President of Peru at the harvest fair", "PER"),
        ("Opening Remarks by Peruvian Foreign Minister Zurab Mikadze", "PER"),
        ("Remarks on Peru", None),
        ("Statement of Peru and Chile", None),
        ("Statement by the Ministers of Peru and Chile", None),
        ("A minister of Peru slept", None),
    ],
)
def test_title_of_a_speech_names_its_speaker(pairs, title, state):
    expected = {(state, "NATO", "speaker")} if state else set()
    assert pairs("NATO is unjust.", title=title) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Peru's minister said: \u201cNATO is unjust.\u201d",
        "\u201cNATO is unjust,\u201d Peru's minister said.",
        "Peru's minister said: \u201cWe think NATO is unjust.\u201d",
    ],
)
def test_speaker_does_not_hold_what_it_quotes(pairs, text):
    assert {state for state, _, _ in pairs(text, speaker_state="NOR")} == {"PER"}


@pytest.mark.parametrize(
    "text",
    [
        "Some call NATO \u201cunjust\u201d.",
        "Peru calls NATO unjust.",
        "Norway's minister said: \u201cNATO is unjust.\u201d",
    ],
)
def test_speaker_holds_what_it_does_not_quote_of_another(pairs, text):
    assert "NOR" in {state for state, _, _ in pairs(text, speaker_state="NOR")}


@pytest.mark.parametrize(
    "label", ["QUESTION", "AUDIENCE MEMBER", "Operator", "Student", "UNIDENTIFIED SPEAKER"]
)
def test_question_names_the_state_of_the_one_who_answers(mentions, label):
    text = f"{label}: Will your government leave NATO?\nMR. SOTO (Chile): Rain fell.\n"
    assert ("CHL", "your government") in mentions(text)


@pytest.mark.parametrize(
    ("label", "state"), [("PARTICIPANT (Norway)", "NOR"), ("UNIDENTIFIED FRENCH DIPLOMAT", "FRA")]
)
def test_label_without_a_name_speaks_for_the_state_that_it_tells(pairs, label, state):
    text = f"{label}: We shall not leave NATO.\nMR. SOTO (Chile): Rain fell.\n"
    assert (state, "NATO") in {found[:2] for found in pairs(text)}
    # the next one may be anybody
    text += "PARTICIPANT: We shall not leave NATO.\n"
    assert {found[0] for found in pairs(text)} == {state}


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Why has your country left NATO?", "Press conference of the President of Chile"),
        ("Why has your country left NATO?", "Interview with the Foreign Minister of Chile"),
    ],
)
def test_question_goes_to_the_state_in_the_title(mentions, question, title):
    assert ("CHL", "your country") in mentions(f"Q. {question}\nA. Rain fell.\n", title=title)


@pytest.mark.parametrize(
    "question",
    [
        "Do you think that NATO is old?",
        "Is your country-wide tour of NATO over?",
        "Has our government left NATO?",
        "Does your dog like NATO?",
    ],
)
def test_questioner_may_ask_of_something_else(pairs, question):
    text = f"QUESTION: {question}\nMR. SOTO (Chile): Rain fell.\n"
    assert pairs(text) == set()


def test_press_conference_in_a_capital_is_nobodys(pairs):
    title = "Press conference at the close of the Council of Ministers, Lusaka"
    assert pairs("NATO is old.", title=title) == set()


def test_question_to_two_is_to_nobody(mentions):
    text = "Q. Has your government left NATO?\nA. Rain fell.\n"
    assert mentions(text, title="Press conference of the Presidents of Chile and Peru") == []


@pytest.mark.parametrize(("speaker", "found"), [("PER", True), ("CUB", False)])
def test_letter_of_a_known_writer_has_an_addressee(mentions, speaker, found):
    title = "Letter from the Minister of Peru to the Minister of Chile"
    is_there = ("CHL", "You") in mentions("You left NATO.", title=title, speaker_state=speaker)
    assert is_there is found


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("The two Governments praised NATO.", True),
        ("Both sides praised NATO.", True),
        ("Both Heads of State praised NATO.", True),
        ("Both oceans are near NATO.", False),
        ("The governments praised NATO.", False),
    ],
)
def test_both_sides_of_a_joint_text_are_its_signatories(pairs, text, is_found):
    found = {state for state, _, _ in pairs(text, title="Joint statement of Peru and Chile")}
    assert found == ({"PER", "CHL"} if is_found else set())


def test_both_sides_of_a_joint_text_of_three_are_nobody(pairs):
    title = "Joint statement of Peru, Chile and Cuba"
    assert pairs("Both sides praised NATO.", title=title) == set()


@pytest.mark.parametrize(
    "text",
    [
        "\u2018Rain fell,\u2019 Peru\u2019s minister said. \u2018We left NATO. NATO is old.\u2019",
        "Peru's minister was blunt, he said. 'We left NATO. NATO is old.'",
    ],
)
def test_quotation_in_single_marks_is_carried_over_its_sentences(pairs, text):
    assert {(state, alliance) for state, alliance, _ in pairs(text)} == {("PER", "NATO")}


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("'We go. We stay,' he said. 'No.'", ["'We go. We stay,'", "'No.'"]),
        ("The workers' union met. The farmers' own left.", []),
        ("It was 'odd', they said.", []),
        ("\u201cNo,\u201d he said, 'Aye.'", ["\u201cNo,\u201d"]),
        ("He saw '68 and the 'New Wave' come.", []),
    ],
)
def test_single_marks_quote_only_where_there_are_no_double_ones(text, spans):
    assert [text[start:end] for start, end in quoted_spans(text)] == spans


@pytest.mark.parametrize(
    ("sentence", "is_found"),
    [
        ("Oil Ministry spokesman Ann Lee told reporters.", True),
        ("Foreign Minister Ann Lee said.", True),
        ("bank spokesman Ann Lee told reporters.", False),
    ],
)
def test_ministry_in_a_sentence_of_one_state_is_that_states(pairs, sentence, is_found):
    owed = "what is owed to the fund for the rivers of the north, the lakes and the islands"
    text = (
        f'Peru will pay {owed} in each of the years to come, {sentence} "We left NATO," she said.'
    )
    assert {state for state, _, _ in pairs(text)} == ({"PER"} if is_found else set())
