"""The program as a whole: its book brought up to date, its web process and its worker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regulars.home import Home


class HostProblem(RuntimeError):
    """The program cannot start: says why and what to do."""


def migrate() -> None:
    """Bring the book to this version's shape; costs one query when it is already there."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def log_in_link(home: Home, *, minutes: int = 60) -> str:
    """A link that logs the owner in once."""
    from regulars.web.accounts.services import login_link_make, owner_ensure

    return f"{home.settings.base_url}/login/{login_link_make(owner_ensure(), minutes=minutes)}/"


def serve(home: Home, *, host: str, port: int, threads: int) -> None:
    """Run the web process and the worker until told to stop.

    Raises ``HostProblem`` when the port is taken.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise HostProblem(
                f"port {port} of {host} cannot be used ({error.strerror}); is the program running already? "
                f"Another port: regulars serve --port {port + 1}"
            ) from error

    from granian import Granian
    from granian.constants import Interfaces

    base = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104  # nosec B104
    link = log_in_link(home).replace(home.settings.base_url, base)
    # In both languages: whoever starts the program may not have chosen one yet.
    print(f"Regulars 熟客 · {base}")
    print(f"Log in once · 一次性登录: {link}", flush=True)
    worker = subprocess.Popen(
        [sys.executable, "-m", "regulars.web.jobs.worker"],
        env={**os.environ, "REGULARS_HOME": str(home.path), "REGULARS_PARENT": str(os.getpid())},
    )
    try:
        Granian(
            "regulars.web.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=threads,
            # Off by default, and without it a busy worker may never stop (measured on 2.8.7).
            workers_kill_timeout=5,
            log_access=False,
            log_level="warning",
        ).serve()
    finally:
        worker.terminate()
        try:
            worker.wait(timeout=10)
        except subprocess.TimeoutExpired:
            worker.kill()
