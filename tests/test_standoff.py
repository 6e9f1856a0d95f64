"""Stand-off labels: their files, the join with a corpus, and the real ones."""

import csv
import json
import re
from pathlib import Path

import pytest
import yaml

from alliance_stance.cli import main
from alliance_stance.cli.app import app
from alliance_stance.datasets.standoff import StandoffSettings, find_sentence, join_corpus
from alliance_stance.datasets.standoff_file import Span, checksum, read_standoff
from alliance_stance.datasets.table import build_dataset
from alliance_stance.errors import ConfigError, DatasetError, KnowledgeError
from alliance_stance.schema import Act

ROOT = Path(__file__).resolve().parents[1]

SPEECH = (
    "Mr. President, I bring the greetings of my people. "
    "Armenia thanks the Collective Security Treaty\nOrganization for nothing at all. "
    "We have asked Bul-\ngaria for a mission of the European Union. The Union has sent it."
)
FIRST = "Armenia thanks the Collective Security Treaty\nOrganization for nothing at all."
SECOND = "We have asked Bul-\ngaria for a mission of the European Union."
THIRD = "The Union has sent it."
NAME = "ARM_78_2023"


def span(text: str, sentence: str) -> str:
    start = text.index(sentence)
    return f"{NAME},{start},{start + len(sentence)},{checksum(sentence)}"


def task(sentence: str, pair: str) -> str:
    start = SPEECH.index(sentence)
    return f"{NAME}:{start}-{start + len(sentence)}#{pair}"


@pytest.fixture
def labels(tmp_path):
    """A folder of labels: one given, two sentences labelled anew."""
    folder = tmp_path / "standoff"
    folder.mkdir()
    (folder / "given.csv").write_text(
        "document,start,end,checksum,state,alliance,act\n"
        f"{span(SPEECH, FIRST)},ARM,CSTO,criticize\n"
    )
    (folder / "sentences.csv").write_text(
        f"document,start,end,checksum\n{span(SPEECH, SECOND)}\n{span(SPEECH, THIRD)}\n"
    )
    rows = [
        f"{task(SECOND, 'ARM-EU')},first,appeal",
        f"{task(SECOND, 'ARM-EU')},second,appeal",
        f"{task(THIRD, 'ARM-EU')},first,describe",
        f"{task(THIRD, 'ARM-EU')},second,affirm",
        f"{task(THIRD, 'ARM-EU')},adjudicator,affirm",
        f"{task(THIRD, 'BGR-EU')},first,none",
        f"{task(THIRD, 'BGR-EU')},second,none",
    ]
    (folder / "annotations.csv").write_text("task,worker,label\n" + "\n".join(rows) + "\n")
    return folder


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "corpus" / "Session 78 - 2023"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.txt").write_bytes(b"\xef\xbb\xbf" + SPEECH.encode())
    return tmp_path / "corpus"


@pytest.fixture
def settings(labels, corpus):
    split = {"seed": 0, "dev_share": 0.1, "test_share": 0.1, "duplicate_similarity": 0.5}
    return StandoffSettings(kind="standoff", path=labels, corpus=corpus, split=split)


def write_text(corpus: Path, text: str) -> None:
    next(corpus.rglob("*.txt")).write_bytes(text.encode())


def test_labels_are_settled(labels, knowledge):
    (document,) = read_standoff(labels, knowledge)
    acts = {pair: label.act for pairs in document.labels.values() for pair, label in pairs.items()}
    assert document.label_count == 3
    assert acts == {("ARM", "CSTO"): Act.CRITICIZE, ("ARM", "EU"): Act.AFFIRM}


def test_join_gives_text_and_what_the_name_tells(settings, knowledge):
    joined = join_corpus(settings, knowledge)
    (document,) = joined.documents
    assert document.sentence_texts() == [FIRST, SECOND, THIRD]
    assert (document.document.date, document.document.speaker_state) == ("2023", "ARM")
    assert "session 78 (2023)" in document.document.title
    assert joined.notes == [
        "joined 3 of 3 triples on 3 sentences of 1 documents; 0 sentences stood elsewhere"
    ]


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        (SPEECH.replace("\n", "\r\n"), 0),
        ("A heading that this release has.\n" + SPEECH, 3),
        ("A list of those who spoke. " * 100 + SPEECH, 3),
        (SPEECH.replace("greetings", "greeting"), 3),
    ],
    ids=["windows line ends", "text before", "much text before", "text lost before"],
)
def test_other_releases_join(settings, corpus, knowledge, text, moved):
    write_text(corpus, text)
    joined = join_corpus(settings, knowledge)
    assert (joined.moved, joined.lost) == (moved, [])
    assert joined.documents[0].sentence_texts() == [FIRST, SECOND, THIRD]


def test_a_changed_sentence_is_lost_and_named(settings, corpus, knowledge):
    write_text(corpus, SPEECH.replace("The Union has", "The Union had"))
    joined = join_corpus(settings, knowledge)
    assert joined.lost == [task(THIRD, "").removesuffix("#")]
    assert "1 sentences are not in their document as they were: ARM_78_2023:" in joined.notes[1]


def test_a_missing_document_is_named(settings, labels, knowledge):
    with (labels / "given.csv").open("a") as file:
        file.write("FRA_01_1946,0,5,0123456789abcdef,FRA,NATO,affirm\n")
    joined = join_corpus(settings, knowledge)
    assert joined.missing == ["FRA_01_1946"]
    assert joined.notes[1] == "1 documents are not in the corpus: FRA_01_1946"


def test_every_missing_document_is_told_and_out_of_how_many(settings, labels, knowledge, tmp_path):
    names = [f"FRA_{number:02}_{1945 + number}" for number in range(1, 6)]
    with (labels / "given.csv").open("a") as file:
        for name in names:
            file.write(f"{name},0,5,0123456789abcdef,FRA,NATO,affirm\n")
    joined = join_corpus(settings, knowledge)
    assert joined.notes[0].startswith("joined 3 of 8 triples on 3 sentences")
    assert joined.notes[1] == f"5 documents are not in the corpus: {', '.join(names)}"
    (tmp_path / "empty").mkdir()
    nothing = settings.model_copy(update={"corpus": tmp_path / "empty"})
    with pytest.raises(DatasetError, match=r"6 documents are not in the corpus: .*, \.\.\.;"):
        join_corpus(nothing, knowledge)


def test_an_unreadable_document_is_named(settings, corpus, labels, knowledge):
    (corpus / "FRA_01_1946.txt").write_bytes(b"\xff\xfe")
    with (labels / "given.csv").open("a") as file:
        file.write("FRA_01_1946,0,5,0123456789abcdef,FRA,NATO,affirm\n")
    joined = join_corpus(settings, knowledge)
    assert "1 documents cannot be read" in joined.notes[1]


def test_hidden_twins_are_passed_over(settings, corpus, knowledge):
    (corpus / f"._{NAME}.txt").write_bytes(b"\x00\x05")
    assert len(join_corpus(settings, knowledge).documents) == 1


def test_no_corpus_says_where_to_get_it(settings, knowledge, tmp_path):
    with pytest.raises(DatasetError, match=r"doi:10\.7910/DVN/0TJX8Y"):
        join_corpus(settings.model_copy(update={"corpus": tmp_path / "none"}), knowledge)


def test_a_corpus_without_any_of_the_files_is_refused(settings, knowledge, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="joined 0 of 3 triples"):
        join_corpus(settings.model_copy(update={"corpus": tmp_path / "empty"}), knowledge)


def test_the_nearest_sentence_counts():
    text = "Yes. No. Yes."
    assert find_sentence(text, Span(7, 11, checksum("Yes."))) == 9
    assert find_sentence(text, Span(2, 6, checksum("Yes."))) == 0
    assert find_sentence(text, Span(0, 4, checksum("Nay."))) is None
    assert find_sentence("x" * 5000 + text, Span(0, 4, checksum("Yes."))) is None


@pytest.mark.parametrize(
    ("file", "row", "error", "message"),
    [
        ("given.csv", "A,5,5,ab,ARM,CSTO,leave", DatasetError, "given.csv:3: found offsets"),
        ("given.csv", "A,x,5,ab,ARM,CSTO,leave", DatasetError, "offsets 'x'"),
        ("given.csv", "A,1,5,ab,ARM,CSTO,hate", DatasetError, "act 'hate'"),
        ("given.csv", "A,1,5,ab,QQQ,CSTO,leave", KnowledgeError, "unknown state 'QQQ'"),
        ("given.csv", "A,1,5,ab,ARM,CSTO,leave\nA,1,5,ab,ARM,CSTO,join", DatasetError, "second"),
        ("given.csv", "A,1,5,ab,ARM,EU,join\nA,4,9,ab,ARM,EU,join", DatasetError, "overlaps 1-5"),
        ("annotations.csv", "A:1-5#ARM-EU,first,join", DatasetError, "no such sentence"),
        ("annotations.csv", "ARM_78_2023#ARM,first,join", DatasetError, "no place"),
        ("annotations.csv", f"{task(SECOND, 'FRA-EU')},first,join\n"
         f"{task(SECOND, 'FRA-EU')},second,leave", DatasetError, "add the adjudicator's"),
        ("given.csv", 'A,1,5,ab,ARM,CSTO,"leave\nA,7,9,cd,ARM,CSTO,join', DatasetError,
         "given.csv:3: found a broken row"),
    ],
)  # fmt: skip
def test_bad_rows_are_refused(labels, knowledge, file, row, error, message):
    with (labels / file).open("a") as out:
        out.write(row + "\n")
    with pytest.raises(error, match=message):
        read_standoff(labels, knowledge)


def test_labels_of_no_pair_are_refused(settings, labels, knowledge):
    given = labels / "given.csv"
    given.write_text(given.read_text().splitlines()[0] + "\n")
    annotations = f"task,worker,label\n{task(SECOND, 'ARM-EU')},first,none\n"
    (labels / "annotations.csv").write_text(annotations)
    with pytest.raises(DatasetError, match="no label of a pair"):
        join_corpus(settings, knowledge)


def test_a_pair_labelled_in_both_files_is_refused(labels, knowledge):
    with (labels / "given.csv").open("a") as file:
        file.write(f"{span(SPEECH, SECOND)},ARM,EU,endorse\n")
    with pytest.raises(DatasetError, match=r"given\.csv has too"):
        read_standoff(labels, knowledge)


def recipe(folder: Path, settings: StandoffSettings, **changes: object) -> Path:
    path = folder / "recipe.yaml"
    content = settings.model_dump(mode="json", exclude_none=True) | changes
    path.write_text(yaml.safe_dump(content))
    return path


def test_built_examples_know_their_mentions(settings, knowledge, tmp_path):
    built = build_dataset(recipe(tmp_path, settings), knowledge, tmp_path / "processed")
    examples = [e for split in built.splits for e in built.examples(split)]
    by_text = {e.candidate.text: e for e in examples}
    assert set(by_text) == {FIRST, SECOND, THIRD}
    assert by_text[FIRST].id == task(FIRST, "ARM-CSTO")
    second = by_text[SECOND].candidate
    # the cut word is read as one, and the offsets are those of the file
    named = {second.text[m.start : m.end]: m.id for m in second.mentions}
    assert named["Bul-\ngaria"] == "BGR"
    assert second.context == FIRST
    # a reference to what was named in an earlier sentence
    assert by_text[THIRD].candidate.alliance_how != ""
    assert {e.register for e in examples} == {"speech"}


def test_a_changed_corpus_changes_the_fingerprint(settings, corpus, knowledge, tmp_path):
    path = recipe(tmp_path, settings)
    before = build_dataset(path, knowledge, tmp_path / "processed").fingerprint
    write_text(corpus, SPEECH + " ")
    assert build_dataset(path, knowledge, tmp_path / "processed").fingerprint != before


def test_a_corpus_whose_build_is_up_to_date_is_read_once(
    settings, knowledge, tmp_path, count_reads
):
    path = recipe(tmp_path, settings)

    def build():
        return build_dataset(path, knowledge, tmp_path / "processed")

    first = build()
    read = count_reads(build)
    assert read[f"{NAME}.txt"] == 1
    # the labels tell which texts they point into, and count for the fingerprint
    assert read["given.csv"] == read["annotations.csv"] == 2
    assert build().notes == first.notes != ()


def test_notes_name_a_document_where_it_lies_now(settings, corpus, labels, knowledge, tmp_path):
    with (labels / "given.csv").open("a") as file:
        file.write("FRA_01_1946,0,5,0123456789abcdef,FRA,NATO,affirm\n")
    path = recipe(tmp_path, settings)
    for folder in ("old", "new"):
        (corpus / folder).mkdir()
        if folder == "new":
            (corpus / "old" / "FRA_01_1946.txt").rename(corpus / "new" / "FRA_01_1946.txt")
        else:
            (corpus / "old" / "FRA_01_1946.txt").write_bytes(b"\xff\xfe\xfa")
        built = build_dataset(path, knowledge, tmp_path / "processed")
        told = next(line for line in built.notes if "cannot be read" in line)
        assert str(corpus / folder) in told


def test_damaged_notes_are_written_again(settings, knowledge, tmp_path):
    path = recipe(tmp_path, settings)
    first = build_dataset(path, knowledge, tmp_path / "processed")
    (kept,) = (tmp_path / "processed" / "notes").iterdir()
    for damage in ("", "{}", "[1]"):
        kept.write_text(damage)
        assert build_dataset(path, knowledge, tmp_path / "processed").notes == first.notes


def test_a_union_holds_both(settings, knowledge, tmp_path, make_recipe):
    gold = yaml.safe_load(make_recipe(tmp_path / "g").read_text())
    part = settings.model_dump(mode="json", exclude_none=True)
    path = tmp_path / "union.yaml"
    path.write_text(yaml.safe_dump({"kind": "union", "parts": [gold, part]}))
    built = build_dataset(path, knowledge, tmp_path / "processed")
    total = sum(len(built.examples(split)) for split in built.splits)
    single = build_dataset(make_recipe(tmp_path / "h"), knowledge, tmp_path / "processed")
    assert total == 3 + sum(len(single.examples(split)) for split in single.splits)
    assert built.notes[0].startswith("standoff: joined 3 of 3 triples")


def test_a_broken_link_is_named_as_any_unreadable_document(
    settings, corpus, labels, knowledge, tmp_path
):
    (corpus / "FRA_01_1946.txt").symlink_to(corpus / "nowhere")
    with (labels / "given.csv").open("a") as file:
        file.write("FRA_01_1946,0,5,0123456789abcdef,FRA,NATO,affirm\n")
    built = build_dataset(recipe(tmp_path, settings), knowledge, tmp_path / "processed")
    assert any("1 documents cannot be read" in line for line in built.notes)


def test_a_corpus_of_broken_links_is_refused(settings, corpus, knowledge, tmp_path, capsys):
    file = next(corpus.rglob("*.txt"))
    file.unlink()
    file.symlink_to(corpus / "nowhere")
    assert main(["build", str(recipe(tmp_path, settings))]) == 2
    error = capsys.readouterr().err
    assert "documents cannot be read" in error
    assert error.count("\n") == 1


def test_a_part_named_twice_is_refused(settings, knowledge, tmp_path, make_recipe):
    part = settings.model_dump(mode="json", exclude_none=True)
    path = tmp_path / "union.yaml"
    again = {**part, "path": f"{part['path']}/../{settings.path.name}"}
    path.write_text(json.dumps({"kind": "union", "parts": [part, again]}))
    with pytest.raises(ConfigError, match=r"parts\.1 has the documents of parts\.0"):
        build_dataset(path, knowledge, tmp_path / "processed")
    assert not (tmp_path / "processed").exists()


def test_a_document_in_two_parts_is_refused(knowledge, tmp_path, make_recipe, tiny_path):
    gold = yaml.safe_load(make_recipe(tmp_path / "g").read_text())
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(tiny_path.read_bytes())
    path = tmp_path / "union.yaml"
    # JSON is YAML too, and has no aliases for what stands twice
    path.write_text(json.dumps({"kind": "union", "parts": [gold, {**gold, "path": str(copy)}]}))
    with pytest.raises(DatasetError, match=r"parts\.1.* which parts\.0 has too"):
        build_dataset(path, knowledge, tmp_path / "processed")


def test_a_union_of_unknown_kinds_is_refused(tmp_path, knowledge):
    path = tmp_path / "union.yaml"
    path.write_text(yaml.safe_dump({"kind": "union", "parts": [{"kind": "tweets"}]}))
    with pytest.raises(ConfigError, match=r"parts\.0"):
        build_dataset(path, knowledge, tmp_path / "processed")


def test_build_keeps_a_long_note_for_the_card(settings, labels, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    with (labels / "given.csv").open("a") as file:
        for year in range(1946, 1986):
            file.write(f"FRA_{year - 1945:02}_{year},0,5,0123456789abcdef,FRA,NATO,affirm\n")
    path = recipe(tmp_path, settings)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["build", str(path)])
    assert "... (all of it is in the card)" in result.stderr
    assert "FRA_40_1985" not in result.stderr
    (card,) = (tmp_path / "data" / "processed" / "cards").iterdir()
    assert "FRA_40_1985" in card.read_text(encoding="utf-8")


def test_build_says_how_many_were_joined(settings, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    path = recipe(tmp_path, settings, corpus="elsewhere")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["build", str(path), "--set", f"corpus={settings.corpus}"])
    assert result.exit_code == 0
    assert "joined 3 of 3 triples on 3 sentences of 1 documents" in result.stderr


LABELS = {
    "standoff": 5000, "records": 2400, "cables": 1000, "news": 3200, "encyclopaedia": 1300,
}  # fmt: skip


def test_real_labels_join_a_real_corpus(shared, pointed_corpora, knowledge, pointed_name):
    from alliance_stance.datasets.table import read_recipe

    _, real = read_recipe(ROOT / "configs" / "datasets" / f"{pointed_name}.yaml")
    settings = real.model_copy(update={"corpus": pointed_corpora[pointed_name]})
    joined = join_corpus(settings, knowledge)
    assert (joined.missing, joined.lost, joined.moved) == ([], [], 0)
    assert sum(d.label_count for d in joined.documents) >= LABELS[pointed_name]


def test_no_text_of_the_corpus_is_in_the_project(pointed_name):
    files = sorted((ROOT / "data" / pointed_name).glob("*.csv"))
    first = "given.csv" if pointed_name == "standoff" else "documents.csv"
    assert {file.name for file in files} == {
        first, "annotations.csv", "sentences.csv", "splits.csv"
    }  # fmt: skip
    for file in files:
        with file.open(encoding="utf-8", newline="") as open_file:
            for row in csv.DictReader(open_file):
                assert not any(" " in cell for key, cell in row.items() if key != "source")


WORDS_IN_A_ROW = 15
"""More than the longest official name that two texts may share."""
_WORD = re.compile(r"[a-z0-9']+")


def runs_of_words(text):
    words = _WORD.findall(text.lower())
    return {" ".join(words[i : i + WORDS_IN_A_ROW]) for i in range(len(words) - WORDS_IN_A_ROW + 1)}


def test_no_written_text_is_of_the_corpora(shared):
    """What the project wrote itself shares no long run of words with the texts at hand."""
    sets = [path for path in ROOT.glob("data/*/*.jsonl") if path.parent.name != "corpora"]
    written = [*sets, *ROOT.glob("docs/**/*.md"), ROOT / "README.md"]
    own = {}
    for path in written:
        own |= dict.fromkeys(runs_of_words(path.read_text("utf-8")), path)
    assert len(own) > 100_000
    corpora = [
        *shared.glob("corpus/un-general-debate/**/*.txt"),
        *shared.glob("corpus/documents/*.txt"),
    ]
    assert corpora
    copied = {
        run: own[run].name
        for path in corpora
        for run in runs_of_words(path.read_text("utf-8", errors="replace")) & own.keys()
    }
    assert copied == {}


def test_labels_are_valid_without_the_corpus(knowledge, pointed_name):
    documents = read_standoff(ROOT / "data" / pointed_name, knowledge)
    assert sum(document.label_count for document in documents) >= LABELS[pointed_name]


TOLD = "Our delegation signed the pact of the European Union in March.\n\nArmenia will stay in it."
TOLD_NAME = "BRIEFING_7_ab12"
SOURCE = "owner/briefings@0123abc:2024/03/briefing-7"


@pytest.fixture
def told(tmp_path):
    """Labels of a set with a table of documents."""
    folder = tmp_path / "records"
    folder.mkdir()
    sentence = "Our delegation signed the pact of the European Union in March."
    place = f"0,{len(sentence)}"
    (folder / "documents.csv").write_text(
        "document,date,speaker_state,register,source\n"
        f"{TOLD_NAME},2024-03-02,ARM,press_conference,{SOURCE}.md\n"
    )
    (folder / "sentences.csv").write_text(
        f"document,start,end,checksum\n{TOLD_NAME},{place},{checksum(sentence)}\n"
    )
    rows = [f"{TOLD_NAME}:0-{len(sentence)}#ARM-EU,{who},join" for who in ("first", "second")]
    (folder / "annotations.csv").write_text("task,worker,label\n" + "\n".join(rows) + "\n")
    return folder


def told_settings(told, corpus):
    split = {"seed": 0, "dev_share": 0.1, "test_share": 0.1, "duplicate_similarity": 0.5}
    corpus.mkdir(exist_ok=True)
    return StandoffSettings(kind="standoff", path=told, corpus=corpus, split=split)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (f"{TOLD_NAME}.txt", TOLD),
        ("2024/03/briefing-7.md", "---\ntitle: Briefing\n---\n\n" + TOLD.replace(" of ", "\nof ")),
        ("briefings/2024/03/briefing-7.md", TOLD.replace("pact", " pact")),
        ("owner/briefings/2024/03/briefing-7.md", TOLD),
    ],
    ids=["by name", "one clone", "clones side by side", "by owner"],
)
def test_documents_of_a_table_are_found_and_read_whatever_their_white_space(
    told, tmp_path, knowledge, place, text
):
    settings = told_settings(told, tmp_path / "clones")
    file = settings.corpus / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    (document,) = join_corpus(settings, knowledge).documents
    assert " ".join(document.sentence_texts()[0].split()) == TOLD.split("\n")[0]
    assert document.document.speaker_state == "ARM"
    assert (document.document.date, document.register) == ("2024-03-02", "press_conference")


def test_pages_of_a_clone_are_read_as_pages(told, tmp_path, knowledge):
    pytest.importorskip("trafilatura")
    table = told / "documents.csv"
    table.write_text(table.read_text().replace(".md", ".html"))
    settings = told_settings(told, tmp_path / "clone")
    file = settings.corpus / "2024" / "03" / "briefing-7.html"
    file.parent.mkdir(parents=True)
    more = "<p>The minister spoke for an hour and took no questions from the press.</p>" * 3
    paragraphs = "".join(f"<p>{p}</p>" for p in TOLD.split("\n\n"))
    file.write_text(
        f"<html><body><nav>Menu</nav><article>{paragraphs}{more}</article></body></html>"
    )
    (document,) = join_corpus(settings, knowledge).documents
    assert document.sentence_texts() == [TOLD.split("\n")[0]]


def test_the_error_names_both_ways_to_a_document(told, tmp_path, knowledge):
    with pytest.raises(DatasetError, match=rf"{TOLD_NAME}\.txt or 2024/03/briefing-7\.md"):
        join_corpus(told_settings(told, tmp_path / "empty"), knowledge)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"{TOLD_NAME},2024,ARM,telegram,{SOURCE}", "register 'telegram'"),
        (f"OTHER,2024,ARM,cable,{SOURCE}", f"no row for {TOLD_NAME}"),
        (f"{TOLD_NAME},2024,ARM,cable,{SOURCE}\n" * 2, "a second row"),
        (f"{TOLD_NAME},2024,ARM", "3 cells; expected 5 cells"),
        (f"{TOLD_NAME},02/03/2024,ARM,cable,{SOURCE}", "date '02/03/2024'"),
        (f"{TOLD_NAME},2024,ARM,cable,owner/name@1:/etc/passwd", "source 'owner/name@1:/etc"),
        (f"{TOLD_NAME},2024,ARM,cable,owner/name@1:a/../../b", "source 'owner/name@1:a/../"),
        (f"{TOLD_NAME},2024,ARM,cable,somewhere", "source 'somewhere'"),
    ],
)
def test_a_bad_table_of_documents_is_refused(told, knowledge, row, message):
    header = "document,date,speaker_state,register,source\n"
    (told / "documents.csv").write_text(header + row.rstrip("\n") + "\n")
    with pytest.raises(DatasetError, match=message):
        read_standoff(told, knowledge)


def test_an_unknown_speaker_of_a_document_is_refused(told, knowledge):
    table = told / "documents.csv"
    table.write_text(table.read_text().replace(",ARM,", ",XQX,"))
    with pytest.raises(KnowledgeError, match=r"documents\.csv:2"):
        read_standoff(told, knowledge)
