"""Serving must not load the science: it costs the start a second and the idle program a hundred megabytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

HEAVY = {"pandas", "sklearn", "scipy", "duckdb", "ibis", "deltalake"}
STARTED = """
import json, sys
import regulars.web.wsgi
from django.urls import get_resolver
assert get_resolver().url_patterns
print(json.dumps([m for m in sys.modules if "." not in m]))
"""


def test_the_program_starts_without_the_science(tmp_path):
    environment = {**os.environ, "REGULARS_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "regulars.web.settings"}
    done = subprocess.run([sys.executable, "-c", STARTED], env=environment, capture_output=True, text=True, check=True)
    assert not HEAVY & set(json.loads(done.stdout))
