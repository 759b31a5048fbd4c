"""trial: the whole loop against habits and an oracle, in companies whose truth is known."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from regulars.cli.console import show


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(trial)


def trial(
    context: typer.Context,
    kinds: Annotated[str, typer.Option(help="Kinds of company, with commas (default: all five). 公司类型。")] = "",
    seeds: Annotated[int, typer.Option(min=1, max=15, help="Companies of each kind. 每类几家。")] = 3,
    weeks: Annotated[int, typer.Option(min=1, max=52, help="Weekly turns. 转几圈。")] = 26,
    people: Annotated[int, typer.Option(min=500, max=100_000, help="People at the start. 起始人数。")] = 10_000,
    processes: Annotated[int, typer.Option(min=1, max=16, help="Processes. 进程数。")] = 2,
    keep: Annotated[Path | None, typer.Option(help="File of the runs done, to go on from. 运行记录文件。")] = None,
    publish: Annotated[bool, typer.Option(help="Keep the result for the page. 发布到页面。")] = False,
) -> None:
    """Run the loop blind in simulated companies, against habits and an oracle. 与基准和全知者比赛。"""
    from regulars import __version__
    from regulars.demo.trial_run import trial as whole
    from regulars.demo.trial_score import table

    found = whole(
        kinds=[k.strip() for k in kinds.split(",") if k.strip()] or None, seeds=tuple(range(1, seeds + 1)),
        weeks=weeks, people=people, processes=processes, keep=keep,
        tell=lambda what, share: typer.echo(f"{share:4.0%} {what}", err=True),
        stamp={"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "version": __version__},
    )  # fmt: skip
    if publish:
        from regulars.web.trial.published import write

        write(found)
    show(context, found, lambda: print(table(found)))
