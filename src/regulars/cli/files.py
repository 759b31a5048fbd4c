"""import, backup, restore, move-book: files in, files out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from regulars.cli.console import EXIT_PROBLEM, bar, complain, moment, open_home, show, table

KINDS = "orders, order_lines, people, spend, events, feedback, subscriptions, deals"


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("import")(import_files)
    app.command()(backup)
    app.command(name="move-book")(move_book)
    app.command()(restore)


def import_files(
    context: typer.Context,
    file: Annotated[
        list[Path], typer.Argument(help="CSV, TSV (.gz), xlsx, JSON lines, Parquet or vCard files. 文件。")
    ],
    as_kind: Annotated[str | None, typer.Option("--as", help=f"What it holds: {KINDS}. 数据种类。")] = None,
    source: Annotated[str | None, typer.Option(help="Name of the source (default: the file's). 来源名称。")] = None,
    map_file: Annotated[
        Path | None, typer.Option("--map", help="A mapping you wrote: column -> field. 自定义映射。")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do it all, then undo it all. 试运行。")] = False,
    now: Annotated[str | None, typer.Option(help="The moment of the import. 导入时间。")] = None,
) -> None:
    """Bring files in; the same file again changes nothing. 导入文件。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.collect.problems import ImportProblem
    from regulars.web.bridge.imports import import_file
    from regulars.web.words.imports import reconciliation

    answers = []
    failed = 0
    for path in file:
        try:
            with bar(context, _("Importing %s") % path.name) as progress:
                run = import_file(
                    home, path, as_kind=as_kind, source=source, map_file=map_file, dry_run=dry_run,
                    now=moment(now, home), actor="cli", progress=progress,
                )  # fmt: skip
        except (ImportProblem, FileNotFoundError, IsADirectoryError) as error:
            failed += 1
            complain(error)
            answers.append({"file": str(path), "problem": str(error)})
            continue
        answers.append({"file": str(path), **run})
        if not context.obj.json:
            print(f"{path.name}: {run['kind']} · {run['encoding']} · {run['source']}")
            table(
                _("How the columns were read"),
                [_("column"), _("field"), _("samples"), _("why")],
                [[m["column"], m["field"] or "—", " | ".join(m["samples"]), m["why"]] for m in run["mapping"]],
            )
            table(_("Reconciliation"), ["", ""], reconciliation(run), right=[1])
            if run["rejects"]:
                print(_("Rows set aside, with reasons: %s") % run["rejects"])
            if dry_run:
                print(_("This was a dry run: nothing has been changed."))
    if context.obj.json:
        show(context, answers if len(answers) > 1 else answers[0], lambda: None)
    if failed:
        raise typer.Exit(EXIT_PROBLEM)


def backup(
    context: typer.Context,
    to: Annotated[Path | None, typer.Argument(help="File to write (default: in backups/). 备份文件。")] = None,
) -> None:
    """Write a backup that is right although the program runs. 备份。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.bridge.backup import backup_make

    with bar(context, _("Backup")) as progress:
        path = backup_make(home, to, progress=progress)
    size = path.stat().st_size
    show(context, {"backup": str(path), "bytes": size},
         lambda: print(_("Backup written: %(path)s (%(size).1f MB)") % {"path": path, "size": size / 1e6}))  # fmt: skip


def restore(
    context: typer.Context,
    backup_file: Annotated[Path, typer.Argument(help="A file written by regulars backup. 备份文件。")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. 不再询问。")] = False,
) -> None:
    """Put a backup back; what is there now is kept beside it. 恢复。"""
    from regulars.home import Home
    from regulars.web.bridge.backup import backup_check, backup_load, backup_restore

    home = Home(context.obj.home)
    manifest = backup_check(backup_file)
    if home.exists and not yes:
        typer.confirm(f"Replace {home.path} by the backup of {manifest['made_at']}? 用该备份替换现有数据？", abort=True)
    kept = backup_restore(home, backup_file)
    backup_load(open_home(context), kept)
    from django.utils.translation import gettext as _

    answer = {"home": str(home.path), "made_at": manifest["made_at"], "kept": str(kept) if kept else None}

    def words() -> None:
        print(_("Restored %(home)s as it was on %(made_at)s.") % answer)
        if kept:
            print(_("What was there before: %(kept)s") % answer)

    show(context, answer, words)


def move_book(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="postgresql://user:password@host:5432/name, or sqlite. 数据库地址。")],
) -> None:
    """Move the book to PostgreSQL, or back into the home. 迁移数据库。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.bridge.book_copy import book_move

    with bar(context, _("Moving the book")) as progress:
        rows = book_move(home, address, progress=progress)
    show(context, {"rows": rows}, lambda: print(_("Moved: %(rows)s rows. Start the program again.") % {"rows": rows}))
