"""The line under controls that says what is shown, that something runs, or why it failed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import ipywidgets
import traitlets

from opslib.errors import OpsError
from opslib.present.html import text as escaped
from opslib.redaction import redact_text
from opslib.wording import printable

__all__ = ["Action", "StatusLine"]

INTERRUPTED = "Interrupted: what is shown may be of before. Move a control to show it anew."

Action = Callable[[], str | None]
"""Does what a control asks for; returns what to say then, None to leave what is said."""


class StatusLine(ipywidgets.HTML):  # type: ignore[misc]  # ipywidgets is not typed
    """A line that a screen reader reads out when it changes.

    Attributes:
        text: what was said last; shown as text, never as markup.
        is_error: it says why something failed.
        is_busy: something runs; the line says so once that takes a while.
    """

    text = traitlets.Unicode("")
    is_error = traitlets.Bool(default_value=False)
    is_busy = traitlets.Bool(default_value=False)

    def __init__(self) -> None:
        super().__init__()
        self.add_class("ops-status")
        self.observe(self._write, names=["text", "is_error", "is_busy"])

    def _write(self, _change: Any) -> None:
        told = escaped(self.text)
        if self.is_busy:
            told += ' <span class="ops-status-busy">Working …</span>'
        elif self.is_error:
            told = f'<strong class="ops-status-error" role="alert">{told}</strong>'
        self.value = told

    def say(self, text: str) -> None:
        """Say how it stands."""
        self.is_error, self.text = False, text

    def fail(self, text: str) -> None:
        """Say why it failed, on one line that keeps secrets."""
        told = " ".join(redact_text(text).split())
        self.is_error, self.text = True, printable(told, len(told))

    def watch(self, act: Action) -> None:
        """Do something, and say that it runs, what came of it, or in one line why it failed.

        ipywidgets would write an exception to a log that nobody looks at. The traceback of what is
        not an `OpsError` goes to JupyterLab's log console.
        """
        if self.is_busy:  # inside another action, which says how both ended
            act()
            return
        self.is_busy = True
        try:
            told = act()
            if told is not None:
                self.say(told)
        except KeyboardInterrupt:
            self.fail(INTERRUPTED)
        except OpsError as error:
            self.fail(str(error))
        except Exception as error:  # whatever it is, there is nobody else who could show it
            logging.getLogger(__name__).exception("a control failed")
            self.fail(f"{type(error).__name__}: {error}")
        finally:
            self.is_busy = False
