"""A CloudWatch that answers GetMetricData from memory, so that a benchmark times the reader alone.

Run as a process of its own: ``python -m benchmarks.metrics_stand_in``; it prints its port and ends
with its standard input. Series are of twelve shapes (flat, growing, daily, weekly, noisy), told
apart by the last number in their dimensions; each shape's answer is written once.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

__all__ = ["SHAPES", "values_of"]

SHAPES = 12
HOUR, DAY = 3_600, 86_400
MOST_DATAPOINTS = 100_800


def values_of(shape: int, moments: np.ndarray, now: float) -> np.ndarray:
    """Return values of a shape at moments, seconds since 1970: percentages."""
    days = (moments - now) / DAY
    chance = np.random.default_rng([shape, len(moments)])
    daily = (4 + shape % 3 * 4) * np.sin(2 * np.pi * days)
    weekly = (shape % 2) * -5.0 * (np.floor(moments / DAY + 3) % 7 >= 5)  # noqa: PLR2004
    growth = (0.0, 0.05, 0.12)[shape % 3] * days
    noise = (0.5 + shape / 6) * chance.standard_normal(len(moments))
    return np.asarray(np.round(np.maximum(45 + daily + weekly + growth + noise, 0), 6))


@lru_cache(maxsize=256)
def _told(shape: int, start: float, end: float, period: int) -> str:
    moments = np.arange(start // period * period, end, period)
    values = values_of(shape, moments, end)
    stamps = ",".join(str(int(moment)) for moment in moments)
    return f'"Timestamps":[{stamps}],"Values":[{",".join(map(str, values.tolist()))}]'


def answer(asked: dict[str, object]) -> str:
    """Return the JSON of one page.

    Raises:
        ValueError: more datapoints than a page holds.
    """
    queries = asked["MetricDataQueries"]
    assert isinstance(queries, list)
    start, end = float(str(asked["StartTime"])), float(str(asked["EndTime"]))
    results, held = [], 0.0
    for query in queries:
        stat = query["MetricStat"]
        numbers = re.findall(r"\d+", json.dumps(stat["Metric"]["Dimensions"]))
        shape = int(numbers[-1]) % SHAPES
        held += (end - start) / stat["Period"]
        told = _told(shape, start, end, stat["Period"])
        results.append(f'{{"Id":"{query["Id"]}","Label":"","StatusCode":"Complete",{told}}}')
    if held > MOST_DATAPOINTS:
        raise ValueError(f"{held:,.0f} datapoints: more than a page holds")
    return f'{{"MetricDataResults":[{",".join(results)}],"Messages":[]}}'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer one request."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = answer(asked).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until standard input ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
