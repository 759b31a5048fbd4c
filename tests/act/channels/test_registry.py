from __future__ import annotations

from pathlib import Path

import pytest

from regulars.act.channels.base import ChannelSettings
from regulars.act.channels.registry import all_channels, channel


def test_a_folder_is_a_channel_and_says_what_it_needs(tmp_path: Path) -> None:
    assert set(all_channels()) == {"email", "sandbox"}
    assert channel("email").missing(ChannelSettings()) == ("host",)
    assert channel("sandbox").missing(ChannelSettings(sandbox=tmp_path)) == ()
    assert channel("sandbox").open(ChannelSettings(sandbox=tmp_path)).state == "sandboxed"
    assert channel("email").open(ChannelSettings(host="smtp.example", port=465)).tls == "ssl"  # type: ignore[attr-defined]
    assert all(c.zh and c.en for c in all_channels().values())
    with pytest.raises(KeyError, match="there are email, sandbox"):
        channel("pigeon")
