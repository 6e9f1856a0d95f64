"""A smaller vocabulary: the tokens that training text uses most, and what spells the others.

Half of a small encoder are the vectors of its tokens, most of which a text on states never has. A
word that is left out is still read, as the pieces that are left (WordPiece; Wu et al. 2016,
"Google's Neural Machine Translation System", section 4.1).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tokenizers import Tokenizer

from alliance_stance.errors import ConfigError, UnfitError

_LAST_SPELLED = "\u024f"
"""Last of the Latin letters that are kept one by one; text in other scripts is not English."""


def shrink_tokenizer(
    tokenizer: Tokenizer, counts: Mapping[int, int], size: int
) -> tuple[Tokenizer, list[int]]:
    """Give a tokenizer of fewer tokens.

    Kept are special tokens, single characters, and then the most frequent.

    Parameters
    ----------
    tokenizer
        Of WordPiece.
    counts
        How often training text has a token, by id; one that is not there has none.
    size
        How many tokens to keep.

    Returns
    -------
    tuple
        The new tokenizer, and the old ids in the order of the new ones.

    Raises
    ------
    ConfigError
        If the tokenizer is of another kind, or special tokens and characters alone are more.
    """
    told: dict[str, Any] = json.loads(tokenizer.to_str())
    if told["model"]["type"] != "WordPiece":
        raise ConfigError(
            "vocabulary",
            f"an encoder whose tokenizer is {told['model']['type']}",
            "one of WordPiece",
            "set it to null, or choose another encoder",
        )
    added = {token["content"]: token for token in told["added_tokens"]}
    ids: dict[str, int] = told["model"]["vocab"] | {name: t["id"] for name, t in added.items()}
    needed = {*added, told["model"]["unk_token"], *_characters(ids)}
    if size < len(needed):
        raise UnfitError(
            "vocabulary", f"{size}", f"{len(needed)} at least: special tokens and characters",
            "set a larger one",
        )  # fmt: skip
    # of those that are as frequent the one with the smaller id, what is no word last
    others = sorted(
        ids.keys() - needed,
        key=lambda token: (-counts.get(ids[token], 0), _is_no_word(token), ids[token]),
    )
    kept = sorted([*needed, *others[: size - len(needed)]], key=ids.__getitem__)
    new = {token: place for place, token in enumerate(kept)}
    told["model"]["vocab"] = new
    told["added_tokens"] = sorted(
        ({**token, "id": new[name]} for name, token in added.items()),
        key=lambda token: int(token["id"]),
    )
    # it holds old ids, and sequences are put together without it
    told["post_processor"] = None
    return Tokenizer.from_str(json.dumps(told)), [ids[token] for token in kept]


def _is_no_word(token: str) -> bool:
    """Say whether a token is a placeholder such as ``[unused9]``, or one sign of another script."""
    is_placeholder = token.startswith("[") and token.endswith("]")
    return is_placeholder or len(token.removeprefix("##")) == 1


def _characters(tokens: Iterable[str]) -> set[str]:
    """Give the tokens that are one Latin letter, digit or sign, at the start of a word or in it."""
    return {
        token
        for token in tokens
        if len(character := token.removeprefix("##")) == 1 and character <= _LAST_SPELLED
    }
