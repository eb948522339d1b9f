"""A client that answers as a test says, with the date that AWS sends along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from opslib.aws.places import Place
from tests.aws.fakes import reads_with

DATED = {"ResponseMetadata": {"HTTPHeaders": {"date": "Mon, 02 Mar 2026 06:00:00 GMT"}}}


class Answering:
    """Answers operations by name: what is told, what a function returns, or an error."""

    def __init__(self, **answers: Any) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers = answers

    def _answer(self, operation: str, asked: dict[str, Any]) -> Any:
        self.asked.append((operation, asked))
        answer = self._answers.get(operation, {})
        answer = answer(**asked) if isinstance(answer, Callable) else answer  # type: ignore[arg-type]
        if isinstance(answer, Exception):
            raise answer
        return {**DATED, **answer}

    def get_paginator(self, operation: str) -> Any:
        answer = self._answer

        class Pages:
            def paginate(self, **asked: Any) -> Iterator[Any]:
                yield answer(operation, asked)

        return Pages()

    def __getattr__(self, operation: str) -> Any:
        return lambda **asked: self._answer(operation, asked)


def place_of(folder: Any, **clients: Answering) -> Place:
    named = {name.replace("_", "-"): client for name, client in clients.items()}
    return Place(reads_with(folder, named), None, "us-east-1")
