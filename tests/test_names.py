"""Names that are something else in another company, and names that are easily forgotten."""

import json
from pathlib import Path

import pytest

from alliance_stance.corpus.sentences import split_sentences
from alliance_stance.schema import Document

FOLDER = Path(__file__).resolve().parent / "data" / "names"
TEXTS = [
    pytest.param(json.loads(line), id=f"{path.stem}-{number}")
    for path in sorted(FOLDER.glob("*.jsonl"))
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
]


@pytest.mark.parametrize("told", TEXTS)
def test_text_names_these_and_no_others(finder, told):
    document = Document("d", told["text"], date=told.get("date", ""))
    mentions = finder.find_mentions(document, split_sentences(document))
    for key, kind in (("alliances", "alliance"), ("states", "state")):
        if key in told:
            assert sorted({m.id for m in mentions if m.kind == kind}) == told[key]
