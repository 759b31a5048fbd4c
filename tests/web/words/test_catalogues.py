"""Every word of the pages is said in Chinese and English, and the compiled files are what gettext would make."""

from __future__ import annotations

import gettext
import io
import re
from pathlib import Path

import polib
import pytest
from django.utils import translation

from regulars.web.words import po
from regulars.web.words.compile import LOCALE, compile_changed
from regulars.web.words.extract import from_module, from_template, words

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%\(\w+\)\.\d[fg]|%[sd]|%\.\d[fg]")


def catalogue(language):
    return po.read(LOCALE / language / "LC_MESSAGES" / "django.po")


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_every_word_is_said_and_none_is_left_over(language):
    said = catalogue(language)
    used = words()
    assert sorted(m for c, m in used if (c, m) not in said) == [], "run python -m regulars.web.words.extract"
    assert sorted(e.msgid for e in said.values() if e.msgid and not e.complete) == []
    assert sorted(m for c, m in said if m and (c, m) not in used) == []


def test_chinese_keeps_every_placeholder():
    for entry in catalogue("zh_Hans").values():
        wanted = {m[0] for m in PLACEHOLDER.finditer(entry.plural or entry.msgid)}
        for text in entry.said:
            assert {m[0] for m in PLACEHOLDER.finditer(text)} == wanted, entry.msgid


def test_chinese_uses_chinese_marks():
    for entry in catalogue("zh_Hans").values():
        for text in entry.said:
            assert not re.search(r"[\u4e00-\u9fff][,;!?]", text), text


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_reading_agrees_with_polib(language):
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    theirs = {(e.msgctxt or "", e.msgid): e for e in polib.pofile(str(path))}
    ours = {k: e for k, e in catalogue(language).items() if e.msgid}
    assert set(ours) == set(theirs)
    for key, entry in ours.items():
        other = theirs[key]
        assert entry.said == ([other.msgstr_plural[i] for i in sorted(other.msgstr_plural)] or [other.msgstr])


def test_compiled_bytes_are_read_by_gettext(tmp_path):
    awkward = {
        ("", ""): po.Entry("", said=["Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n"]),
        ("", 'a "quoted"\nline\\'): po.Entry('a "quoted"\nline\\', said=["一“行”\n"]),
        ("deal", "Lost"): po.Entry("Lost", context="deal", said=["丢单"]),
        ("", "%(n)s day"): po.Entry("%(n)s day", plural="%(n)s days", said=["%(n)s 天"]),
        ("", "unsaid"): po.Entry("unsaid"),
    }
    path = tmp_path / "django.po"
    po.write(path, awkward)
    assert {k: e.said for k, e in po.read(path).items()} == {k: e.said for k, e in awkward.items()}
    read = gettext.GNUTranslations(io.BytesIO(po.compiled(awkward)))
    assert read.gettext('a "quoted"\nline\\') == "一“行”\n"
    assert read.pgettext("deal", "Lost") == "丢单"
    assert read.ngettext("%(n)s day", "%(n)s days", 5) == "%(n)s 天"
    assert read.gettext("unsaid") == "unsaid"


def test_compiling_again_writes_nothing():
    compile_changed()
    assert compile_changed() == []


def test_words_are_found_in_templates_and_modules(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "{% translate 'One' %}{% blocktranslate count n=x %}{{ n }} a{% plural %}{{ n }} b{% endblocktranslate %}"
        '{% translate "It\'s" context "shop" %}{% firstof x _("two") %}',
        "utf-8",
    )
    found = {(e.context, e.msgid, e.plural) for e in from_template(page)}
    assert found == {("", "One", ""), ("", "%(n)s a", "%(n)s b"), ("shop", "It's", ""), ("", "two", "")}
    module = tmp_path / "module.py"
    module.write_text('_("x")\nngettext("a", "b", 2)\npgettext_lazy("deal", "Won")\nother("no")\n', "utf-8")
    assert [(e.context, e.msgid) for e in from_module(module)] == [("", "x"), ("", "a"), ("deal", "Won")]


def test_the_pages_speak_chinese():
    with translation.override("zh-hans"):
        assert translation.gettext("Risk of leaving") == "流失风险"
        assert translation.ngettext("%(n)s day ago", "%(n)s days ago", 3) % {"n": 3} == "3 天前"


def test_no_template_speaks_without_translation():
    """Words between tags must be inside a translate tag; figures, brackets and names of keys may stand alone."""
    allowed = {"CSV", "PNG", "EN", "Ctrl K", "Ctrl", "Enter", "Ctrl Enter", "English", "j", "k", "K"}
    for path in sorted((Path(LOCALE).parent / "templates").rglob("*.html")):
        if "report" in path.parts:
            continue
        text = path.read_text("utf-8")
        text = re.sub(
            r"{% blocktranslate.*?endblocktranslate %}|{%.*?%}|{{.*?}}|<style.*?</style>", "\0", text, flags=re.S
        )
        text = re.sub(r"<(code|kbd)\b[^>]*>.*?</\1>|<!--.*?-->|&\w+;", "\0", text, flags=re.S)
        for piece in re.sub(r"<[^>]*>", "\0", text, flags=re.S).split("\0"):
            bare = piece.strip(" \n\t·–—:()[],.…/|+-&;")
            assert not re.search(r"[A-Za-z]{2,}", bare) or bare in allowed, f"{path.name}: {bare!r}"
