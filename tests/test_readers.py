"""Every reader on files made here, and the way from inputs to documents."""

import csv
import gzip
import io
import json
import os
import pickle
import random
import sys
import time
import tracemalloc
import zipfile
import zlib
from datetime import UTC, date, datetime
from email.message import EmailMessage
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance_stance.cli import main
from alliance_stance.corpus.dates import plain_date
from alliance_stance.corpus.documents import Corpus, open_corpus, read_unit
from alliance_stance.corpus.facts import Facts
from alliance_stance.corpus.inputs import ReadOptions, list_units
from alliance_stance.corpus.readers import decoding
from alliance_stance.corpus.readers.bare_marks import quote_bare_marks
from alliance_stance.corpus.readers.columns import Columns, parse_columns
from alliance_stance.corpus.readers.html import fragment_text
from alliance_stance.corpus.readers.table import ENDINGS, FORMATS, format_of, read_input
from alliance_stance.corpus.readers.unit import Unit
from alliance_stance.errors import InputError, KnowledgeError
from alliance_stance.schema import Document

META = '<meta property="article:published_time" content="2024-03-01T10:00:00Z">'
LEFT = "Peru left OPEC on Monday, said the minister in Lima, and would not come back."
STAYED = "Chile stayed in the bloc and thanked its partners for the help of many years."
PAGE = f"""<!doctype html><html><head><title>Peru leaves</title>
<meta charset="utf-8">{META}
</head><body><nav><a href="/">Home</a> <a href="/b">More</a></nav>
<article><h1>Peru leaves</h1><p>{LEFT}</p><p>{STAYED}</p>
<table><tr><td>a cell of figures</td></tr></table></article>
<footer>Copyright 2020, all rights kept</footer></body></html>"""


def save(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, **options) -> list[Document]:
    """Read one input as a list, strictly."""
    read_options = ReadOptions(**{"on_unreadable": None, **options})
    return [
        item for unit in list_units([path], read_options) for item in read_unit(unit, read_options)
    ]


def refused(path: Path, **options) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path, **options)
    error = caught.value
    assert all(part.strip() for part in (error.where, error.found, error.expected, error.next_step))
    assert "\n" not in str(error)
    return error


def pdf_bytes(pages, *, info: str = "", stream: bytes | None = None) -> bytes:
    """Write a PDF with one font and a list of lines for each page."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>"
        % (b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(len(pages))), len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        shown = b"".join(b"(%s) Tj T*\n" % line.encode("cp1252") for line in lines)
        body = stream if stream is not None else b"BT /F1 12 Tf 14 TL 72 770 Td\n" + shown + b"ET"
        packed = zlib.compress(body, 9)
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font "
            b"<< /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * number),
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed),
        ]
    objects.append(b"<< %s >>" % info.encode())
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    end = b"trailer << /Size %d /Root 1 0 R /Info %d 0 R >>" % (count, count - 1)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % count
    return out + head + table + end + b"\nstartxref\n%d\n%%%%EOF" % len(out)


WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx_bytes(body: str, *, title: str = "", head: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            "word/document.xml", f"{head}<w:document {WORD}><w:body>{body}</w:body></w:document>"
        )
        packed.writestr("word/comments.xml", f"<w:comments {WORD}>Cuba wrote this.</w:comments>")
        packed.writestr(
            "docProps/core.xml",
            '<p:coreProperties xmlns:p="a" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{title}</dc:title></p:coreProperties>",
        )
    return file.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def warc_record(
    address: str, body: bytes, *, kind: str = "text/html; charset=utf-8", status: str = "200 OK",
    rec_type: str = "response",
) -> bytes:  # fmt: skip
    http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: {rec_type}\r\nWARC-Target-URI: {address}\r\n"
        "WARC-Date: 2023-05-06T07:08:09Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def mail_bytes(*, html: bool = False, subject: str = "Talks", date: str | None = None) -> bytes:
    message = EmailMessage()
    message["Subject"] = subject
    message["Date"] = date or "Fri, 01 Mar 2024 23:30:00 -0500"
    if html:
        message.set_content(f"<p>{LEFT}</p><style>p {{}}</style><p>{STAYED}</p>", subtype="html")
    else:
        message.set_content(f"{LEFT}\nFrom here on Chile spoke.\n")
    message.add_attachment(b"secret", maintype="application", subtype="pdf", filename="a.pdf")
    return bytes(message)


RSS = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:media="http://search.yahoo.com/mrss/"><channel><title>News</title>
<item><title>Peru &amp; OPEC</title><guid>n-1</guid><media:title>A picture</media:title>
<pubDate>Fri, 01 Mar 2024 10:00:00 GMT</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>{LEFT}</p><p>{STAYED}</p>]]></content:encoded></item>
<item><title>Nothing</title><guid>n-2</guid></item>
<item><title>Chile</title><guid>n-1</guid>
<description>Chile &lt;b&gt;stayed&lt;/b&gt;.</description></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>N</title>
<entry><title>Peru</title><id>tag:a,1</id><updated>2024-03-01T10:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Peru <b>left</b>.</p></div>
</content></entry>
<entry><id>tag:a,2</id><published>1999</published><summary>a &lt; b &amp; c</summary></entry>
</feed>"""


# text, JSON lines, packing


def test_text_and_markdown_are_one_document(tmp_path):
    for name in ("a.txt", "b.md", "c.markdown"):
        (document,) = read(save(tmp_path / name, LEFT))
        assert document == Document(Path(name).stem, LEFT)


@pytest.mark.parametrize("name", ["a.txt.gz", "a.txt"])
def test_gzip_is_unpacked_whatever_the_name(tmp_path, name):
    (document,) = read(save(tmp_path / name, gzip.compress(LEFT.encode())))
    assert document == Document("a", LEFT)


def test_packed_json_lines_and_tables(tmp_path):
    rows = gzip.compress(b'{"text": "Peru left."}\n{"text": "Chile stayed."}\n')
    assert [d.text for d in read(save(tmp_path / "a.jsonl.gz", rows))] == [
        "Peru left.", "Chile stayed.",
    ]  # fmt: skip
    table = save(tmp_path / "a.csv.gz", gzip.compress(b"text\nPeru left.\n"))
    assert read(table) == [Document("1", "Peru left.")]


@pytest.mark.parametrize("cut", [12, -9, -1])
def test_broken_gzip_is_refused(tmp_path, cut):
    packed = gzip.compress(LEFT.encode() * 50)
    assert "broken packed data" in refused(save(tmp_path / "a.txt.gz", packed[:cut])).found


def test_gzip_bomb_is_refused_soon(tmp_path):
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"\n" * 2**20) for _ in range(300)) + packer.flush()
    begun = time.perf_counter()
    for name in ("a.jsonl.gz", "a.csv.gz", "a.txt.gz"):
        assert "times their size" in refused(save(tmp_path / name, bomb)).found
    assert time.perf_counter() - begun < 60


def test_line_of_a_hundred_megabytes_gives_a_result(tmp_path):
    path = save(tmp_path / "a.jsonl", b'{"text": "' + b"Peru " * 20_000_000 + b'"}\n')
    (document,) = read(path)
    assert len(document.text) == 100_000_000


def test_longer_line_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "LONGEST", 100)
    path = save(tmp_path / "a.jsonl", '{"text": "Peru."}\n{"text": "' + "a" * 100 + '"}')
    error = refused(path)
    assert error.where == f"{path}:2"
    assert "MB" in error.found
    assert "a file of" in refused(save(tmp_path / "a.txt", "a" * 101)).found


# HTML


def test_page_gives_its_main_text_title_and_date(tmp_path):
    (document,) = read(save(tmp_path / "a.html", PAGE))
    assert (document.id, document.title, document.date) == ("a", "Peru leaves", "2024-03-01")
    assert f"{LEFT}\n\n{STAYED}" in document.text
    for left_out in ("Home", "cell of figures", "Copyright"):
        assert left_out not in document.text


def test_date_is_not_guessed_from_anywhere(tmp_path):
    assert read(save(tmp_path / "a.html", PAGE.replace(META, "")))[0].date == ""


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "windows-1252"), ("windows-1252", "iso-8859-1"), ("windows-1252", "utf-8"),
     ("windows-1251", "windows-1251"), ("utf-16", "utf-8"), ("windows-1252", "rot13"),
     ("windows-1252", "no-such-thing"), ("utf-8", "utf-16"), ("windows-1252", "utf-16")],
)  # fmt: skip
def test_encoding_is_found_whatever_is_declared(tmp_path, encoding, declared):
    word = "Россия" if encoding == "windows-1251" else "Côte d\u2019Ivoire"
    page = PAGE.replace("Peru left", f"{word} and Peru left").replace("utf-8", declared)
    (document,) = read(save(tmp_path / "a.html", page.encode(encoding)))
    assert f"{word} and Peru left" in document.text


BAD_PAGES = {
    "empty": b"",
    "no text": b"<html><body><nav><a href=/>Home</a></nav></body></html>",
    "deep": b"<html><body>" + b"<div>" * 200_000 + LEFT.encode(),
    "many attributes": b"<html><body><p " + b" ".join(b"a%d='>'" % n for n in range(200_000)),
    "many elements": b"<html><body>" + b"<p><b><i>" * 100_000 + LEFT.encode(),
    "no sentence": b"<html><body><p>" + b"Peru left, " * 200_000,
    "large": b"<html><body><p>" + b"Peru left. " * 1_000_000,
}


@pytest.mark.parametrize("content", BAD_PAGES.values(), ids=BAD_PAGES.keys())
def test_bad_page_is_refused_in_bounded_time(tmp_path, content):
    begun = time.perf_counter()
    assert {"page", "attributes"} & set(refused(save(tmp_path / "a.html", content)).found.split())
    assert time.perf_counter() - begun < 30


def test_half_characters_and_nuls_of_a_page_are_replaced(tmp_path):
    page = PAGE.replace("Peru left", "Peru &#xD800;&#0;\x00 left")
    (document,) = read(save(tmp_path / "a.html", page))
    document.text.encode()
    assert "\x00" not in document.text
    assert "Chile stayed" in document.text


# PDF


def test_pdf_gives_its_lines_title_and_date(tmp_path):
    pages = [["The ministers of the Bul-", "garian Republic met. It was well-", "known."], [STAYED]]
    info = "/Title (Speech on OPEC) /CreationDate (D:20240301101500Z)"
    (document,) = read(save(tmp_path / "a.pdf", pdf_bytes(pages, info=info)))
    assert document == Document(
        "a",
        f"The ministers of the Bul-\ngarian Republic met. It was well-\nknown.\n{STAYED}",
        "Speech on OPEC",
        "2024-03-01",
    )


@pytest.mark.parametrize(
    "info",
    ["/Title (speech_v2.doc) /CreationDate (D:19010101000000)",
     "/Title (Untitled) /CreationDate (x)",
     "/Title (Microsoft Word - Talks) /CreationDate (D:20241341)", ""],
)  # fmt: skip
def test_facts_that_are_none_are_left_out(tmp_path, info):
    (document,) = read(save(tmp_path / "a.pdf", pdf_bytes([[LEFT]], info=info)))
    assert (document.title, document.date) == ("", "")


BAD_PDFS = {
    "empty": (b"", "no whole PDF"),
    "other content": (b"Peru left OPEC.", "no whole PDF"),
    "cut": (pdf_bytes([[LEFT]])[:90], "no whole PDF"),
    "scan": (pdf_bytes([[], []]), "without a text layer"),
    "page numbers alone": (pdf_bytes([["1"], ["2"]]), "without a text layer"),
    "bomb": (pdf_bytes([[]], stream=b" " * 200_000_000), "unpacks to more"),
}


@pytest.mark.parametrize(("content", "found"), BAD_PDFS.values(), ids=BAD_PDFS.keys())
def test_bad_pdf_is_refused(tmp_path, content, found):
    assert found in refused(save(tmp_path / "a.pdf", content)).found


def test_encrypted_pdf_is_refused_plainly(tmp_path):
    # a handler of passwords with keys that no empty password opens
    plain = pdf_bytes([[LEFT]])
    lock = (
        b"/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] /Encrypt "
        b"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <" + b"11" * 32 + b"> /U <"
        + b"22" * 32 + b"> >> >>\nstartxref"
    )  # fmt: skip
    error = refused(save(tmp_path / "a.pdf", plain.replace(b">>\nstartxref", lock)))
    assert error.found == "an encrypted PDF"


# Word


def test_word_document_reads_as_with_all_changes_accepted(tmp_path):
    body = (
        paragraph("Peru left OPEC.")
        + '<w:p><w:r><w:t>Chile </w:t></w:r><w:ins w:id="1"><w:r><w:t>gladly</w:t></w:r></w:ins>'
        '<w:del w:id="2"><w:r><w:delText>never</w:delText><w:t>never</w:t></w:r></w:del>'
        "<w:r><w:tab/><w:t>stayed</w:t><w:noBreakHyphen/><w:t>on.</w:t><w:instrText>PAGE</w:instrText>"
        "</w:r></w:p><w:p/>"
        f"<w:tbl><w:tr><w:tc>{paragraph('Cuba')}</w:tc><w:tc>{paragraph('CMEA')}</w:tc></w:tr></w:tbl>"
    )
    (document,) = read(save(tmp_path / "a.docx", docx_bytes(body, title="On  OPEC")))
    assert document == Document(
        "a", "Peru left OPEC.\n\nChile gladly\tstayed-on.\n\nCuba\n\nCMEA", "On OPEC"
    )


ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip


def zip_bytes(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


BAD_WORD = {
    "empty": (b"", "no whole Word document"),
    "cut": (docx_bytes(paragraph(LEFT))[:200], "no whole Word document"),
    "encrypted": (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "encrypted"),
    "other zip": (zip_bytes(a=b"b"), "without word/document.xml"),
    "no text": (docx_bytes("<w:p/>"), "without text"),
    "no XML": (zip_bytes(word__document_xml=b"<w:p>"), "no well-formed XML"),
    "entities": (docx_bytes(paragraph("&i;"), head=ENTITIES), "entities"),
    "deep": (docx_bytes("<w:p>" * 100_000), "deep"),
    "bomb": (zip_bytes(word__document_xml=b" " * (decoding.LONGEST + 1)), "MB"),
}


@pytest.mark.parametrize(("content", "found"), BAD_WORD.values(), ids=BAD_WORD.keys())
def test_bad_word_document_is_refused(tmp_path, content, found):
    assert found in refused(save(tmp_path / "a.docx", content)).found


def test_lying_size_of_a_zip_is_of_no_use(tmp_path):
    raw = docx_bytes(paragraph(LEFT * 400))
    size = len(f"<w:document {WORD}><w:body></w:body></w:document>" + paragraph(LEFT * 400))
    lie = raw.replace(size.to_bytes(4, "little"), (300).to_bytes(4, "little"))
    assert lie != raw
    refused(save(tmp_path / "a.docx", lie))


# tables


def test_columns_called_like_the_fields_are_found(tmp_path):
    path = save(
        tmp_path / "a.csv",
        "\ufeffTitle,Text,extra,Speaker State,DATE,id\r\n"
        'On OPEC,"Peru left, and\r\nChile ""stayed"".",x,PER,2024/03/01,s-1\r\n'
        ",Cuba left.,y,,,\r\n",
    )
    assert read(path) == [
        Document("s-1", 'Peru left, and\r\nChile "stayed".', "On OPEC", "2024-03-01", "PER"),
        Document("2", "Cuba left."),
    ]


def test_columns_are_mapped(tmp_path):
    path = save(tmp_path / "a.csv", "body;when;no;who;head\nPeru left;1 March 2024;7;PER;On OPEC\n")
    columns = parse_columns("text=body,date=when,title=head,speaker_state=who,id=no")
    assert read(path, columns=columns) == [
        Document("7", "Peru left", "On OPEC", "2024-03-01", "PER")
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "sep=|\nid|text\n1|Peru, left; now\n"), ("a.tsv", "id\ttext\n1\tPeru, left; now\n"),
     ("a.csv", "id;text\n1;Peru, left; now\n".replace("left; now", '"left"; now').replace(
         'Peru, "left"; now', '"Peru, left; now"'))],
)  # fmt: skip
def test_delimiter_is_found(tmp_path, name, content):
    assert read(save(tmp_path / name, content)) == [Document("1", "Peru, left; now")]


def test_rows_without_a_text_are_counted(tmp_path, knowledge):
    path = save(tmp_path / "a.csv", "text,id\nPeru left,1\n,2\n  ,3\nnan,4\nCuba left,5\n\n")
    corpus = open_corpus([path], ReadOptions(), knowledge)
    assert [d.id for d in corpus] == ["1", "5"]
    assert corpus.skipped.count == 3
    assert str(corpus.skipped.first[0]) == f"{path}: rows without a text: 3"


BAD_TABLES = {
    "no text column": ("id,body\n1,Peru\n", ":1", "no column 'text' among 'id', 'body'"),
    "column twice": ("text,Text\na,b\n", "", ""),
    "two that fit": ("TEXT,Text\na,b\n", ":1", "twice"),
    "bad date": ("text,date\nPeru,2024\nCuba,03/04/2024\n", ":3 (row 2)", "date '03/04/2024'"),
    "day that is none": ("text,date\nPeru,2023-02-29\n", ":2 (row 1)", "date '2023-02-29'"),
    "cells too many": ("id,text\n1,Peru left, said Chile\n", ":2 (row 1)", "3 cells"),
    "open quotation": ('text\n"Peru left\nCuba\n', "", "a broken row"),
    "no row": ("text\n", "", "no row with a text"),
    "empty rows": ("text,id\n,1\n", "", "no row with a text"),
    "Latin-1": ("text\nC\udcf4te\n", ":2", "not UTF-8"),
    "binary": ("text\n\0\n", "", "binary"),
    "empty": ("", "", "an empty file"),
}


@pytest.mark.parametrize(
    ("content", "where", "found"), [b for b in BAD_TABLES.values() if b[2]],
    ids=[k for k, b in BAD_TABLES.items() if b[2]],
)  # fmt: skip
def test_bad_table_is_refused_by_its_row(tmp_path, content, where, found):
    path = save(tmp_path / "a.csv", content.encode("utf-8", "surrogateescape"))
    error = refused(path)
    assert found in error.found
    assert error.where.startswith(f"{path}{where}")


def test_exact_name_wins_over_one_of_other_case(tmp_path):
    assert read(save(tmp_path / "a.csv", "Text,text\na,b\n"))[0].text == "b"


def test_named_column_that_is_missing_lists_those_found(tmp_path):
    path = save(tmp_path / "a.csv", "text,b\nPeru,1\n")
    error = refused(path, columns=Columns(date="when"))
    assert "no column 'when' among 'text', 'b'" in error.found
    assert "--columns date=COLUMN" in error.next_step


@pytest.mark.parametrize("option", ["text", "text=", "body=text", "text=a,text=b", ""])
def test_mapping_of_another_form_is_refused(option):
    if option:
        with pytest.raises(InputError, match="FIELD=COLUMN"):
            parse_columns(option)
    else:
        assert parse_columns(option) == Columns()


def test_large_table_is_read_row_by_row(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("id,text\n")
        for number in range(40_000):
            file.write(f'{number},"{LEFT * 10}"\n')
    (unit,) = list_units([path])
    tracemalloc.start()
    documents = read_unit(unit)
    assert [d.id for d in islice(documents, 3)] == ["0", "1", "2"]
    assert sum(1 for _ in documents) == 39_997
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert path.stat().st_size > 30_000_000
    assert peak < 3_000_000


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        ('1\t"We left.\n2\tWe stay."\n3\tCuba.\n', ['"We left.', 'We stay."', "Cuba."]),
        ('1\t"We left.\n\n2\tCuba.\n', ['"We left.', "Cuba."]),
        ('1\t"We left," he said.\n2\tThe "bloc".\n', ['"We left," he said.', 'The "bloc".']),
        ('"1\t"We" and "they"\r\n2\t"Go."\r\n', ['"We" and "they"', "Go."]),
        ('1\t"a ""b"" c"\n2\t"a\nb"\n', ['a "b" c', "a\nb"]),
        ('1\t"Two.\n\tPeru\n\tCuba"\n2\tGo.\n', ["Two.\n\tPeru\n\tCuba", "Go."]),
        ('"1\na"\t"b\tc\nd"\n"2"\t"e"\n', ["b\tc\nd", "e"]),
    ],
)
def test_mark_in_a_tab_separated_cell_is_quoting_where_it_has_its_fellow(tmp_path, rows, texts):
    path = save(tmp_path / "a.tsv", "id\ttext\n" + rows)
    assert [document.text for document in read(path)] == texts


def test_row_of_tabs_whose_quotation_is_broken_is_refused(tmp_path):
    error = refused(save(tmp_path / "a.tsv", 'id\ttext\n1\t"Peru\nleft "the" bloc\n'))
    assert "a broken row" in error.found
    assert error.where.startswith(f"{tmp_path / 'a.tsv'}:3")


bare = st.text('"a ,\u2028', max_size=8)


@given(st.lists(bare, min_size=1, max_size=6))
def test_table_of_tabs_that_nobody_quoted_keeps_its_rows(texts):
    lines = ["id\ttext\n", *(f"{number}\t{text}\n" for number, text in enumerate(texts))]
    rows = list(csv.reader(quote_bare_marks(lines), delimiter="\t", strict=True))[1:]
    assert [number for number, _ in rows] == [str(number) for number in range(len(texts))]
    for (_, cell), text in zip(rows, texts, strict=True):
        is_quoted = len(text) > 1 and text[0] == text[-1] == '"'
        assert cell == text or is_quoted


@given(
    st.lists(st.tuples(*[st.text(st.sampled_from('"a \n,'), max_size=6)] * 2), max_size=5),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_table_of_tabs_that_a_program_quoted_gives_back_its_cells(rows, quoting):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter="\t", quoting=quoting).writerows([("id", "text"), *rows])
    lines = file.getvalue().splitlines(keepends=True)
    read_rows = csv.reader(quote_bare_marks(lines), delimiter="\t", strict=True)
    assert [tuple(cells) for cells in read_rows] == [("id", "text"), *rows]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@settings(max_examples=60)
@given(st.lists(st.tuples(cells, cells.filter(lambda text: text.strip())), min_size=1, max_size=5))
def test_table_gives_back_what_was_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("table") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["title", "text"])
        writer.writerows(rows)
    nothing = {"", "nan", "none", "null", "na", "n/a"}
    wanted = [
        ("" if title.strip().lower() in nothing else title.strip(), text)
        for title, text in rows
        if text.strip().lower() not in nothing
    ]
    if wanted:
        assert [(d.title, d.text) for d in read(path)] == wanted


def test_parquet_of_many_types(tmp_path):
    table = pa.table({
        "body": pa.array(["Peru left.", None, "Cuba left."]).dictionary_encode(),
        "when": pa.array([datetime(2024, 3, 1, 10), None, None], pa.timestamp("ns")),
        "no": pa.array([1, 2, 3]),
        "other": pa.array([[1], [2], [3]]),
    })  # fmt: skip
    pa.parquet.write_table(table, tmp_path / "a.parquet")
    columns = Columns(text="body", date="when", id="no")
    assert read(tmp_path / "a.parquet", columns=columns) == [
        Document("1", "Peru left.", "", "2024-03-01"),
        Document("3", "Cuba left."),
    ]


def test_bad_parquet_is_refused(tmp_path):
    for content in (b"", b"Peru", b"PAR1" + b"\xff" * 50 + b"PAR1"):
        assert "Parquet" in refused(save(tmp_path / "a.parquet", content)).found
    pa.parquet.write_table(pa.table({"text": [1, 2], "b": ["x", "y"]}), tmp_path / "b.parquet")
    assert "text 1" in refused(tmp_path / "b.parquet").found
    assert "no column 'c'" in refused(tmp_path / "b.parquet", columns=Columns(text="c")).found
    raw = pa.array([b"Peru \xff left"]).view(pa.string())
    pa.parquet.write_table(pa.table({"text": raw}), tmp_path / "c.parquet")
    refused(tmp_path / "c.parquet")


def test_parquet_that_repeats_a_long_text_without_end_is_refused(tmp_path, monkeypatch):
    from alliance_stance.corpus.readers import parquet

    monkeypatch.setattr(parquet, "LONGEST", 10_000_000)
    texts = pa.DictionaryArray.from_arrays(
        pa.array([0] * 5000, pa.int32()), pa.array(["Peru left. " + "a" * 1_000_000])
    )
    pa.parquet.write_table(pa.table({"text": texts}), tmp_path / "a.parquet", compression="zstd")
    tracemalloc.start()
    assert "times the file's size" in refused(tmp_path / "a.parquet").found
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


def test_parquet_that_unpacks_to_very_much_is_refused(tmp_path):
    table = pa.table({"text": ["a" * 50_000_000]})
    pa.parquet.write_table(table, tmp_path / "a.parquet", compression="zstd", use_dictionary=False)
    assert (tmp_path / "a.parquet").stat().st_size < 100_000
    assert "times the file's size" in refused(tmp_path / "a.parquet").found


def test_parquet_of_rows_without_a_text_ends(tmp_path, monkeypatch):
    from alliance_stance.corpus.readers import parquet

    monkeypatch.setattr(parquet, "LONGEST", 1000)
    monkeypatch.setattr(parquet, "_MOST_UNPACKED", 1)
    pa.parquet.write_table(
        pa.table({"text": pa.nulls(50_000, pa.string())}), tmp_path / "a.parquet"
    )
    assert "times the file's size" in refused(tmp_path / "a.parquet").found


def test_parquet_from_standard_input(tmp_path, monkeypatch):
    file = io.BytesIO()
    pa.parquet.write_table(pa.table({"text": ["Peru left."]}), file)
    give(monkeypatch, file.getvalue())
    assert read(Path("-"), format="parquet") == [Document("1", "Peru left.")]


DATES = {
    "2024-03-01": ["2024-03-01T10:00", "2024/03/01", "2024.3.1", "20240301", "1 March 2024",
                   "March 1, 2024", "Mar. 1st 2024, 10:00", "Fri, 01 Mar 2024 10:00:00 GMT",
                   " 2024-03-01 ", "2024-03-01 10:00:00+02:00", "2024-03-01Z",
                   "2024-03-01+02:00", "2024-03-01-11:30", "2024-03-01 UTC", date(2024, 3, 1),
                   datetime(2024, 3, 1, 10, tzinfo=UTC), 20240301],
    "2024-03": ["2024-03", "2024/3", "March 2024"],
    "2024": ["2024", 2024, 2024.0, "2024.0", "2024.00", "2024,0"],
    "": ["", None, "nan", "NaT", float("nan"), "n/a"],
}  # fmt: skip


@pytest.mark.parametrize(("wanted", "value"), [(k, v) for k, vs in DATES.items() for v in vs])
def test_date_is_brought_to_one_form(wanted, value):
    assert plain_date(value) == wanted


@pytest.mark.parametrize(
    "value", ["03/04/2024", "01.03.2024", "24-03-01", "2024-13", "2024-02-30", "spring", "1" * 500,
              "0000", "2024-03-01 and later", True, "2024-03-01-2024", "2024-03-01+24:00",
              "2024-03-01-02", "2024.5", 2024.5, "2024.10", "2024.03", 2024.1]
)  # fmt: skip
def test_date_of_two_readings_or_none_is_refused(value):
    with pytest.raises(ValueError):  # noqa: PT011 - the callers say what was expected
        plain_date(value)


# the other formats


def test_statement_of_the_general_debate_tells_its_facts_by_name(tmp_path):
    path = save(tmp_path / "Session 71 - 2016" / "AFG_71_2016.txt", "\ufeffWe met.\r\nWe left.")
    wanted = Document(
        "AFG_71_2016", "We met.\nWe left.",
        "UN General Debate statement, AFG, session 71 (2016)", "2016", "AFG",
    )  # fmt: skip
    assert read(path) == [wanted]
    assert read(tmp_path) == [wanted]
    assert read(path, format="text") == [Document("AFG_71_2016", "We met.\r\nWe left.")]


@pytest.mark.parametrize("name", ["AFG_71_2015.txt", "afg_71_2016.txt", "AFG_71_2016_b.txt"])
def test_likeness_of_names_is_plain_text(name):
    assert format_of(Path(name)) == "text"


def test_other_name_is_refused_as_a_statement(tmp_path):
    assert "name" in refused(save(tmp_path / "a.txt", LEFT), format="un-debates").found


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_web_archive_gives_pages_and_plain_texts(tmp_path, knowledge, pack):
    no_date = PAGE.replace(META, "")
    records = [
        warc_record("http://a.org/1", PAGE.encode()),
        warc_record("http://a.org/2", no_date.encode()),
        warc_record("http://a.org/2", no_date.encode()),
        warc_record("http://a.org/t", STAYED.encode(), kind="Text/Plain"),
        warc_record("http://a.org/p", b"\x89PNG", kind="image/png"),
        warc_record("http://a.org/gone", PAGE.encode(), status="404 Not Found"),
        warc_record("http://a.org/q", PAGE.encode(), rec_type="request"),
        warc_record("http://a.org/nav", b"<html><body><a href=/>Home</a></body></html>"),
    ]
    path = save(tmp_path / "a.warc.gz", b"".join(map(pack, records)))
    corpus = open_corpus([path], ReadOptions(), knowledge)
    assert [(d.id, d.date) for d in corpus] == [
        ("http://a.org/1", "2024-03-01"), ("http://a.org/2", "2023-05-06"),
        ("http://a.org/2 (2)", "2023-05-06"), ("http://a.org/t", "2023-05-06"),
    ]  # fmt: skip
    (skipped,) = corpus.skipped.first
    assert str(skipped) == f"{path}, http://a.org/nav: a page without a main text"


def test_bad_web_archive_is_refused(tmp_path):
    for content in (b"", b"Peru left OPEC.", b"\x00" * 100):
        refused(save(tmp_path / "a.warc", content))
    cut = gzip.compress(warc_record("http://a.org/1", PAGE.encode()))[:-20]
    refused(save(tmp_path / "b.warc.gz", cut))


def test_packed_answer_of_an_archive_is_read_only_so_far(tmp_path, knowledge):
    bomb = gzip.compress(b"<p>" + b"a " * 50_000_000)
    record = warc_record(
        "http://a.org/b", bomb, kind="text/html\r\nContent-Encoding: gzip"
    ) + warc_record("http://a.org/1", PAGE.encode())
    corpus = open_corpus([save(tmp_path / "a.warc", record)], ReadOptions(), knowledge)
    assert [d.id for d in corpus] == ["http://a.org/1"]
    assert "MB" in corpus.skipped.first[0].reason


def test_rss_entries(tmp_path, knowledge):
    corpus = open_corpus([save(tmp_path / "a.xml", RSS)], ReadOptions(), knowledge)
    assert list(corpus) == [
        Document("n-1", f"{LEFT}\n\n{STAYED}", "Peru & OPEC", "2024-03-01"),
        Document("n-1 (2)", "Chile stayed.", "Chile"),
    ]
    assert corpus.skipped.count == 1


def test_day_of_an_entry_may_have_a_zone(tmp_path):
    feed = ATOM.replace("<published>1999", "<published>1999-05-01+02:00")
    assert feed != ATOM
    assert read(save(tmp_path / "a.atom", feed))[1].date == "1999-05-01"


def test_atom_entries(tmp_path):
    assert read(save(tmp_path / "a.atom", ATOM)) == [
        Document("tag:a,1", "Peru left.", "Peru", "2024-03-01"),
        Document("tag:a,2", "a < b & c", "", "1999"),
    ]


BAD_FEEDS = {
    "empty": (b"", "no well-formed XML"),
    "page": (PAGE.encode(), "XML"),
    "other XML": (b"<urlset><url/></urlset>", "XML of another kind (<urlset>)"),
    "cut": (RSS.encode()[:-30], "no well-formed XML"),
    "no entries": (b"<rss><channel/></rss>", "without entries"),
    "entities": (f"{ENTITIES}<rss><item><title>&i;</title></item></rss>".encode(), "entities"),
    "foreign file": (
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss><item>&x;</item></rss>',
        "entities",
    ),
    "deep": (b"<rss>" + b"<a>" * 100_000, "deep"),
    "NUL": (b"<rss>\x00</rss>", "no well-formed XML"),
    "unknown encoding": (b'<?xml version="1.0" encoding="klingon"?><rss/>', "no well-formed XML"),
}


@pytest.mark.parametrize(("content", "found"), BAD_FEEDS.values(), ids=BAD_FEEDS.keys())
def test_bad_feed_is_refused(tmp_path, content, found):
    assert found in refused(save(tmp_path / "a.rss", content)).found


def test_message_gives_subject_date_and_text(tmp_path):
    (plain,) = read(save(tmp_path / "a.eml", mail_bytes(subject="Über  OPEC")))
    assert (plain.id, plain.title, plain.date) == ("a", "Über OPEC", "2024-03-01")
    assert plain.text == f"{LEFT}\nFrom here on Chile spoke."
    (html,) = read(save(tmp_path / "b.eml", mail_bytes(html=True)))
    assert html.text == f"{LEFT}\n\n{STAYED}"


def test_mailbox_gives_each_message(tmp_path, knowledge):
    body = mail_bytes().replace(b"\nFrom here", b"\n>From here")
    empty = b"Subject: none\n\n\n"
    box = b"From a@b Fri Mar  1 2024\n" + body + b"\nFrom c@d Fri Mar  1 2024\n" + empty
    box += b"\nFrom e@f Fri Mar  1 2024\n" + mail_bytes(html=True, date="once")
    corpus = open_corpus([save(tmp_path / "a.mbox", box)], ReadOptions(), knowledge)
    assert [(d.id, d.date) for d in corpus] == [("1", "2024-03-01"), ("3", "")]
    assert corpus.skipped.count == 1
    assert next(iter(corpus)).text == f"{LEFT}\nFrom here on Chile spoke."


@pytest.mark.parametrize("opening", ["From here on Peru spoke.", "From Fri on: Peru.", "From 1999"])
def test_paragraph_that_begins_with_from_does_not_cut_a_mail(tmp_path, opening):
    mail = f"Subject: Talks\n\n{LEFT}\n\n{opening}\nPeru stayed.\n\n"
    box = f"From a@b Fri Mar  1 10:00:00 2024\n{mail}" * 2
    texts = [document.text for document in read(save(tmp_path / "a.mbox", box))]
    assert texts == [f"{LEFT}\n\n{opening}\nPeru stayed."] * 2


@pytest.mark.parametrize(
    "line",
    [
        "From a@b Fri Mar  1 10:00:00 2024",
        "From - Fri Mar 01 10:00:00 +0000 2024",
        "From lee at example.org  Fri Mar  1 10:00:00 2024",
        "From a@b Fri, 1 Mar 2024 10:00:00 +0000",
        "From ???@??? Fri Mar 01 10:00:00 2024\r",
        "From a@b",
        "From lee",
        "From - ven. mars 1 10:00:00 2024",
    ],
)
def test_message_begins_behind_its_envelope(tmp_path, line):
    box = f"{line}\nSubject: Talks\n\n{LEFT}\n\n" * 2
    assert [document.text for document in read(save(tmp_path / "a.mbox", box))] == [LEFT] * 2


def nested_mail(depth: int) -> bytes:
    heads = [f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth)]
    return ("Subject: a\n" + "".join(heads) + "\nPeru left.\n").encode()


BAD_MAILS = {
    "empty": b"",
    "no headers": b"\nPeru left OPEC.",
    "attachment alone": b"Subject: a\nContent-Type: application/pdf\n\n%PDF",
    "deep": nested_mail(3000),
}


@pytest.mark.parametrize("content", BAD_MAILS.values(), ids=BAD_MAILS.keys())
def test_bad_message_is_refused(tmp_path, content):
    begun = time.perf_counter()
    refused(save(tmp_path / "a.eml", content))
    assert time.perf_counter() - begun < 30


@pytest.mark.parametrize(
    "head", ["=?x?q?a?=", "=?utf-8?b?////?=", "\udcff", "a" * 100_000, "=?utf-8?q?" * 500]
)
def test_odd_headers_do_no_harm(tmp_path, head):
    raw = (
        f"Subject: {head}\nDate: {head}\nContent-Type: text/plain; charset={head:.9}\n\nPeru left."
    )
    (document,) = read(save(tmp_path / "a.eml", raw.encode("utf-8", "surrogateescape")))
    assert document.text == "Peru left."
    document.title.encode()


def test_mailbox_of_another_form_is_refused(tmp_path):
    for content in (b"", b"Peru left.\n"):
        assert refused(save(tmp_path / "a.mbox", content)).expected == "an mbox"


def test_transcript_keeps_its_turns_below_the_header(tmp_path):
    turns = "PRESIDENT LEE: We met.\n\nQ. Title: why?\nA. Date: no."
    head = "\ufeffTitle: Talks: the end\r\nspeaker_state: KOR\r\nDate: 1 March 2024\r\n\r\n"
    path = save(tmp_path / "a.transcript", head + turns)
    assert read(path) == [Document("a", turns, "Talks: the end", "2024-03-01", "KOR")]
    bare = save(tmp_path / "b.txt", turns)
    assert read(bare, format="transcript") == [Document("b", turns)]


@pytest.mark.parametrize("content", ["", "Title: a\n\n", "Title: a\nDate: 1/2/2024\n\nQ. Why?"])
def test_bad_transcript_is_refused(tmp_path, content):
    refused(save(tmp_path / "a.transcript", content))


# every reader


GOOD = {
    "text": LEFT.encode(),
    "jsonl": json.dumps({"text": LEFT}).encode(),
    "html": PAGE.encode(),
    "pdf": pdf_bytes([[LEFT]]),
    "docx": docx_bytes(paragraph(LEFT)),
    "csv": f'text\n"{LEFT}"\n'.encode(),
    "tsv": f"text\n{LEFT}\n".encode(),
    "warc": warc_record("http://a.org/1", PAGE.encode()),
    "feed": RSS.encode(),
    "mail": mail_bytes(),
    "mbox": b"From a@b Fri Mar  1 2024\n" + mail_bytes(),
    "transcript": LEFT.encode(),
}


def give(monkeypatch, content: bytes) -> None:
    class Stdin:
        buffer = io.BytesIO(content)

    monkeypatch.setattr(sys, "stdin", Stdin)  # the process's own stream: there is no argument


@pytest.mark.parametrize("format_", GOOD)
def test_every_format_is_read_from_standard_input(monkeypatch, format_):
    give(monkeypatch, GOOD[format_])
    assert "Peru left OPEC" in read(Path("-"), format=format_)[0].text


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 3000, b"\xff\xfe\xfd" * 1000, b"\x1f\x8b\x08junk",
     random.Random(0).randbytes(5000)],
    ids=["empty", "NULs", "bytes", "packed", "random"],
)  # fmt: skip
def test_every_reader_refuses_rubbish(tmp_path, format_, content):
    refused(save(tmp_path / "AFG_71_2016.txt", content), format=format_)


@pytest.mark.parametrize("format_", GOOD)
def test_every_reader_stands_damage(tmp_path, format_):
    """A cut or altered file is refused or read, and nothing else happens."""
    good = GOOD[format_]
    for number in range(40):
        cut = good[: len(good) * number // 40]
        at = (number * 7919) % len(good)
        for content in (cut, good[:at] + bytes([number * 6 % 256]) + good[at + 1 :]):
            try:
                for document in read(save(tmp_path / "a", content), format=format_):
                    (document.text + document.title + document.id).encode()
                    assert document.text.strip()
            except InputError:
                continue


def test_missing_library_names_the_extra(tmp_path, monkeypatch):
    for name, library in (("a.pdf", "pypdfium2"), ("a.html", "trafilatura")):
        monkeypatch.setitem(sys.modules, library, None)
        error = refused(save(tmp_path / name, GOOD[name[2:]]))
        assert "pip install 'alliance-stance[corpora]'" in error.next_step


# folders, patterns, ids


def test_folder_is_read_in_order_without_hidden_files(tmp_path, knowledge):
    for name in ("b.txt", "a/z.md", "a/c.txt", ".d.txt", ".e/f.txt", "a/.g.txt", "h.jpg", "i"):
        save(tmp_path / name, LEFT)
    corpus = open_corpus([tmp_path], ReadOptions(), knowledge)
    assert [d.id for d in corpus] == ["b", "a/c", "a/z"]
    assert [str(s) for s in corpus.skipped.first] == [
        f"{tmp_path}/h.jpg: no reader for .jpg",
        f"{tmp_path}/i: no reader for a name without ending",
    ]  # fmt: skip


def test_files_that_differ_by_their_ending_keep_it(tmp_path):
    for name in ("a.txt", "a.md", "b.txt", "d/a.txt", "c.txt", "c.txt.gz"):
        save(tmp_path / name, LEFT)
    ids = {unit.id for unit in list_units([tmp_path])}
    assert ids == {"a.txt", "a.md", "b", "c.txt", "c.txt.gz", "d/a"}
    save(tmp_path / "a.txt.txt", LEFT)
    assert {unit.id for unit in list_units([tmp_path])} == ids | {"a.txt.txt"}


def test_two_copies_of_a_statement_are_named_by_their_folders(tmp_path):
    for name in ("x/AFG_71_2016.txt", "y/AFG_71_2016.txt", "y/ALB_71_2016.txt"):
        save(tmp_path / name, LEFT)
    assert [unit.id for unit in list_units([tmp_path])] == [
        "x/AFG_71_2016", "y/AFG_71_2016", "ALB_71_2016",
    ]  # fmt: skip


def test_pattern_is_read_like_a_folder(tmp_path):
    for name in ("a/one.txt", "b/two.txt", "b/three.md", "b/.four.txt"):
        save(tmp_path / name, LEFT)
    assert [d.id for d in read(tmp_path / "*" / "*.txt")] == ["a/one", "b/two"]
    assert len(list_units([tmp_path / "**" / "*"])) == 3
    assert "no file to read" in refused(tmp_path / "*.csv").found


def test_name_with_a_sign_of_patterns_is_a_file(tmp_path):
    assert read(save(tmp_path / "a[1].txt", LEFT)) == [Document("a[1]", LEFT)]


def test_documents_in_files_of_a_folder_are_named_by_the_file(tmp_path):
    save(tmp_path / "a.csv", "text\nPeru\nCuba\n")
    save(tmp_path / "d" / "a.jsonl", '{"text": "Chile"}\n{"text": "Mali", "id": "m"}\n')
    assert [d.id for d in read(tmp_path)] == ["a/1", "a/2", "d/a/1", "m"]


def test_id_that_comes_again_is_refused_or_left_out(tmp_path, knowledge):
    path = save(tmp_path / "a.csv", "id,text\n1,Peru\n1,Cuba\n")
    with pytest.raises(InputError, match="id 1: found an id that came before"):
        list(open_corpus([path], ReadOptions(), knowledge))
    corpus = open_corpus([tmp_path], ReadOptions(), knowledge)
    assert [d.text for d in corpus] == ["Peru"]
    assert "came before" in corpus.skipped.first[0].reason


def test_file_named_twice_is_read_once(tmp_path):
    path = save(tmp_path / "a.txt", LEFT)
    (tmp_path / "x").mkdir()
    assert len(list_units([path, tmp_path, tmp_path / "x" / ".." / "a.txt"])) == 1


def test_links_and_pipes_of_a_folder_are_not_followed(tmp_path, knowledge):
    save(tmp_path / "in" / "a.txt", LEFT)
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "gone.txt").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "in" / "pipe.txt")
    corpus = open_corpus([tmp_path / "in"], ReadOptions(), knowledge)
    assert [d.id for d in corpus] == ["a"]
    assert {s.reason for s in corpus.skipped.first} == {"no plain file"}


@pytest.mark.parametrize("pattern", ["**/*.txt", "*/*.txt", "**", "**/a.*", "**/**/*.txt"])
def test_pattern_follows_no_link_to_a_folder(tmp_path, pattern):
    save(tmp_path / "in" / "sub" / "a.txt", LEFT)
    save(tmp_path / "in" / ".old" / "b.txt", LEFT)
    # two such links never come to an end
    for link in ("loop", "again"):
        (tmp_path / "in" / link).symlink_to(tmp_path / "in")
        (tmp_path / "in" / "sub" / link).symlink_to(tmp_path / "in")
    assert [d.id for d in read(tmp_path / "in" / pattern)] == ["sub/a"]


def test_pattern_follows_what_it_writes_out(tmp_path):
    save(tmp_path / "x" / ".old" / "a.txt", LEFT)
    (tmp_path / "x" / "link").symlink_to(tmp_path / "x" / ".old")
    assert [d.id for d in read(tmp_path / "*" / "link" / "*.txt")] == ["x/link/a"]
    assert [d.id for d in read(tmp_path / "*" / ".old" / "*.txt")] == ["x/.old/a"]
    assert [d.id for d in read(tmp_path / "x" / "link" / "**" / "a.txt")] == ["a"]
    (tmp_path / "x" / "b.txt").symlink_to(tmp_path / "x" / ".old" / "a.txt")
    assert [d.id for d in read(tmp_path / "*" / "*.txt")] == ["x/b"]


def test_units_can_be_pickled_and_read_elsewhere(tmp_path):
    for name in ("a.txt", "b.csv", "c.html"):
        save(tmp_path / name, GOOD[{"a.txt": "text", "b.csv": "csv", "c.html": "html"}[name]])
    meta = save(tmp_path / "m.csv", "file,title\na.txt,On OPEC\n")
    options = ReadOptions(metadata=meta, columns=Columns(text="text"))
    packed = pickle.dumps((list_units([tmp_path], options), options))
    units, options = pickle.loads(packed)  # noqa: S301 - packed a line above
    assert all(isinstance(unit, Unit) for unit in units)
    documents = [document for unit in units[::-1] for document in read_unit(unit, options)]
    assert [(d.id, d.title) for d in documents] == [
        ("c", "Peru leaves"), ("b/1", ""), ("a", "On OPEC"),
    ]  # fmt: skip


def test_endings_are_told_apart(tmp_path):
    assert len(ENDINGS) == sum(len(format_.endings) for format_ in FORMATS.values())
    assert format_of(Path("A.HTML")) == "html"
    assert format_of(Path("a.warc.GZ")) == "warc"
    assert format_of(Path("a.gz")) is None


# skipping and failing


def test_unreadable_file_fails_alone_and_is_skipped_in_a_folder(tmp_path, knowledge):
    bad = save(tmp_path / "in" / "b.pdf", b"no PDF")
    save(tmp_path / "in" / "a.txt", LEFT)
    with pytest.raises(InputError, match="no whole PDF"):
        list(open_corpus([bad], ReadOptions(), knowledge))
    corpus = open_corpus([tmp_path / "in"], ReadOptions(), knowledge)
    assert [d.id for d in corpus] == ["a"]
    assert [str(s) for s in corpus.skipped.first] == [f"{bad}: no whole PDF"]
    assert len(list(corpus)) == 1
    assert corpus.skipped.count == 1
    with pytest.raises(InputError, match="no whole PDF"):
        list(open_corpus([tmp_path / "in"], ReadOptions(on_unreadable="fail"), knowledge))


def test_unknown_ending_fails_where_told(tmp_path, knowledge):
    save(tmp_path / "a.txt", LEFT)
    save(tmp_path / "a.jpg", b"x")
    with pytest.raises(InputError, match=r"the ending '.jpg'"):
        open_corpus([tmp_path], ReadOptions(on_unreadable="fail"), knowledge)


def test_folder_without_anything_readable_fails(tmp_path, knowledge):
    save(tmp_path / "a.jpg", b"x")
    save(tmp_path / "b.pdf", b"x")
    with pytest.raises(InputError, match="nothing that can be read"):
        list(open_corpus([tmp_path], ReadOptions(), knowledge))
    with pytest.raises(InputError, match="nothing that can be read"):
        list(open_corpus([tmp_path / "b.pdf"], ReadOptions(on_unreadable="skip"), knowledge))


def test_part_that_cannot_be_read_fails_where_told(tmp_path, knowledge):
    path = save(tmp_path / "a.csv", "text\nPeru\n\n ,\n".replace(" ,", '" "'))
    assert len(list(open_corpus([path], ReadOptions(), knowledge))) == 1
    with pytest.raises(InputError, match="rows without a text: 1"):
        list(open_corpus([path], ReadOptions(on_unreadable="fail"), knowledge))


def test_unknown_code_in_one_row_leaves_the_others(tmp_path, knowledge):
    save(tmp_path / "a.csv", "text,speaker_state\nPeru,PER\nNone,\nCuba,QQQ\nChile,CHL\n")
    corpus = open_corpus([tmp_path], ReadOptions(), knowledge)
    assert [d.text for d in corpus] == ["Peru", "Chile"]
    with pytest.raises(KnowledgeError, match="unknown state 'QQQ'"):
        list(open_corpus([tmp_path / "a.csv"], ReadOptions(), knowledge))


DATED = {
    "a.csv": "text,date\nPeru spoke.,2023\nCuba spoke.,03/14/2024\nChile spoke.,2024\n",
    "a.jsonl": '{"text": "Peru spoke."}\n{"text": "Cuba spoke.", "date": "03/14/2024"}\n'
    '{"text": "Chile spoke."}\n',
}


def dated_parquet() -> bytes:
    sink = pa.BufferOutputStream()
    rows = {"text": ["Peru spoke.", "Cuba spoke.", "Chile spoke."],
            "date": ["2023", "03/14/2024", "2024"]}  # fmt: skip
    pa.parquet.write_table(pa.table(rows), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_a_bad_date_costs_its_own_row_alone(tmp_path, knowledge, name):
    path = save(tmp_path / name, dated_parquet() if name == "a.parquet" else DATED[name])
    for inputs, options in (
        ([tmp_path], ReadOptions()), ([path], ReadOptions(on_unreadable="skip"))
    ):  # fmt: skip
        corpus = open_corpus(inputs, options, knowledge)
        assert [d.text for d in corpus] == ["Peru spoke.", "Chile spoke."]
        (skipped,) = corpus.skipped.first
        assert "2" in skipped.where.removeprefix(str(path))
        assert skipped.reason == "date '03/14/2024'"
    for inputs, options in (
        ([path], ReadOptions()), ([tmp_path], ReadOptions(on_unreadable="fail"))
    ):  # fmt: skip
        with pytest.raises(InputError, match="03/14/2024"):
            list(open_corpus(inputs, options, knowledge))


def test_a_table_of_bad_dates_alone_is_told_row_by_row(tmp_path, knowledge):
    save(tmp_path / "a.csv", "text,date\nPeru spoke.,3/4/2024\nCuba spoke.,5/6/2024\n")
    save(tmp_path / "b.txt", LEFT)
    corpus = open_corpus([tmp_path], ReadOptions(), knowledge)
    assert len(list(corpus)) == 1
    assert [s.reason for s in corpus.skipped.first] == ["date '3/4/2024'", "date '5/6/2024'"]


@pytest.mark.parametrize(
    ("name", "content", "is_lossy"),
    [
        ("a.csv", 'text,date\nPeru spoke.,2023\n"Cuba" spoke.,2023\nChile spoke.,2024\n', True),
        ("a.csv", "body\nPeru spoke.\n", True),
        ("a.csv", "", False),
        ("a.txt", b"Peru\nspoke\xff", False),
    ],
    ids=["broken row", "no column", "empty", "one document"],
)
def test_what_is_lost_behind_a_broken_place_is_told(tmp_path, knowledge, name, content, is_lossy):
    save(tmp_path / name, content)
    save(tmp_path / "b.txt", LEFT)
    corpus = open_corpus([tmp_path], ReadOptions(), knowledge)
    list(corpus)
    (skipped,) = corpus.skipped.first
    assert skipped.reason.endswith("; nothing behind it was read") is is_lossy


def test_many_skipped_are_counted_and_not_all_kept(tmp_path, knowledge):
    save(tmp_path / "a.txt", LEFT)
    for number in range(1005):
        save(tmp_path / f"{number}.jpg", b"")
    corpus = open_corpus([tmp_path], ReadOptions(), knowledge)
    list(corpus)
    assert corpus.skipped.count == 1005
    assert len(corpus.skipped.first) == 1000


# metadata


def with_metadata(folder: Path, table: str, *, inputs=None) -> Corpus:
    from alliance_stance.knowledge.knowledge import load_knowledge

    path = save(folder / "metadata.csv", table)
    return open_corpus(inputs or [folder], ReadOptions(metadata=path), load_knowledge())


def test_metadata_fill_in_what_a_document_lacks(tmp_path):
    save(tmp_path / "docs" / "a.txt", LEFT)
    save(tmp_path / "docs" / "b.jsonl", '{"id": "b", "text": "Cuba", "date": "1999"}\n')
    save(tmp_path / "docs" / "c.txt", STAYED)
    corpus = with_metadata(
        tmp_path,
        "file,title,date,speaker_state,genre\n"
        "docs/a.txt,On OPEC,2024/03/01,PER,x\n./docs/b.jsonl,Other,2001,,y\n"
        "docs/gone.txt,,1999,,\n",
    )
    assert list(corpus) == [
        Document("docs/a", LEFT, "On OPEC", "2024-03-01", "PER"),
        Document("b", "Cuba", "Other", "1999"),
        Document("docs/c", STAYED),
    ]
    rows, files = corpus.metadata_notes()
    assert "1 rows whose file is not among what was read: docs/gone.txt" in rows
    assert f"1 files without a row: {tmp_path}/docs/c.txt" in files


def test_metadata_go_before_what_a_reader_guessed(tmp_path):
    save(tmp_path / "a.html", PAGE)
    corpus = with_metadata(tmp_path, "file,date\na.html,1987\n")
    (document,) = corpus
    assert (document.title, document.date) == ("Peru leaves", "1987")


@pytest.mark.parametrize("table", ["docs/a.txt", "a.txt"], ids=["from the table", "bare name"])
def test_name_of_a_file_is_found_in_several_ways(tmp_path, table):
    path = save(tmp_path / "docs" / "a.txt", LEFT)
    for one in (path, tmp_path / "docs", tmp_path / "docs" / "*.txt"):
        (document,) = with_metadata(tmp_path, f"file;title\n{table};On OPEC\n", inputs=[one])
        assert document.title == "On OPEC"


def test_metadata_by_id_reach_documents_inside_files(tmp_path):
    save(tmp_path / "a.csv", "id,text\nx,Peru\ny,Cuba\n")
    save(tmp_path / "b.txt", LEFT)
    corpus = with_metadata(
        tmp_path,
        "id,date\nx,1999\nb,2001\nz,2002\n",
        inputs=[tmp_path / "a.csv", tmp_path / "b.txt"],
    )
    assert [(d.id, d.date) for d in corpus] == [("x", "1999"), ("y", ""), ("b", "2001")]
    rows, documents = corpus.metadata_notes()
    assert rows.endswith("not among what was read: z")
    assert documents.endswith("1 documents without a row: y")


BAD_METADATA = {
    "no name column": ("title,date\na,1999\n", ":1", "columns"),
    "no fact column": ("file,genre\na.txt,x\n", ":1", "columns"),
    "column twice": ("file,date,date\na.txt,1,2\n", ":1", "twice"),
    "no name": ("file,date\n,1999\n", ":2", "a row without a file"),
    "name twice": ("file,date\na.txt,1999\n./a.txt,2000\n", ":3", "which"),
    "bad date": ("file,date\na.txt,1/2/99\n", ":2", "date '1/2/99'"),
    "cells too many": ("file,date\na.txt,1999,x\n", ":2", "3 cells"),
    "unknown code": ("file,speaker_state\na.txt,PER\nb.txt,QQQ\n", ":3", "unknown state 'QQQ'"),
    "empty": ("", "", "empty"),
}


@pytest.mark.parametrize(
    ("table", "where", "found"), BAD_METADATA.values(), ids=BAD_METADATA.keys()
)
def test_bad_metadata_are_refused_by_their_row(tmp_path, table, where, found):
    save(tmp_path / "a.txt", LEFT)
    with pytest.raises((InputError, KnowledgeError)) as caught:
        with_metadata(tmp_path, table)
    assert found in caught.value.found
    assert caught.value.where.startswith(f"{tmp_path / 'metadata.csv'}{where}")


def test_bare_name_that_fits_two_files_is_refused(tmp_path):
    for name in ("x/a.txt", "y/a.txt"):
        save(tmp_path / name, LEFT)
    with pytest.raises(InputError, match="fits both"):
        with_metadata(tmp_path, "file,date\na.txt,1999\n")


def test_missing_metadata_are_refused(tmp_path, knowledge):
    path = save(tmp_path / "a.txt", LEFT)
    with pytest.raises(InputError, match="--metadata"):
        open_corpus([path], ReadOptions(metadata=tmp_path / "gone.csv"), knowledge)


def test_metadata_of_the_development_corpus_fit(shared, knowledge):
    folder = shared / "corpus"
    options = ReadOptions(metadata=folder / "metadata.csv")
    corpus = open_corpus([folder / "documents"], options, knowledge)
    documents = list(corpus)
    assert len(documents) == 2509
    assert corpus.metadata_notes() == []
    assert corpus.skipped.count == 0
    assert sum(d.speaker_state is not None for d in documents) > 300


def test_options_fill_in_what_is_still_missing(tmp_path, knowledge):
    path = save(tmp_path / "a.html", PAGE)
    facts = Facts("Other", "1987", "PER")
    (document,) = open_corpus([path], ReadOptions(facts=facts), knowledge)
    assert (document.title, document.date, document.speaker_state) == (
        "Peru leaves", "2024-03-01", "PER",
    )  # fmt: skip


# the command line


def extracted(capsys, *arguments) -> tuple[list[dict], str]:
    assert main(["extract", "--json", *map(str, arguments)]) == 0
    output = capsys.readouterr()
    return [json.loads(line) for line in output.out.splitlines()], output.err


def test_folder_with_metadata_from_the_command_line(tmp_path, capsys):
    save(tmp_path / "docs" / "a.txt", "Peru left OPEC.")
    save(tmp_path / "docs" / "b.html", PAGE)
    for number in range(25):
        save(tmp_path / "docs" / f"{number:02}.jpg", b"")
    table = save(tmp_path / "m.csv", "file,date\ndocs/a.txt,1987\n")
    rows, said = extracted(capsys, tmp_path / "docs", "--metadata", table)
    assert {row["document"] for row in rows} == {"a", "b"}
    assert said.count("no reader for .jpg") == 20
    assert "skipped in all: 25; the first 20 are listed" in said
    assert "1 files without a row" in said


def test_table_with_columns_from_the_command_line(tmp_path, capsys):
    path = save(tmp_path / "a.csv", "body\nPeru left OPEC.\n")
    rows, said = extracted(capsys, path, "--columns", "text=body")
    assert [row["document"] for row in rows] == ["1"]
    assert said == ""


@pytest.mark.parametrize(
    ("options", "found"),
    [(["--columns", "body"], "--columns: found 'body'"), (["--on-unreadable", "x"], "skip or fail"),
     (["--metadata", "gone.csv"], "gone.csv: found no such file"),
     (["--format", "papyrus"], "--format: found 'papyrus'")],
)  # fmt: skip
def test_bad_option_is_one_line_and_status_two(tmp_path, capsys, options, found):
    path = save(tmp_path / "a.txt", LEFT)
    assert main(["extract", str(path), *options]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert found in output.err
    assert output.err.count("\n") == 1


def test_folder_is_predicted_and_exported(tmp_path, linear_artifact, capsys):
    for name in ("a.docx", "b.eml"):
        save(tmp_path / "in" / name, GOOD[{"a.docx": "docx", "b.eml": "mail"}[name]])
    arguments = ["predict", str(tmp_path / "in"), "--json", "--model", str(linear_artifact)]
    assert main(arguments) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["document"] for row in rows] == ["a", "b"]
    out = tmp_path / "tasks"
    assert main(["annotate", "export", str(tmp_path / "in"), "-o", str(out)]) == 0
    with (out / "tasks.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["document"] for row in csv.DictReader(file)] == ["a", "b"]


def test_single_input_is_read_with_its_old_function(tmp_path):
    path = save(tmp_path / "a.csv", "text\nPeru\n\n")
    assert list(read_input(path)) == [Document("1", "Peru")]


def test_a_line_of_html_source_ends_no_paragraph():
    markup = (
        "<p>Turkey will not\nleave <b>NATO,\nsays</b>\nAnkara.</p><pre>one\ntwo</pre>three\nfour"
    )
    assert fragment_text(markup, "a.eml").split("\n\n") == [
        "Turkey will not leave NATO, says Ankara.", "one", "two", "three four",
    ]  # fmt: skip


def test_an_empty_plain_part_does_not_hide_the_page(tmp_path):
    message = EmailMessage()
    message["Subject"] = "News"
    message.set_content("\n")
    message.add_alternative("<p>Peru left ASEAN.</p>", subtype="html")
    (tmp_path / "a.eml").write_bytes(bytes(message))
    (document,) = read(tmp_path / "a.eml")
    assert document.text == "Peru left ASEAN."


def odd_parquet(values, type_) -> bytes:
    sink = pa.BufferOutputStream()
    table = pa.table({"text": ["Peru left."] * 2, "date": pa.array(values, type_)})
    pa.parquet.write_table(table, sink)
    return sink.getvalue().to_pybytes()


def list_parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(pa.table({"text": [["Peru left."], ["Chile left."]]}), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.parquet", lambda: odd_parquet([2**52] * 2, pa.timestamp("s"))),
        ("a.parquet", lambda: odd_parquet([2**30] * 2, pa.date32())),
        ("a.parquet", list_parquet),
        ("a.docx", lambda: docx_bytes(paragraph(LEFT))[40:]),
    ],
    ids=["year out of range", "day out of range", "lists", "bytes missing"],
)
def test_one_damaged_file_does_not_end_a_run(name, content, tmp_path, knowledge):
    (tmp_path / name).write_bytes(content())
    (tmp_path / "b.txt").write_text("Peru left ASEAN.")
    corpus = open_corpus([tmp_path], ReadOptions(on_unreadable="skip"), knowledge)
    assert [document.text for document in corpus][-1] == "Peru left ASEAN."
    assert corpus.skipped
