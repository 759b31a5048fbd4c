from __future__ import annotations

import os
import stat

import pytest

from regulars.home import Home, Settings, SettingsProblem


def test_create_twice_keeps_what_the_owner_wrote(tmp_path):
    home = Home(tmp_path / "h")
    home.create(company="灯塔智能", currency="USD")
    home.settings_path.write_text("# mine\n" + home.settings_path.read_text("utf-8"), "utf-8")
    home.create()
    assert home.settings.company == "灯塔智能"
    home.change(margin=0.5)
    assert home.settings.margin == 0.5
    assert home.settings_path.read_text("utf-8").startswith("# mine")


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"currency": "yuan"}, "currency"),
        ({"language": "fr"}, "language"),
        ({"margin": 1.4}, "margin"),
        ({"quiet_from": "9pm"}, "quiet_from"),
        ({"colour": "red"}, "colour"),
        ({"smtp_port": "25"}, "smtp_port"),
    ],
)
def test_a_wrong_setting_is_named(given, word):
    with pytest.raises(SettingsProblem, match=word):
        Settings.parse(given)


def test_a_broken_file_says_where(tmp_path):
    home = Home(tmp_path)
    home.create()
    home.settings_path.write_text("zone = ", "utf-8")
    with pytest.raises(SettingsProblem, match="regulars.toml"):
        _ = home.settings


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_keys_are_private_and_stay_the_same(tmp_path):
    home = Home(tmp_path)
    home.create()
    first = home.key("token")
    assert home.key("token") == first
    assert len(first) == 32
    assert stat.S_IMODE((home.keys_path / "token").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.keys_path.stat().st_mode) == 0o700
