"""Spellings of one string brought together, character by character, so that offsets hold."""

import codecs
import unicodedata

HYPHENS = tuple("-\u2010\u2011\u2012\u2013\u2014\u2212\u00ad")
"""Hyphens, dashes and the soft hyphen."""
_SAME = (
    ("-", "".join(HYPHENS[1:])),
    ("'", "\u2018\u2019\u201b\u02bc\u00b4`"),
    (" ", "\t\n\r\v\f\u00a0\u2002\u2003\u2009\u200a\u202f"),
)
"""Each form, and the signs that are brought to it."""

_FREQUENT = "\u2019\u2018\u201c\u201d\u2013\u2014\u2026\u2011"
"""Signs beyond Latin-1 that texts are full of; replaced before the slower path sees them."""

_PLAIN = dict(
    zip("\u00d8\u00f8\u0110\u0111\u0141\u0142\u0131\u00df\u0259", "OoDdLlisa", strict=True)
)
"""Latin letters that Unicode does not take apart, and the plain ones that English texts write."""

LIGATURES = {sign: unicodedata.normalize("NFKC", sign) for sign in map(chr, range(0xFB00, 0xFB07))}
"""Signs that stand for two or three Latin letters ("\ufb01"), and those letters."""

_UNKNOWN_LETTER = 0x7F
"""Stands in a folded text for a letter without a plain Latin base: part of a word, in no name."""


def normalize(text: str) -> str:
    r"""Bring hyphens, apostrophes and white space to one form; the length never changes.

    Examples
    --------
    >>> normalize("C\u00f4te d\u2019Ivoire\nand Trans\u2013Caspian")
    "Côte d'Ivoire and Trans-Caspian"
    """
    is_ascii = text.isascii()
    # one search for each sign is many times faster than a look at each character
    for form, signs in _SAME:
        for sign in signs:
            if (sign.isascii() or not is_ascii) and sign in text:
                text = text.replace(sign, form)
    return text


def spell_out(text: str) -> str:
    r"""Give a text with the letters of its ligatures, so that its length may change.

    Examples
    --------
    >>> spell_out("the Paci\ufb01c O\ufb03ce")
    'the Pacific Office'
    """
    if not text.isascii():
        for sign, letters in LIGATURES.items():
            text = text.replace(sign, letters)
    return text


def fold(text: str) -> str:
    r"""Reduce a text to small Latin letters, digits and spaces without changing its length.

    Accents are dropped, every sign that is no letter or digit becomes a space, so that one
    spelling stands for all of a name's case, hyphen, apostrophe and accent forms, and a space on
    both sides marks the edge of a word. The underscore counts as a letter.

    Examples
    --------
    >>> fold("C\u00f4te d\u2019Ivoire, NATO-led, Erdo\u011fan")
    'cote d ivoire  nato led  erdogan'
    """
    if not text.isascii():
        for sign in _FREQUENT:
            text = text.replace(sign, " ")
    return text.encode("latin-1", _FOLD_ERRORS).translate(_FOLDED).decode("latin-1")


def _folded_latin() -> bytes:
    """Give the folded byte of each Latin-1 character."""
    return bytes(_folded_sign(chr(code)) for code in range(256))


def _folded_sign(sign: str) -> int:
    sign = _PLAIN.get(sign, sign)
    if sign in {"_", "\x7f"}:
        return _UNKNOWN_LETTER
    if not sign.isalnum():
        # a combining accent belongs to the letter before it
        return _UNKNOWN_LETTER if unicodedata.combining(sign) else 0x20
    base = unicodedata.normalize("NFKD", sign)[0].lower()
    return ord(base) if base.isascii() and base.isalnum() else _UNKNOWN_LETTER


def _fold_beyond_latin(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return bytes(map(_folded_sign, error.object[error.start : error.end])), error.end


_FOLDED = _folded_latin()
_FOLD_ERRORS = "alliance_stance_fold"
codecs.register_error(_FOLD_ERRORS, _fold_beyond_latin)
