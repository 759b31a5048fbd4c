"""kpis, segments, people, person, channels, alerts: what is known, in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.console import EXIT_PROBLEM, complain, one_of, open_home, show, table, tables


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(kpis)
    app.command()(segments)
    app.command()(people)
    app.command()(person)
    app.command()(channels)
    app.command()(alerts)


def kpis(
    context: typer.Context,
    grain: Annotated[str, typer.Option(help="all, month, week or day. 统计周期。")] = "all",
    channel: Annotated[str | None, typer.Option(help="One channel. 渠道。")] = None,
    market: Annotated[str | None, typer.Option(help="One market. 市场。")] = None,
) -> None:
    """The key figures of the newest turn. 关键指标。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.bridge.kpis import kpi_rows
    from regulars.web.kpis.compare import compared
    from regulars.web.words.kpis import kpi_cell, kpi_title

    asked = one_of("--grain", grain, ("all", "month", "week", "day"))
    rows = compared(kpi_rows(grain=asked, channel=channel, market=market), asked)
    if asked == "all":
        rows = [{k: v for k, v in r.items() if k not in ("previous", "last_year")} for r in rows]

    def words() -> None:
        if not rows:
            print(_("There are no figures yet: run regulars loop."))
            return
        table(
            _("Key figures"),
            [_("figure"), _("period"), _("value"), *([_("before"), _("a year ago")] if grain != "all" else []),
             _("currency")],
            [[kpi_title(r["name"]), r["day"] if grain != "all" else "", kpi_cell(r, home.settings),
              *(kpi_cell({**r, "value": r[k]}, home.settings) for k in ("previous", "last_year") if k in r),
              r["currency"]] for r in rows],
            right=[2, 3, 4] if grain != "all" else [2],
        )  # fmt: skip

    show(context, rows, words)


def segments(
    context: typer.Context,
    method: Annotated[str, typer.Option(help="rules or clusters. 分群方法。")] = "rules",
) -> None:
    """Who the customers are, in groups. 客户分群。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.segments.queries import segment_rows
    from regulars.web.words.amounts import money_text as money
    from regulars.web.words.labels import label

    rows = segment_rows(one_of("--method", method, ("rules", "clusters")))
    show(
        context,
        rows,
        lambda: table(
            _("Segments"),
            [_("segment"), _("people"), _("share"), _("worth")],
            [[label("segment", r["key"]), r["size"], f"{r['share']:.1%}", money(r["worth"], home.settings.currency)]
             for r in rows],
            right=[1, 2, 3],
        ),
    )  # fmt: skip


def people(
    context: typer.Context,
    find: Annotated[str | None, typer.Argument(help="Name, e-mail or phone. 姓名、邮箱或电话。")] = None,
    segment: Annotated[str | None, typer.Option(help="One segment. 分群。")] = None,
    sort: Annotated[str, typer.Option(help="clv, churn, spent or newest. 排序。")] = "clv",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many. 条数。")] = 20,
) -> None:
    """List people, the most valuable first. 客户列表。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.people.lookup import SORTS, people_rows
    from regulars.web.words.amounts import money_text as money
    from regulars.web.words.labels import label

    rows = people_rows(find=find, segment=segment, sort=one_of("--sort", sort, tuple(SORTS)), limit=limit)
    currency = home.settings.currency
    show(
        context,
        rows,
        lambda: table(
            _("People"),
            ["", _("name"), _("segment"), _("orders"), _("spent"), _("worth"), _("risk of leaving")],
            [[r["key"], r["name"] or r["email"], label("segment", r["segment"]) if r["segment"] else "", r["orders"],
              money(r["spent"], currency), money(r["clv"], currency),
              "" if r["churn"] is None else f"{r['churn']:.0%}"] for r in rows],
            right=[3, 4, 5, 6],
        ),
    )  # fmt: skip


def person(
    context: typer.Context,
    who: Annotated[str, typer.Argument(help="Key, e-mail, phone or external id. 客户编号、邮箱或电话。")],
) -> None:
    """Everything about one person. 一位客户的全部记录。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.cli.sheets import person_sheets
    from regulars.web.people.lookup import person_key, person_whole

    key = person_key(who)
    if key is None:
        complain(_("There is nobody with %s.") % who)
        raise typer.Exit(EXIT_PROBLEM)
    answer = person_whole(key)
    show(context, answer, lambda: tables(person_sheets(answer, home)))


def channels(context: typer.Context) -> None:
    """What each channel cost and earned. 渠道表现。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.bridge.kpis import channel_rows
    from regulars.web.words.amounts import money_text as money
    from regulars.web.words.labels import label

    rows = channel_rows()
    currency = home.settings.currency

    def cell(value: float | None, form: str = "{:.2f}") -> str:
        return "" if value is None else form.format(value)

    show(
        context,
        rows,
        lambda: table(
            _("Channels"),
            [_("channel"), _("revenue"), _("spend"), "ROAS", "CAC", _("new customers"), _("orders")],
            [[label("channel", r["channel"]), money(r["revenue"], currency), money(r["spend"], currency),
              cell(r["roas"]), money(r["cac"], currency), cell(r["new_customers"], "{:.0f}"),
              cell(r["orders"], "{:.0f}")] for r in rows],
            right=[1, 2, 3, 4, 5, 6],
        ),
    )  # fmt: skip


def alerts(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those not told too. 含未提醒的。")] = False,
) -> None:
    """What is out of line, the newest first. 预警。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.alerts.figures import cause_words, headline
    from regulars.web.findings.queries import finding
    from regulars.web.words.amounts import money_text as money
    from regulars.web.words.labels import label

    found = finding("alerts")
    rows = [i for i in (found.body["incidents"] if found else []) if i["told"] or every]
    currency = home.settings.currency
    show(
        context,
        [{k: v for k, v in i.items() if k != "points"} for i in rows],
        lambda: table(
            _("Alerts"),
            [_("Day"), _("What happened"), _("Likely cause"), _("At stake"), _("severity")],
            [[i["day"], headline(i), cause_words(i), "–" if i["money"] is None else money(i["money"], currency),
              label("severity", i["severity"])] for i in rows],
            right=[3],
        ),
    )  # fmt: skip
