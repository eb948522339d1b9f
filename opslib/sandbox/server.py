"""The sandbox's server process: moto with the overlay, on 127.0.0.1.

Run as ``python -m opslib.sandbox.server``; `opslib.sandbox.process` does so and waits for the
ready file.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

# moto reads this when it is imported; without it, it makes 1,300 snapshots nobody asked for.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
# What is imported and what fills the account stays: looking through it for garbage is a fifth of
# the time that a start takes. `serve` turns the collector on again.
gc.disable()

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from opslib.sandbox import handlers
from opslib.sandbox.overlay import Overlay
from opslib.sandbox.scenario import Scenario, plan_scenario
from opslib.sandbox.served_databases import stop_databases
from opslib.sandbox.state import make_account

__all__ = ["main", "serve"]

assert handlers  # imported for the handlers that it registers


class _Quiet(WSGIRequestHandler):
    """Takes chunked bodies, and says nothing about each request."""

    protocol_version = "HTTP/1.1"

    def send_response(self, code: int, message: str | None = None) -> None:
        # Without a date of its own: the overlay's, of the epoch, is to be the only one.
        self.send_response_only(code, message)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  werkzeug's name
        pass


def serve(scenario: Scenario, port: int, ready_file: Path) -> None:
    """Serve ``scenario`` on 127.0.0.1 until the process is ended.

    Args:
        scenario: the account.
        port: 0 for a free one.
        ready_file: where endpoint, pid and credentials are written once it answers.
    """
    credentials = make_account(scenario)
    application = Overlay(DomainDispatcherApplication(create_backend_app), scenario)
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=_Quiet)
    facts = {
        "endpoint": f"http://127.0.0.1:{server.server_port}",
        "pid": os.getpid(),
        "scenario": scenario.name.value,
        "seed": scenario.seed,
        "epoch": scenario.epoch.isoformat(),
        **credentials,
    }
    gc.freeze()
    gc.enable()
    unfinished = ready_file.with_name(f".{ready_file.name}.{os.getpid()}")
    unfinished.write_text(json.dumps(facts), encoding="utf-8")
    unfinished.replace(ready_file)
    server.serve_forever()


def _end_with_parent(parent: int) -> None:
    """End this process once its parent is gone, however it went."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        stop_databases()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m opslib.sandbox.server")
    parser.add_argument("--scenario", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--epoch", type=datetime.fromisoformat, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("--parent", type=int, default=0, help="end when this process is gone")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if options.parent:
        _end_with_parent(options.parent)
    scenario = plan_scenario(options.scenario, options.seed, options.epoch)
    serve(scenario, options.port, options.ready_file)


if __name__ == "__main__":
    main()
