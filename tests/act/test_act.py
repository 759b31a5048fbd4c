from __future__ import annotations

import subprocess
import sys

from regulars import act, trust


def test_every_name_handed_on_is_there() -> None:
    for room in (act, trust):
        assert all(getattr(room, name) is not None for name in room.__all__)


def test_asking_for_a_room_loads_nothing_heavy() -> None:
    heavy = ("numpy", "pyarrow", "sklearn")
    code = f"import sys, regulars.act, regulars.trust; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
