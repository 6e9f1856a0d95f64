"""The interface as an OpenAPI 3.1 document."""

from typing import Any

from alliance_stance.schema import ACTS, STANCES
from alliance_stance.serving.limits import Limits
from alliance_stance.serving.requests import LINES

_STRING = {"type": "string"}
_WHOLE = {"type": "integer"}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_SPAN = {"type": ["array", "null"], "items": _WHOLE, "minItems": 2, "maxItems": 2}
_OR_NULL = {"type": ["string", "null"]}
_REFUSED = {
    "400": "The body breaks the format, names an unknown code, or has too many pairs.",
    "408": "The body did not come in time.",
    "413": "The body is too long.",
    "415": "The body is neither JSON nor JSON lines, or is packed.",
    "503": "Too many requests wait, or the answer would take too long.",
}


def describe(limits: Limits, version: str) -> dict[str, Any]:
    """Give the document.

    Parameters
    ----------
    limits
        Those of this server.
    version
        Of the package.
    """
    one_of = [{"$ref": "#/components/schemas/Example"}, {"$ref": "#/components/schemas/Document"}]
    several = {"type": "array", "items": {"anyOf": one_of}, "maxItems": limits.documents}
    failures = {
        status: {"description": text, "content": _json({"$ref": "#/components/schemas/Error"})}
        for status, text in _REFUSED.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "alliance-stance", "version": version},
        "paths": {
            "/v1/predict": {
                "post": {
                    "summary": "Score documents and ready examples.",
                    "requestBody": {
                        "required": True,
                        "description": f"At most {limits.body_bytes:,} bytes, and "
                        f"{limits.pairs:,} pairs to judge.",
                        "content": {
                            **_json({"anyOf": [*one_of, several]}),
                            LINES[0]: {"schema": _STRING},
                        },
                    },
                    "responses": {
                        "200": {
                            "description": "What the model says of each, in order.",
                            "content": {
                                **_json({"$ref": "#/components/schemas/Results"}),
                                LINES[0]: {"schema": _STRING},
                            },
                        },
                        **failures,
                    },
                }
            },
            "/ping": {"get": {"responses": {"200": {"description": "The server answers."}}}},
            "/version": {"get": {"responses": {"200": {"description": "Package and model."}}}},
        },
        "components": {"schemas": _schemas(limits)},
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _schemas(limits: Limits) -> dict[str, Any]:
    text = {"type": "string", "minLength": 1, "maxLength": limits.characters}
    common = {
        "id": {"type": ["string", "integer"]},
        "text": text,
        "title": _STRING,
        "date": {"type": "string", "description": "YYYY, YYYY-MM, YYYY-MM-DD or empty."},
        "speaker_state": _OR_NULL,
    }
    pair = {"state": _STRING, "alliance": _STRING}
    prediction = {
        "id": _STRING, "document": _STRING, "sentence": _WHOLE, "start": _WHOLE, "end": _WHOLE,
        "text": _STRING, **pair, "state_how": _OR_NULL, "alliance_how": _OR_NULL,
        "state_mention": _SPAN, "alliance_mention": _SPAN, "membership": _OR_NULL,
        "stance": {"enum": [str(stance) for stance in STANCES]},
        "act": {"enum": [str(act) for act in ACTS]},
        "score": {"type": "number", "minimum": -1, "maximum": 1},
        "probabilities": _object({str(stance): _SHARE for stance in STANCES}),
    }  # fmt: skip
    result = {
        "id": _STRING,
        "predictions": {"type": "array", "items": {"$ref": "#/components/schemas/Prediction"}},
    }
    results = {"type": "array", "items": _object(result)}
    return {
        "Document": _object(common, required=["text"]),
        "Example": _object(
            {**common, **pair, "context": {**text, "minLength": 0}},
            required=["text", "state", "alliance"],
        ),
        "Prediction": _object(prediction, required=["text", *pair, "stance", "act", "score"]),
        "Results": _object({"results": results}),
        "Error": _object(dict.fromkeys(("where", "found", "expected", "advice"), _STRING)),
    }


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    wanted = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": wanted}
