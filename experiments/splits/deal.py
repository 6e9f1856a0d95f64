"""Deal the documents of the project's data sets out to splits, by four schemes.

Writes `splits.csv` beside each data set. Documents with near-duplicate sentences stand on one
side: under `random` they are dealt out together, under the other schemes the ones of the less
strict side are left out (an empty cell), as are documents without a date under `date`. A document
that has been dealt out under `random` stays where it is; one that comes later goes to train, or
where a document like it is, so that dev and test stay what they were. A data set that has no table
yet is dealt out at random. Needs copies of the corpora that the stand-off sets point into.
"""

import csv
import io
import sys
from collections import Counter
from pathlib import Path

from near_duplicates import POINTED, read_pointed

from alliance_stance.datasets.documents import LabelledDocument
from alliance_stance.datasets.gold_file import read_gold
from alliance_stance.datasets.splits import group_documents, order_key, read_held_out
from alliance_stance.errors import StanceError
from alliance_stance.evaluation.leakage import count_leaks, find_near_duplicates
from alliance_stance.files import write_text
from alliance_stance.knowledge.knowledge import load_knowledge

ROOT = Path(__file__).resolve().parents[2]
HELD_OUT = ROOT / "data" / "held_out.csv"
SCHEMES = ("random", "alliances", "states", "date")
OWN = (
    "gold", "contrasts", "contrasts_more", "contrasts_close", "contrasts_misread",
    "plain", "buried",
)  # fmt: skip
STRICTEST_FIRST = ("test", "dev", "train")
SHARES = {"test": 0.15, "dev": 0.1}
SEED = 0
DEV_FROM, TEST_FROM = "2012", "2015"


def main() -> None:
    """Read all data sets, group their documents, and write their tables."""
    knowledge = load_knowledge()
    sets = {
        **{name: read_gold(ROOT / "data" / name / "documents.jsonl", knowledge) for name in OWN},
        **{name: read_pointed(name, None, knowledge) for name in POINTED},
    }
    documents = [document for own in sets.values() for document in own]
    owners = [d.document.id for d in documents for _ in d.sentences]
    pairs = find_near_duplicates([text for d in documents for text in d.sentence_texts()])
    links = [(owners[a], owners[b]) for a, b in pairs]
    groups = group_documents([d.document.id for d in documents], links)
    dealt = {name: split for own in sets for name, split in read_dealt(own).items()}
    kept = {d.document.id for name, own in sets.items() if read_dealt(name) for d in own}
    by_scheme = {scheme: deal(scheme, documents, groups, dealt, kept) for scheme in SCHEMES}
    for scheme, split_of in by_scheme.items():
        leaks = count_leaks(owners, pairs, split_of)
        print(scheme, dict(Counter(split_of.values())), "near-duplicates across:", dict(leaks))
    for name, own in sets.items():
        write_text(ROOT / "data" / name / "splits.csv", table(own, by_scheme))


def read_dealt(name: str) -> dict[str, str]:
    """Read where a data set's documents stand under `random`; empty where none has been dealt."""
    path = ROOT / "data" / name / "splits.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["document"]: row["random"] for row in csv.DictReader(file)}


def deal(
    scheme: str,
    documents: list[LabelledDocument],
    groups: list[list[str]],
    dealt: dict[str, str],
    kept: set[str],
) -> dict[str, str]:
    """Give the split of each document under one scheme; `kept` are those of sets with a table."""
    if scheme == "random":
        split_of, new = keep_dealt(groups, dealt, kept)
        sizes = {d.document.id: d.label_count for d in documents if d.document.id not in split_of}
        return {**split_of, **deal_randomly(new, sizes)}
    wanted = {d.document.id: split_by(scheme, d) for d in documents}
    split_of = {}
    for group in groups:
        sides = [wanted[d] for d in group if wanted[d]]
        strictest = min(sides, key=STRICTEST_FIRST.index, default="")
        split_of.update({d: strictest if wanted[d] == strictest else "" for d in group})
    return split_of


def keep_dealt(
    groups: list[list[str]], dealt: dict[str, str], kept: set[str]
) -> tuple[dict[str, str], list[list[str]]]:
    """Give the split of what has one, or is like what has one; and the groups that are all new."""
    split_of: dict[str, str] = {}
    new, clashes = [], []
    for group in groups:
        known = {dealt[document] for document in group if document in dealt}
        if len(known) > 1:
            clashes.append(", ".join(group))
        if known:
            split_of.update(dict.fromkeys(group, known.pop()))
        elif kept & set(group):
            split_of.update(dict.fromkeys(group, "train"))
        else:
            new.append(group)
    if clashes:
        sys.exit(f"error: near-duplicates of different splits: {'; '.join(clashes)}")
    return split_of, new


def deal_randomly(groups: list[list[str]], sizes: dict[str, int]) -> dict[str, str]:
    """Fill test, then dev, then train, in the order of a seeded hash."""
    room = {split: share * sum(sizes.values()) for split, share in SHARES.items()}
    split_of: dict[str, str] = {}
    for group in sorted(groups, key=lambda group: order_key(group, SEED)):
        size = sum(sizes[document] for document in group)
        split = next((name for name in room if room[name] >= size), "train")
        if split in room:
            room[split] -= size
        split_of.update(dict.fromkeys(group, split))
    return split_of


def split_by(scheme: str, document: LabelledDocument) -> str:
    """Say where a document belongs by its date, or by the strictest of the pairs that it holds.

    By date one without a date belongs nowhere.
    """
    if scheme == "date":
        year = document.document.date[:4]
        if not year:
            return ""
        return "test" if year >= TEST_FROM else "dev" if year >= DEV_FROM else "train"
    held = read_held_out(HELD_OUT, scheme)
    place = {"states": 0, "alliances": 1}[scheme]
    present = {pair[place] for pair in document.pairs}
    return next((split for split in STRICTEST_FIRST[:2] if present & held[split][1]), "train")


def table(documents: list[LabelledDocument], by_scheme: dict[str, dict[str, str]]) -> str:
    """Write one data set's table."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["document", *SCHEMES])
    for document in documents:
        name = document.document.id
        writer.writerow([name, *(by_scheme[scheme][name] for scheme in SCHEMES)])
    return out.getvalue()


if __name__ == "__main__":
    try:
        main()
    except StanceError as error:
        sys.exit(f"error: {error}")
