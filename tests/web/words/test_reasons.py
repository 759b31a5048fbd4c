"""Every code a step may give has words, in both languages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.utils import translation

import regulars
from regulars.act import gate, outbox
from regulars.understand import reasons as understood
from regulars.web.words.reasons import WORDS, sentence, sentences

SOURCE = Path(regulars.__file__).parent
ROOMS = ("understand", "decide", "measure", "act")
LISTS = {"codes", "memo", "flags", "limits", "limits_"}
# Not codes: keys of other dictionaries that share one of the names above.
NOT_CODES: set[str] = set()


def head(node):
    """The code at the beginning of a text, as ``next_unit`` of ``f"next_unit={x}"``; None when it is computed."""
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.partition("=")[0].partition(":")[0]
    return None


def texts(node):
    """Every text inside a literal, however it is nested."""
    if isinstance(node, ast.Dict):
        return [head(k) for k in node.keys]
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [t for e in node.elts for t in texts(e)]
    if isinstance(node, ast.IfExp):
        return texts(node.body) + texts(node.orelse)
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        return texts(node.elt)
    return [head(node)]


def emitted():
    """Codes written in the source of the rooms, with the file that writes them."""
    found = {}
    for room in ROOMS:
        for path in sorted((SOURCE / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                codes = []
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    owner = node.func.value
                    name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
                    if name in LISTS and node.func.attr in ("append", "extend"):
                        codes = [t for a in node.args for t in texts(a)]
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "why":
                    codes = [t for a in node.args if isinstance(a, ast.Dict | ast.List | ast.Tuple) for t in texts(a)]
                elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    names = {getattr(t, "id", getattr(t, "attr", "")) for t in targets}
                    subscript = [t for t in targets if isinstance(t, ast.Subscript)]
                    if names & LISTS:
                        codes = texts(node.value)
                    for target in subscript:
                        if isinstance(target.value, ast.Name) and target.value.id in LISTS:
                            codes = [head(target.slice)]
                found.update({c: path.name for c in codes if c and c.isidentifier() and c not in NOT_CODES})
    return found


def test_codes_found_in_the_source_have_words():
    found = emitted()
    assert {"next_unit", "uplifts_assumed", "few_held", "window_days", "too_few_customers"} <= set(found)
    assert sorted(f"{c} ({p})" for c, p in found.items() if c not in WORDS) == []


@pytest.mark.parametrize("codes", [understood.CODES, gate.REASONS, outbox.REASONS])
def test_registered_codes_have_words(codes):
    assert sorted(set(codes) - set(WORDS)) == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_sentence_can_be_said(language):
    with translation.override(language):
        for code in WORDS:
            for value in (None, "3", "0.5", "search"):
                said = sentence(code, value)
                assert said
                assert "%(" not in said


def test_values_are_written_as_their_kind():
    with translation.override("zh-hans"):
        assert sentences("p_alive=0.82;expected_orders=6.1;value_per_order=38000") == [
            "仍是客户的可能性为 82%。", "预计还会下约 6.10 单。", "平均每单 ¥380。",
        ]  # fmt: skip
        assert sentence("at_most:paid_search") == "搜索广告: 受你设的上限约束。"
        assert sentence("data_did_not_decide", "social") == "数据判断不了“社交媒体”：请在那里做一次测试。"
        assert sentence("data_did_not_decide") == "数据判断不了：请做一次测试。"


def test_codes_come_as_text_list_or_map():
    with translation.override("en"):
        once = ["Last bought 12 days ago.", "Only one order so far, so the estimate is wide."]
        assert sentences("days_since_last=12;one_order_only") == once
        assert sentences(["days_since_last=12", "one_order_only"]) == once
        assert sentences({"days_since_last": 12, "one_order_only": None}) == once
        assert sentences(None) == []


def test_the_money_of_one_week_names_the_week():
    with translation.override("en"):
        assert sentence("week:3") == "The money of week 3"
