from __future__ import annotations

import subprocess
import sys

import pytest

import regulars.decide as room


def test_every_name_is_there_and_nothing_heavy_comes_before_it_is_asked_for() -> None:
    for name in room.__all__:
        assert getattr(room, name) is not None
    code = "import sys, regulars.decide; print(any(m in sys.modules for m in ('scipy', 'pyarrow', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
    with pytest.raises(AttributeError, match="no attribute 'guess'"):
        _ = room.guess
