"""What hostile documents do to `alliance-stance score`: outcome, time and memory of each.

    python experiments/score/hostile.py [MODEL]

Each stands in a folder beside a good document, is scored by a process of its own, and has to leave
the good one's triples as they are. Needs a few GB of disk for a moment.
"""

import argparse
import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from speed import memory_of

from alliance_stance.files import write_text
from alliance_stance.inference.score_folder import read_run
from alliance_stance.inference.shipped import SHIPPED, shipped_folder
from alliance_stance.training.commit import current_commit

OUTPUT = Path(__file__).parent / "results-hostile.md"
GOOD = "Qatar said on Monday that it had left OPEC."
MB = 1_000_000
LONGEST_S = 600
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LAUGHS = (
    "<!DOCTYPE a ["
    + '<!ENTITY l0 "Peru left OPEC. ">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)
"""Ten to the power of nine laughs: the entity bomb."""

Write = Callable[[Path], None]


def text(content: str, *, times: int = 1) -> Write:
    """Write a text, repeated."""

    def write(path: Path) -> None:
        path.write_bytes((content * times).encode("utf-8", "surrogatepass"))

    return write


def raw(content: bytes) -> Write:
    """Write bytes."""

    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def packed(line: bytes, megabytes: int) -> Write:
    """Write lines of one kind, packed with gzip."""

    def write(path: Path) -> None:
        block = line * (MB // len(line))
        with gzip.open(path, "wb", 9) as file:
            for _ in range(megabytes):
                file.write(block)

    return write


def word(body: str, *, head: str = "", padding: int = 0) -> Write:
    """Write a Word document, its part followed by so many MB of spaces."""

    def write(path: Path) -> None:
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file,
            file.open("word/document.xml", "w", force_zip64=True) as part,
        ):
            part.write(f'{head}<w:document xmlns:w="{WORD}"><w:body>{body}'.encode())
            for _ in range(padding):
                part.write(b" " * MB)
            part.write(b"</w:body></w:document>")

    return write


def pdf(stream: bytes) -> Write:
    """Write a PDF of one page."""

    def write(path: Path) -> None:
        body = zlib.compress(stream, 9)
        objects = (
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(body), body),
        )
        out, places = b"%PDF-1.7\n", []
        for number, content in enumerate(objects, start=1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
        table = b"".join(b"%010d 00000 n \n" % place for place in places)
        tail = b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(out)
        path.write_bytes(out + b"xref\n0 5\n0000000000 65535 f \n" + table + tail)

    return write


def parquet(rows: int) -> Write:
    """Write a table whose one text of 1 MB stands in every row, stored once."""

    def write(path: Path) -> None:
        import pyarrow as pa
        from pyarrow import parquet as tables

        texts = pa.DictionaryArray.from_arrays(
            pa.array([0] * rows, pa.int32()), pa.array(["Peru had left. " * (MB // 15)])
        )
        tables.write_table(pa.table({"text": texts}), path)

    return write


def mail(depth: int) -> Write:
    """Write a mail in a mail in a mail."""
    parts = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth)
    )
    return text(f"Subject: a\n{parts}\nPeru left OPEC.\n")


HOSTILE: Mapping[str, tuple[str, Write]] = {
    "100 MB of letters, one line": ("a.txt", text("a", times=100 * MB)),
    "100 MB of words, one line": ("a.txt", text("Peru ", times=20 * MB)),
    "100 MB of names without a full stop": ("a.txt", text("NATO and Peru ", times=100 * MB // 14)),
    "10 MB of sentences that each hold a pair": (
        "a.txt", text("NATO and Peru. ", times=10 * MB // 15)),
    "10 MB of one sentence and 200 states": (
        "a.txt", text("Peru, Chile, Cuba and Mali left NATO, OPEC, the EU and the CSTO; ",
                      times=10 * MB // 66)),
    "1 GB of text": ("a.txt", text("Peru left OPEC. ", times=1000 * MB // 16)),
    "10 MB of NUL bytes": ("a.txt", text("\0", times=10 * MB)),
    "lone surrogates": ("a.jsonl", text('{"text": "Peru \\ud800 left \\udfff OPEC."}\n')),
    "bytes that are no UTF-8": ("a.txt", raw(b"\xff\xfe\xfd" * MB)),
    "a million opening brackets": ("a.txt", text("(" * MB + "Peru left OPEC" + ")" * MB)),
    "a million opening quotation marks": ("a.txt", text("\u201c" * MB + "Peru left OPEC.")),
    "JSON a million deep": ("a.jsonl", text('{"text": ' + "[" * MB)),
    "a million combining marks": ("a.txt", text("Peru" + "\u0301" * MB + " left OPEC.")),
    "HTML a million deep": ("a.html", text("<html><body>" + "<div>" * MB + GOOD)),
    "HTML with a tag of a million attributes": (
        "a.html", text("<p " + "".join(f"a{n}=1 " for n in range(MB)) + f">{GOOD}</p>")),
    "gzip bomb, 1 GB of line ends": ("a.txt.gz", packed(b"\n", 1000)),
    "gzip bomb, 1 GB in a table": ("a.csv.gz", packed(b"text\n", 1000)),
    "zip bomb, a Word part of 1 GB": ("a.docx", word("", padding=1000)),
    "entity bomb in Word": (
        "a.docx", word("<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>", head=LAUGHS)),
    "entity bomb in a feed": (
        "a.rss", text(f"{LAUGHS}<rss><channel><item><description>&l9;</description></item>"
                      "</channel></rss>")),
    "a file's address as entity": (
        "a.rss", text('<!DOCTYPE a [<!ENTITY l SYSTEM "file:///etc/passwd">]><rss><channel><item>'
                      "<description>&l; Peru left OPEC.</description></item></channel></rss>")),
    "PDF bomb, 1 GB of a page": ("a.pdf", pdf(b" " * (1000 * MB))),
    "Parquet, one text of 1 MB in 5,000 rows": ("a.parquet", parquet(5000)),
    "mail 3,000 deep": ("a.eml", mail(3000)),
    "a table of a million columns": ("a.csv", text("text" + ",a" * MB + "\nPeru left OPEC.\n")),
    "a cell of 100 MB": ("a.csv", text('text\n"' + "Peru " * (20 * MB) + '"\n')),
}  # fmt: skip


class Outcome(NamedTuple):
    """What came of one."""

    name: str
    megabytes: float
    outcome: str
    seconds: float
    busy: float
    peak: float
    is_good_kept: bool


def score(name: str, model: Path, place: Path) -> Outcome:
    """Score one beside the good document."""
    file, write = HOSTILE[name]
    folder, out = place / "in", place / "out"
    folder.mkdir()
    write(folder / file)
    (folder / "good.txt").write_text(GOOD)
    size = (folder / file).stat().st_size / MB
    began, peak = time.monotonic(), 0
    with (place / "log").open("w") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "alliance_stance", "score", str(folder), "--model", str(model),
             "--output", str(out), "--workers", "1"],
            stdout=log, stderr=log,
        )  # fmt: skip
        while not (done := os.wait4(child.pid, os.WNOHANG))[0]:
            peak = max(peak, memory_of(child.pid))
            if time.monotonic() - began > LONGEST_S:
                # not by Popen, which would wait for it too
                os.kill(child.pid, signal.SIGKILL)
            time.sleep(0.05)
    _, status, usage = done
    told, is_kept = read_outcome(out, status)
    return Outcome(
        name, size, told, time.monotonic() - began, usage.ru_utime + usage.ru_stime, peak / MB,
        is_kept,
    )  # fmt: skip


def read_outcome(out: Path, status: int) -> tuple[str, bool]:
    """Say what came of the hostile document, and whether the good one's triple is there."""
    if status:
        return f"ended with status {os.waitstatus_to_exitcode(status)}", False
    import pyarrow.dataset as tables

    errors = out / "errors.jsonl"
    rows = [json.loads(line) for line in errors.read_text().splitlines()] if errors.exists() else []
    found = tables.dataset(out / "scores", format="parquet").to_table().to_pylist()
    good = [row for row in found if row["document"] == "good"]
    triples = read_run(out)["counts"]["triples"] - len(good)
    if rows:
        return f"set aside: {reason(rows[0])}", len(good) == 1
    return f"{triples:,} triples", len(good) == 1


def reason(row: dict[str, object]) -> str:
    """Give the reason in short."""
    told = str(row.get("reason") or row.get("found") or row)
    told = told.partition("found ")[2] or told
    return told.replace("|", "\\|")[:80]


def table(outcomes: list[Outcome]) -> str:
    """Lay all out."""
    lines = [
        "# hostile documents", "",
        "Written by `experiments/score/hostile.py`; do not edit. `alliance-stance score` on a "
        "folder with the document and a good one, the model in the package, one worker; seconds by "
        "the clock and of the processor, opening of the model among them.", "",
        "| document | MB | outcome | s | processor s | peak MB | the good one is scored |",
        "|" + " --- |" * 7,
    ]  # fmt: skip
    lines += [
        f"| {o.name} | {o.megabytes:,.2f} | {o.outcome} | {o.seconds:.1f} | {o.busy:.1f} | "
        f"{o.peak:,.0f} | {'yes' if o.is_good_kept else 'no'} |"
        for o in outcomes
    ]
    return "\n".join([*lines, "", f"Commit: {current_commit()}."]) + "\n"


def main() -> None:
    """Score each and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, nargs="?", default=shipped_folder(SHIPPED))
    parser.add_argument("--only", nargs="+", choices=HOSTILE, default=list(HOSTILE))
    given = parser.parse_args()
    outcomes = []
    for name in given.only:
        with tempfile.TemporaryDirectory() as place:
            outcomes.append(score(name, given.model, Path(place)))
        print(*outcomes[-1], sep=" | ", flush=True)
    if given.only == list(HOSTILE):
        write_text(OUTPUT, table(outcomes))


if __name__ == "__main__":
    main()
