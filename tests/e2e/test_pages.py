"""Every page of the frame in both languages, light and dark, wide and as on a phone, without one script error."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

PERSON = "/understand/people/p00000000000/"
PAGES = {
    "today": "/",
    "people": "/understand/people/?sort=-clv",
    "person": PERSON,
    "companies": "/understand/companies/",
    "company": "/understand/companies/c00000000000/",
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_window(site, open_page, shoot, name, language):
    for suffix, look in (("", {}), ("-dark", {"dark": True}), ("-phone", {"phone": True})):
        page = open_page(language, **look)
        page.goto(site.url + PAGES[name])
        shoot(page, language, name + suffix, whole=not suffix.endswith("phone"))
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{name}{suffix} scrolls sideways by {overflow} px"
