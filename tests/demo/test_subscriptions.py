from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import betaln

from regulars.demo import Company


def lives(made: Company) -> pd.DataFrame:
    """Per contract: plan at the start, renewals so far, whether it was cancelled."""
    rows = made.facts["subscriptions"].to_pandas()
    start = rows[rows["kind"] == "start"].set_index("contract")["plan"]
    count = rows["kind"].isin(["renewal", "upgrade", "downgrade"]).groupby(rows["contract"]).sum()
    gone = (rows["kind"] == "cancel").groupby(rows["contract"]).any()
    return pd.DataFrame({"plan": start, "renewals": count, "gone": gone})


@pytest.mark.parametrize("plan", ["starter", "pro", "enterprise"])
def test_shifted_beta_geometric_is_recovered(large: Company, plan: str) -> None:
    own = lives(large).query("plan == @plan")
    n, gone = own["renewals"].to_numpy(float), own["gone"].to_numpy()

    def cost(log: np.ndarray) -> float:
        a, b = np.exp(log)
        return -float((np.where(gone, betaln(a + 1, b + n), betaln(a, b + n)) - betaln(a, b)).sum())

    found = minimize(cost, [0.0, 1.0], method="BFGS")
    truth = large.truth["subscriptions"]["plans"][plan]
    # Likelihood ratio: the truth lies in the joint 99.9 % region (chi-square, 2 degrees of freedom).
    assert 2 * (cost(np.log([truth["alpha"], truth["beta"]])) - found.fun) < 13.8
    # Survival after six months; extrapolating two parameters from few contracts is no test of the generator.
    kept, truly = (
        np.exp(betaln(a, b + 6) - betaln(a, b)) for a, b in (np.exp(found.x), (truth["alpha"], truth["beta"]))
    )
    assert kept == pytest.approx(truly, abs=4 * np.sqrt(truly * (1 - truly) / len(own)))


def test_a_contract_starts_once_and_ends_at_most_once(shop: Company) -> None:
    rows = shop.facts["subscriptions"].to_pandas().sort_values("at", kind="stable")
    for _, own in rows.groupby("contract"):
        kinds = own["kind"].tolist()
        assert kinds[0] == "start"
        assert "start" not in kinds[1:]
        assert "cancel" not in kinds[:-1]
    days = pd.to_datetime(rows["day"])
    first = days.groupby(rows["contract"]).transform("min")
    months = (days.dt.year - first.dt.year) * 12 + days.dt.month - first.dt.month
    assert (months == rows.groupby("contract").cumcount()).all()
    same = (days.dt.day == first.dt.day) | ((days.dt.day == days.dt.days_in_month) & (first.dt.day > days.dt.day))
    assert same.all()


def test_upgrades_change_the_price(large: Company) -> None:
    rows = large.facts["subscriptions"].to_pandas().sort_values(["contract", "at"], kind="stable")
    before = rows.groupby("contract")["amount"].shift()
    assert (rows.loc[rows["kind"] == "upgrade", "amount"] > before[rows["kind"] == "upgrade"]).all()
    assert (rows.loc[rows["kind"] == "downgrade", "amount"] < before[rows["kind"] == "downgrade"]).all()
    renewals = rows["kind"].isin(["renewal", "upgrade", "downgrade"]).sum()
    assert 0.008 < (rows["kind"] == "upgrade").sum() / renewals < 0.04


def test_usage_fades_before_a_cancellation(large: Company) -> None:
    usage = large.facts["usage"].to_pandas()
    usage = usage[(usage["meter"] == "gpu_seconds") & usage["id"].str.startswith("w")]
    rows = large.facts["subscriptions"].to_pandas()
    cancel = rows[rows["kind"] == "cancel"].set_index("customer")["at"]
    usage = usage[usage["customer"].isin(cancel.index)]
    left = (cancel.loc[usage["customer"]].to_numpy() - usage["at"].to_numpy()) / np.timedelta64(1, "D")
    usage = usage.assign(left=left)
    last, before = (
        usage[(usage["left"] >= low) & (usage["left"] < low + 7)].groupby("customer")["quantity"].last()
        for low in (0.0, 49.0)
    )
    young = usage.groupby("customer")["left"].max() < 63  # the reading seven weeks before must be of a full week
    both = last.index.intersection(before.index).difference(young.index[young])
    fall = np.log(last[both] / before[both])
    fade = large.truth["usage"]["fade_to"] + (1 - large.truth["usage"]["fade_to"]) * 3.5 / 42
    assert len(both) > 300
    assert fall.mean() == pytest.approx(np.log(fade), abs=0.12)
