"""Clients that can only read, one per account, service and region."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from opslib import __version__
from opslib.aws.faults import aws_faults
from opslib.aws.timestamps import use_utc
from opslib.errors import OpsError, ParameterError, Unreachable
from opslib.local_sandbox import RunningSandbox, read_state

if TYPE_CHECKING:
    from opslib.aws.ledger import Ledger
    from opslib.parameters.base import Account, NotebookParameters

__all__ = ["Connection", "is_read_only"]

READING = re.compile(r"^(Get|List|Describe|Head|Lookup|Simulate|BatchGet|Search|Select)[A-Z]")
READING_CALLS = {"Scan", "StartQuery"}
"""Operations that only read, though their names do not say so (dynamodb:Scan, logs:StartQuery)."""
QUERY_CALL = "StartQueryExecution"
READING_QUERY = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
"""Athena takes any statement: those that begin so only read."""
SESSION_CALLS = {"AssumeRole", "AssumeRoleWithWebIdentity"}


class WritingCallRefused(OpsError):
    """A reader asked for an operation that could change something."""


def is_read_only(operation: str) -> bool:
    """Say whether an API operation only reads (or opens a session)."""
    return bool(READING.match(operation)) or operation in READING_CALLS | SESSION_CALLS


class Connection:
    """The way to AWS for one run: sessions, roles, retries and the guard against writing.

    Args:
        parameters: environment, profile, region and accounts.
        ledger: counts every call.

    Raises:
        Unreachable: environment ``sandbox`` without a sandbox to talk to.
    """

    def __init__(self, parameters: NotebookParameters, ledger: Ledger) -> None:
        self._sandbox = _find_sandbox(parameters)
        self._parameters = parameters
        self._ledger = ledger
        self._lock = threading.RLock()
        self._sessions: dict[str, Any] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}

    def client(self, service: str, *, account: Account | None = None, region: str = "") -> Any:
        """Return a boto3 client that refuses every writing operation.

        Args:
            service: botocore's name of the service.
            account: the account to read; None for the one that the credentials belong to.
            region: its region; the parameters' region where empty.
        """
        where = region or self._parameters.region
        name = account.id if account else ""
        with self._lock:
            key = (name, service, where)
            if key not in self._clients:
                self._clients[key] = self._make(self._session(account), service, where, name)
            return self._clients[key]

    def changing_client(
        self,
        service: str,
        admit: Callable[[str, Mapping[str, Any]], None],
        account: Account | None,
        *,
        attempts: int | None = None,
    ) -> Any:
        """Return a client for `opslib.actions`: every call is shown to ``admit`` before it is made.

        Args:
            service: botocore's name of the service.
            admit: takes the operation and its parameters; raises to refuse the call.
            account: as for `client`.
            attempts: how often a call is tried; None for as often as a read.
        """
        with self._lock:
            session = self._session(account)
            name = account.id if account else ""
            client = self._make(session, service, self._parameters.region, name, attempts)
        client.meta.events.unregister("before-call", _refuse_writing)

        def before(params: dict[str, Any], model: Any, **_: Any) -> None:
            admit(model.name, params)

        client.meta.events.register_first("provide-client-params", before)
        return client

    def _session(self, account: Account | None) -> Any:
        name = account.role if account else ""
        if name not in self._sessions:
            if account is None or not account.role:
                self._sessions[name] = self._own_session()
            else:
                self._sessions[name] = self._assumed_session(account)
        return self._sessions[name]

    def _own_session(self) -> Any:
        if self._sandbox is not None:
            return _open_session(
                aws_access_key_id=self._sandbox.access_key_id,
                aws_secret_access_key=self._sandbox.secret_access_key,
                region_name=self._parameters.region,
            )
        with aws_faults(f"profile {self._parameters.profile or 'default'}"):
            return _open_session(
                profile_name=self._parameters.profile or None,
                region_name=self._parameters.region,
            )

    def _assumed_session(self, account: Account) -> Any:
        sts = self.client("sts")
        asked = {"RoleArn": account.role, "RoleSessionName": f"opslib-{__version__}"}
        if account.external_id:
            asked["ExternalId"] = self.secret(account.external_id)
        with aws_faults(f"{account.label} sts:AssumeRole {account.role}"):
            granted = sts.assume_role(**asked)["Credentials"]
        return _open_session(
            aws_access_key_id=granted["AccessKeyId"],
            aws_secret_access_key=granted["SecretAccessKey"],
            aws_session_token=granted["SessionToken"],
            region_name=self._parameters.region,
        )

    def secret(self, reference: str, account: Account | None = None) -> str:
        """Return what a secret reference (env:, ssm:, secretsmanager:) leads to; never keep it."""
        kind, _, place = reference.partition(":")
        if kind == "env":
            if place not in os.environ:
                raise ParameterError(
                    f"environment variable {place} is not set",
                    where=f"secret reference {reference}",
                    remedy="Set it, or name another place.",
                )
            return os.environ[place]
        if kind == "ssm":
            with aws_faults(f"ssm:GetParameter {place}"):
                found = self.client("ssm", account=account).get_parameter(
                    Name=place, WithDecryption=True
                )
            return str(found["Parameter"]["Value"])
        with aws_faults(f"secretsmanager:GetSecretValue {place}"):
            client = self.client("secretsmanager", account=account)
            return str(client.get_secret_value(SecretId=place)["SecretString"])

    def _make(
        self, session: Any, service: str, region: str, account: str, attempts: int | None = None
    ) -> Any:
        from botocore.config import Config  # noqa: PLC0415

        most = attempts or int(os.environ.get("AWS_MAX_ATTEMPTS", "6"))
        config = Config(
            retries={"total_max_attempts": most, "mode": "standard"},
            connect_timeout=10,
            read_timeout=60,
            user_agent_extra=f"opslib/{__version__}",
        )
        with aws_faults(f"{service} in {region}"):
            endpoint = self._sandbox.endpoint if self._sandbox else None
            client = session.client(
                service, region_name=region, config=config, endpoint_url=endpoint
            )
        client.meta.events.register_first("before-call", _refuse_writing)
        self._ledger.watch(client, account)
        return client


def _open_session(**settings: str | None) -> Any:
    import boto3  # noqa: PLC0415  0.3 s, paid only by runs that read AWS
    from botocore.session import get_session  # noqa: PLC0415

    from opslib.aws.metric_answers import use_arrays  # noqa: PLC0415

    core = use_utc(use_arrays(get_session()))
    core.register_component("data_loader", _service_models())
    return boto3.Session(botocore_session=core, **settings)


@cache
def _service_models() -> Any:
    """Return what reads botocore's models of services: once, for the sessions of all accounts."""
    from botocore.session import get_session  # noqa: PLC0415

    return get_session().get_component("data_loader")


def _find_sandbox(parameters: NotebookParameters) -> RunningSandbox | None:
    """Return the sandbox to read, where the environment asks for one and names none itself."""
    if parameters.environment != "sandbox" or os.environ.get("AWS_ENDPOINT_URL"):
        return None
    running = read_state()
    if running is None:
        raise Unreachable(
            "no sandbox is up, and environment sandbox never talks to AWS",
            where="environment sandbox",
            remedy="Start one: opslib sandbox up.",
        )
    return running


def _refuse_writing(model: Any, params: Mapping[str, Any], **_: Any) -> None:
    if model.name == QUERY_CALL:
        asked = json.loads(params["body"])
        if READING_QUERY.match(asked["QueryString"]):
            return
    if not is_read_only(model.name):
        raise WritingCallRefused(
            f"{model.name} could change something; readers may only read",
            where=f"{model.service_model.service_name}:{model.name}",
            remedy="Changes belong in opslib/actions.",
        )
