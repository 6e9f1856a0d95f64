"""Cut a document into sentences with exact offsets."""

import re
from collections.abc import Iterator

from sentencex import segment

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
_LIST_ITEM = re.compile(r"\n(?=[ \t]*(?:[-*\u2022\u2013\u2014] |\(?(?:\d{1,2}|[a-z]|[ivx]+)[.)] ))")
_NUMBERED = re.compile(
    r"\s*(?:\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]|[-*\u2022\u2013\u2014])\s+"
)
"""What opens a numbered paragraph or an item; sentencex leaves those of a list whole."""
_LINE = re.compile(
    r"\n(?=[ \t]*[\"\u201c(]?(?:(?:The|An?|In|On|At|For|From|It|Its|He|She|They|We|This|That|"
    r"These|Those|When|After|Before|As|But|And|If|While|There|By|With|Two|Three|Some|Many|No) |"
    r"[A-Z]{3,}[A-Z ,/]*(?: \(|, )))"
)
"""A line break before a word that opens sentences, or before a dateline."""
_SHORT_LINE = 0.6
"""A line that fills less of its paragraph's width than this was ended, not wrapped."""


def split_sentences(document: Document) -> list[Sentence]:
    """Cut a document's text into sentences.

    The cuts are those of sentencex (Santhosh Thottingal, Wikimedia; rules by language), mended in
    five places: numbered paragraphs are cut inside, quotations are cut into their own sentences,
    "no." and "May." end a sentence before a capital, abbreviations of diplomatic papers do not, and
    a line break ends one where the line is an item of a list, or a headline too short to have been
    wrapped.

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
        is_open = sign in _QUOTES or (
            sign == "."
            and (
                bare[-2:-1] == "."
                or bare[-3:-2] == "-"
                or bare[-_LONGEST_ABBREVIATION:-1].rpartition(" ")[2] in _ABBREVIATIONS
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
    pieces = [part for piece in segment("en", plain) for part in _inside_item(piece)]
    # the pieces may leave out white space between paragraphs, never more
    has_gaps = sum(map(len, pieces)) < len(plain)
    end = 0
    for piece in pieces:
        start = plain.find(piece, end) if has_gaps else end
        end = start + len(piece)
        body = piece.rstrip()
        if "\n" in body or ". " in body:
            yield from sorted({*_line_cuts(body, start), *_missed_ends(plain, start, end)})
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


def _inside_item(piece: str) -> Iterator[str]:
    """Cut a numbered paragraph, which sentencex takes for one sentence, however long it is.

    The number stays with the first of its sentences.
    """
    opening = _NUMBERED.match(piece)
    if opening is None or ". " not in piece[opening.end() :]:
        yield piece
        return
    first, *others = segment("en", piece[opening.end() :])
    yield opening[0] + first
    yield from others


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


def _line_cuts(piece: str, offset: int) -> Iterator[int]:
    """Yield where a line break ends a sentence."""
    if "\n" not in piece:
        return
    items = [match.end() for match in _LIST_ITEM.finditer(piece)]
    if items:
        yield from (offset + item for item in items)
        return
    width = max(map(len, piece.strip().split("\n")))
    for match in _LINE.finditer(piece):
        line = piece[piece.rfind("\n", 0, match.start()) + 1 : match.start()].strip()
        if line and len(line) < _SHORT_LINE * width and line[-1] not in ",;-\u2013\u2014":
            yield offset + match.end()


def _before_opening(text: str, start: int, end: int) -> int:
    """Move a cut in front of a quotation mark that opens the next sentence."""
    cut = end
    while cut > start and text[cut - 1].isspace():
        cut -= 1
    is_opening = cut > start + 1 and text[cut - 1] in _QUOTES and text[cut - 2].isspace()
    return cut - 1 if is_opening else end


def _goes_on(text: str, last: tuple[int, int], start: int, stop: int) -> bool:
    """Say whether a segment belongs to the sentence before: "... ?" asked she; "Amb. Lee"."""
    last_start, last_end = last
    sign = text[last_end - 1]
    if sign != ".":
        return sign in _QUOTES and (text[start] == "," or text[start].islower())
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
