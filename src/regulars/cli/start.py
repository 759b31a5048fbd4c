"""init, demo, serve, doctor: from nothing to a running program."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.console import EXIT_UNHEALTHY, bar, moment, open_home, show, table


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(init)
    app.command()(demo)
    app.command()(serve)
    app.command()(login)
    app.command()(doctor)


def init(
    context: typer.Context,
    company: Annotated[str | None, typer.Option(help="Name of the company. 公司名称。")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone, e.g. Asia/Shanghai. 时区。")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency code, e.g. CNY. 币种。")] = None,
    language: Annotated[str | None, typer.Option(help="zh or en. 语言。")] = None,
) -> None:
    """Set up a company; what exists stays as it is. 建立公司。"""
    from regulars.cli.console import LANGUAGES
    from regulars.home import Home, SettingsProblem

    given = {"company": company, "zone": zone, "currency": currency}
    chosen = {k: v for k, v in given.items() if v is not None}
    wanted = language or context.obj.lang
    if wanted:
        if wanted.lower() not in LANGUAGES:
            raise SettingsProblem(f"language {wanted}: there is zh and en")
        chosen["language"] = LANGUAGES[wanted.lower()]
    Home(context.obj.home).create(**chosen)
    home = open_home(context)
    from django.utils.translation import gettext as _

    answer = {"home": str(home.path), "company": home.settings.company, "currency": home.settings.currency}

    def words() -> None:
        print(_("%(company)s is ready in %(home)s.") % answer)
        print(_("Next: regulars import FILE, or regulars demo for a company to try things on."))

    show(context, answer, words)


def demo(
    context: typer.Context,
    people: Annotated[int, typer.Option(min=100, max=1_000_000, help="How many people. 人数。")] = 5000,
    seed: Annotated[int, typer.Option(help="Another seed is another company. 随机种子。")] = 8,
    now: Annotated[str | None, typer.Option(help="The day it ends (default: today). 截止日。")] = None,
    advance: Annotated[
        int, typer.Option(min=0, max=365, help="Let the demo company live on for this many days. 再过若干天。")
    ] = 0,
) -> None:
    """Make the demo company and turn the wheel once; or let it live on. 演示公司。"""
    from regulars.home import Home

    home = Home(context.obj.home)
    if not home.exists:
        language = {"en": "en"}.get((context.obj.lang or "zh").lower(), "zh-hans")
        home.create(company="灯塔智能 Lighthouse AI", zone="Asia/Shanghai", currency="CNY", language=language)
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.bridge.demo import demo_advance, demo_make

    with bar(context, _("Demo company")) as progress:
        if advance:
            answer = demo_advance(home, days=advance, progress=progress)
        else:
            answer = demo_make(home, people=people, seed=seed, until=moment(now, home), progress=progress)

    def words() -> None:
        if answer["made"]:
            print(_("The demo company has %(people)d people and %(orders)d orders.") % answer)
        else:
            print(_("The demo company is already there: %(people)d people, %(orders)d orders.") % answer)

    show(context, answer, words)


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port. 端口。")] = 8321,
    host: Annotated[str, typer.Option(help="Address to listen on. 监听地址。")] = "127.0.0.1",
    threads: Annotated[int, typer.Option(min=1, max=64, help="Requests at once. 同时处理的请求数。")] = 4,
) -> None:
    """Start the program in the browser, with a one-time log-in link. 启动网页。"""
    home = open_home(context)
    from regulars.web.bridge.host import serve as run

    run(home, host=host, port=port, threads=threads)


def login(
    context: typer.Context,
    password: Annotated[bool, typer.Option("--password", help="Set a password instead. 设置密码。")] = False,
) -> None:
    """Print a log-in link that works once, or set the owner's password. 登录链接或密码。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.accounts.services import owner_ensure, password_set
    from regulars.web.bridge.host import log_in_link

    if password:
        chosen = typer.prompt(_("Password"), hide_input=True, confirmation_prompt=True)
        password_set(owner_ensure(), chosen)
        show(context, {"user": "owner"}, lambda: print(_("The password is set; the user is called owner.")))
        return
    link = log_in_link(home)
    show(context, {"link": link}, lambda: print(_("Log in once with: %s") % link))


def doctor(context: typer.Context) -> None:
    """Check everything that can be broken. 体检。"""
    home = open_home(context)
    from django.utils.translation import gettext as _

    from regulars.web.bridge.doctor import examine

    findings = examine(home)

    def words() -> None:
        marks = {"green": "✓", "amber": "!", "red": "✗"}
        table("", ["", _("check"), _("finding"), _("what to do")],
              [[marks[f.colour], f.title, f.finding, f.remedy] for f in findings])  # fmt: skip

    show(context, [f.plain() for f in findings], words)
    if any(f.colour == "red" for f in findings):
        raise typer.Exit(EXIT_UNHEALTHY)
