from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from regulars.act.gate import DENY, LATER, PERMIT, REASONS, Gate, GateRules, Recipient, Send, Sent
from regulars.act.holdout import Holdout
from regulars.trust.caps import Cap, Caps
from regulars.trust.consent import STATES
from regulars.trust.quiet_hours import QuietHours
from regulars.trust.suppression import Suppression

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
OPEN = QuietHours(time(0), time(0))
NOBODY = Holdout(0.0)


def someone(**changes: object) -> Recipient:
    given = {"customer": "p1", "address": "li@example.com", "consent": "granted"} | changes
    return Recipient(**given)  # type: ignore[arg-type]


def test_the_first_objection_in_the_documented_order_gives_the_reason() -> None:
    stop = Suppression(b"k" * 32).add("email", "li@example.com")
    everything_wrong = GateRules(
        caps=Caps(Cap(1, 7)), quiet=QuietHours(time(0), time(23)), holdout=Holdout(1.0), suppression=stop,
        quotas={"email": 0},
    )  # fmt: skip
    sent = (Sent(NOON - timedelta(days=1), "email", "k"),)
    rules, who = everything_wrong, someone(address="", consent="unknown", sent=sent)
    seen = []
    steps = [
        lambda: (rules, someone(consent="unknown", sent=sent)),
        lambda: (GateRules(rules.caps, rules.quiet, "UTC", Holdout(1.0), None, rules.quotas), who),
        lambda: (rules, someone(sent=sent)),
        lambda: (rules, someone(sent=(Sent(sent[0].at, "email", "other"),))),
        lambda: (GateRules(rules.caps, rules.quiet, "UTC", NOBODY, None, rules.quotas), who),
        lambda: (GateRules(rules.caps, rules.quiet, "UTC", NOBODY), who),
        lambda: (GateRules(rules.caps, rules.quiet, "UTC", NOBODY), someone()),
        lambda: (GateRules(rules.caps, OPEN, "UTC", NOBODY), who),
    ]
    for step in steps:
        seen.append(Gate(rules).judge(Send("k"), who, NOON).reason)
        rules, who = step()
    seen.append(Gate(rules).judge(Send("k"), who, NOON).reason)
    apart = GateRules(rules.caps, OPEN, "UTC", Holdout(1.0, everywhere=1.0))
    assert Gate(apart).judge(Send("k"), someone(), NOON).reason == "holdout_everywhere"
    assert seen == [
        "no_address", "suppressed", "consent_missing", "duplicate", "holdout", "quota_used", "frequency_cap",
        "quiet_hours", "permitted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("consent", "reason"),
    [("pending", "consent_pending"), ("withdrawn", "consent_withdrawn"), ("unknown", "consent_missing"),
     ("", "consent_missing"), ("Granted", "consent_missing")],
)  # fmt: skip
def test_only_a_given_consent_opens_the_door(consent: str, reason: str) -> None:
    gate = Gate(GateRules(holdout=NOBODY))
    assert gate.judge(Send("k"), someone(consent=consent), NOON).reason == reason


def test_an_answer_the_person_asked_for_needs_no_marketing_consent_but_never_reaches_a_suppressed_address() -> None:
    gate = Gate(GateRules(holdout=Holdout(1.0), quotas={"email": 0}))
    answer = Send("ticket/1", purpose="service")
    assert gate.judge(answer, someone(consent="withdrawn"), NOON).verdict == PERMIT
    assert gate.judge(answer, someone(suppressed=True), NOON).reason == "suppressed"


def test_a_cap_says_when_to_try_again_and_quiet_hours_end_in_the_customers_zone() -> None:
    gate = Gate(GateRules(holdout=NOBODY, zone="UTC"))
    sent = tuple(Sent(NOON - timedelta(days=d), "email", str(d)) for d in (1, 5))
    capped = gate.judge(Send("k"), someone(sent=sent), NOON)
    assert (capped.verdict, capped.retry_at) == (LATER, NOON + timedelta(days=2))
    night = gate.judge(Send("k"), someone(zone="America/Los_Angeles"), NOON)  # 5 in the morning there
    assert (night.reason, night.retry_at) == ("quiet_hours", NOON + timedelta(hours=3))
    stale = Send("k", expires_at=NOON + timedelta(hours=2))
    assert gate.judge(stale, someone(zone="America/Los_Angeles"), NOON).verdict == DENY
    assert gate.judge(Send("k"), someone(zone="Mars/Olympus"), NOON).verdict == PERMIT  # falls back to the company's


PEOPLE = st.sampled_from([f"p{i}" for i in range(6)])
SENDS = st.fixed_dictionaries(
    {
        "customer": PEOPLE,
        "key": st.sampled_from(["a", "b", "c"]),
        "channel": st.sampled_from(["email", "sms"]),
        "flow": st.sampled_from(["x", "y"]),
        "action": st.sampled_from(["a", "b"]),
        "purpose": st.sampled_from(["marketing", "marketing", "service"]),
        "consent": st.sampled_from([*STATES, "granted", "granted"]),
        "address": st.sampled_from([None, "", "+8613800138000", "li@example.com", "ok@example.com"]),
        "zone": st.sampled_from([None, "", "nowhere", "Asia/Shanghai", "America/New_York"]),
        "suppressed": st.booleans(),
        "priority": st.sampled_from([0.0, 1.0, 2.0]),
        "expires_at": st.sampled_from([None, NOON + timedelta(days=1), NOON + timedelta(days=9)]),
    }
)
SCHEMA = pa.schema(
    [
        (n, pa.string())
        for n in ("customer", "key", "channel", "flow", "action", "purpose", "consent", "address", "zone")
    ]
    + [("suppressed", pa.bool_()), ("priority", pa.float64()), ("expires_at", pa.timestamp("us", tz="UTC"))]
)
HISTORY = st.lists(
    st.tuples(
        PEOPLE, st.sampled_from(["email", "sms"]), st.integers(-20 * 24, 48), st.sampled_from(["a", "z", None]),
        st.sampled_from(["marketing", "service"]),
    ),
    max_size=12,
)  # fmt: skip
STOP = Suppression(b"k").add("email", "li@example.com").add("phone", "+8613800138000")
RULES = st.builds(
    GateRules,
    caps=st.builds(
        Caps,
        st.sampled_from([None, Cap(0, 3), Cap(1, 7), Cap(2, 7)]),
        st.sampled_from([{}, {"sms": Cap(1, 14)}]),
    ),
    quiet=st.sampled_from([OPEN, QuietHours(time(21), time(8)), QuietHours(time(6), time(13))]),
    zone=st.sampled_from(["UTC", "Asia/Tokyo"]),
    holdout=st.builds(Holdout, st.sampled_from([0.0, 0.3]), everywhere=st.sampled_from([0.0, 0.2])),
    suppression=st.sampled_from([None, STOP]),
    quotas=st.sampled_from(
        [
            {},
            {"email": 2},
            {"email": 1, "sms": 0},
            {"email/a": 1},
            {"email/a": 1, "email": 2, "sms/b": 0},
            {"email/a": 2, "email/b": 1, "email": 2},
        ]
    ),
)


def history_table(rows: list[tuple[str, str, int, str | None, str]]) -> pa.Table:
    people, channels, hours, keys, purposes = zip(*rows, strict=True) if rows else ([], [], [], [], [])
    return pa.table(
        {
            "customer": pa.array(people, pa.string()), "channel": pa.array(channels, pa.string()),
            "at": pa.array([NOON + timedelta(hours=h) for h in hours], pa.timestamp("us", tz="UTC")),
            "key": pa.array(keys, pa.string()), "purpose": pa.array(purposes, pa.string()),
        }
    )  # fmt: skip


def one_by_one(rules: GateRules, rows: list[dict], past: list) -> list[tuple]:
    """The plain reading of the documentation: sort, judge, count what was permitted."""
    sent = {f"p{i}": [] for i in range(6)}
    for person, channel, hours, key, purpose in past:
        sent[person].append(Sent(NOON + timedelta(hours=hours), channel, key or "", purpose))
    left = dict(rules.quotas)
    ties = ("channel", "flow", "action", "purpose", "consent", "address", "zone", "suppressed", "expires_at")
    turns = sorted(
        range(len(rows)),
        key=lambda i: (
            -rows[i]["priority"], rows[i]["customer"], rows[i]["key"],
            *((rows[i][n] is None, str(rows[i][n])) for n in ties),
        ),
    )  # fmt: skip
    answers: list[tuple] = [()] * len(rows)
    for i in turns:
        row = rows[i]
        names = [n for n in (row["channel"], f"{row['channel']}/{row['action']}") if n in left]
        free = min((left[n] for n in names), default=None)
        send = Send(row["key"], row["channel"], row["flow"], row["purpose"], free, row["expires_at"], row["action"])
        who = Recipient(row["customer"], row["address"], row["consent"], row["zone"], row["suppressed"],
                        tuple(sent[row["customer"]]))  # fmt: skip
        verdict = Gate(rules).judge(send, who, NOON)
        answers[i] = (verdict.verdict, verdict.reason, verdict.retry_at)
        if verdict.permitted:
            sent[row["customer"]].append(Sent(NOON, send.channel, send.key, send.purpose))
            for name in names if send.purpose != "service" else ():
                left[name] -= 1
    return answers


def in_bulk(rules: GateRules, rows: list[dict], past: list) -> list[tuple]:
    answer = Gate(rules).judge_many(pa.Table.from_pylist(rows, schema=SCHEMA), history_table(past), NOON)
    return [(r["verdict"], r["reason"], r["retry_at"]) for r in answer.to_pylist()]


@settings(max_examples=300, deadline=None)
@given(RULES, st.lists(SENDS, max_size=10), HISTORY)
def test_the_list_gets_the_same_verdicts_as_one_by_one(rules: GateRules, rows: list[dict], past: list) -> None:
    bulk, plain = in_bulk(rules, rows, past), one_by_one(rules, rows, past)
    assert bulk == plain
    for row, (verdict, reason, _) in zip(rows, bulk, strict=True):
        assert reason in REASONS
        if verdict == PERMIT:
            assert row["address"]
            assert row["consent"] == "granted" or row["purpose"] == "service"


@settings(max_examples=150, deadline=None)
@given(RULES, st.lists(SENDS, max_size=8, unique_by=lambda r: r["customer"]), HISTORY)
def test_the_columns_path_gets_the_same_verdicts_as_one_by_one(rules: GateRules, rows: list, past: list) -> None:
    assert in_bulk(rules, rows, past) == one_by_one(rules, rows, past)


@settings(max_examples=150, deadline=None)
@given(RULES, st.lists(SENDS, max_size=8), HISTORY, st.randoms(use_true_random=False))
def test_the_order_of_the_list_changes_nothing(rules: GateRules, rows: list[dict], past: list, random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    told = [(*sorted(map(str, r.items())), a) for r, a in zip(rows, in_bulk(rules, rows, past), strict=True)]
    again = [(*sorted(map(str, r.items())), a) for r, a in zip(shuffled, in_bulk(rules, shuffled, past), strict=True)]
    assert sorted(map(str, told)) == sorted(map(str, again))


def test_whom_the_quota_of_an_action_stops_takes_nothing_from_the_channel() -> None:
    rows = pa.table({"customer": ["a", "b", "c", "d"], "key": ["m"] * 4, "consent": ["granted"] * 4,
                     "address": ["a@example.com"] * 4, "action": ["care", "care", "wake", "wake"],
                     "priority": [9.0, 8.0, 7.0, 6.0]})  # fmt: skip
    gate = Gate(GateRules(holdout=NOBODY, quotas={"email": 2, "email/care": 1}))
    said = gate.judge_many(rows, None, NOON)["reason"].to_pylist()
    assert said == ["permitted", "quota_used", "permitted", "quota_used"]
    assert gate.judge(Send("m", action="care"), Recipient("a", "a@example.com", "granted"), NOON).permitted
    tight = Gate(GateRules(holdout=NOBODY, quotas={"email": 2, "email/care": 0}))
    assert (
        tight.judge(Send("m", action="care"), Recipient("a", "a@example.com", "granted"), NOON).reason == "quota_used"
    )
    assert tight.judge(Send("m", action="wake"), Recipient("a", "a@example.com", "granted"), NOON).permitted


def test_a_quota_goes_to_the_highest_priority() -> None:
    rows = pa.table(
        {"customer": ["a", "b", "c"], "key": ["1", "2", "3"], "consent": ["granted"] * 3, "has_address": [True] * 3,
         "priority": [1.0, 3.0, 2.0]}
    )  # fmt: skip
    gate = Gate(GateRules(holdout=NOBODY, quotas={"email": 2}))
    assert gate.judge_many(rows, None, NOON)["reason"].to_pylist() == ["quota_used", "permitted", "permitted"]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(KeyError, match="consent"):
        Gate(GateRules()).judge_many(pa.table({"customer": ["a"], "key": ["k"], "address": ["x"]}), None, NOON)


class NeverMoreThanTheCap(RuleBasedStateMachine):
    """Whatever is asked, in whatever order and however the clock jumps, the caps hold."""

    def __init__(self) -> None:
        super().__init__()
        self.caps = Caps(Cap(2, 7), {"sms": Cap(1, 10)})
        self.gate = Gate(GateRules(caps=self.caps, quiet=OPEN, holdout=NOBODY))
        self.sent: list[Sent] = []
        self.now = NOON
        self.count = 0

    @rule(hours=st.integers(-24 * 3, 24 * 6))
    def clock_moves(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(channel=st.sampled_from(["email", "sms"]))
    def one_message(self, channel: str) -> None:
        self.count += 1
        who = someone(sent=tuple(self.sent))
        if self.gate.judge(Send(str(self.count), channel), who, self.now).permitted:
            self.sent.append(Sent(self.now, channel, str(self.count)))

    @rule(channels=st.lists(st.sampled_from(["email", "sms"]), min_size=1, max_size=5))
    def a_list(self, channels: list[str]) -> None:
        keys = [f"{self.count}-{i}" for i in range(len(channels))]
        self.count += 1
        many = {"customer": ["p1"] * len(keys), "key": keys, "channel": channels}
        table = pa.table(many | {"consent": ["granted"] * len(keys), "has_address": [True] * len(keys)})
        past = pa.table(
            {
                "customer": pa.array(["p1"] * len(self.sent), pa.string()),
                "channel": pa.array([s.channel for s in self.sent], pa.string()),
                "at": pa.array([s.at for s in self.sent], pa.timestamp("us", tz="UTC")),
                "key": pa.array([s.key for s in self.sent], pa.string()),
            }
        )
        for row, answer in zip(table.to_pylist(), self.gate.judge_many(table, past, self.now).to_pylist(), strict=True):
            if answer["verdict"] == PERMIT:
                self.sent.append(Sent(self.now, row["channel"], row["key"]))

    @invariant()
    def no_window_holds_too_many(self) -> None:
        for cap, sent in (
            (self.caps.overall, [s.at for s in self.sent]),
            (self.caps.channels["sms"], [s.at for s in self.sent if s.channel == "sms"]),
        ):
            assert cap is not None
            for start in sent:
                assert sum(start <= at < start + cap.window for at in sent) <= cap.messages


TestNeverMoreThanTheCap = NeverMoreThanTheCap.TestCase
TestNeverMoreThanTheCap.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_whoever_is_held_from_everything_is_so_in_every_flow_and_alike_in_lists() -> None:
    holdout = Holdout(0.3, "salt", everywhere=0.2)
    gate = Gate(GateRules(quiet=OPEN, holdout=holdout))
    people = [f"p{i}" for i in range(600)]
    flows = ("a/win_back", "b/cross_sell")
    reasons = {}
    for flow in flows:
        table = pa.table({"customer": people, "key": [f"{flow}{p}" for p in people], "consent": ["granted"] * 600,
                          "has_address": [True] * 600, "flow": [flow] * 600})  # fmt: skip
        verdicts = gate.judge_many(table, None, NOON)
        reasons[flow] = verdicts["reason"].to_pylist()
        alone = [gate.judge(Send(f"{flow}{p}", flow=flow), someone(customer=p), NOON) for p in people]
        assert reasons[flow] == [v.reason for v in alone]
        assert verdicts["verdict"].to_pylist() == [v.verdict for v in alone]
    apart = [{p for p, r in zip(people, reasons[f], strict=True) if r == "holdout_everywhere"} for f in flows]
    held = [{p for p, r in zip(people, reasons[f], strict=True) if r == "holdout"} for f in flows]
    assert apart[0] == apart[1] == {p for p in people if holdout.held_everywhere(p)}
    assert 0.15 < len(apart[0]) / 600 < 0.25
    assert held[0] != held[1]
