"""Where the book lies: a file of the home, or a PostgreSQL named by an address."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from regulars.home import SettingsProblem

if TYPE_CHECKING:
    from regulars.home import Home

VARIABLE = "REGULARS_DATABASE"
FILE = "database"


def database(home: Home) -> dict[str, Any]:
    """The connection of the book: SQLite in the home unless an address says PostgreSQL.

    The address is a secret and no setting: it stands in the environment (``REGULARS_DATABASE``) or in the home's
    ``keys/database``, readable by the owner alone.
    """
    address = os.environ.get(VARIABLE, "") or _kept(home.keys_path / FILE)
    return parsed(address) if address else sqlite(home.book_path)


def _kept(path: Path) -> str:
    return path.read_text("utf-8").strip() if path.is_file() else ""


def sqlite(path: Path) -> dict[str, Any]:
    """A file, as one program with several threads should open it."""
    # WAL without IMMEDIATE is the worst of all modes: a stale snapshot fails at once, whatever the timeout.
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            # A large import holds the write lock for a while; a save in the browser waits for it rather than fail.
            "timeout": 60,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA temp_store=MEMORY;"
                "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;PRAGMA cache_size=-20000;"
                "PRAGMA secure_delete=ON;"
            ),
        },
        "TEST": {"NAME": None},
    }


def parsed(address: str) -> dict[str, Any]:
    """Read ``postgresql://user:password@host:port/name?sslmode=require``; the password is never repeated in an error.

    >>> found = parsed("postgresql://lin:p%40ss@db.example:5433/shop?sslmode=require")
    >>> found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"], found["OPTIONS"]["sslmode"]
    ('lin', 'p@ss', 'db.example', '5433', 'shop', 'require')
    """
    try:
        parts = urlsplit(address)
        name, port = unquote(parts.path.lstrip("/")), str(parts.port or "")
    except ValueError:
        parts, name, port = urlsplit(""), "", ""
    if parts.scheme not in ("postgres", "postgresql") or not name or not (parts.hostname or parts.query):
        raise SettingsProblem(
            f"{VARIABLE} is not the address of a PostgreSQL; write it like postgresql://user:password@host:5432/name"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": port,
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
