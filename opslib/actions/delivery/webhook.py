"""A message to a Slack incoming webhook, whose URL is a secret and is never told.

The URL must be https (http to 127.0.0.1 alone, for trying it out), and no redirection is followed.
Nothing of it is in an error: not the host either, which may be a proxy's.

Source: Slack, "Sending messages using incoming webhooks", "Rate limits" and "Formatting text for
app surfaces" (the characters to escape).
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import urllib.error
import urllib.request
from typing import IO, Any
from urllib.parse import urlsplit

from opslib.actions.delivery.attempts import NotTaken, Unsure
from opslib.errors import ParameterError, ReadError

__all__ = ["Webhook", "webhook_message"]

SECONDS = 20
LOCAL = "127.0.0.1"
TOO_MANY, UNAVAILABLE, SERVER_FAULT = 429, 503, 500
REASON = re.compile(r"[a-z_]{1,40}")
"""Slack answers with a word such as ``channel_is_archived``; anything else is not repeated."""
NEVER_SENT = (ConnectionRefusedError, socket.gaierror, ssl.SSLError)
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
REMEDY = "Keep the URL that Slack gave for the webhook in the secret, and nothing else."


def webhook_message(subject: str, text: str) -> dict[str, Any]:
    """Return what is posted: plain text, in which no character is markup."""
    return {
        "text": f"{subject}\n{text}".translate(ESCAPES),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leaves a redirection as the error that it is here: the message is for one address."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


class Webhook:
    """Posts to one webhook.

    Args:
        url: the secret.
        name: what errors call it.

    Raises:
        ParameterError: the secret is no https URL.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = _checked(url.strip(), name)
        self._name = name
        self._opener = urllib.request.build_opener(_NoRedirects)

    def send(self, subject: str, text: str) -> None:
        """Post a message.

        Raises:
            NotTaken, Unsure: it may be tried again, or it may have arrived.
            ReadError: Slack refuses it for good.
        """
        try:
            with self._opener.open(self._request(subject, text), timeout=SECONDS) as answer:
                answer.read(1)
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error) from None
        except urllib.error.URLError as error:
            raise self._unreached(error.reason) from None
        except (OSError, http.client.HTTPException) as error:
            raise self._unreached(error) from None

    def _request(self, subject: str, text: str) -> urllib.request.Request:
        return urllib.request.Request(  # noqa: S310  checked to be https
            self._url,
            data=json.dumps(webhook_message(subject, text)).encode(),
            headers={"Content-Type": "application/json; charset=utf-8"},
            method="POST",
        )

    def _refusal(self, answer: urllib.error.HTTPError) -> ReadError:
        status = answer.code
        if status == TOO_MANY:
            return NotTaken(
                "Slack takes no more messages for now",
                where=self._name,
                wait_seconds=_retry_after(answer.headers.get("Retry-After", "")),
            )
        if status == UNAVAILABLE:
            return NotTaken("Slack is not available", where=self._name)
        if status >= SERVER_FAULT:
            return Unsure(f"Slack answered with status {status}", where=self._name)
        word = REASON.fullmatch(_first_words(answer))
        reason = f": {word[0]}" if word else ""
        return ReadError(
            f"Slack refused the message with status {status}{reason}",
            where=self._name,
            remedy="Make a new webhook, or look at its channel.",
        )

    def _unreached(self, reason: Any) -> ReadError:
        kind = type(reason).__name__
        if isinstance(reason, NEVER_SENT):
            return NotTaken(f"the webhook cannot be reached ({kind})", where=self._name)
        return Unsure(f"no answer from the webhook ({kind})", where=self._name)


def _checked(url: str, name: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = parts = None
    plain = url.isascii() and url.isprintable() and " " not in url
    if parts is None or not host or not plain or parts.username:
        raise ParameterError("the secret is no URL", where=name, remedy=REMEDY)
    if parts.scheme != "https" and not (parts.scheme == "http" and host == LOCAL):
        raise ParameterError("the URL of a webhook must be https", where=name, remedy=REMEDY)
    return url


def _retry_after(text: str) -> float:
    """Return the seconds that a header asks for; a date, which Slack never sends, is left out."""
    return float(text) if re.fullmatch(r"\d{1,6}", text.strip()) else 0.0


def _first_words(body: IO[bytes]) -> str:
    try:
        return body.read(100).decode("ascii", "replace").strip()
    except (OSError, http.client.HTTPException):
        return ""
