"""Cut a document into sentences with exact offsets."""

from sentencex import get_sentence_boundaries

from alliance_stance.schema import Document, Sentence


def split_sentences(document: Document) -> list[Sentence]:
    """Cut a document's text into sentences.

    The segments of sentencex (Santhosh Thottingal, Wikimedia; rules by language) cover the text
    without a gap; white space at their ends and empty segments are left out here.

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
    sentences: list[Sentence] = []
    for segment in get_sentence_boundaries("en", document.text):
        start, end = _trim(document.text, segment["start_index"], segment["end_index"])
        if start < end:
            sentences.append(Sentence(len(sentences), start, end))
    return sentences


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
