"""Messages in the customer's language: templates that can only be filled in, never run.

A template is a TOML file with ``subject`` and ``body`` (and, if wished, ``button``
and ``html``). A placeholder is ``{{name}}``; there are no loops, no conditions and
no code. Paragraphs are separated by an empty line; one that consists of placeholders
only and comes out empty is left out. The owner's own files win over ours.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

ACTIONS: Final = ("onboard", "cross_sell", "win_back", "care", "wake_up", "ask_referral")
LANGUAGES: Final = ("zh", "en")
PLACEHOLDERS: Final = ("greeting", "name", "company", "offer", "link", "sender")

_PLACEHOLDER: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_NOT_A_NAME: Final = re.compile(r"://|www\.|[<>{}@/\\]|\.(com|cn|net|org)\b", re.IGNORECASE)
_BLANK: Final = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029]+")
_LONGEST_NAME: Final = 40


class TemplateError(ValueError):
    """A template that cannot be used: says which file, what is wrong and what to write."""


@dataclass(frozen=True)
class Facts:
    """What a message may say about the person and the company.

    ``reason`` is why they get it: ``customer``, ``subscriber`` or ``asked``.
    """

    name: str = ""
    company: str = ""
    link: str = ""
    offer: str = ""
    sender: str = ""
    unsubscribe_url: str = ""
    reason: str = "customer"


@dataclass(frozen=True)
class Rendered:
    """A message ready for the envelope: subject, plain text and HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Template:
    """One template: where it came from and its pieces."""

    origin: str
    subject: str
    body: str
    button: str = ""
    html: str = ""

    @classmethod
    def parse(cls, source: str, origin: str) -> Template:
        """Read and check a template.

        Raises ``TemplateError`` for broken TOML, an unknown or missing field, or an
        unknown placeholder.
        """
        try:
            values = tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            raise TemplateError(f"{origin}: this is not valid TOML: {error}") from error
        known = [f.name for f in fields(cls) if f.name != "origin"]
        for name, value in values.items():
            if name not in known:
                raise TemplateError(f"{origin}: there is no field {name!r}; use {', '.join(known)}")
            if not isinstance(value, str):
                raise TemplateError(f"{origin}: {name} must be text in quotes")
        for name in ("subject", "body"):
            if not values.get(name, "").strip():
                raise TemplateError(f"{origin}: {name} is missing")
        if "\n" in values["subject"].strip():
            raise TemplateError(f"{origin}: the subject must be one line")
        for name, value in values.items():
            _check(value, f"{origin}, {name}")
        return cls(origin, **{name: value.strip() for name, value in values.items()})


def _check(text: str, where: str) -> None:
    for found in _PLACEHOLDER.findall(text):
        if found not in PLACEHOLDERS:
            raise TemplateError(f"{where}: there is no placeholder {{{{{found}}}}}; use {', '.join(PLACEHOLDERS)}")
    rest = _PLACEHOLDER.sub("", text)
    if "{{" in rest or "}}" in rest:
        raise TemplateError(f"{where}: a placeholder is not closed; write it like {{{{name}}}}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values into placeholders, once: a value that looks like a placeholder stays text.

    >>> fill("Hi {{ name }}", {"name": "{{company}}"})
    'Hi {{company}}'
    """
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)


def language_of(code: str | None, default: str = "en") -> str:
    """The template language for a person's language: ``zh-hans`` and ``zh_CN`` are ``zh``.

    >>> language_of("zh-Hans-CN"), language_of("en_GB"), language_of("de"), language_of(None, "zh")
    ('zh', 'en', 'en', 'zh')
    """
    main = re.split(r"[-_]", (code or "").lower())[0]
    if main in LANGUAGES:
        return main
    return "en" if main else language_of(default)


def _plain_name(name: str) -> str:
    """The name if it looks like one: sign-up forms are abused to mail links to strangers."""
    name = _BLANK.sub(" ", name).strip()
    return "" if len(name) > _LONGEST_NAME or _NOT_A_NAME.search(name) else name


def greeting(name: str, language: str) -> str:
    """How a person is addressed; a name that is no name (a link, a page of text) is left out.

    >>> greeting("李梅", "zh"), greeting("Grace Hopper", "en"), greeting("", "zh"), greeting("", "en")
    ('李梅，您好', 'Hi Grace', '您好', 'Hello')
    """
    name = _plain_name(name)
    if language == "zh":
        return f"{name}，您好" if name else "您好"
    first = name if _HAN.search(name) else name.split(" ")[0]
    return f"Hi {first}" if first else "Hello"


def _packaged(name: str) -> str:
    return resources.files("regulars.act").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _footer(language: str) -> dict[str, str]:
    return tomllib.loads(_packaged(f"footer.{language}.toml"))


@cache
def _layout() -> str:
    return _packaged("layout.html")


class Renderer:
    """Fill in the templates of an installation; ``folder`` holds the owner's own.

    >>> facts = Facts(name="李梅", company="小店", link="https://shop.example", unsubscribe_url="https://shop.example/u/1")
    >>> Renderer().render("win_back", "zh", facts).text.splitlines()[0]
    '李梅，您好'
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._templates: dict[tuple[str, str], Template] = {}

    def template(self, action: str, language: str) -> Template:
        """The template for an action: the owner's file if there is one, else ours.

        Raises ``TemplateError`` for an unknown action or a file that cannot be used.
        """
        wanted = (action, language_of(language))
        if wanted not in self._templates:
            self._templates[wanted] = self._load(*wanted)
        return self._templates[wanted]

    def _load(self, action: str, language: str) -> Template:
        name = f"{action}.{language}.toml"
        own = self.folder / name if self.folder and re.fullmatch(r"[a-z0-9_]+", action) else None
        if own is not None and own.is_file():
            try:
                return Template.parse(own.read_text(encoding="utf-8-sig"), str(own))
            except UnicodeDecodeError as error:
                raise TemplateError(f"{own}: save this file as UTF-8") from error
        if action not in ACTIONS:
            raise TemplateError(
                f"there is no template {name}; put one into the templates folder, or use {', '.join(ACTIONS)}"
            )
        return Template.parse(_packaged(name), name)

    def problems(self) -> list[str]:
        """What is wrong with the owner's own files, one sentence each."""
        found = []
        for path in sorted(self.folder.glob("*.toml")) if self.folder else []:
            action, _, language = path.stem.rpartition(".")
            try:
                if language not in LANGUAGES or not action:
                    raise TemplateError(f"{path}: name it <action>.zh.toml or <action>.en.toml")
                self._load(action, language)
            except TemplateError as error:
                found.append(str(error))
        return found

    def render(self, action: str, language: str, facts: Facts) -> Rendered:
        """One message for one person.

        The button is left out when there is no link to put under it. Raises
        ``TemplateError`` when a link is not a web address.
        """
        template, language = self.template(action, language), language_of(language)
        for url in filter(None, (facts.link, facts.unsubscribe_url)):
            if not re.fullmatch(r"https?://[!-~]+", url):
                raise TemplateError(f"{url!r} is not a web address; it must start with https://")
        button = template.button if facts.link else ""
        values = {
            "greeting": greeting(facts.name, language),
            "name": _plain_name(facts.name),
            "company": facts.company, "offer": facts.offer, "link": facts.link,
            "sender": facts.sender or facts.company,
        }  # fmt: skip
        footer = self._footer_lines(language, facts)
        kept = [p for p in re.split(r"\n\s*\n", template.body) if fill(p, values).strip()]
        return Rendered(
            _BLANK.sub(" ", fill(template.subject, values)).strip(),
            _text(kept, button, values, footer, facts.unsubscribe_url),
            _html(template.html, kept, button, values, footer, language, facts.unsubscribe_url),
        )

    @staticmethod
    def _footer_lines(language: str, facts: Facts) -> tuple[str, str]:
        words = _footer(language)
        if facts.reason not in words:
            raise TemplateError(
                f"there is no reason {facts.reason!r} for getting a message; use customer, subscriber, asked"
            )
        return words[facts.reason].replace("{{company}}", facts.company), words["unsubscribe"]


def _text(paragraphs: list[str], button: str, values: Mapping[str, str], footer: tuple[str, str], url: str) -> str:
    parts = [fill(p, values).strip() for p in paragraphs]
    if button:
        parts.append(f"{fill(button, values)}: {values['link']}")
    parts.append("-- \n" + footer[0] + (f"\n{footer[1]}: {url}" if url else ""))
    return "\n\n".join(parts) + "\n"


def _html(
    own: str,
    paragraphs: list[str],
    button: str,
    values: Mapping[str, str],
    footer: tuple[str, str],
    language: str,
    url: str,
) -> str:
    safe = {name: html.escape(value) for name, value in values.items()}
    if own:
        content = fill(own, safe)
    else:
        content = "\n".join(f"<p>{fill(html.escape(p.strip()), safe)}</p>".replace("\n", "<br>\n") for p in paragraphs)
        if button:
            label = fill(html.escape(button), safe)
            content += f'\n<p><a class="button" href="{safe["link"]}">{label}</a></p>'
    out = f'<br><a href="{html.escape(url)}">{html.escape(footer[1])}</a>' if url else ""
    pieces = {
        "language": "zh-Hans" if language == "zh" else "en",
        "content": content,
        "footer": html.escape(footer[0]) + out,
    }
    return fill(_layout(), pieces)
