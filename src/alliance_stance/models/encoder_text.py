"""Candidates to token ids, with the judged pair marked in the encoder's own vocabulary.

The markers are rarely used single tokens of BERT's vocabulary, so that nothing has to be added
to it and a saved tokenizer is one plain JSON file.
"""

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from alliance_stance.errors import ConfigError
from alliance_stance.models.encoder_source import loading, resolve_encoder
from alliance_stance.models.marking import Markers, mark_context, mark_text
from alliance_stance.schema import Candidate

ENCODER_MARKERS = Markers(
    state="[unused1]",
    alliance="[unused2]",
    other_state="[unused3]",
    other_alliance="[unused4]",
    speaker="[unused5]",
    absent="[unused6]",
)


class PairTokenizer:
    """Turns candidates into token ids: ``[CLS] context [SEP] sentence [SEP]``.

    Parameters
    ----------
    tokenizer
        The encoder's own tokenizer, without padding or truncation.
    max_tokens
        Longest sequence; the context loses its beginning first, then the sentence what is
        farthest from the judged pair.
    """

    def __init__(self, tokenizer: Tokenizer, max_tokens: int) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.tokenizer = tokenizer
        self.max_tokens = max_tokens
        self._first = _token_id(tokenizer, "[CLS]")
        self._separator = _token_id(tokenizer, "[SEP]")
        self.padding_id = _token_id(tokenizer, "[PAD]")
        self.judged_ids = (
            _token_id(tokenizer, ENCODER_MARKERS.state),
            _token_id(tokenizer, ENCODER_MARKERS.alliance),
        )

    def encode(
        self, candidates: Sequence[Candidate], *, is_masked: bool, has_context: bool
    ) -> list[list[int]]:
        """Give one list of token ids per candidate, each at most `max_tokens` long."""
        sentences = [mark_text(c, ENCODER_MARKERS, is_masked=is_masked) for c in candidates]
        contexts = [
            mark_context(c, ENCODER_MARKERS, is_masked=is_masked) if has_context else ""
            for c in candidates
        ]
        encoded = self.tokenizer.encode_batch([*contexts, *sentences], add_special_tokens=False)
        ids = [encoding.ids for encoding in encoded]
        return [
            self._join(context, sentence)
            for context, sentence in zip(
                ids[: len(candidates)], ids[len(candidates) :], strict=True
            )
        ]

    def _join(self, context: list[int], sentence: list[int]) -> list[int]:
        room = self.max_tokens - 3
        sentence = self._window(sentence, room)
        left = room - len(sentence)
        context = context[-left:] if left else []
        return [self._first, *context, self._separator, *sentence, self._separator]

    def _window(self, sentence: list[int], room: int) -> list[int]:
        """Cut a sentence that is too long so that the judged pair stays in it where it can."""
        judged = [place for place, token in enumerate(sentence) if token in self.judged_ids]
        start = 0
        if judged and judged[-1] >= room:
            start = min(judged[0], len(sentence) - room)
        return sentence[start : start + room]


def build_tokenizer(encoder: str, max_tokens: int) -> PairTokenizer:
    """Load an encoder's tokenizer and make its markers unsplittable."""
    from transformers import AutoTokenizer

    source = resolve_encoder(encoder)
    with loading(encoder):
        fast = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
    tokenizer: Tokenizer = fast.backend_tokenizer
    markers = [getattr(ENCODER_MARKERS, name) for name in Markers.__slots__]
    missing = [marker for marker in markers if tokenizer.token_to_id(marker) is None]
    if missing:
        raise ConfigError(
            f"encoder {encoder}",
            f"a vocabulary without {', '.join(missing)}",
            "a BERT vocabulary, which has unused tokens",
            "choose a BERT-like encoder",
        )
    tokenizer.add_special_tokens(markers)
    return PairTokenizer(tokenizer, max_tokens)


def read_tokenizer(path: Path, max_tokens: int) -> PairTokenizer:
    """Read a tokenizer that was saved as one JSON file."""
    text = path.read_text(encoding="utf-8")
    try:
        tokenizer = Tokenizer.from_str(text)
    except Exception as error:  # noqa: BLE001 - the library raises the base class itself
        raise ValueError(f"{path}: {error}") from None
    return PairTokenizer(tokenizer, max_tokens)


def _token_id(tokenizer: Tokenizer, token: str) -> int:
    found = tokenizer.token_to_id(token)
    if found is None:
        raise ConfigError("encoder", f"a vocabulary without {token}", "a BERT one", "choose one")
    return int(found)
