from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def sqlite_outbox() -> ModuleType:
    """The reference store, which also runs as a program."""
    spec = importlib.util.spec_from_file_location("sqlite_outbox", HERE / "sqlite_outbox.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
