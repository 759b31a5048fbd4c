"""The lease: one writer at a time, across threads and processes."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FIRST_WAIT_S = 0.001
_LONGEST_WAIT_S = 0.01


class LeaseBusyError(TimeoutError):
    """Somebody else is writing to the lake and did not finish in time."""


class Lease:
    """A lock of the operating system on one file: it ends with its holder, even by ``kill -9``.

    Whoever waits holds a second file, the turn, which must be had first: so a
    writer in a tight loop cannot take the lease again and again past others.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.turn = path.with_name(path.name + "-turn")
        self._reset()

    def _reset(self) -> None:
        self._thread = threading.RLock()
        self._depth = 0
        self._file: int | None = None

    @contextlib.contextmanager
    def hold(self, wait_s: float) -> Iterator[None]:
        """Hold the lease for the block; the thread that has it may enter again.

        Raises ``LeaseBusyError`` naming the process that holds it after ``wait_s`` seconds.
        """
        deadline = time.monotonic() + wait_s
        mine = self._thread
        if not mine.acquire(timeout=max(wait_s, 0)):
            raise LeaseBusyError(f"{self.path.parent}: another thread of this process is writing; try again")
        try:
            if self._depth == 0:
                self._file = self._take(deadline)
            self._depth += 1
            try:
                yield
            finally:
                # A child that was forked inside the block has nothing to give back.
                if self._thread is mine:
                    self._depth -= 1
                    if self._depth == 0 and self._file is not None:
                        _release(self._file)
                        self._file = None
        finally:
            mine.release()

    def _take(self, deadline: float) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        turn = self._lock(self.turn, deadline)
        try:
            file = self._lock(self.path, deadline)
        finally:
            _release(turn)
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, str(os.getpid()).encode())
        return file

    def _lock(self, path: Path, deadline: float) -> int:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        pause = _FIRST_WAIT_S
        try:
            while not _try_lock(file):
                if time.monotonic() >= deadline:
                    raise LeaseBusyError(
                        f"{self.path.parent}: process {_read_holder(self.path)} is writing to the lake; "
                        "wait until it is done or stop it, then try again"
                    )
                time.sleep(pause)
                pause = min(pause * 1.5, _LONGEST_WAIT_S)
        except BaseException:
            os.close(file)
            raise
        return file


def _read_holder(path: Path) -> str:
    try:
        return path.read_text().strip() or "unknown"
    except OSError:
        return "unknown"


if sys.platform == "win32":
    import msvcrt

    # Far behind the text, so that the holder's number can be read while the byte is locked.
    _BYTE = 4096

    def _try_lock(file: int) -> bool:
        os.lseek(file, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(file, 0, os.SEEK_SET)
        return True

    def _release(file: int) -> None:
        os.lseek(file, _BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)
        os.close(file)

else:
    import fcntl

    def _try_lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def _release(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
        os.close(file)


_LEASES: dict[str, Lease] = {}
_GUARD = threading.Lock()


def lease_of(path: Path) -> Lease:
    """The one lease this process has on a file, so that two lakes on one folder agree."""
    key = os.path.realpath(path)
    with _GUARD:
        return _LEASES.setdefault(key, Lease(path))


def _forget_after_fork() -> None:
    global _GUARD
    _GUARD = threading.Lock()
    for lease in _LEASES.values():
        if lease._file is not None:
            os.close(lease._file)  # without an unlock, which would end the parent's lease
        lease._reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
