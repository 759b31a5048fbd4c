"""Today's money: an even part of what the week has left, and never more than the week in sum."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from regulars.web.plans import quotas, services
from regulars.web.plans.models import Plan, Quota
from regulars.web.plans.pacing import today

TZ = ZoneInfo("Asia/Shanghai")
SINCE = datetime(2026, 3, 2, 1, tzinfo=UTC)


def week(amount: int) -> Quota:
    return Quota(unit="money", channel="search", amount=amount, since=SINCE, until=SINCE + timedelta(days=7))


def test_what_the_days_before_left_goes_to_the_days_to_come():
    now = datetime(2026, 3, 5, 4, tzinfo=UTC)  # Thursday noon in Shanghai; the week ends on Monday at nine
    found = today(week(80_000), {date(2026, 3, 2): 20_000, date(2026, 3, 4): 10_000, date(2026, 3, 5): 4_000}, now, TZ)
    # 50,000 are left for Thursday to Monday; Monday's nine hours count as a day.
    assert (found.allowed, found.spent, found.left) == (10_000, 4_000, 6_000)
    assert found.this_hour == 6_000 // 12
    untold = today(week(80_000), {}, now, TZ)
    assert (untold.allowed, untold.spent) == (16_000, None)
    assert today(week(80_000), {}, SINCE - timedelta(hours=1), TZ) is None
    assert today(week(80_000), {}, SINCE + timedelta(days=7), TZ) is None


@tries(max_examples=40, deadline=None)
@given(amount=st.integers(0, 10**7), eager=st.lists(st.floats(0, 1), min_size=192, max_size=192))
def test_who_spends_what_each_hour_allows_never_passes_the_week(amount, eager):
    days: dict[date, int] = {}
    for h in range(7 * 24):
        now = SINCE + timedelta(hours=h)
        found = today(week(amount), days, now, TZ)
        day = now.astimezone(TZ).date()
        days[day] = days.get(day, 0) + int(found.this_hour * eager[h])
        assert days[day] <= found.allowed
    assert sum(days.values()) <= amount


def test_the_plan_page_tells_today_by_channel(company, owner):
    services.plan_approve("plan-2", "mei")
    Quota.objects.filter(plan_id="plan-2", unit="money").update(amount=70_000)
    shown = [r for r in quotas.in_force(Plan.objects.get(uid="plan-2"), Quota.objects.first().since) if r.today]
    assert {r.unit for r in shown} == {"money"}
    owner.cookies["regulars_language"] = "en"
    text = owner.get("/decide/plan/plan-2/").content.decode()
    assert text.count("no spend of today is told yet") == len(shown) > 0
