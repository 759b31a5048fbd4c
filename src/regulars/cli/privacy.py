"""export-person, erase-person: what the law and good manners ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from regulars.cli.console import EXIT_PROBLEM, complain, open_home, show

Who = Annotated[str, typer.Argument(help="Key, e-mail, phone or external id. 客户编号、邮箱或电话。")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("export-person")(export_person)
    app.command("erase-person")(erase_person)


def _key(who: str) -> str:
    from django.utils.translation import gettext as _

    from regulars.web.people.lookup import person_key

    key = person_key(who)
    if key is None:
        complain(_("There is nobody with %s.") % who)
        raise typer.Exit(EXIT_PROBLEM)
    return key


def export_person(
    context: typer.Context,
    who: Who,
    to: Annotated[Path | None, typer.Argument(help="Zip file to write. 导出文件。")] = None,
) -> None:
    """Write everything we hold about one person into one file. 导出个人数据。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.bridge.privacy import person_export

    path = person_export(home, _key(who), to, by="cli")
    show(context, {"export": str(path)}, lambda: print(_("Written: %s") % path))


def erase_person(
    context: typer.Context,
    who: Who,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. 不再询问。")] = False,
) -> None:
    """Erase one person everywhere, with proof; it cannot be undone. 删除个人数据。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.bridge.privacy import person_erase

    key = _key(who)
    if not yes:
        typer.confirm(_("Erase %s for ever?") % key, abort=True)
    proof = person_erase(home, key, by="cli")
    show(context, proof, lambda: print(_("Erased: %(rows)d facts in the lake, %(book)d rows in the book; "
                                         "%(files)d files searched, no trace left.") % proof))  # fmt: skip
