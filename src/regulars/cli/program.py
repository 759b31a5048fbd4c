"""The commands, their options, and what every command does before and after."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from regulars.cli import files, privacy, reading, start, trial, wheel
from regulars.cli.console import EXIT_INTERRUPTED, EXIT_PROBLEM, State, complain

app = typer.Typer(
    name="regulars",
    help="Turn strangers into regulars. 把陌生人变成熟客。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    context: typer.Context,
    home: Annotated[
        str | None,
        typer.Option(help="Folder of the company (default: REGULARS_HOME or ./regulars-home). 公司文件夹。"),
    ] = None,
    lang: Annotated[str | None, typer.Option(help="zh or en (default: the company's language). 输出语言。")] = None,
    json: Annotated[bool, typer.Option("--json", help="Answer in JSON. 以 JSON 输出。")] = False,
) -> None:
    """Options every command takes."""
    context.obj = State(home=home, lang=lang, json=json)


for room in (start, files, wheel, reading, privacy, trial):
    room.register(app)


def run() -> None:
    """Run a command; a known problem is told in words, with exit code 1."""
    from regulars.cli.console import known_problems

    try:
        # `regulars kpis --json` reads as well as `regulars --json kpis`.
        arguments = sys.argv[1:]
        front = [a for a in arguments if a == "--json"][:1]
        app(front + [a for a in arguments if a != "--json"], standalone_mode=True)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        if not isinstance(error, known_problems()):
            raise
        complain(error)
        sys.exit(EXIT_PROBLEM)
