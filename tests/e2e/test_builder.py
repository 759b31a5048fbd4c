"""The segment builder by hand and by keyboard alone: conditions, groups, the live count, saving."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def rule_of(page):
    return json.loads(page.locator("#rule-json").input_value())


def test_a_segment_is_put_together_by_keyboard_and_saved(site, open_page, shoot):
    page = open_page("en")
    page.goto(f"{site.url}/understand/segments/builder/")
    expect(page.locator("#count")).to_contain_text("people", timeout=30_000)
    assert rule_of(page) == {"all": [{"fact": "orders", "measure": "count", "op": "at_least", "value": 2,
                                      "window": {"days": 90}}]}  # fmt: skip
    page.locator(".builder-remove").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_contain_text("at least one condition")
    expect(page.locator("[data-key$='-add']")).to_be_focused()
    page.keyboard.press("Enter")
    field = page.locator(".builder-row select").first
    expect(field).to_be_focused()
    field.select_option("score.clv")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("12.5")
    assert rule_of(page) == {"all": [{"score": "clv", "op": "at_least", "value": 1250}]}
    page.locator("button", has_text="Add a group").first.click()
    inner = page.locator(".builder-inner")
    inner.locator("select").first.select_option("none")
    inner.locator(".builder-row select").first.select_option("person.city")
    inner.locator(".builder-row input").fill("Berlin")
    assert rule_of(page)["all"][1] == {"not": {"any": [{"person": "city", "op": "is", "value": "Berlin"}]}}
    expect(page.locator("#count")).to_contain_text("not (City is Berlin)")
    shoot(page, "en", "builder")
    page.locator("#name").fill("Worth it, not from Berlin")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/segments/own/\w+/$"))
    expect(page.locator("h2.page-title, h1, .page-title").first).to_contain_text("Worth it")
    page.locator("a", has_text="Change the rules").click()
    page.wait_for_url(re.compile(r"/builder/\w+/$"))
    expect(page.locator("#count")).to_contain_text("not (City is Berlin)")
    assert rule_of(page)["all"][1] == {"not": {"any": [{"person": "city", "op": "is", "value": "Berlin"}]}}
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_deleting_offers_undo(site, open_page):
    page = open_page("en")
    page.goto(f"{site.url}/understand/segments/builder/")
    page.locator("#name").fill("Here and gone")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/segments/own/\w+/$"))
    page.locator("button", has_text="Delete").click()
    page.locator("button", has_text="Undo").click()
    page.wait_for_url(re.compile(r"/segments/own/\w+/$"))
    expect(page.locator("body")).to_contain_text("Here and gone")
