"""A webhook: what is posted, what its answers mean, and that its address is never told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from opslib.actions.delivery.attempts import NotTaken, Patience, Unsure, send_patiently
from opslib.actions.delivery.webhook import Webhook, webhook_message
from opslib.errors import OpsError, ParameterError, ReadError

PATH = "/services/T000/B000/thesecretpart"


@dataclass
class Slack:
    """A server on this machine: what it was posted, and what it answers, in turn."""

    answers: list[tuple[int, dict[str, str], bytes] | None] = field(default_factory=list)
    posted: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    port: int = 0

    @property
    def webhook(self) -> Webhook:
        return Webhook(f"http://127.0.0.1:{self.port}{PATH}", "chat")


@pytest.fixture(autouse=True)
def _without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def slack() -> Iterator[Slack]:
    served = Slack()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            served.posted.append((self.path, json.loads(body)))
            answer = served.answers.pop(0) if served.answers else (200, {}, b"ok")
            if answer is None:
                self.close_connection = True
                return
            status, headers, text = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.port = server.server_address[1]
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_message_is_posted_as_plain_text(slack: Slack) -> None:
    slack.webhook.send("[prod] a & b", "<!channel> *x*\n")
    ((path, message),) = slack.posted
    assert path == PATH
    assert message["text"] == "[prod] a &amp; b\n&lt;!channel&gt; *x*\n"
    assert message["mrkdwn"] is False


def test_every_character_that_steers_slack_is_escaped() -> None:
    assert webhook_message("&amp;", "<@U1>")["text"] == "&amp;amp;\n&lt;@U1&gt;"


def test_a_busy_slack_is_waited_for_as_long_as_it_says(slack: Slack) -> None:
    slack.answers = [(429, {"Retry-After": "7"}, b""), (503, {}, b"")]
    waits: list[float] = []
    send_patiently(
        lambda: slack.webhook.send("a", "b"),
        repeatable=False,
        patience=Patience(sleep=waits.append),
    )
    assert waits == [7, 2]
    assert len(slack.posted) == 3


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        ((404, {}, b"channel_not_found"), ReadError, "status 404: channel_not_found"),
        ((410, {}, f"see https://x{PATH}".encode()), ReadError, "status 410 ["),
        ((302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""), ReadError, "status 302"),
        ((500, {}, b"rollup_error"), Unsure, "status 500"),
        (None, Unsure, "no answer from the webhook (RemoteDisconnected)"),
        ((429, {"Retry-After": "soon"}, b""), NotTaken, "no more messages"),
    ],
)
def test_an_answer_tells_whether_the_message_was_taken(
    slack: Slack, answer: tuple[int, dict[str, str], bytes] | None, kind: type, says: str
) -> None:
    slack.answers = [answer]
    with pytest.raises(OpsError) as told:
        slack.webhook.send("a", "b")
    assert type(told.value) is kind
    assert says in str(told.value)
    assert len(slack.posted) == 1
    check_no_address(told.value)


def test_where_nobody_listens_nothing_was_taken(slack: Slack) -> None:
    with pytest.raises(NotTaken, match="cannot be reached") as told:
        Webhook(f"http://127.0.0.1:1{PATH}", "chat").send("a", "b")
    check_no_address(told.value)


@pytest.mark.parametrize(
    "url",
    [
        f"http://hooks.slack.com{PATH}",
        f"file://{PATH}",
        f"ftp://127.0.0.1{PATH}",
        f"https://user:word@hooks.slack.com{PATH}",
        f"https://{PATH}",
        f"https://hooks.slack.com:port{PATH}",
        f"https://hooks.slack.com{PATH}\r\nX: y",
        f'{{"url": "https://hooks.slack.com{PATH}"}}',
        "",
    ],
)
def test_a_secret_that_is_no_https_address_is_refused(url: str) -> None:
    with pytest.raises(ParameterError) as told:
        Webhook(url, "chat")
    check_no_address(told.value)


def check_no_address(error: BaseException) -> None:
    """Look through an error and all that led to it."""
    told: BaseException | None = error
    while told is not None:
        assert "thesecretpart" not in f"{told!r} {told}"
        told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)
