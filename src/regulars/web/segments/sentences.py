"""A rule as a sentence, in the language of the page; and what is wrong with a rule that cannot be used."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from regulars.understand.segment_parser import LONGEST_TEXT, MOST_DEEP, MOST_LEAVES, MOST_VALUES, RuleProblem
from regulars.understand.segment_rules import All, AnyOf, Leaf, Measured, Not, Person, Rule, Window, kind_of
from regulars.web.segments import vocabulary
from regulars.web.words.amounts import money_text


def sentence(rule: Rule, inside: bool = False) -> str:
    """A rule in words.

    Groups inside groups stand in brackets.
    """
    if isinstance(rule, Not):
        return _("not (%(rule)s)") % {"rule": sentence(rule.rule)}
    if isinstance(rule, All | AnyOf):
        joint = pgettext("between rules", " and ") if isinstance(rule, All) else pgettext("between rules", " or ")
        text = joint.join(sentence(one, True) for one in rule.rules)
        return _("(%(rule)s)") % {"rule": text} if inside and len(rule.rules) > 1 else text
    return leaf_text(rule)


def leaf_text(leaf: Leaf) -> str:
    """One condition in words."""
    parts = {"what": vocabulary.title(field_of(leaf)), "how": vocabulary.operator(leaf.op), "value": value_text(leaf)}
    if not isinstance(leaf, Measured):
        return (_("%(what)s %(how)s %(value)s") % parts).strip()
    narrowed = [_("%(column)s: %(value)s") % {"column": vocabulary.COLUMNS[c], "value": vocabulary.word(c, v)}
                for c, v in leaf.where]  # fmt: skip
    where = pgettext("rule", ", ").join(narrowed)
    parts["what"] = _("%(what)s (%(where)s)") % {**parts, "where": where} if where else parts["what"]
    when = window_text(leaf.window)
    return _("%(what)s %(when)s %(how)s %(value)s") % {**parts, "when": when} if when else (
        _("%(what)s %(how)s %(value)s") % parts)  # fmt: skip


def field_of(leaf: Leaf) -> str:
    """The field of the form a condition belongs to."""
    if isinstance(leaf, Measured):
        return f"{leaf.fact}.{leaf.measure}"
    return f"person.{leaf.name}" if isinstance(leaf, Person) else f"score.{leaf.name}"


def window_text(window: Window) -> str:
    """The days that count, in words; nothing where all do."""
    if window.since or window.until:
        ends = {"since": window.since or "…", "until": window.until or "…"}
        return _("from %(since)s to %(until)s") % ends
    if window.days is None:
        return _("up to %(ago)s days ago") % {"ago": window.ago} if window.ago else ""
    if window.ago:
        return _("%(ago)s to %(far)s days ago") % {"ago": window.ago, "far": window.ago + window.days - 1}
    return ngettext("in the last %(days)s day", "in the last %(days)s days", window.days) % {"days": window.days}


def value_text(leaf: Leaf) -> str:
    """The value a condition compares with, in the owner's units and words."""
    kind, value = kind_of(leaf), leaf.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return pgettext("rule", "yes") if value else pgettext("rule", "no")
    if leaf.op == "between" and isinstance(value, tuple):
        return _("%(low)s and %(high)s") % {"low": _one(leaf, kind, value[0]), "high": _one(leaf, kind, value[1])}
    if isinstance(value, tuple):
        return pgettext("rule", ", ").join(_one(leaf, kind, v) for v in value)
    return _one(leaf, kind, value)


def _one(leaf: Leaf, kind: str, value: Any) -> str:
    if kind == "money":
        text = money_text(value, short=False)
        # ¥2,000 reads better than ¥2,000.00.
        return text.rstrip("0").removesuffix(".") if text.endswith(".00") else text
    if kind == "share":
        return f"{value * 100:g}%"
    if isinstance(value, str):
        return vocabulary.word("" if isinstance(leaf, Measured) else leaf.name, value)
    return f"{value:g}" if isinstance(value, float) else f"{value}"


def problem_text(problem: RuleProblem) -> str:
    """What is wrong with a rule, where, and what would be right."""
    texts = {
        "not_a_rule": _("this is not a rule"), "empty": _("a group needs at least one condition"),
        "too_deep": _("groups may be nested %(deep)s deep at most"),
        "too_many": _("a segment may have %(many)s conditions at most"), "extra": _("“%(given)s” means nothing here"),
        "attribute": _("there is no attribute “%(given)s”"), "score": _("there is no score “%(given)s”"),
        "fact": _("there is no fact “%(given)s”"), "measure": _("“%(given)s” cannot be measured here"),
        "operator": _("the comparison “%(given)s” does not fit here"), "number": _("a number is missing"),
        "minor": _("this amount has too many digits after the point"),
        "text": _("a text of 1 to %(longest)s characters is missing"),
        "texts": _("a list of 1 to %(values)s texts is missing"), "flag": _("choose yes or no"),
        "two": _("two numbers are needed, the smaller first"), "none": _("this comparison takes no value"),
        "where": _("this cannot be narrowed by “%(given)s”"), "needs": _("choose: %(given)s"),
        "word": _("“%(given)s” is not one of the choices"), "no_window": _("this is always as of today"),
        "window": _("the days are missing or the wrong way round"),
    }  # fmt: skip
    known = {"given": problem.given, "deep": MOST_DEEP, "many": MOST_LEAVES, "longest": LONGEST_TEXT,
             "values": MOST_VALUES}  # fmt: skip
    if problem.code == "needs":
        known["given"] = vocabulary.COLUMNS.get(str(problem.given), problem.given)
    text = texts[problem.code] % known
    allowed = _(" Possible here: %(allowed)s.") % {"allowed": ", ".join(problem.allowed)} if problem.allowed else ""
    number = ".".join(str(int(n) + 1) for n in re.findall(r"\[(\d+)\]", problem.path.partition(".value[")[0]))
    where = _("Condition %(number)s") % {"number": number} if number else problem.path
    return _("%(path)s: %(text)s.") % {"path": where, "text": text} + allowed
