"""Data the tests of this room share: the CDNOW log, and customers simulated from known parameters."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from regulars.understand import RFM


@pytest.fixture(scope="session")
def cdnow_log(shared_data: Path) -> pd.DataFrame:
    log = pd.read_csv(shared_data / "cdnow_sample" / "cdnow_transactions_sample.csv.gz")
    return log.rename(columns={"customer_id": "customer", "amount_usd": "amount", "date": "day"})


@pytest.fixture(scope="session")
def cdnow(cdnow_log: pd.DataFrame) -> pd.DataFrame:
    """The 39-week calibration summary of Fader, Hardie and Lee, from the raw log."""
    return RFM(until=date(1997, 9, 30), unit="weeks").fit_transform(cdnow_log)
