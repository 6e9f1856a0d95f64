"""Candidates in the exchange format (docs/formats.md)."""

from typing import Any

from alliance_stance.schema import Candidate, MentionKind


def candidate_row(candidate: Candidate, *, example_id: str | None = None) -> dict[str, Any]:
    """Give a candidate in the exchange format.

    Parameters
    ----------
    candidate
        The pair in its sentence.
    example_id
        Id of the ready example that it came from; None for a candidate of a document.

    Returns
    -------
    dict
        Offsets point into the document's text, or into the text of the ready example. A state or
        an alliance that nothing in the sentence names has null in place of its offsets.
    """
    offset = 0 if example_id is not None else candidate.start
    place: dict[str, Any] = (
        {
            "document": candidate.document,
            "sentence": candidate.sentence,
            "start": candidate.start,
            "end": candidate.end,
        }
        if example_id is None
        else {"id": example_id}
    )
    return {
        **place,
        "text": candidate.text,
        "state": candidate.state,
        "alliance": candidate.alliance,
        "state_how": candidate.state_how or None,
        "alliance_how": candidate.alliance_how or None,
        "state_mention": _first(candidate, "state", candidate.state, offset),
        "alliance_mention": _first(candidate, "alliance", candidate.alliance, offset),
        "membership": candidate.membership or None,
    }


def _first(candidate: Candidate, kind: MentionKind, name: str, offset: int) -> list[int] | None:
    """Give start and end of the first mention of a state or an alliance in the sentence."""
    for mention in candidate.mentions:
        if mention.kind == kind and mention.id == name:
            return [offset + mention.start, offset + mention.end]
    return None
