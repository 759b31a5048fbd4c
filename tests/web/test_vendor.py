"""Third-party files are fetched once, and every icon a page asks for is among them."""

from __future__ import annotations

import gzip

from regulars.web import vendor


def test_running_again_does_nothing():
    vendor.fetch(say=False)
    before = {p.name: p.stat().st_mtime_ns for p in vendor.VENDOR.iterdir()}
    assert vendor.fetch(say=False) is False
    assert {p.name: p.stat().st_mtime_ns for p in vendor.VENDOR.iterdir()} == before


def test_every_icon_is_in_the_sprite():
    vendor.fetch(say=False)
    sprite = (vendor.VENDOR / "icons.svg").read_text("utf-8")
    assert {"users", "shopping-bag", "arrow-back-up"} <= set(vendor.icons_used())
    for name in vendor.icons_used():
        assert f'id="{name}"' in sprite


def test_files_name_no_map_and_have_a_compressed_twin():
    vendor.fetch(say=False)
    for name in vendor.FILES:
        body = (vendor.VENDOR / name).read_bytes()
        assert b"sourceMappingURL" not in body
        assert gzip.decompress((vendor.VENDOR / f"{name}.gz").read_bytes()) == body


def test_icons_are_found_in_templates_and_modules(tmp_path):
    (tmp_path / "a.html").write_text("""{% icon "home" %}{% icon thing.icon "icon-lg" %}""", "utf-8")
    (tmp_path / "b.py").write_text("""Item(icon="mail")""", "utf-8")
    assert vendor.icons_used(tmp_path) == ["home", "mail"]
