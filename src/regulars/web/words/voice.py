"""Words of the models that read what customers write."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

MODELS = {"sentiment": _("Praise or complaint"), "topics": _("Topics of texts")}
PURPOSES = {
    "sentiment": _("Reads whether a text praises or complains; learns from your labels and from the marks customers "
                   "give. Starts from a list of words written by hand for this program; no foreign texts were used."),
    "topics": _("Finds what customers write about and names it by their words."),
}  # fmt: skip
METRICS = {"usual_answer": _("Right if it always said the more frequent of the two")}
FEATURES = {
    "written_word_list": _("a list of words written by hand"), "character_ngrams": _("runs of characters"),
    "labels": _("labels and marks"), "words": _("words"),
}  # fmt: skip
WORDS: dict[str, tuple[object, ...]] = {
    "cold_start": (_("Nobody labelled a text yet and no marks came with texts: it reads by its word list alone."),),
    "too_few_texts": (_("Too few texts in one language to find topics."),),
}
