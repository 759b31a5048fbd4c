from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.act.render import ACTIONS, Facts, Renderer, Template, TemplateError, fill, greeting, language_of

FACTS = Facts("李梅", "小店", "https://shop.example/?a=1&b=2", "九折", "王芳", "https://shop.example/u/1")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_action_reads_well_in_both_languages(action: str, language: str) -> None:
    message = Renderer().render(action, language, FACTS)
    assert message.text.startswith("李梅，您好" if language == "zh" else "Hi 李梅,")
    for part in (message.text, message.html):
        assert "{{" not in part
        assert "九折" in part
        assert "https://shop.example/u/1" in part
        assert ("退订" if language == "zh" else "Unsubscribe") in part
        assert ("您收到这封邮件" if language == "zh" else "You get this e-mail because") in part
    assert "\n" not in message.subject
    assert 'href="https://shop.example/?a=1&amp;b=2"' in message.html
    if language == "en":
        assert not re.search(
            r"[\u4e00-\u9fff]", Renderer().render(action, "en", Facts("Grace", "Shop", FACTS.link)).text
        )


def test_an_empty_placeholder_leaves_no_hole() -> None:
    message = Renderer().render("win_back", "en", Facts("Grace", "Shop", "https://shop.example"))
    assert "\n\n\n" not in message.text
    assert "<p></p>" not in message.html


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [("李梅", "李梅，您好", "Hi 李梅"), ("Grace Hopper", "Grace Hopper，您好", "Hi Grace"), ("", "您好", "Hello"),
     ("  ", "您好", "Hello"), ("赢大奖 http://evil.example", "您好", "Hello"), ("Win at evil.com now", "您好", "Hello"),
     ("x" * 41, "您好", "Hello"), ("Li\r\nMei", "Li Mei，您好", "Hi Li")],
)  # fmt: skip
def test_people_are_greeted_by_name_and_what_is_no_name_is_left_out(name: str, zh: str, en: str) -> None:
    assert (greeting(name, "zh"), greeting(name, "en")) == (zh, en)


@given(st.text(max_size=40), st.text(max_size=60), st.text(max_size=60))
def test_nothing_a_person_typed_becomes_html_or_a_placeholder(name: str, company: str, offer: str) -> None:
    typed = (f"<b>{name}", f"<script>{company}", "https://shop.example", f"<img>{offer}{{{{link}}}}")
    facts = Facts(*typed, unsubscribe_url="https://x.example/u")
    html = Renderer().render("care", "en", facts).html
    body = html.partition("<body>")[2]
    assert not {tag.lower() for tag in re.findall(r"<\s*/?\s*([a-zA-Z]+)", body)} - {
        "div",
        "p",
        "br",
        "a",
        "body",
        "html",
    }
    assert "{{link}}" in body


def test_the_owners_file_wins_and_a_broken_one_is_explained(tmp_path: Path) -> None:
    (tmp_path / "care.zh.toml").write_text(
        'subject = "问候"\nbody = "{{greeting}}！\\n\\n{{offer}}"\n', encoding="utf-8"
    )
    own = Renderer(tmp_path)
    assert own.render("care", "zh", FACTS).subject == "问候"
    assert own.render("care", "en", FACTS).subject != "问候"
    (tmp_path / "birthday.en.toml").write_text('subject = "Happy birthday"\nbody = "{{greeting}}"', encoding="utf-8")
    assert own.render("birthday", "en", FACTS).subject == "Happy birthday"
    assert own.problems() == []
    (tmp_path / "care.en.toml").write_text('subject = "x"\nbody = "{{ nmae }}"', encoding="utf-8")
    (tmp_path / "hello.toml").write_text('subject = "x"\nbody = "y"', encoding="utf-8")
    (tmp_path / "gbk.zh.toml").write_bytes('subject = "问候"\nbody = "y"'.encode("gb18030"))
    problems = own.problems()
    assert len(problems) == 3
    assert "care.en.toml, body: there is no placeholder {{nmae}}; use greeting, name" in problems[0]
    assert "UTF-8" in problems[1]


@pytest.mark.parametrize(
    ("source", "says"),
    [("subject = ", "not valid TOML"), ('subject = "a"', "body is missing"),
     ('subject = "a"\nbody = 1', "must be text"),
     ('subject = "a"\nbody = "b"\ncolour = "c"', "no field 'colour'"), ('subject = "a"\nbody = "{{name"', "not closed"),
     ('subject = "a"\nbody = "{{ name.__class__ }}"', "no placeholder"), ('subject = "a\\nb"\nbody = "x"', "one line")],
)  # fmt: skip
def test_a_template_that_cannot_be_used_says_what_to_do(source: str, says: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(says)):
        Template.parse(source, "mine.toml")


def test_only_web_addresses_become_links() -> None:
    with pytest.raises(TemplateError, match="web address"):
        Renderer().render("care", "en", Facts("x", "y", "javascript:alert(1)"))
    without = Renderer().render("care", "en", Facts("x", "y"))
    assert "href" not in without.html
    assert "Tell us" not in without.text
    with pytest.raises(TemplateError, match="no template"):
        Renderer(Path("/nowhere")).render("../secret", "en", FACTS)


def test_languages() -> None:
    assert [language_of(c, "zh") for c in ("zh-hans", "zh_TW", "EN-us", "", None, "fr")] == [
        "zh",
        "zh",
        "en",
        "zh",
        "zh",
        "en",
    ]
    assert fill("{{a}}{{ b }}", {"a": "{{b}}", "b": "x"}) == "{{b}}x"
