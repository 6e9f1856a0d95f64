"""The application over HTTP: what it answers, what it refuses, and never a fault."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from alliance_stance import __version__
from alliance_stance.cli import main
from alliance_stance.errors import ArtifactError
from alliance_stance.inference.predictor import Predictor, prediction_row
from alliance_stance.schema import Document
from alliance_stance.serving.app import build_app
from alliance_stance.serving.limits import Limits
from alliance_stance.serving.refused import RefusedError
from alliance_stance.serving.work import Work

LIMITS = Limits(body_bytes=20_000, documents=3, characters=500, pairs=20, seconds=30)
PREDICT = "/v1/predict"
LINES = {"content-type": "application/jsonl"}
DOCUMENT = {"id": "d", "text": "Qatar left OPEC. Peru praised ASEAN.", "date": "2019"}
EXAMPLE = {"id": "e", "text": "Qatar left it.", "state": "QAT", "alliance": "OPEC"}


@pytest.fixture(scope="module")
def client(predictor):
    app = build_app(predictor, LIMITS, model="a-model")
    with TestClient(app, raise_server_exceptions=False) as one:
        yield one


def refused(answer, status: int = 400) -> dict[str, str]:
    """Check that an answer refuses and says why."""
    assert answer.status_code == status, answer.text
    error = answer.json()
    assert list(error) == ["where", "found", "expected", "advice"]
    assert all(isinstance(part, str) and part.strip() for part in error.values())
    assert "Traceback" not in answer.text
    return error


def test_documents_and_examples_are_scored_as_by_the_predictor(client, predictor):
    answer = client.post(PREDICT, json=[DOCUMENT, EXAMPLE])
    assert answer.status_code == 200
    first, second = answer.json()["results"]
    expected = predictor.predict(Document("d", DOCUMENT["text"], date="2019"))
    assert first == {"id": "d", "predictions": [prediction_row(p) for p in expected]}
    assert [p["state"] for p in first["predictions"]] == ["QAT", "PER"]
    assert (second["id"], second["predictions"][0]["id"]) == ("e", "e")


def test_one_object_is_a_list_of_one(client):
    one = client.post(PREDICT, json=DOCUMENT).json()
    assert one == client.post(PREDICT, json=[DOCUMENT]).json()


def test_json_lines_are_answered_with_json_lines(client):
    body = json.dumps(DOCUMENT) + "\n\n" + json.dumps(EXAMPLE) + "\n"
    answer = client.post(PREDICT, content=body, headers=LINES)
    assert answer.headers["content-type"] == "application/jsonl"
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [(row["state"], row.get("id")) for row in rows] == [
        ("QAT", None), ("PER", None), ("QAT", "e"),
    ]  # fmt: skip


def test_document_without_a_pair_has_no_prediction(client):
    answer = client.post(PREDICT, json={"text": "It rained."})
    assert answer.json() == {"results": [{"id": "1", "predictions": []}]}


def test_ping_version_and_description(client):
    assert client.get("/ping").json() == {"status": "ok"}
    version = client.get("/version").json()
    assert (version["alliance_stance"], version["model"]) == (__version__, "a-model")
    assert len(version["model_fingerprint"]) == 64
    described = client.get("/openapi.json").json()
    assert described["openapi"].startswith("3.")
    assert described["components"]["schemas"]["Document"]["required"] == ["text"]


def test_description_names_what_is_answered(client):
    described = client.get("/openapi.json").json()
    known = described["components"]["schemas"]["Prediction"]["properties"]
    (result,) = client.post(PREDICT, json=DOCUMENT).json()["results"]
    (example,) = client.post(PREDICT, json=EXAMPLE).json()["results"]
    for row in (*result["predictions"], *example["predictions"]):
        assert row.keys() <= known.keys()
    assert {PREDICT, "/ping", "/version"} == described["paths"].keys()


BAD = {
    "no JSON": (b"{", "no JSON"),
    "nothing": (b"", "no JSON"),
    "empty list": (b"[]", "nothing"),
    "number": (b"3", "int"),
    "list in a list": (b"[[]]", "list"),
    "no text": (b'{"id": "a"}', "no 'text'"),
    "blank text": (b'{"text": " "}', "text"),
    "text of another type": (b'{"text": [1]}', "text"),
    "date of another form": (b'{"text": "a", "date": "May"}', "date"),
    "unknown state": (b'{"text": "a", "state": "XQX", "alliance": "NATO"}', "state"),
    "whole text in place of a state": (
        json.dumps({"text": "a", "state": "Peru " * 2000, "alliance": "NATO"}).encode(), "state",
    ),
    "unknown speaker": (b'{"text": "a", "speaker_state": "XQX"}', "state"),
    "pair by half": (b'{"text": "a", "state": "PER"}', "alliance"),
    "half a character": (b'{"text": "a\\ud800"}', "half a character"),
    "half a character in a stance": (
        b'{"text": "a", "state": "PER", "alliance": "NATO", "stance": "\\ud800"}', "stance",
    ),
    "number that is too long": (b'{"text": ' + b"1" * 5000 + b"}", "no JSON"),
    "nesting that is too deep": (b"[" * 10_000, "no JSON"),
    "no UTF-8": (b'{"text": "\xff"}', "not UTF-8"),
    "UTF-16": ('{"text": "a"}'.encode("utf-16"), "not UTF-8"),
    "too many documents": (json.dumps([DOCUMENT] * 4).encode(), "more than 3"),
    "long text": (json.dumps({"text": "a" * 501}).encode(), "501 characters"),
    "long context": (json.dumps({**EXAMPLE, "context": "a" * 501}).encode(), "501 characters"),
    "long title": (json.dumps({**DOCUMENT, "title": "a" * 2001}).encode(), "2,001 characters"),
    "too many pairs": (json.dumps({"text": "Peru left OPEC. " * 21}).encode(), "20 pairs"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "found"), BAD.values(), ids=BAD.keys())
def test_bad_body_is_refused_with_what_is_wrong(client, body, found):
    answer = client.post(PREDICT, content=body, headers={"content-type": "application/json"})
    assert found in refused(answer)["found"]
    assert len(answer.content) < 1000


def test_bad_line_is_named(client):
    body = json.dumps(DOCUMENT) + "\n{}\n"
    assert "line 2" in refused(client.post(PREDICT, content=body, headers=LINES))["where"]


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "text/html", "application/json; charset=latin-1", "\xff/;;="]
)
def test_other_content_type_is_refused(client, content_type):
    headers = {"content-type": content_type.encode("latin-1")} if content_type else {}
    answer = client.post(PREDICT, content=b"{}", headers=headers)
    assert "json" in refused(answer, 415)["expected"]


def test_packed_body_is_refused(client):
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    refused(client.post(PREDICT, content=b"{}", headers=headers), 415)


def test_long_body_is_refused_before_it_is_read(client):
    answer = client.post(PREDICT, content=b" " * 20_001, headers=LINES)
    assert "20,000 bytes" in refused(answer, 413)["expected"]
    assert answer.headers["connection"] == "close"


def test_long_body_of_no_declared_length_is_refused(client):
    read = []

    def parts():
        for part in range(100):
            read.append(part)
            yield b" " * 1000

    refused(client.post(PREDICT, content=parts(), headers=LINES), 413)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", PREDICT, 405), ("POST", "/ping", 405), ("GET", "/", 404), ("GET", "/../etc", 404)],
)
def test_other_ways_are_refused(client, method, path, status):
    refused(client.request(method, path), status)


# whatever comes, the fault is never the server's

texts = st.text(st.characters(), max_size=60)
keys = st.sampled_from([
    "id", "text", "title", "date", "speaker_state", "state", "alliance", "context", "stance", "act",
    "tags", "register", "document",
])  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(10**300, 10**301),
    st.floats(allow_nan=True, allow_infinity=True), texts,
    st.sampled_from(["PER", "NATO", "Peru left NATO.", "2020", "favor", "leave", "\0", "\ud800"]),
)  # fmt: skip
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
objects = st.dictionaries(keys | texts, values, max_size=8)
near = st.fixed_dictionaries(
    {"text": st.just("Peru left NATO.") | scalars},
    optional=dict.fromkeys(("id", "date", "state", "alliance", "context", "stance"), scalars),
)
bodies = st.one_of(
    st.binary(max_size=200),
    st.one_of(values, objects, near, st.lists(near, max_size=5)).map(
        lambda value: json.dumps(value).encode()
    ),
    st.lists(near, max_size=4).map(
        lambda rows: b"\n".join(json.dumps(row).encode() for row in rows)
    ),
)
kinds = st.sampled_from(["application/json", "application/jsonl", "application/x-ndjson"])


@settings(deadline=None, max_examples=300)
@given(bodies, kinds)
def test_any_body_gives_an_answer_or_a_reason(client, body, kind):
    answer = client.post(PREDICT, content=body, headers={"content-type": kind})
    if answer.status_code == 200:
        for line in answer.text.splitlines():
            json.loads(line, parse_constant=pytest.fail)
    else:
        refused(answer)


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=40), st.binary(max_size=20))
def test_any_header_gives_an_answer_or_a_reason(client, kind, packed):
    headers = {b"content-type": kind, b"content-encoding": packed}
    answer = client.post(PREDICT, content=b'{"text": "a"}', headers=headers)
    if answer.status_code != 200:
        refused(answer, answer.status_code)
    assert answer.status_code in (200, 400, 415)


# many at once


class Slow:
    """A predictor that answers when it is told to."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.begun = 0

    def predict_batch(self, documents, *, most):
        self.begun += 1
        assert self.may_answer.wait(10)
        return [[] for _ in documents]


def test_requests_beyond_those_that_may_wait_are_turned_away():
    async def run() -> None:
        predictor = Slow()
        work = Work(predictor, Limits(waiting=2))
        waiting = [asyncio.create_task(work.predict([DOCUMENT])) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(RefusedError) as caught:
            await work.predict([DOCUMENT])
        assert caught.value.status == 503
        assert caught.value.headers["retry-after"]
        predictor.may_answer.set()
        assert await asyncio.gather(*waiting) == [[[]], [[]]]
        assert await work.predict([DOCUMENT]) == [[]]
        work.close()

    asyncio.run(run())


def test_request_that_takes_too_long_is_told_and_counts_until_it_ends():
    async def run() -> None:
        predictor = Slow()
        work = Work(predictor, Limits(waiting=2, seconds=0.05))
        for _ in range(2):
            with pytest.raises(RefusedError, match="no answer within"):
                await work.predict([DOCUMENT])
        # the first has begun and goes on; the second waited, and was dropped
        assert predictor.begun == 1
        predictor.may_answer.set()
        await asyncio.sleep(0.05)
        assert await work.predict([DOCUMENT]) == [[]]
        assert predictor.begun == 2
        work.close()

    asyncio.run(run())


def test_fault_of_the_server_is_told_without_its_trace(predictor, monkeypatch):
    for fault in (RuntimeError("secret"), ArtifactError("secret", "a", "b", "c")):

        def fail(documents, *, most=None, fault=fault):
            raise fault

        broken = Predictor(predictor.artifact)
        monkeypatch.setattr(broken, "predict_batch", fail)
        app = build_app(broken, LIMITS, model="m")
        with TestClient(app, raise_server_exceptions=False) as one:
            answer = one.post(PREDICT, json=DOCUMENT)
        refused(answer, 500)
        assert "secret" not in answer.text


@pytest.fixture
def port():
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        return place.getsockname()[1]


def test_model_that_is_not_there_is_a_clear_error(tmp_path, port, capsys):
    assert main(["serve", "--model", str(tmp_path / "gone"), "--port", str(port)]) == 2
    assert "no such folder" in capsys.readouterr().err


def test_address_that_is_taken_is_told_before_anything_is_served(capsys):
    with socket.create_server(("127.0.0.1", 0)) as place:
        taken = str(place.getsockname()[1])
        assert main(["serve", "--model", "shipped", "--port", taken]) == 2
    told = capsys.readouterr().err
    assert f"--port {taken}" in told
    assert "in use" in told
    assert "serving" not in told


@pytest.mark.parametrize("host", ["127..0.0.1", "a" * 70])
def test_a_host_that_is_no_name_is_refused(host, capsys):
    assert main(["serve", "--model", "shipped", "--host", host]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"--host {host} --port 8000: found no name of a machine" in line


def test_server_answers_and_ends_when_it_is_told_to(port, tmp_path):
    command = [sys.executable, "-m", "alliance_stance", "serve"]
    server = subprocess.Popen(
        [*command, "--model", "shipped", "--port", str(port)],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        told = server.stderr.readline()
        assert f"serving shipped at http://127.0.0.1:{port}" in told
        answer = httpx2.post(f"http://127.0.0.1:{port}{PREDICT}", json=DOCUMENT)
        assert answer.json()["results"][0]["predictions"][0]["stance"] == "against"
    finally:
        server.send_signal(signal.SIGINT)
        rest = server.communicate(timeout=30)[1]
    assert server.returncode == 0, rest
