"""Where facts rest."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regulars.lake.erase import Erasure
    from regulars.lake.lake import Lake
    from regulars.lake.lease import LeaseBusyError
    from regulars.lake.snapshot import SnapshotGoneError
    from regulars.lake.upsert import Upsert

__all__ = ["Erasure", "Lake", "LeaseBusyError", "SnapshotGoneError", "Upsert"]

_HOMES = {
    "Erasure": "erase",
    "Lake": "lake",
    "LeaseBusyError": "lease",
    "SnapshotGoneError": "snapshot",
    "Upsert": "upsert",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"regulars.lake.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
