"""loop, plan, send, report: the wheel from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from regulars.cli.console import bar, moment, open_home, show, table, tables


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(loop)
    app.command()(send)
    app.command()(report)
    plans = typer.Typer(help="What the program proposes, and your yes. 计划。", no_args_is_help=True)
    plans.command("show")(plan_show)
    plans.command("approve")(plan_approve)
    plans.command("reject")(plan_reject)
    app.add_typer(plans, name="plan")


def loop(
    context: typer.Context,
    now: Annotated[str | None, typer.Option(help="Turn as if it were then. 指定时间。")] = None,
) -> None:
    """Turn the wheel once: collect, understand, measure, decide, act. 转一圈。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.bridge.wheel import wheel_turn

    with bar(context, _("The wheel turns")) as progress:
        answer = wheel_turn(home, now=moment(now, home), progress=progress)

    def words() -> None:
        if answer["repeated"]:
            print(_("This turn was done before; nothing has been changed."))
        print(
            _("%(scores)d scores, %(kpis)d key figures, %(decisions)d decisions from lake %(lake_version)s.") % answer
        )
        if answer["decisions"]:
            print(_("Plan %(plan)s waits for you: regulars plan show") % answer)
        print(_("Report: %(report)s") % answer)

    show(context, answer, words)


def plan_show(
    context: typer.Context,
    plan: Annotated[str | None, typer.Argument(help="Plan (default: the newest). 计划编号。")] = None,
    limit: Annotated[int, typer.Option(min=0, help="People to list. 列出人数。")] = 20,
) -> None:
    """Show a plan. 查看计划。"""
    home = open_home(context)
    from regulars.cli.sheets import plan_sheets
    from regulars.web.plans.queries import plan_whole

    answer = plan_whole(plan, limit=limit)
    show(context, answer, lambda: tables(plan_sheets(answer, home)))


def plan_approve(
    context: typer.Context,
    plan: Annotated[str | None, typer.Argument(help="Plan (default: the newest proposed). 计划编号。")] = None,
) -> None:
    """Say yes: its messages may go out, its budget stands. 批准计划。"""
    open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.plans import services
    from regulars.web.plans.queries import newest_proposed

    uid = plan or newest_proposed()
    rows = services.plan_approve(uid, by="cli")
    answer = {"plan": uid, "approved": rows}
    show(
        context, answer, lambda: print(_("Plan %(plan)s is approved: %(approved)d rows. Next: regulars send") % answer)
    )


def plan_reject(context: typer.Context, plan: Annotated[str, typer.Argument(help="Plan. 计划编号。")]) -> None:
    """Say no to the whole plan. 否决计划。"""
    open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.plans import services

    services.plan_reject(plan, by="cli")
    show(context, {"plan": plan, "state": "rejected"}, lambda: print(_("Plan %s is rejected.") % plan))


def send(
    context: typer.Context,
    now: Annotated[str | None, typer.Option(help="Send as if it were then. 指定时间。")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many. 最多条数。")] = 100_000,
) -> None:
    """Send what approved plans put in line, through the gate. 发送。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.bridge.sending import send_due
    from regulars.web.words.labels import label

    with bar(context, _("Sending")) as progress:
        answer = send_due(home, now=moment(now, home), limit=limit, progress=progress)

    def words() -> None:
        table(_("Messages"), ["", ""], [[label("message", k), v] for k, v in answer["counts"].items()], right=[1])
        if answer["sandbox"]:
            print(_("No mail server is set, so nothing was sent: the messages are in %s") % answer["sandbox"])

    show(context, answer, words)


def report(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Argument(help="File to write (default: report.html in the home). 报告文件。")
    ] = None,
) -> None:
    """Write the report of the newest turn as one file. 生成报告。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.report.write import report_write

    path = report_write(home, to)
    show(context, {"report": str(path)}, lambda: print(_("Report: %s") % path))
