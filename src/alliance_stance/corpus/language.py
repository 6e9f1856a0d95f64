"""Whether a document is in English: everything after this room reads English only."""

from alliance_stance.schema import Document

_READ = 4000
"""Characters that are looked at; the language of a longer text shows in them."""
_FEWEST = 60
"""Letters below which no guess is worth anything."""
ENGLISH = frozenset({"en", "pcm"})
"""English, and Nigerian Pidgin, which the library takes some African English for."""


def detect_language(document: Document) -> str:
    """Give the likeliest language of a document, as a code of two or three letters.

    The guess is py3langid's (after Lui and Baldwin 2012, "langid.py"), from the letters alone.

    Returns
    -------
    str
        Empty where there are too few letters to tell.

    Examples
    --------
    >>> text = "Le gouvernement a quitté hier l'alliance et ne veut plus rien savoir de ses alliés."
    >>> detect_language(Document("d", text))
    'fr'
    """
    import py3langid

    text = document.text[:_READ]
    if sum(character.isalpha() for character in text) < _FEWEST:
        return ""
    code: str = py3langid.classify(text)[0]
    return code


def is_english(document: Document) -> bool:
    """Say whether a document is in English, or too short to tell."""
    language = detect_language(document)
    return not language or language in ENGLISH
