import json
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from alliance_stance.cli import main
from alliance_stance.errors import InputError
from alliance_stance.evaluation.overlap import sentence_key
from alliance_stance.inference.attribution import attribute
from alliance_stance.inference.explanation import explanation_row
from alliance_stance.inference.feature_weights import FeatureWeight, feature_weights
from alliance_stance.inference.neighbours import Neighbours
from alliance_stance.inference.perturbing import MAX_WORDS, find_parts, keep_parts
from alliance_stance.inference.reasons import alliance_reason, state_reason
from alliance_stance.labeling.firing import claim_of, rules_that_hold
from alliance_stance.labeling.rules.table import RULES
from alliance_stance.labeling.votes import ABSTAIN, vote_on_candidate
from alliance_stance.models.base import StanceModel
from alliance_stance.reporting.explanations import explanation_view
from alliance_stance.schema import ACTS, STANCES, Act, Candidate, Document, Mention, Stance

TEXT = "The CSTO met. Yerevan, unlike Minsk, has frozen its place in the bloc and left the table."


class WordModel(StanceModel):
    """Says `against` by what stands in the text: a sum of two words, less their product."""

    classes_ = np.array(STANCES)

    def predict_act_proba(self, X):
        self.asked = getattr(self, "asked", 0) + len(X)
        rows = np.zeros((len(X), len(ACTS)))
        for row, candidate in enumerate(X):
            frozen, left = "frozen" in candidate.text, "left" in candidate.text
            against = 0.1 + 0.5 * frozen + 0.3 * left - 0.2 * (frozen and left)
            rows[row, ACTS.index(Act.SUSPEND)] = against
            rows[row, ACTS.index(Act.DESCRIBE)] = 1 - against
        return rows

    def save_weights(self, folder): ...
    def load_weights(self, folder): ...
    def _fit(self, X, y, acts): ...


@pytest.fixture
def candidate(finder) -> Candidate:
    found = finder.find_candidates(Document("d", TEXT, date="2024"))
    return next(c for c in found if c.state == "ARM")


def weights_of(candidate: Candidate) -> dict[str, float]:
    found = attribute(WordModel(), [candidate], [Stance.AGAINST])[0]
    return {
        candidate.text[part.start : part.end]: weight
        for part, weight in zip(found.parts, found.weights, strict=True)
        if part.kind != "context"
    }


def test_parts_are_the_words_the_other_names_and_the_context(candidate):
    parts = find_parts(candidate)
    assert [candidate.text[p.start : p.end] for p in parts if p.kind == "name"] == ["Minsk"]
    assert [p.kind for p in parts].count("context") == 1
    words = [candidate.text[p.start : p.end] for p in parts if p.kind == "words"]
    assert words[:3] == ["unlike", "has", "frozen"]
    assert not {"Yerevan", "bloc"} & set(words)


def test_words_are_taken_out_and_names_stay(candidate):
    parts = find_parts(candidate)
    words = [candidate.text[p.start : p.end] for p in parts]
    left = keep_parts(candidate, parts, [w not in {"unlike", "Minsk", "frozen"} for w in words])
    assert left.text == "Yerevan, , has its place in the bloc and left the table."
    assert [left.text[m.start : m.end] for m in left.mentions] == ["Yerevan", "the bloc"]
    assert (left.context, left.context_mentions) == (candidate.context, candidate.context_mentions)


def test_context_is_taken_out_with_its_mentions(candidate):
    parts = find_parts(candidate)
    left = keep_parts(candidate, parts, [part.kind != "context" for part in parts])
    assert (left.text, left.context, left.context_mentions) == (candidate.text, "", ())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    words=st.lists(
        st.sampled_from(["Peru", "NATO", "left", "the  bloc", "\n", ",", "Lima's", "\u2019", "EU"]),
        max_size=12,
    ),
    is_kept=st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_whatever_is_taken_out_the_judged_names_stand_where_the_mentions_say(
    finder, words, is_kept
):
    text = " ".join(words)
    whole = finder.mark_candidate(Candidate("d", 0, 0, len(text), text, "", "PER", "NATO"))
    parts = find_parts(whole)
    left = keep_parts(whole, parts, is_kept[: len(parts)])

    def judged(candidate: Candidate) -> list[tuple[str, str]]:
        return [
            (m.id, candidate.text[m.start : m.end])
            for m in candidate.mentions
            if candidate.is_judged(m)
        ]

    assert judged(left) == judged(whole)
    ends = [0, *(place for m in left.mentions for place in (m.start, m.end)), len(left.text)]
    assert ends == sorted(ends)


def test_nothing_taken_out_changes_nothing_but_white_space(candidate):
    parts = find_parts(candidate)
    assert keep_parts(candidate, parts, [True] * len(parts)) == candidate


def test_long_sentence_is_taken_in_runs_that_cross_no_name():
    text = "Peru " + "word " * 300 + "NATO " + "word " * 5
    start = text.index("NATO")
    mentions = (Mention("state", "PER", 0, 4, "name"),
                Mention("alliance", "NATO", start, start + 4, "acronym"))  # fmt: skip
    parts = find_parts(Candidate("d", 0, 0, len(text), text, "", "PER", "NATO", mentions))
    assert 10 < len(parts) <= MAX_WORDS + 2
    assert not any(part.start <= start < part.end for part in parts)


def test_weight_of_a_word_is_the_drop_without_it(candidate):
    weights = weights_of(candidate)
    # by hand: 0.7 for both words, 0.4 for `left` alone, 0.6 for `frozen` alone
    assert weights.pop("frozen") == pytest.approx(0.3)
    assert weights.pop("left") == pytest.approx(0.1)
    assert set(weights.values()) == {0.0}


def test_whole_sentence_and_names_alone_are_told(candidate):
    found = attribute(WordModel(), [candidate], [Stance.AGAINST])[0]
    assert (found.probability, found.base) == pytest.approx((0.7, 0.1))


def test_model_is_asked_once_for_each_part(candidate):
    model = WordModel()
    found = attribute(model, [candidate, candidate], [Stance.AGAINST, Stance.NEUTRAL])
    assert model.asked == sum(f.evaluations for f in found) == 2 * (len(found[0].parts) + 2)
    assert found[1].weights == pytest.approx(-found[0].weights)


def test_sentence_of_very_many_names_is_judged_a_portion_at_a_time():
    text = "Peru left NATO " * 60
    mentions = tuple(
        mention
        for start in range(0, len(text), 15)
        for mention in (Mention("state", "PER" if start == 0 else "CHL", start, start + 4, "name"),
                        Mention("alliance", "NATO", start + 10, start + 14, "acronym"))
    )  # fmt: skip
    one = Candidate("d", 0, 0, len(text), text, "", "PER", "NATO", mentions)
    held: list[int] = []

    class Counting(WordModel):
        def predict_act_proba(self, X):
            held.append(sum(len(candidate.mentions) for candidate in X))
            return super().predict_act_proba(X)

    found = attribute(Counting(), [one] * 20, [Stance.AGAINST] * 20)
    assert sum(held) > 240_000
    assert max(held) < 120_000
    assert all(np.array_equal(other.weights, found[0].weights) for other in found)


def test_sentence_of_names_alone_has_no_parts():
    text = "Peru NATO"
    mentions = (Mention("state", "PER", 0, 4, "name"), Mention("alliance", "NATO", 5, 9, "acronym"))
    bare = Candidate("d", 0, 0, 9, text, "", "PER", "NATO", mentions)
    found = attribute(WordModel(), [bare], [Stance.AGAINST])[0]
    assert (found.parts, len(found.weights)) == ((), 0)


@pytest.mark.parametrize("kind", ["majority", "state_prior", "lexicon", "rule_vote", "linear"])
def test_every_kind_of_model_is_explained(kind, fitted, candidate):
    model = fitted(kind)
    stance = STANCES[model.predict_proba([candidate])[0].argmax()]
    found = attribute(model, [candidate], [stance])[0]
    assert found.probability == pytest.approx(model.predict_proba([candidate]).max())
    parts = find_parts(candidate)
    without = keep_parts(candidate, parts, [place != 1 for place in range(len(parts))])
    after = model.predict_proba([without])[0, STANCES.index(stance)]
    assert found.weights[1] == pytest.approx(found.probability - after)
    if kind in ("majority", "state_prior"):
        assert not found.weights.any()


def test_feature_weights_and_intercept_sum_to_the_logit(fitted, candidate):
    model = fitted("linear")
    classifier = model.pipelines_.stance.steps[-1][1]
    logits = np.log(model.predict_proba([candidate])[0])
    for column, stance in enumerate(STANCES):
        features = feature_weights(model, candidate, stance, most=10**6)
        intercepts = classifier.intercept_ - classifier.intercept_.mean()
        total = sum(f.weight for f in features) + intercepts[column]
        assert total == pytest.approx(logits[column] - logits.mean())
    sizes = [abs(f.weight) for f in features]
    assert sizes == sorted(sizes, reverse=True)
    assert feature_weights(fitted("lexicon"), candidate, Stance.FAVOR, most=3) is None


def test_reasons_name_the_words_and_what_a_reference_goes_back_to(candidate, knowledge):
    state, alliance = state_reason(candidate, knowledge), alliance_reason(candidate, knowledge)
    assert (state.name, state.words, state.text) == ("Armenia", "Yerevan", "its capital")
    assert candidate.text[state.start : state.end] == "Yerevan"
    assert alliance.words == "the bloc"
    assert "\u201cCSTO\u201d in the sentence before" in alliance.text


@pytest.mark.parametrize(
    ("document", "words", "told"),
    [
        (Document("d", "We thank NATO.", speaker_state="FRA"), "We", "given with the document"),
        (Document("d", "NATO is a pillar.", speaker_state="FRA"), "", "in the voice of"),
        (Document("d", "The Franco-German plan angers NATO."), "Franco", "an adjective"),
    ],
)
def test_state_that_is_not_named_is_told_as_such(document, words, told, finder, knowledge):
    found = next(c for c in finder.find_candidates(document) if c.state == "FRA")
    reason = state_reason(found, knowledge)
    assert reason.words.startswith(words)
    assert told in reason.text


def test_pair_that_the_sentence_does_not_show_is_told_as_given(finder, knowledge):
    text = "It left."
    given_ = finder.mark_candidate(Candidate("d", 0, 0, len(text), text, "", "PER", "NATO"))
    reason = state_reason(given_, knowledge)
    assert (reason.words, reason.start, reason.step) == ("", None, None)
    assert "given with the example" in reason.text


def test_half_of_a_given_pair_is_told_as_found(finder, knowledge):
    text = "Peru left."
    given_ = finder.mark_candidate(Candidate("d", 0, 0, len(text), text, "", "PER", "NATO"))
    assert (state_reason(given_, knowledge).words, given_.state_how) == ("Peru", "")
    assert state_reason(given_, knowledge).step == 3
    assert alliance_reason(given_, knowledge).step is None


def test_steps_of_reasons_are_steps_of_the_page(root, finder, knowledge):
    page = (root / "docs" / "extraction.md").read_text(encoding="utf-8")
    for step, about in {3: "reading", 4: "Overlaps", 6: "Persons", 7: "Who speaks",
                        8: "Quotations", 9: "alliances", 10: "states"}.items():  # fmt: skip
        assert any(
            line.startswith(f"**{step}. ") and about in line for line in page.splitlines()
        ), step


def test_every_rule_has_a_claim_in_words():
    claims = [claim_of(rule) for rule in RULES]
    assert all(claim.endswith(".") and "(" not in claim[-12:] for claim in claims)


def test_rules_that_hold_are_those_that_vote(finder):
    text = "Lithuania welcomes the enlargement of the European Union."
    found = next(iter(finder.find_candidates(Document("d", text))))
    names = [rule.name for rule in rules_that_hold(found)]
    votes = vote_on_candidate(found)
    assert "supports_growth" in names
    assert names == [r.name for r, v in zip(RULES, votes, strict=True) if v != ABSTAIN]


def test_nearest_training_example_is_the_most_alike(train_examples, candidate):
    found = Neighbours(train_examples, None).find(train_examples[0].candidate, most=5)
    similarities = [n.similarity for n in found]
    assert similarities == sorted(similarities, reverse=True)
    texts = [n.example.candidate.text for n in found]
    assert len(set(texts)) == len(texts)
    assert train_examples[0].candidate.text not in texts


def test_only_sentences_of_the_training_are_searched(train_examples):
    chosen = train_examples[3].candidate.text
    neighbours = Neighbours(train_examples, frozenset({sentence_key(chosen)}))
    assert {e.candidate.text for e in neighbours.examples} == {chosen}
    with pytest.raises(InputError, match="fitted on"):
        Neighbours(train_examples, frozenset())


def test_same_text_has_the_same_explanation_alone_and_among_others(predictor):
    alone = predictor.explain("Qatar left OPEC after a long quarrel about its quota.")[0]
    text = "Qatar left OPEC after a long quarrel about its quota. Peru praised ASEAN."
    among = predictor.explain(text)[0]
    assert alone.attribution.weights.tolist() == among.attribution.weights.tolist()


def test_row_is_json_with_offsets_into_the_document(predictor):
    text = "It rained. Yerevan has frozen its place in the CSTO."
    row = explanation_row(predictor.explain(text)[0])
    told = json.loads(json.dumps(row))["explanation"]
    for word in told["words"]:
        assert text[word["start"] : word["end"]] == word["text"]
    assert text[slice(*told["state"]["mention"])] == "Yerevan"
    shorter = text.replace("frozen ", "")
    after = predictor.predict(shorter)[0].probabilities[Stance(told["stance"])]
    weight = next(word["weight"] for word in told["words"] if word["text"] == "frozen")
    assert weight == pytest.approx(told["probability"] - after, abs=1e-4)
    assert told["probability"] == row["probabilities"][told["stance"]]
    assert told["examples"] is None


def test_view_is_readable_without_colours(predictor):
    console = Console(width=100, record=True)
    text = "Yerevan has\nfrozen its place in the CSTO [/b]."
    console.print(explanation_view(predictor.explain(text)[0], abstain_below=1.0))
    shown = console.export_text()
    assert "Yerevan has frozen its place in the CSTO [/b]." in shown
    assert "ARM on CSTO" in shown
    assert "abstained" in shown
    assert "codebook" in shown or "none holds" in shown


@pytest.mark.parametrize("between", ["\r\n", "\f", "\v\a\b", "\x1b[31m"])
def test_marks_of_the_view_are_on_the_words_whatever_stands_between(predictor, between):
    (explanation,) = predictor.explain(f"Yerevan has{between}frozen its place in the CSTO.")
    console = Console(
        width=100, file=StringIO(), force_terminal=True, color_system="standard", no_color=False
    )
    console.print(explanation_view(explanation))
    shown = console.file.getvalue()
    # reverse, and then back
    assert "\x1b[7mYerevan\x1b[0m" in shown
    assert "\x1b[7mCSTO\x1b[0m" in shown
    assert not {"\r", "\f", "\v", "\a", "\b"} & set(shown)


def test_view_holds_no_control_character_of_a_document(predictor):
    document = Document(id="e\x1b]0;pwn\x07", text="Yerevan \x1b[2Jfroze its place in the CSTO.")
    (explanation,) = predictor.explain(document)
    explanation = replace(explanation, features=(FeatureWeight("state\x9b1m", 0.5),))
    console = Console(width=200, file=StringIO())
    console.print(explanation_view(explanation))
    assert not {"\x1b", "\x07", "\x9b"} & set(console.file.getvalue())


def test_explanations_are_printed(tmp_path, linear_artifact, tiny_path, capsys):
    path = tmp_path / "note.txt"
    path.write_text("Qatar left OPEC. Peru praised ASEAN.", encoding="utf-8")
    arguments = ["predict", str(path), "--explain", "--model", str(linear_artifact)]
    assert main(arguments) == 0
    assert "QAT on OPEC" in capsys.readouterr().out
    assert main([*arguments, "--json", "--examples", str(tiny_path)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["state"] for row in rows] == ["QAT", "PER"]
    for row in rows:
        assert all(0 < n["similarity"] <= 1 for n in row["explanation"]["examples"])


@pytest.mark.parametrize(
    ("content", "extra", "told"),
    [
        ('{"id": "a", "text": "Peru left."}\n', ["--explain"], "labelled examples only"),
        ('{"id": "a", "text": "Peru left NATO.", "state": "PER", "alliance": "NATO"}\n',
         ["--explain"], "labelled"),
        ("", [], "--explain"),
    ],
)  # fmt: skip
def test_bad_examples_are_refused(tmp_path, linear_artifact, capsys, content, extra, told):
    path, examples = tmp_path / "note.txt", tmp_path / "examples.jsonl"
    path.write_text("Qatar left OPEC.", encoding="utf-8")
    examples.write_text(content, encoding="utf-8")
    arguments = ["predict", str(path), "--model", str(linear_artifact), *extra]
    assert main([*arguments, "--examples", str(examples)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert told in output.err
