"""Collect the words of templates and modules into the catalogues: ``python -m regulars.web.words.extract``.

New words come in untranslated, words no longer used go; ``tests/web/words/test_catalogues.py`` fails until every
word is said in Chinese.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from regulars.web.words import po
from regulars.web.words.compile import LOCALE, compile_changed

WEB = LOCALE.parent
SAID = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
TEMPLATE_CALL = re.compile(
    r"""\b(?P<name>n?p?gettext|_)\(\s*(?P<args>u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
    r"""(?:\s*,\s*u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))*)"""
)
HEADER = (
    "Project-Id-Version: regulars\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\nLanguage: {language}\nPlural-Forms: {plural}\n"
)
FORMS = {"zh_Hans": (1, "nplurals=1; plural=0;"), "en": (2, "nplurals=2; plural=(n != 1);")}


def from_module(path: Path) -> list[po.Entry]:
    """Words in calls of gettext and its kin; an f-string there is an error."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in SAID | PLURAL | CONTEXT:
            continue
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        found.extend(entry(name, texts))
    return found


def entry(name: str, texts: list[str]) -> list[po.Entry]:
    if name in PLURAL and len(texts) >= 2:
        return [po.Entry(texts[0], plural=texts[1])]
    if name in CONTEXT and len(texts) >= 2:
        return [po.Entry(texts[1], context=texts[0])]
    return [po.Entry(texts[0])] if name in SAID and texts else []


def from_template(path: Path) -> list[po.Entry]:
    """Words in ``translate`` and ``blocktranslate`` tags."""
    from django.utils.translation.template import templatize

    found = []
    for call in TEMPLATE_CALL.finditer(templatize(path.read_text("utf-8"), origin=str(path))):
        texts = ast.literal_eval(f"[{call['args']}]")
        found.extend(entry(call["name"], texts))
    return found


def words(folder: Path = WEB) -> dict[tuple[str, str], po.Entry]:
    """Every word the pages and commands use, with the files that use it."""
    found: dict[tuple[str, str], po.Entry] = {}
    pages = [*folder.rglob("*.py"), *folder.rglob("*.html"), *folder.rglob("*.txt")]
    commands = (folder.parent / "cli").glob("*.py") if folder == WEB else ()
    for path in sorted([*pages, *commands]):
        if "migrations" in path.parts or "vendor" in path.parts:
            continue
        for one in from_module(path) if path.suffix == ".py" else from_template(path):
            kept = found.setdefault(one.key, one)
            kept.plural = kept.plural or one.plural
            place = path.relative_to(folder if path.is_relative_to(folder) else folder.parent).as_posix()
            if place not in kept.places:
                kept.places.append(place)
    return found


def renew(language: str, folder: Path = WEB) -> list[po.Entry]:
    """Bring one catalogue up to date; returns what still has to be said."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    before = po.read(path) if path.is_file() else {}
    forms, plural = FORMS[language]
    after = {("", ""): po.Entry("", said=[HEADER.format(language=language, plural=plural)])}
    for key, one in words(folder).items():
        old = before.get(key)
        count = forms if one.plural else 1
        same = old is not None and bool(old.plural) == bool(one.plural) and len(old.said) == count
        said = old.said if old is not None and same else [""] * count
        if language == "en" and not all(said):
            said = [one.msgid, one.plural] if one.plural else [one.msgid]
        after[key] = po.Entry(one.msgid, one.plural, one.context, said, one.places, bool(old and old.fuzzy))
    po.write(path, after)
    return [e for e in after.values() if e.msgid and not e.complete]


if __name__ == "__main__":
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
    for language in FORMS:
        for missing in renew(language):
            print(f"{language}: {missing.msgid!r} ({', '.join(missing.places)})")
    compile_changed()
