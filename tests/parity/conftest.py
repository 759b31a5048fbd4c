from __future__ import annotations

import shutil
from importlib.util import find_spec

import pytest

HERE = {
    "sail": find_spec("pysail") is not None,
    # The client alone has no engine to start.
    "spark": find_spec("py4j") is not None and shutil.which("java") is not None,
}


@pytest.fixture(scope="module", params=sorted(HERE))
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine beside DuckDB: Sail in this process, Spark where there are a Java and all of PySpark."""
    if not HERE[request.param]:
        pytest.skip(f"{request.param} is not installed here")
    return str(request.param)
