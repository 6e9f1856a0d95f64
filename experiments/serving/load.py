"""Measure the server under load: throughput and latency by the number of clients at a time."""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from alliance_stance.files import write_text
from alliance_stance.training.commit import current_commit

CLIENTS = (1, 8, 32)
HOST = "127.0.0.1"
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "press_conference.txt"
HEADERS = {"Content-Type": "application/json"}


@dataclass
class Round:
    """What the clients of one round saw; seconds of the answers with status 200."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wall: float = 0.0
    processor: float = 0.0

    def cells(self, clients: int) -> str:
        """Give a row of the table."""
        p50, p99 = (percentile(self.seconds, share) * 1000 for share in (0.5, 0.99))
        answered = self.statuses[200]
        others = ", ".join(f"{n} x {s}" for s, n in sorted(self.statuses.items()) if s != 200)
        rate, share = answered / self.wall, self.processor / self.wall
        cost = 1000 * self.processor / answered
        return (
            f"| {clients} | {answered} | {rate:.1f} | {p50:.0f} | {p99:.0f} | {cost:.0f} "
            f"| {share:.2f} | {others or '-'} |"
        )


def percentile(values: list[float], share: float) -> float:
    """Give the value below which a share of the values lies."""
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


def ask(port: int, body: bytes, until: float, seen: Round, lock: threading.Lock) -> None:
    """Send one request after the other over one connection."""
    connection = http.client.HTTPConnection(HOST, port, timeout=120)
    while time.monotonic() < until:
        began = time.monotonic()
        connection.request("POST", "/v1/predict", body, HEADERS)
        answer = connection.getresponse()
        answer.read()
        with lock:
            seen.statuses[answer.status] += 1
            if answer.status == 200:
                seen.seconds.append(time.monotonic() - began)
    connection.close()


def processor_seconds(process: int) -> float:
    """Give the processor time that a process has had, as Linux tells it."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_round(port: int, server: int, body: bytes, clients: int, seconds: float) -> Round:
    """Let so many clients ask for so long."""
    seen, lock = Round(), threading.Lock()
    began, had = time.monotonic(), processor_seconds(server)
    arguments = (port, body, began + seconds, seen, lock)
    threads = [threading.Thread(target=ask, args=arguments) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen.wall = time.monotonic() - began
    seen.processor = processor_seconds(server) - had
    return seen


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


def wait_for(port: int, server: "subprocess.Popen[bytes]") -> float:
    """Give the seconds until the server answers."""
    began = time.monotonic()
    while server.poll() is None and time.monotonic() - began < 300:
        try:
            connection = http.client.HTTPConnection(HOST, port, timeout=5)
            connection.request("GET", "/ping")
            if connection.getresponse().status == 200:
                return time.monotonic() - began
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def measure(model: Path, body: bytes, seconds: float) -> str:
    """Measure one model; give its part of the report."""
    port = free_port()
    command = [sys.executable, "-m", "alliance_stance", "serve", "--model", str(model)]
    server = subprocess.Popen([*command, "--port", str(port)])
    try:
        started = wait_for(port, server)
        run_round(port, server.pid, body, 1, min(seconds, 3))
        rows = [run_round(port, server.pid, body, n, seconds).cells(n) for n in CLIENTS]
    finally:
        server.terminate()
        server.wait()
    kind = json.loads((model / "config.json").read_text(encoding="utf-8"))["kind"]
    columns = (
        "clients", "answers", "answers/s", "p50, ms", "p99, ms", "processor ms an answer",
        "cores that the server had", "refused",
    )  # fmt: skip
    head = f"| {' | '.join(columns)} |\n{'| --- ' * len(columns)}|"
    return f"## {kind}\n\nReady after {started:.1f} s.\n\n{head}\n" + "\n".join(rows) + "\n"


def main() -> None:
    """Measure each model folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, nargs="+", help="model folders")
    parser.add_argument("--seconds", type=float, default=20, help="of each round")
    parser.add_argument("--note", default="", help="what else the machine was doing")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("results.md"))
    arguments = parser.parse_args()
    text = SAMPLE.read_text(encoding="utf-8")
    body = json.dumps({"text": text, "date": "2024"}).encode()
    before = os.getloadavg()[0]
    parts = [measure(model, body, arguments.seconds) for model in arguments.models]
    report = f"""# Serving: load

Written by `experiments/serving/load.py`; do not edit. Each request is one document,
`data/sample/{SAMPLE.name}` ({len(text):,} characters); clients and server share the machine's
{os.cpu_count()} cores; {arguments.seconds:g} s a round. Load of the machine before: {before:.1f}.
{arguments.note} Commit {current_commit()}.

"""
    write_text(arguments.output, report + "\n".join(parts))
    print(arguments.output.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
