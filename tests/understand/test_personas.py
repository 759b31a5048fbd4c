from __future__ import annotations

import pytest

from regulars.understand import persona_words
from regulars.understand.personas import NAMES, PHRASES
from regulars.understand.segments import SEGMENTS, Feature, SegmentProfile


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("key", [*SEGMENTS, "k0"])
def test_every_segment_has_words_with_its_numbers_in_both_languages(key, language):
    features = tuple(Feature(n, 1234.5, 99.0, 1.0) for n in PHRASES[language])
    text = persona_words(SegmentProfile("rules", key, 4321, 0.25, 5e6, 1.0, "m/1", features), language, "JPY", 5)
    assert "4,321" in text
    assert "JPY 5,000,000" in text
    assert "1,234" in text
    assert "25%" in text


def test_both_languages_name_every_segment():
    assert set(NAMES["en"]) == set(NAMES["zh-hans"]) == set(SEGMENTS)
    assert set(PHRASES["en"]) == set(PHRASES["zh-hans"])
    with pytest.raises(ValueError, match="language"):
        persona_words(SegmentProfile("rules", "new", 1, 1.0, 1.0, 1.0, "m/1", ()), "fr")
