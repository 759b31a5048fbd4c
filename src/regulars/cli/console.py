"""How commands speak: words in the owner's language, tables, progress, JSON, exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer

from regulars.home import Home, SettingsProblem

EXIT_PROBLEM = 1  # something in the input or the settings; the message says what
EXIT_USAGE = 2  # a command or option that does not exist
EXIT_NO_HOME = 3  # the home has not been set up
EXIT_UNHEALTHY = 4  # doctor found something broken
EXIT_INTERRUPTED = 130

LANGUAGES = {"zh": "zh-hans", "zh-hans": "zh-hans", "zh-cn": "zh-hans", "en": "en"}


@dataclass
class State:
    """What the options in front of a command said."""

    home: str | None
    lang: str | None
    json: bool


def open_home(context: typer.Context, *, must_exist: bool = True) -> Home:
    """The home of this call, with Django ready to use it."""
    state: State = context.obj
    home = Home(state.home)
    if must_exist and not home.exists:
        print(
            f"There is no company at {home.path}. Run: regulars --home {home.path} init\n"
            f"{home.path} 里还没有公司，请先运行 regulars init",
            file=sys.stderr,
        )
        raise typer.Exit(EXIT_NO_HOME)
    os.environ["REGULARS_HOME"] = str(home.path)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.web.settings")
    import django
    from django.utils import translation

    django.setup()
    from regulars.web.bridge.host import migrate
    from regulars.web.words.compile import compile_changed

    compile_changed()
    migrate()
    wanted = (state.lang or home.settings.language).lower()
    if wanted not in LANGUAGES:
        raise SettingsProblem(f"--lang {wanted}: there is zh and en")
    translation.activate(LANGUAGES[wanted])
    return home


def known_problems() -> tuple[type[BaseException], ...]:
    """Errors that tell the owner what to do; anything else is our own mistake and shows its trace."""
    problems: list[type[BaseException]] = [SettingsProblem, FileNotFoundError, PermissionError, IsADirectoryError]
    if "regulars.collect.problems" in sys.modules:
        problems.append(sys.modules["regulars.collect.problems"].ImportProblem)
    for module, name in (
        ("regulars.web.plans.services", "PlanProblem"),
        ("regulars.web.accounts.services", "PasswordProblem"),
        ("regulars.web.bridge.backup", "BackupProblem"),
        ("regulars.web.bridge.book_copy", "BookProblem"),
        ("regulars.web.bridge.demo", "DemoProblem"),
        ("regulars.web.bridge.host", "HostProblem"),
    ):
        if module in sys.modules:
            problems.append(getattr(sys.modules[module], name))
    return tuple(problems)


def complain(error: BaseException | str) -> None:
    """Tell a problem on the error stream."""
    print(f"regulars: {error}", file=sys.stderr)


def show(context: typer.Context, answer: Any, words: Callable[[], None]) -> None:
    """Print the answer as JSON when asked for, and in words otherwise."""
    state: State = context.obj
    if state.json:
        json.dump(answer, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
        print()
    else:
        words()


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, right: Sequence[int] = ()) -> None:
    """Print a table; columns named in ``right`` hold numbers."""
    from rich.console import Console
    from rich.table import Table

    grid = Table(title=title, title_justify="left", header_style="bold")
    for number, name in enumerate(columns):
        # A key or name one can copy is worth more than a narrow column.
        grid.add_column(name, justify="right" if number in right else "left", no_wrap=number == 0)
    for row in rows:
        grid.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(grid)


def tables(sheets: Sequence[Any]) -> None:
    """Print several tables, each with title, columns, rows and right."""
    for sheet in sheets:
        table(sheet.title, sheet.columns, sheet.rows, right=sheet.right)


@contextmanager
def bar(context: typer.Context, title: str) -> Iterator[Callable[[str, float], None]]:
    """A progress bar on the error stream; silent in JSON and when nobody watches."""
    state: State = context.obj
    if state.json or not sys.stderr.isatty():
        yield lambda stage, share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    ) as progress:  # fmt: skip
        task = progress.add_task(title, total=1.0)
        yield lambda stage, share: progress.update(task, completed=share, description=f"{title} · {stage}")


def one_of(option: str, value: str, known: Sequence[str]) -> str:
    """An option's value, if it is one of the known ones; raises ``SettingsProblem`` naming them."""
    if value not in known:
        raise SettingsProblem(f"{option} {value}: there is {', '.join(known)}")
    return value


def moment(text: str | None, home: Home) -> datetime:
    """Read ``--now``; without a zone it is the company's. Raises ``SettingsProblem`` when it is no date."""
    if text is None:
        return datetime.now(home.settings.tz)
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsProblem(f"--now {text}: write a moment like 2026-03-05 or 2026-03-05T07:00") from error
    return value if value.tzinfo else value.replace(tzinfo=home.settings.tz)
