"""Candidates to token ids, with the judged pair marked in the encoder's own vocabulary.

The markers are unused single tokens of BERT's vocabulary; where an encoder has none they are
added to its own, and the network's embeddings grow with it. A saved tokenizer is one JSON file.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from alliance_stance.errors import ConfigError
from alliance_stance.models.encoder_source import loading, resolve_encoder, resolve_revision
from alliance_stance.models.marking import Markers, mark_context, mark_text
from alliance_stance.models.vocabulary import shrink_tokenizer
from alliance_stance.schema import Candidate

ENCODER_MARKERS = Markers(
    state="[unused1]",
    alliance="[unused2]",
    other_state="[unused3]",
    other_alliance="[unused4]",
    speaker="[unused5]",
    absent="[unused6]",
)

_SPECIALS = (("[CLS]", "[SEP]", "[PAD]"), ("<s>", "</s>", "<pad>"))
"""First token, separator and padding of BERT's family and of RoBERTa's."""

LONGEST_READ = 50_000
"""Characters of a sentence, or a context, that are made into tokens; the longest sequence is cut
out of these. A sentence of a novel has some hundreds."""


class PairTokenizer:
    """Turns candidates into token ids: ``[CLS] context [SEP] sentence [SEP]``.

    Parameters
    ----------
    tokenizer
        The encoder's own tokenizer, without padding or truncation.
    max_tokens
        Longest sequence; the context loses its beginning first, then the sentence what is
        farthest from the judged pair.

    Attributes
    ----------
    kept_ids
        Ids that its tokens have in the encoder's own vocabulary; None for the same ones.
    """

    kept_ids: list[int] | None = None

    def __init__(self, tokenizer: Tokenizer, max_tokens: int) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.tokenizer = tokenizer
        self.max_tokens = max_tokens
        self.room = max_tokens - 3
        self.first_id, self.separator_id, self.padding_id = _special_ids(tokenizer)
        self.judged_ids = (
            _token_id(tokenizer, ENCODER_MARKERS.state),
            _token_id(tokenizer, ENCODER_MARKERS.alliance),
        )

    @property
    def vocabulary_size(self) -> int:
        """Number of token ids, markers that were added among them."""
        return int(self.tokenizer.get_vocab_size(with_added_tokens=True))

    def shrunk(
        self, candidates: Sequence[Candidate], size: int, *, is_masked: bool, has_context: bool
    ) -> "PairTokenizer":
        """Give a tokenizer of the tokens that these candidates have most, each text counted once.

        Raises
        ------
        ConfigError
            See `vocabulary.shrink_tokenizer`.
        """
        # a list of twenty states is no more often there than a sentence with one
        once = list({(c.text, c.context): c for c in candidates}.values())
        counts: Counter[int] = Counter()
        for ids in self.encode(once, is_masked=is_masked, has_context=has_context):
            counts.update(ids)
        tokenizer, kept_ids = shrink_tokenizer(self.tokenizer, counts, size)
        small = PairTokenizer(tokenizer, self.max_tokens)
        small.kept_ids = kept_ids
        return small

    def encode(
        self, candidates: Sequence[Candidate], *, is_masked: bool, has_context: bool
    ) -> list[list[int]]:
        """Give one list of token ids per candidate, each at most `max_tokens` long."""
        sentences = [_clip(mark_text(c, ENCODER_MARKERS, is_masked=is_masked)) for c in candidates]
        contexts = [
            mark_context(c, ENCODER_MARKERS, is_masked=is_masked)[-LONGEST_READ:]
            if has_context
            else ""
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
        sentence = self._window(sentence, self.room)
        left = self.room - len(sentence)
        return self.wrap(context[-left:] if left else [], sentence)

    def wrap(self, context: list[int], sentence: list[int]) -> list[int]:
        """Put the encoder's own first token and separators round both."""
        return [self.first_id, *context, self.separator_id, *sentence, self.separator_id]

    def token_id(self, token: str) -> int:
        """Give the id of a token of the vocabulary."""
        return _token_id(self.tokenizer, token)

    def _window(self, sentence: list[int], room: int) -> list[int]:
        """Cut a sentence that is too long so that the judged pair stays in it where it can."""
        judged = [place for place, token in enumerate(sentence) if token in self.judged_ids]
        start = 0
        if judged and judged[-1] >= room:
            start = min(judged[0], len(sentence) - room)
        return sentence[start : start + room]


def _clip(marked: str) -> str:
    """Cut a sentence before its tokens cost memory, in the way of `_window`."""
    if len(marked) <= LONGEST_READ:
        return marked
    judged = (ENCODER_MARKERS.state, ENCODER_MARKERS.alliance)
    first = min((place for m in judged if (place := marked.find(m)) >= 0), default=0)
    start = 0
    if max(marked.rfind(m) + len(m) for m in judged) > LONGEST_READ:
        start = min(first, len(marked) - LONGEST_READ)
    return marked[start : start + LONGEST_READ]


def build_tokenizer(encoder: str, max_tokens: int) -> PairTokenizer:
    """Load an encoder's tokenizer and make its markers unsplittable."""
    from transformers import AutoTokenizer

    source, revision = resolve_encoder(encoder), resolve_revision(encoder)
    with loading(encoder):
        fast = AutoTokenizer.from_pretrained(source, revision=revision, trust_remote_code=False)
    # a few, such as BERTweet's, are written in Python alone
    tokenizer: Tokenizer | None = getattr(fast, "backend_tokenizer", None)
    if tokenizer is None:
        raise ConfigError(
            f"encoder {encoder}", f"the tokenizer {type(fast).__name__}, which has no fast form",
            "one of the library tokenizers", "choose another encoder",
        )  # fmt: skip
    markers = [getattr(ENCODER_MARKERS, name) for name in Markers.__slots__]
    tokenizer.add_special_tokens(markers)
    return PairTokenizer(tokenizer, max_tokens)


def read_tokenizer(path: Path, max_tokens: int) -> PairTokenizer:
    """Read a tokenizer that was saved as one JSON file.

    Raises
    ------
    ValueError
        If it is none.
    """
    text = path.read_text(encoding="utf-8")
    try:
        tokenizer = Tokenizer.from_str(text)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - the library raises the base class itself
        # what its Rust code did not foresee is not even an Exception
        raise ValueError(f"{path}: {error}") from None
    return PairTokenizer(tokenizer, max_tokens)


def _special_ids(tokenizer: Tokenizer) -> tuple[int, int, int]:
    """Give first token, separator and padding; a vocabulary may hold others' as plain words."""
    special = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    for family in _SPECIALS:
        if special.issuperset(family):
            first, separator, padding = (_token_id(tokenizer, token) for token in family)
            return first, separator, padding
    raise ConfigError(
        "encoder",
        f"special tokens {', '.join(sorted(special)) or 'none'}",
        " or ".join(", ".join(family) for family in _SPECIALS),
        "choose an encoder of BERT's or RoBERTa's family",
    )


def _token_id(tokenizer: Tokenizer, token: str) -> int:
    found = tokenizer.token_to_id(token)
    if found is None:
        raise ConfigError(
            "tokenizer", f"a vocabulary without {token}", "the model's own", "train it again"
        )
    return int(found)
