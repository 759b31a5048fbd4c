"""The people of one segment, found by the program or put together by the owner."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.web.lists import Empty, List
from regulars.web.people.lists import PEOPLE, page_of
from regulars.web.search.queries import narrow

IN_SEGMENT = List(
    name="segment",
    sort="-clv",
    columns=tuple(c for c in PEOPLE.columns if c.key not in ("segment", "company")),
    filters=tuple(f for f in PEOPLE.filters if f.key in ("stage", "activity", "channel")),
    empty=Empty(_("Nobody is in this segment any more: the next turn of the wheel takes it away.")),
    row_url=page_of,
    find=narrow,
)

OWN_MEMBERS = List(
    name="own_segment",
    sort="-clv",
    columns=tuple(c for c in PEOPLE.columns if c.key != "company"),
    filters=tuple(f for f in PEOPLE.filters if f.key in ("stage", "activity", "segment", "channel")),
    empty=Empty(_("Nobody fits these rules at the moment. The next turn of the wheel looks again.")),
    row_url=page_of,
    find=narrow,
)
