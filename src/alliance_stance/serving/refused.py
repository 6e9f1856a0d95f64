"""What is answered to a request that is not served: a status, and the four parts of an error."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from alliance_stance.errors import StanceError

JSON = "application/json"


class RefusedError(Exception):
    """A request that is not served.

    Parameters
    ----------
    status
        Of HTTP.
    error
        Where, what was found, what was expected, what to do.
    headers
        Further ones of the answer.
    """

    def __init__(
        self, status: int, error: StanceError, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(str(error))
        self.status = status
        self.error = error
        self.headers = headers

    def response(self) -> Response:
        """Give the answer."""
        return json_response(
            {
                "where": self.error.where,
                "found": self.error.found,
                "expected": self.error.expected,
                "advice": self.error.next_step,
            },
            self.status,
            self.headers,
        )


def json_response(
    content: Any,  # noqa: ANN401 - whatever JSON holds
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Give JSON in ASCII, so that half a character of a request can be told back."""
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return Response(text, status, headers, media_type=JSON)
