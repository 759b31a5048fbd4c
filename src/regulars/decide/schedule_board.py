"""The board of time: when people respond, which hour each message goes out, whom to call, when to be at the desk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars import __version__
from regulars.decide.calls import Calls
from regulars.decide.curves import Array
from regulars.decide.result import InfeasibleError
from regulars.decide.schedule import SendSchedule
from regulars.decide.schedule_body import Call, Desk, HourCell, Like, Volume
from regulars.decide.schedule_facts import Moments, bins_of, moments, tickets
from regulars.decide.schedule_response import BINS, MOST, HourResponse
from regulars.decide.schedule_rooms import Whole
from regulars.decide.schedule_written import Written, written
from regulars.decide.send_hours import SendHours
from regulars.decide.staffing import DeskHours, erlang_c, servers_for
from regulars.decide.view import View
from regulars.tables import DECISIONS
from regulars.tables.cards import ModelCard
from regulars.trust.quiet_hours import QuietHours

FEWEST: Final = 50
AHEAD: Final = 24
TRIED_DAYS: Final = 28
NAMED: Final = 20_000
LISTED: Final = 40


@dataclass(frozen=True)
class ScheduleBoard:
    """``own_after``: after so many events a person's own habit weighs as much as their kind's. ``sooner``: worth of
    the plan over the same messages at an average hour (share). ``hours``: start to the people whose message goes;
    ``times`` (not kept): the hour of everybody by channel, and who has an hour of their own."""

    people: int
    events: int
    sources: dict[str, int]
    cells: tuple[HourCell, ...]
    likes: tuple[Like, ...]
    own_after: float
    gain: tuple[float, float] | None
    volume: tuple[Volume, ...]
    messages: int
    later: int
    sooner: float | None
    gap: float
    hours: dict[str, tuple[str, ...]]
    calls: tuple[Call, ...]
    call_basis: str
    desk: Desk | None
    limits: tuple[str, ...]
    made_by: str
    cards: tuple[ModelCard, ...]
    decisions: pa.Table
    memo: tuple[str, ...]
    times: dict[str, dict[str, str]]


def schedule_board(view: View) -> ScheduleBoard | None:
    """The board of this turn; None while nobody has done anything."""
    if not view.people.num_rows:
        return None
    seen = moments(view.facts, view.people, view.now)
    if not len(seen.person):
        return None
    said = written(view.book)
    zones, zone = _numbered(view.people.column("zone"), view.settings.zone)
    kinds, kind = _kinds(view)
    at = bins_of(seen.hour, zone[seen.person], zones, view.settings.zone)
    model = HourResponse().fit(seen.person, at, seen.count, kind)
    gain = _tried(seen, at, kind, view)
    if gain is None or gain[1] <= gain[0]:
        # Habits that did not help to foretell the last weeks are not believed: everybody gets the hours of their kind.
        model.own_ = MOST
    quiet = QuietHours.parse(view.settings.quiet_from, view.settings.quiet_to)
    hours = SendHours.ahead(view.now, AHEAD, zones, quiet, view.settings.zone)
    volume, when, sooner, later, gap = _messages(view, model, zone, hours, said)
    calls, basis = _calls(view, model, zone, zones, quiet, said)
    desk = _desk(view, said)
    made_by = f"decide.schedule/{__version__}"
    low, high = model.interval()
    limits = ("little_activity",) if seen.count.sum() < 20 * FEWEST else ()
    named = {s: w for s, w in when.items() if w} if sum(map(len, when.values())) <= NAMED else {}
    stamp = {"plan": view.plan, "made_at": view.now, "lake_version": view.lake_version, "made_by": made_by}
    return ScheduleBoard(
        people=int((model.events_ > 0).sum()), events=int(seen.count.sum()), sources=dict(seen.sources),
        cells=tuple(HourCell(b, float(model.everybody_[b] * BINS), float(low[b] * BINS), float(high[b] * BINS))
                    for b in range(BINS)),
        likes=_likes(model, kinds, kind), own_after=model.own_, gain=gain, volume=volume,
        messages=sum(v.planned for v in volume) + later, later=later, sooner=sooner, gap=gap, hours=named,
        calls=calls, call_basis=basis, desk=desk, limits=limits, made_by=made_by,
        cards=(_card(model, seen, gain, limits),), decisions=_rows(calls, stamp),
        memo=(f"calls={len(calls)}",) if calls else (), times=_times(view, model, when, calls, basis),
    )  # fmt: skip


def _times(
    view: View, model: HourResponse, when: dict[str, tuple[str, ...]], calls: tuple[Call, ...], basis: str
) -> dict[str, dict[str, str]]:
    """The hour of every action of the plan by channel; ``own``: whose habit weighs as much as that of their kind."""
    times = {"email": {who: at for at, people in when.items() for who in people}}
    if basis == "plan":
        times["phone"] = {c.customer: c.at for c in calls}
    keys = np.asarray(view.people.column("customer"), dtype=object)
    return times | {"own": dict.fromkeys(keys[model.events_ >= model.own_].tolist(), "")}


def _numbered(column: Any, fallback: str) -> tuple[list[str], Whole]:
    words = pc.fill_null(column.combine_chunks().cast(pa.string()), fallback).dictionary_encode()
    return [str(w) for w in words.dictionary.to_pylist()], np.asarray(words.indices, dtype=np.int64)


def _kinds(view: View) -> tuple[list[str], Whole]:
    """Activity states, prospects together."""
    rows = view.scores.filter(pc.equal(view.scores.column("name"), "activity"))
    at = pc.index_in(view.people.column("customer").combine_chunks().cast(pa.string()),
                     value_set=rows.column("customer").combine_chunks().cast(pa.string()))  # fmt: skip
    words = pc.fill_null(rows.column("label").combine_chunks().take(at), "prospect").dictionary_encode()
    return [str(w) for w in words.dictionary.to_pylist()], np.asarray(words.indices, dtype=np.int64)


def _likes(model: HourResponse, kinds: list[str], kind: Whole) -> tuple[Like, ...]:
    people = np.bincount(kind, minlength=len(kinds))
    found = [
        Like(kinds[k], int(people[k]), int(model.counted_[k]),
             tuple(int(b) for b in np.argsort(-model.segments_[k], kind="stable")[:3]),
             float(model.segments_[k].max() * BINS))
        for k in range(len(model.segments_))
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda like: (-like.events, like.key)))


def _messages(
    view: View, model: HourResponse, zone: Whole, hours: SendHours, said: Written
) -> tuple[tuple[Volume, ...], dict[str, tuple[str, ...]], float | None, int, float]:
    """The hour of every message of this turn in the day ahead."""
    rows = view.best.solution
    rows = rows.filter(pc.equal(rows.column("channel"), "email"))
    names = [s.isoformat() for s in hours.starts]
    who = _places(view, rows)
    value = np.maximum(np.asarray(rows.column("value").cast(pa.float64()).fill_null(0.0)), 1.0)
    share = model.shares(who) * BINS
    bins, open_ = hours.bins[zone[who]], hours.open[zone[who]]
    lift = np.take_along_axis(share, bins, axis=1)
    worth = np.where(open_, value[:, None] * lift, -np.inf)
    plan = SendSchedule(dict.fromkeys(names, said.messages_an_hour)).decide(worth)
    slot = np.array([-1 if s is None else names.index(s) for s in plan.solution], dtype=np.int64)
    keys = np.asarray(rows.column("customer"), dtype=object)
    when = {name: tuple(keys[slot == k].tolist()) for k, name in enumerate(names)}
    volume = tuple(
        Volume(name, plan.volume[name], said.messages_an_hour,
               plan.shadow_prices[f"room:{name}"].more if f"room:{name}" in plan.shadow_prices else 0.0)
        for k, name in enumerate(names) if open_[:, k].any()
    )  # fmt: skip
    sent = slot >= 0
    # Beside the same messages at the mean of the hours that are open for them.
    plain = value * np.nanmean(np.where(open_, lift, np.nan), axis=1) if sent.any() else np.zeros(len(value))
    sooner = float(plan.value / plain[sent].sum() - 1) if sent.any() else None
    return volume, when, sooner, int((~sent).sum()), plan.gap


def _places(view: View, rows: pa.Table) -> Whole:
    keys = view.people.column("customer").combine_chunks().cast(pa.string())
    at = pc.index_in(rows.column("customer").combine_chunks().cast(pa.string()), value_set=keys)
    return np.asarray(at.fill_null(0), dtype=np.int64)


def _calls(
    view: View, model: HourResponse, zone: Whole, zones: list[str], quiet: QuietHours, said: Written
) -> tuple[tuple[Call, ...], str]:
    """Calls the plan asks for; where it asks for none, the customers with most at stake."""
    rows, basis = view.best.solution, "plan"
    rows = rows.filter(pc.equal(rows.column("channel"), "phone"))
    if rows.num_rows:
        keys, value = rows.column("customer"), rows.column("value")
        why = [f"{a};{w or ''}".rstrip(";") for a, w in zip(rows.column("action").to_pylist(),
                                                              rows.column("why").to_pylist(), strict=True)]  # fmt: skip
    else:
        basis = "stake"
        lost = view.scores.filter(pc.equal(view.scores.column("name"), "loss_90"))
        lost = lost.sort_by([("value", "descending"), ("customer", "ascending")]).slice(0, 20 * LISTED)
        keys, value = lost.column("customer"), lost.column("value")
        why = [w or "" for w in lost.column("why").to_pylist()]
    fresh = np.array([k not in said.called for k in keys.to_pylist()], dtype=bool)
    who = _places(view, pa.table({"customer": keys}))[fresh]
    worth = np.asarray(value.cast(pa.float64()).fill_null(0.0))[fresh]
    reasons = [w for w, f in zip(why, fresh, strict=True) if f]
    days = said.days_ahead
    slots = said.calendar.slots(view.now, days, view.settings.tz)
    if not slots or not len(who):
        return (), basis
    hour = np.array([int(s.timestamp()) // 3600 for s in slots])
    bins = np.stack([bins_of(hour, np.zeros(len(hour), dtype=np.int64), [z], view.settings.zone) for z in zones])
    night = np.array([[quiet.quiet(s, _zone(z, view.settings.zone)) for s in slots] for z in zones])
    chance = np.take_along_axis(model.shares(who) * BINS, bins[zone[who]], axis=1)
    chance = np.where(night[zone[who]], -np.inf, chance)
    plan = Calls(said.calendar, days).decide(worth, chance, slots, view.settings.tz)
    keys_ = np.asarray(view.people.column("customer"), dtype=object)[who]
    return tuple(Call(str(keys_[r]), s.isoformat(), float(worth[r]), reasons[r])
                 for r, s in plan.solution.items())[: 5 * LISTED], basis  # fmt: skip


def _zone(name: str, fallback: str) -> Any:
    from regulars.trust.quiet_hours import zone_of

    return zone_of(name, fallback)


def _desk(view: View, said: Written) -> Desk | None:
    by_hour, count, now = tickets(view.facts, view.now, view.settings.zone, said.within)
    if not count:
        return None
    calendar = said.calendar
    allowed = tuple(d * 24 + h for d in calendar.weekdays for h in range(*calendar.hours))
    rule = DeskHours(an_hour=said.an_hour, within=said.within, share=said.share, allowed=allowed)
    conflict: tuple[str, ...] = ()
    hours: tuple[int, ...] = ()
    on_time = 0.0
    try:
        plan = rule.decide(by_hour)
        hours, on_time = plan.solution, plan.in_time
    except InfeasibleError as error:
        conflict = tuple(w.code for w in error.conflict)
        try:
            hours, on_time = (p := replace(rule, allowed=()).decide(by_hour)).solution, p.in_time
        except InfeasibleError:
            hours = ()
    busy, work = float(by_hour.max()), 1 / said.an_hour
    hands = max(servers_for(busy * work, work, 2 / 60, said.share), 1)
    return Desk(count, float(by_hour.sum()), tuple(float(v) for v in by_hour), hours, on_time, now, said.within,
                said.share, conflict, hands, erlang_c(busy * work, hands))  # fmt: skip


def _tried(seen: Moments, at: Whole, kind: Whole, view: View) -> tuple[float, float] | None:
    """How much better each event of the last weeks was foretold than by a flat week: by everybody's and own hours.

    The mean log of the ratio of the shares, of a model that had not seen them; None where there is too little.
    """
    cut = int((view.now - timedelta(days=TRIED_DAYS)).timestamp()) // 3600
    new = seen.hour >= cut
    if seen.count[new].sum() < FEWEST or seen.count[~new].sum() < FEWEST:
        return None
    model = HourResponse().fit(seen.person[~new], at[~new], seen.count[~new], kind)
    weight = seen.count[new] / seen.count[new].sum()
    everybody = float(weight @ np.log(model.everybody_[at[new]] * BINS))
    rows, which = np.unique(seen.person[new], return_inverse=True)
    own: Array = model.shares(rows)[which.ravel(), at[new]]
    return everybody, float(weight @ np.log(own * BINS))


def _card(model: HourResponse, seen: Moments, gain: tuple[float, float] | None, limits: tuple[str, ...]) -> ModelCard:
    metrics = () if gain is None else (
        ("log_gain_everybody", gain[0], None, None), ("log_gain_own", gain[1], None, None),
    )  # fmt: skip
    return ModelCard(
        model="hour_response", version=__version__, trained_from=None, trained_to=None, n=int(seen.count.sum()),
        features=("hour_of_week", "activity", "own_hours"),
        parameters=(("own_after", model.own_, None), ("kind_after", model.apart_, None)), holdout=None, limits=limits,
        metrics=metrics, data=", ".join(seen.sources),
    )  # fmt: skip


def _rows(calls: tuple[Call, ...], stamp: dict[str, Any]) -> pa.Table:
    first = calls[:LISTED]
    return DECISIONS.fill(
        {
            "id": [f"{stamp['plan']}#s#{c.customer}" for c in first],
            "kind": "schedule",
            "customer": [c.customer for c in first],
            "subject": "call",
            "channel": "phone",
            "why": [c.why for c in first],
            **stamp,
        },
        len(first),
    )
