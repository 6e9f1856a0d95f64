"""Cut a document into sentences with exact offsets."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from sentencex import segment

from alliance_stance.corpus.line_breaks import block_cuts, line_cuts
from alliance_stance.schema import Document, Sentence

_QUOTES = '"\u201c\u201d\u00ab\u00bb'
_OPENS = re.compile(r"[\"\u201d]?\s+(?=[\"\u201c]?[A-Z][A-Za-z])")
_CLAUSE = re.compile(
    r"\s+(?=[A-Z][a-z]+(?:,| (?:has|had|is|was|were|will|would|chose|said|did|does|have|also|then|"
    r"\w+ed)\b))"
)
_ASIDE = re.compile(r"\s+(?=[A-Z][a-z]+, (?:for|which|who|meanwhile|however|in|by)\b)")
_NUMBER = re.compile(r" No\. \d+$")
_BEFORE_NUMBER = len(" No.")
_PAIRED = (("\u2018", "\u2019"), ("\u2039", "\u203a"), ("\u201e", "\u201c"))
_LONE = "\u2032"
"""A sign that means nothing to sentencex, as an opening mark that nothing closes."""
_ENDS = {
    **dict.fromkeys((" no", " me", " May"), _OPENS),
    **dict.fromkeys((" etc", " Ltd", " Inc", " Corp", " a.m", " p.m"), _CLAUSE),
    **dict.fromkeys((" U.S", " U.K", " U.N"), _ASIDE),
}
"""Words that may end a sentence though they are abbreviations ("no. 5"), and what then follows."""
_ABBREVIATIONS = frozenset({
    "para", "paras", "vol", "vols", "art", "arts", "sec", "secs", "ch", "chs", "doc", "docs",
    "cf", "p", "pp", "op", "cit", "ibid", "viz", "Lieut", "Amb", "Maj", "Brig", "Cdr", "Capt",
    "Hon", "Rt", "Gov", "Sen", "Rep", "Sgt", "Res", "Lic", "Ing", "Prof", "Messrs", "Mme", "Mlle",
    "Mgr", "Rev", "Dr", "Gen", "Col", "Lt", "Adm", "Mr", "Mrs", "Ms", "St", "Sr", "H.E", "H.M",
})  # fmt: skip
"""What stands before a full stop that ends no sentence, though sentencex may think so."""
_LONGEST_ABBREVIATION = 9
_LONGEST_HANGING = 20
_NUMBERED = re.compile(
    r"\s*(?:\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]|[-*\u2022\u2013\u2014])\s+"
)
"""What opens a numbered paragraph or an item; sentencex leaves those of a list whole."""
_ASKED = tuple(sign + mark for sign in "?!" for mark in "\"\u201d'\u2019")
"""What ends a quotation, and not the sentence where only its speaker follows."""
_SPEAKER = re.compile(
    r"(?!And |But |So )(?:(?:[A-Z][\w.'\u2019-]*|of|for|the|and|al|bin|de|von|van|deputy|prime|"
    r"foreign|defen[cs]e|president|premier|chancellor|minister|leader|ambassador|envoy|official|"
    r"spokes(?:man|woman|person)),? ){1,10}"
    r"(?:said|asked|added|wondered|replied|shouted|exclaimed|wrote|told (?:reporters|journalists|"
    r"parliament|lawmakers))"
    r"(?=[.]| (?:in|on|at|during|before|after|last|this|yesterday)\b)[^\"\u201c]*$"
)
"""A segment that only tells who spoke, with no further clause and no further quotation."""
_LONGEST_SPEAKER = 200
_DEEPEST = 3
_STOP_INSIDE = re.compile(r"[.!?]\s+\S")


def split_sentences(document: Document) -> list[Sentence]:
    """Cut a document's text into sentences.

    The cuts are those of sentencex (Santhosh Thottingal, Wikimedia; rules by language), mended in
    seven places: numbered paragraphs are cut inside, quotations are cut into their own sentences,
    but for those whose speaker follows a "?" or "!" ("... ?" Mr. Lee asked), "no." and "May." end a
    sentence before a capital, abbreviations of diplomatic papers do not, a line of white space ends
    a paragraph if a capital follows, and a line break ends a sentence where the line is an item of
    a list, a heading, one of several headlines, or too short to have been wrapped.

    Returns
    -------
    list of Sentence
        In text order, indexed from zero, never overlapping, never empty.

    Examples
    --------
    >>> document = Document("d", "Mr. Smith left.  He did not return.")
    >>> [document.text[s.start : s.end] for s in split_sentences(document)]
    ['Mr. Smith left.', 'He did not return.']
    """
    text = document.text
    starts: list[int] = []
    stops: list[int] = []
    begin = 0
    is_open = False
    for cut in _cuts(text):
        bare = text[begin:cut].lstrip()
        begin = cut
        if not bare:
            continue
        start = cut - len(bare)
        bare = bare.rstrip()
        stop = start + len(bare)
        if is_open and _goes_on(text, (starts[-1], stops[-1]), start, stop):
            stops[-1] = stop
        else:
            starts.append(start)
            stops.append(stop)
        sign = bare[-1]
        is_open = (
            sign in _QUOTES
            or bare.endswith(_ASKED)
            or (
                sign == "."
                and (
                    bare[-2:-1] == "."
                    or bare[-3:-2] == "-"
                    or bare[-_LONGEST_ABBREVIATION:-1].rpartition(" ")[2] in _ABBREVIATIONS
                )
            )
        )
    return list(map(Sentence, range(len(starts)), starts, stops))


def _cuts(text: str) -> Iterator[int]:
    """Yield where the segments of a text end, in order; the last is the end of the text."""
    plain = text
    for sign in _QUOTES:
        plain = plain.replace(sign, " ")
    has_quotes = plain is not text
    plain = _without_lone_marks(plain)
    blocks = block_cuts(plain) if "\n" in plain else []
    pieces = [part for piece in segment("en", plain) for part in _inside_item(piece)]
    # the pieces may leave out white space between paragraphs, never more
    has_gaps = sum(map(len, pieces)) < len(plain)
    end = 0
    for piece in pieces:
        start = plain.find(piece, end) if has_gaps else end
        end = start + len(piece)
        body = piece.rstrip()
        if "\n" in body or ". " in body:
            inside = slice(bisect_right(blocks, start), bisect_left(blocks, start + len(body)))
            yield from sorted({
                *blocks[inside], *line_cuts(body, start), *_missed_ends(plain, start, end)
            })  # fmt: skip
        # white space behind a sentence may be a quotation mark that opens the next one
        is_bare = not has_quotes or text[start + len(body) : end].isspace()
        yield end if is_bare else _before_opening(text, start, end)
    # a mark that opens nothing is left behind by the last cut
    yield len(text)


def _without_lone_marks(text: str) -> str:
    """Replace opening marks that their paragraph does not close.

    From each of them sentencex would read on to the paragraph's end.
    """
    for opening, closing in _PAIRED:
        if opening in text:
            cut = [paragraph.rpartition(closing) for paragraph in text.split("\n\n")]
            text = "\n\n".join(
                closed + mark + lone.replace(opening, _LONE) for closed, mark, lone in cut
            )
    return text


def _inside_item(piece: str, depth: int = 0) -> Iterator[str]:
    """Cut a numbered paragraph, which sentencex takes for one sentence, however long it is.

    The number stays with the first of its sentences. The others may be numbered paragraphs that
    sentencex took for parts of the first.
    """
    opening = _NUMBERED.match(piece)
    if opening is None or depth == _DEEPEST or not _STOP_INSIDE.search(piece, opening.end()):
        yield piece
        return
    first, *others = segment("en", piece[opening.end() :])
    yield opening[0] + first
    for part in others:
        yield from _inside_item(part, depth + 1)


def _missed_ends(plain: str, start: int, end: int) -> Iterator[int]:
    """Yield the ends that sentencex takes for abbreviations."""
    stop = plain.find(". ", start, end)
    while stop >= 0:
        blank = plain.rfind(" ", start, stop)
        word = plain[max(start, blank) : stop]
        pattern = _ENDS.get(word)
        before = max(start, blank - _BEFORE_NUMBER)
        if pattern is None and word[-1:].isdigit() and _NUMBER.match(plain, before, stop):
            pattern = _OPENS
        match = pattern.match(plain, stop + 1) if pattern is not None else None
        if match is not None:
            yield match.end()
        stop = plain.find(". ", stop + 1, end)


def _before_opening(text: str, start: int, end: int) -> int:
    """Move a cut in front of a quotation mark that opens the next sentence."""
    cut = end
    while cut > start and text[cut - 1].isspace():
        cut -= 1
    is_opening = cut > start + 1 and text[cut - 1] in _QUOTES and text[cut - 2].isspace()
    return cut - 1 if is_opening else end


def _is_speaker(text: str, last_end: int, start: int, stop: int) -> bool:
    """Say whether a segment only tells who asked what ends before it: "... ?" Mr. Lee asked."""
    return (
        text.endswith(_ASKED, 0, last_end)
        and stop - start < _LONGEST_SPEAKER
        and "\n\n" not in text[last_end:start]
        and _SPEAKER.match(text[start:stop]) is not None
    )


def _goes_on(text: str, last: tuple[int, int], start: int, stop: int) -> bool:
    """Say whether a segment belongs to the sentence before: "... ?" asked she; "Amb. Lee"."""
    last_start, last_end = last
    sign = text[last_end - 1]
    if sign != ".":
        goes_on = text[start] == "," or text[start].islower()
        return (sign in _QUOTES and goes_on) or _is_speaker(text, last_end, start, stop)
    if text[last_end - 2] == ".":
        # words that a speaker leaves hanging, one after the other
        is_hanging = text.endswith(" ...", last_start, last_end)
        near = min(stop, start + _LONGEST_HANGING)
        is_short = near == stop or text[start].islower() or text.find(" ...", start, near) >= 0
        return is_hanging and is_short
    if text[last_end - 3] == "-" and start == last_end:
        # "ROK-U.S."
        return text[last_end - 2].isupper() and text[start + 1 : start + 2] == "."
    word = text[max(last_start, last_end - _LONGEST_ABBREVIATION) : last_end - 1].rpartition(" ")[2]
    return word in _ABBREVIATIONS and "\n\n" not in text[last_end:start]
