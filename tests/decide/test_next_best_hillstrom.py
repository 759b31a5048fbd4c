"""Next best action against the likeliest visitors on real data, judged on people nobody learnt from."""

from __future__ import annotations

from pathlib import Path

from benchmarks.hillstrom import Rule, compare


def test_one_e_mail_beats_the_usual_rule_and_as_many_of_the_likeliest(shared_data: Path) -> None:
    found = compare(shared_data, ["Womens E-Mail"], [Rule(4.0)], folds=3)[0]
    assert 0.2 < found.written < 0.9
    assert found.harmed == 0
    assert found.over_usual.low > 0
    assert found.over_count.low > 0


def test_two_e_mails_beat_the_usual_rule_and_are_level_with_as_many_of_the_likeliest(shared_data: Path) -> None:
    third, half, dear = compare(
        shared_data, ["Mens E-Mail", "Womens E-Mail"], [Rule(0.01, 0.3), Rule(0.01, 0.5), Rule(8.0)], folds=3
    )
    assert dear.over_usual.low > 0
    assert [third.harmed, half.harmed, dear.harmed] == [0, 0, 0]
    # The best mail for one is the best for the other, and readiness goes with the gain: not told apart, and no loss.
    for same in (third, half, dear):
        assert same.over_count.low < 0 < same.over_count.high
        assert same.over_count.value > -0.25
