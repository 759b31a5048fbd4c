"""The gate for a whole list at once: the same verdicts as one by one, for a million people.

A list where each person stands once is judged in columns. People who stand in it
twice or more are judged one after the other, since the first message counts
against the cap of the second.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from regulars.act.gate import (
    ADDRESS_KIND,
    HOLD_OUT,
    LATER,
    MARKETING,
    PERMIT,
    REASONS,
    SERVICE,
    Recipient,
    Send,
    Sent,
    room,
)
from regulars.trust.consent import GRANTED, PENDING, WITHDRAWN
from regulars.trust.quiet_hours import zone_of

if TYPE_CHECKING:
    from regulars.act.gate import Gate
    from regulars.trust.caps import Cap

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

_TIME: Final = pa.timestamp("us", tz="UTC")
# Columns the caller may leave out, and what they then are.
_DEFAULTS: Final[dict[str, tuple[Any, pa.DataType]]] = {
    "channel": ("email", pa.string()),
    "flow": ("", pa.string()),
    "action": ("", pa.string()),
    "purpose": (MARKETING, pa.string()),
    "zone": (None, pa.string()),
    "suppressed": (False, pa.bool_()),
    "priority": (0.0, pa.float64()),
    "expires_at": (None, _TIME),
}
_NEVER: Final = np.iinfo(np.int64).max
VERDICT_SCHEMA: Final = pa.schema([("verdict", pa.string()), ("reason", pa.string()), ("retry_at", _TIME)])


def judge_many(gate: Gate, sends: pa.Table, history: pa.Table | None, now: datetime) -> pa.Table:
    """Judge a list of sends; the verdicts come back in the order of the rows.

    ``sends`` has ``customer, key, consent`` and either ``address`` or the flag
    ``has_address``; it may have ``channel, flow, action, purpose, zone, suppressed, priority,
    expires_at``. ``history`` has ``customer, channel, at, key`` of what was sent before
    (and may have ``purpose``). A quota goes to the highest ``priority`` first, ties by
    customer, so the order of the rows changes nothing.

    Returns ``verdict, reason, retry_at``. Raises ``KeyError`` for a missing column.
    """
    table = _complete(sends)
    past = _past(history)
    rows = table.num_rows
    reasons = np.full(rows, -1, dtype=np.int8)
    retry = np.full(rows, _NEVER, dtype=np.int64)
    service = _flags(pc.equal(table["purpose"], SERVICE))
    _static(gate, table, past, reasons, service)

    undecided = np.flatnonzero(reasons < 0)
    repeated = _repeated(table["customer"], undecided)
    if gate.rules.quotas and repeated.any():
        repeated[undecided] = True
    alone = undecided[~repeated[undecided]]
    _columns(gate, table, past, alone, service, reasons, retry, now)
    _one_by_one(gate, table, past, np.flatnonzero(repeated), reasons, retry, now)
    return _verdicts(reasons, retry, table["expires_at"])


def _complete(sends: pa.Table) -> pa.Table:
    missing = {"customer", "key", "consent"} - set(sends.column_names)
    if missing or not {"address", "has_address"} & set(sends.column_names):
        raise KeyError(f"the list to judge needs the columns {', '.join(sorted(missing)) or 'address or has_address'}")
    for name, (value, kind) in _DEFAULTS.items():
        if name not in sends.column_names:
            sends = sends.append_column(name, pa.repeat(pa.scalar(value, kind), sends.num_rows))
        elif value is not None:
            index = sends.column_names.index(name)
            sends = sends.set_column(index, name, pc.fill_null(sends[name].cast(kind), value))
    return sends.combine_chunks()


def _past(history: pa.Table | None) -> pa.Table:
    if history is None:
        kinds = [("customer", pa.string()), ("channel", pa.string()), ("at", _TIME), ("key", pa.string())]
        history = pa.schema(kinds).empty_table()
    if "purpose" not in history.column_names:
        history = history.append_column("purpose", pa.repeat(pa.scalar(MARKETING), history.num_rows))
    return history.set_column(history.column_names.index("at"), "at", history["at"].cast(_TIME)).combine_chunks()


def _flags(values: Any) -> Flags:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def _object(reasons: npt.NDArray[np.int8], mask: Flags, reason: str) -> None:
    """Give the reason to the rows of the mask that have none yet."""
    reasons[(reasons < 0) & mask] = REASONS.index(reason)


def _static(gate: Gate, table: pa.Table, past: pa.Table, reasons: npt.NDArray[np.int8], service: Flags) -> None:
    """The checks that do not depend on any other row: address to holdout."""
    if "address" in table.column_names:
        filled = pc.fill_null(pc.not_equal(table["address"], ""), False)
    else:
        filled = table["has_address"]
    _object(reasons, ~_flags(filled), "no_address")
    _object(reasons, _flags(table["suppressed"]), "suppressed")
    stop = gate.rules.suppression
    if stop and stop.hashes and "address" in table.column_names:
        for channel in pc.unique(table["channel"]).to_pylist():
            kind = ADDRESS_KIND.get(channel, channel)
            asked = np.flatnonzero((reasons < 0) & _flags(pc.equal(table["channel"], channel)))
            hit = np.array(stop.has_many(kind, table["address"].take(asked).to_pylist()), dtype=np.bool_)
            reasons[asked[hit]] = REASONS.index("suppressed")
    _object(reasons, _flags(pc.equal(table["consent"], PENDING)) & ~service, "consent_pending")
    _object(reasons, _flags(pc.equal(table["consent"], WITHDRAWN)) & ~service, "consent_withdrawn")
    _object(reasons, ~_flags(pc.equal(table["consent"], GRANTED)) & ~service, "consent_missing")
    if past.num_rows:
        pairs = pc.binary_join_element_wise(table["customer"], table["key"], "\0")
        before = pc.binary_join_element_wise(past["customer"], past["key"], "\0")
        _object(reasons, _flags(pc.is_in(pairs, value_set=before.combine_chunks())), "duplicate")
    # The same message twice in the list: whether the second is a duplicate depends on the first, so they take turns.
    left = np.flatnonzero(reasons < 0)
    pairs = pc.binary_join_element_wise(table["customer"], table["key"], "\0").take(left).combine_chunks()
    codes = pairs.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    once = np.bincount(codes, minlength=1)[codes] == 1
    asked = left[once & ~service[left]]
    people, flows = table["customer"].take(asked).to_pylist(), table["flow"].take(asked).to_pylist()
    reasons[asked[gate.rules.holdout.held_many(people, flows)]] = REASONS.index("holdout")
    if gate.rules.holdout.everywhere:
        apart = np.fromiter(map(gate.rules.holdout.held_everywhere, people), dtype=np.bool_, count=len(people))
        reasons[asked[apart]] = REASONS.index("holdout_everywhere")


def _repeated(customers: pa.ChunkedArray, undecided: Numbers) -> Flags:
    """Rows of people who stand in the list more than once among the undecided."""
    flags = np.zeros(len(customers), dtype=np.bool_)
    coded = customers.take(undecided).combine_chunks().dictionary_encode()
    codes = coded.indices.to_numpy(zero_copy_only=False)
    flags[undecided] = np.bincount(codes, minlength=1)[codes] > 1 if len(codes) else False
    return flags


def _microseconds(at: datetime) -> int:
    return (at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _free_at(cap: Cap, people: pa.Array, past: pa.Table, now: int) -> Numbers:
    """When each person is under the cap again: now, later, or never."""
    window = cap.window // timedelta(microseconds=1)
    free = np.full(len(people), now, dtype=np.int64)
    if cap.messages == 0:
        free[:] = _NEVER
        return free
    who = pc.fill_null(pc.index_in(past["customer"].combine_chunks(), value_set=people), -1)
    who = who.to_numpy(zero_copy_only=False)
    at = past["at"].combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False)
    counted = (who >= 0) & (at > now - window)
    who, at = who[counted], at[counted]
    order = np.lexsort((at, who))
    who, at = who[order], at[order]
    counts = np.bincount(who, minlength=len(people))
    ends = np.cumsum(counts)
    full = counts >= cap.messages
    free[full] = at[ends[full] - cap.messages] + window
    return free


def _columns(
    gate: Gate, table: pa.Table, past: pa.Table, asked: Numbers, service: Flags,
    reasons: npt.NDArray[np.int8], retry: Numbers, now: datetime,
) -> None:  # fmt: skip
    """Quota, caps and quiet hours for people who stand in the list once."""
    reasons[asked[service[asked]]] = REASONS.index("permitted")
    asked = asked[~service[asked]]
    if not len(asked):
        return
    rules, instant = gate.rules, _microseconds(now)
    part = table.take(asked)
    people = part["customer"].combine_chunks()
    past = past.filter(pc.equal(past["purpose"], MARKETING))
    free = np.full(len(asked), instant, dtype=np.int64)
    if rules.caps.overall is not None:
        free = np.maximum(free, _free_at(rules.caps.overall, people, past, instant))
    for channel, cap in rules.caps.channels.items():
        here = _flags(pc.equal(part["channel"], channel))
        on_channel = past.filter(pc.equal(past["channel"], channel))
        free[here] = np.maximum(free[here], _free_at(cap, people, on_channel, instant)[here])
    capped = free > instant

    zones = part["zone"].combine_chunks().dictionary_encode(null_encoding="encode")
    opens = np.empty(len(zones.dictionary), dtype=np.int64)
    for i, name in enumerate(zones.dictionary.to_pylist()):
        opens[i] = _microseconds(rules.quiet.next_allowed(now, zone_of(name, rules.zone)))
    opened = opens[zones.indices.to_numpy(zero_copy_only=False)]
    quiet = ~capped & (opened > instant)

    used_up = np.zeros(len(asked), dtype=np.bool_)
    if rules.quotas:
        order = _canonical(part)
        good = ~(capped | quiet)[order]
        # Quotas of single actions first: whom they stop takes nothing from the quota of the channel.
        for name, quota in sorted(rules.quotas.items(), key=lambda one: "/" not in one[0]):
            channel, _slash, action = name.partition("/")
            here = _flags(pc.equal(part["channel"], channel))[order]
            if action:
                here &= _flags(pc.equal(part["action"], action))[order]
            before = np.cumsum(good & here) - (good & here)
            over = here & (before >= max(quota, 0))
            used_up[order[over]] = True
            good &= ~over
    reasons[asked] = np.select(
        [used_up, capped, quiet],
        [REASONS.index("quota_used"), REASONS.index("frequency_cap"), REASONS.index("quiet_hours")],
        REASONS.index("permitted"),
    )
    retry[asked] = np.select([used_up, capped, quiet], [np.full(len(asked), _NEVER), free, opened], _NEVER)


def _canonical(table: pa.Table) -> Numbers:
    """The order in which rows get their turn: priority first, then by content, never by position."""
    names = ["customer", "key", *(n for n in table.column_names if n not in ("customer", "key", "priority"))]
    keys = [("priority", "descending"), *((name, "ascending") for name in names)]
    return np.asarray(pc.sort_indices(table, sort_keys=keys).to_numpy(zero_copy_only=False), dtype=np.int64)


def _one_by_one(
    gate: Gate, table: pa.Table, past: pa.Table, asked: Numbers,
    reasons: npt.NDArray[np.int8], retry: Numbers, now: datetime,
) -> None:  # fmt: skip
    """Judge rows in turn, each permitted one counting for those after it."""
    if not len(asked):
        return
    asked = asked[_canonical(table.take(asked))]
    part = table.take(asked)
    sent: dict[str, list[Sent]] = defaultdict(list)
    known = past.filter(pc.is_in(past["customer"], value_set=part["customer"].combine_chunks()))
    for row in known.to_pylist():
        sent[row["customer"]].append(Sent(row["at"], row["channel"], row["key"] or "", row["purpose"]))
    left = dict(gate.rules.quotas)
    for index, row in zip(asked, part.to_pylist(), strict=True):
        free = room(left, row["channel"], row["action"])
        send = Send(row["key"], row["channel"], row["flow"], row["purpose"], free, action=row["action"])
        address = row.get("address") or "known"
        who = Recipient(row["customer"], address, row["consent"], row["zone"], sent=tuple(sent[row["customer"]]))
        verdict = gate.judge(send, who, now)
        reasons[index] = REASONS.index(verdict.reason)
        if verdict.retry_at is not None:
            retry[index] = _microseconds(verdict.retry_at)
        if verdict.permitted:
            sent[who.customer].append(Sent(now, send.channel, send.key, send.purpose))
            for name in (send.channel, f"{send.channel}/{send.action}"):
                if name in left and send.purpose != SERVICE:
                    left[name] -= 1


def _verdicts(reasons: npt.NDArray[np.int8], retry: Numbers, expires: pa.ChunkedArray) -> pa.Table:
    ends = pc.fill_null(expires.cast(pa.int64()), _NEVER).to_numpy()
    waits = (retry < _NEVER) & (retry < ends)
    names = np.array(["deny", HOLD_OUT, LATER, PERMIT])
    held = np.isin(reasons, [REASONS.index("holdout"), REASONS.index("holdout_everywhere")])
    code = np.select([held, reasons == REASONS.index("permitted"), waits], [1, 3, 2], 0)
    return pa.table(
        [
            pa.array(names[code], pa.string()),
            pa.array(np.array(REASONS)[reasons], pa.string()),
            pa.array(retry, pa.int64(), mask=~(waits & (code == 2))).cast(_TIME),
        ],
        schema=VERDICT_SCHEMA,
    )
