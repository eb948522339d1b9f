"""The errors that opslib raises on purpose.

::

    OpsError                  something a person can act on
    ├── ParameterError        a parameter is unknown, of a wrong type or impossible
    ├── ReadError             AWS or a file could not be read
    │   ├── AccessDenied      the identity may not make this call
    │   ├── Throttled         the service kept refusing within the retry budget
    │   ├── NotFound          the thing asked for does not exist
    │   ├── CapReached        the run's own limit on paid requests is used up
    │   ├── Unreachable       no answer from the endpoint
    │   ├── DatabaseUnreachable  no answer from a database
    │   └── CredentialsError  credentials that were refused or have expired
    │       └── NoCredentials no credentials at all
    ├── TableError            what was read is not what the table promises
    ├── NotebookRunError      a notebook did not run to its end
    └── EvidenceError         what was signed, or is to be, does not hold

Each says what happened, where, and what to do next. ``exit_code`` is what ``opslib`` ends with.
"""

from __future__ import annotations

from typing import ClassVar

from opslib.redaction import redact_text
from opslib.wording import printable

__all__ = [
    "AccessDenied",
    "CapReached",
    "CredentialsError",
    "DatabaseUnreachable",
    "EvidenceError",
    "NoCredentials",
    "NotFound",
    "NotebookRunError",
    "OpsError",
    "ParameterError",
    "ReadError",
    "TableError",
    "Throttled",
    "Unreachable",
]


class OpsError(Exception):
    """Say what happened, where, and what to do.

    Args:
        what: one clause naming the problem.
        where: account, region and call, file and line, or parameter name; may be empty.
        remedy: what the reader should do next; may be empty.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        place = f" [{where}]" if where else ""
        advice = f" {remedy}" if remedy else ""
        super().__init__(f"{what}{place}.{advice}" if place or advice else what)

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback: one line, which steers no terminal."""
        said = redact_text(str(self))
        return [f"{type(self).__name__}: {printable(said, len(said))}"]


class ParameterError(OpsError):
    """A parameter is unknown, of a wrong type or impossible."""

    exit_code = 2


class ReadError(OpsError):
    """AWS or a file could not be read."""

    exit_code = 4


class AccessDenied(ReadError):
    """The identity may not make this call."""


class Throttled(ReadError):
    """The service kept refusing within the retry budget."""


class NotFound(ReadError):
    """The thing asked for does not exist."""


class CapReached(ReadError):
    """The run's own limit on paid requests is used up."""


class Unreachable(ReadError):
    """No answer from the endpoint."""


class DatabaseUnreachable(ReadError):
    """No answer from a database; AWS may still answer."""


class CredentialsError(ReadError):
    """Credentials that were refused or have expired."""


class NoCredentials(CredentialsError):
    """No credentials at all."""


class TableError(OpsError):
    """What was read is not what the table promises."""


class NotebookRunError(OpsError):
    """A notebook did not run to its end."""


class EvidenceError(OpsError):
    """What was signed, or is to be, does not hold."""
