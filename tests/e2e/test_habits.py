"""What people do with hands: keys, palette, tabs, theme, language, approving, exporting."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PERSON = "/understand/people/p00000000000/"


def test_the_palette_finds_a_two_character_name(site, open_page, shoot):
    page = open_page()
    page.goto(site.url + "/")
    page.keyboard.press("Control+k")
    page.locator("#palette-input").wait_for(state="visible")
    page.keyboard.type("李梅")
    page.locator("#palette-found a", has_text="李梅").first.wait_for()
    shoot(page, "zh-hans", "palette", whole=False)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/understand/people/p\d+/$"))


def test_rows_move_by_keys_and_open(site, open_page):
    page = open_page("en")
    page.goto(site.url + "/understand/people/?sort=-clv")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.locator("tr.row-here").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url(site.url + PERSON)


def test_slash_searches_in_the_list(site, open_page):
    page = open_page("en")
    page.goto(site.url + "/understand/people/")
    page.keyboard.press("/")
    page.keyboard.type("Silva")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=Silva"))
    assert set(page.locator("[data-list] tbody tr[data-href] td:first-child").all_inner_texts()) <= {
        f"{first} Silva" for first in ("Ana", "Bruno", "Carla", "David", "Elena", "Felix")
    }


def test_more_rows_load_in_place_and_the_count_comes_when_asked(site, open_page):
    page = open_page("en")
    page.goto(site.url + "/understand/people/")
    rows = page.locator("tr[data-href]")
    assert rows.count() == 50
    page.click(".more-row button")
    expect(rows).to_have_count(100)
    page.click("text=How many?")
    page.locator("text=300 rows").wait_for()


def test_tabs_and_earlier_pages_of_the_timeline(site, open_page):
    page = open_page("en")
    page.goto(site.url + PERSON)
    page.click("[data-tabs] >> text=Orders")
    page.wait_for_url("**tab=orders")  # the address changes with the answer; before that the old list is shown
    expect(page.locator(".timeline-item")).to_have_count(30)
    expect(page.locator("[data-tabs] .active")).to_have_text("Orders")
    page.click("text=Earlier")
    expect(page.locator(".timeline-item")).to_have_count(40)


def test_a_note_is_saved_by_keys(site, open_page):
    page = open_page("zh-hans")
    page.goto(site.url + PERSON)
    page.fill("#note", "喜欢龙井")
    page.keyboard.press("Control+Enter")
    page.locator("#note-state", has_text="已保存").wait_for()
    page.reload()
    assert page.input_value("#note") == "喜欢龙井"


def test_approving_takes_one_press_and_can_be_undone(site, open_page, shoot):
    page = open_page("en")
    page.goto(site.url + "/")
    row = page.locator(".action").first
    row.locator("text=Why?").click()
    row.locator(".why-card").wait_for(state="visible")
    shoot(page, "en", "why", whole=False)
    row.locator("text=Approve").click()
    page.locator(".action").first.locator("text=Approved").wait_for()
    page.locator(".action").first.locator("text=Undo").click()
    page.locator(".action").first.locator("button", has_text="Approve").wait_for()


def test_the_chart_has_a_table_a_csv_and_a_picture(site, open_page, tmp_path):
    page = open_page("en")
    page.goto(site.url + "/")
    page.locator("#revenue canvas").wait_for()
    with page.expect_download() as download:
        page.click("[data-chart-csv=revenue]")
    text = (download.value.path()).read_text("utf-8-sig")
    assert text.startswith("Week from,Revenue (¥)")
    assert text.count("\n") >= 20
    with page.expect_download() as download:
        page.click("[data-chart-png=revenue]")
    assert download.value.path().read_bytes()[:4] == b"\x89PNG"
    page.click("[data-chart-table=revenue]")
    page.locator("#revenue-table td").first.wait_for()
    page.click("[data-chart-table=revenue]")
    page.locator("#revenue").hover()


def test_the_theme_and_the_language_are_remembered(site, open_page):
    page = open_page("en")
    page.goto(site.url + "/")
    assert page.get_attribute("html", "data-bs-theme") == "light"
    page.click("[data-theme-switch]")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    page.click("button[name=language]")
    page.wait_for_load_state("load")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    assert page.get_attribute("html", "lang") == "zh-hans"


def test_a_phone_has_a_bar_at_the_bottom(site, open_page, shoot):
    page = open_page("zh-hans", phone=True)
    page.goto(site.url + "/")
    assert not page.locator("aside.navbar").is_visible()
    page.click(".bottom-bar >> text=菜单")
    page.locator("#menu.show").wait_for()
    shoot(page, "zh-hans", "menu-phone", whole=False)


def test_the_door_in_both_languages(site, browser, shoot):
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(site.url + "/login/")
    page.locator("text=密码").first.wait_for()
    shoot(page, "zh-hans", "login", whole=False)
    page.click("button[name=language]")
    page.locator("text=Password").first.wait_for()
    shoot(page, "en", "login", whole=False)
    page.goto(site.login_link())
    page.locator("text=This link logs you in once.").wait_for()
    context.close()


def test_an_expired_session_loses_nothing(site, open_page):
    page = open_page("en")
    page.goto(site.url + PERSON)
    page.fill("#note", "typed before the session ran out")
    kept = [c for c in page.context.cookies() if c["name"] != "regulars_session"]
    session = next(c for c in page.context.cookies() if c["name"] == "regulars_session")
    page.context.clear_cookies()
    page.context.add_cookies(kept)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("You were logged out")
    assert page.input_value("#note") == "typed before the session ran out"
    page.context.add_cookies([session])
    page.locator("#note").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#note-state")).to_have_text("Saved")
