"""Feeds as they come, hostile ones, pages of shops and files of signals."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.collect.watch.feeds import MOST_ITEMS, FeedProblem, News, read_feed
from regulars.collect.watch.files import SignalFileProblem, read_signals
from regulars.collect.watch.pages import Offer, read_page

NOW = dt.datetime(2026, 3, 5, tzinfo=dt.UTC)
RSS = """<?xml version="1.0" encoding="{0}"?><rss version="2.0"><channel><title>新闻</title><link>https://a.example</link>
<item><title>对手 降价 &amp; 促销</title><link>https://a.example/1</link><guid>g1</guid>
<pubDate>Tue, 03 Mar 2026 09:00:00 +0800</pubDate><description>x</description></item>
<item><title>second</title><link>javascript:alert(1)</link><guid>g2</guid></item>
<item><title>again</title><guid>g1</guid></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>
<entry><id>urn:1</id><title type="text">New plan</title>
<link rel="self" href="https://b.example/self"/>
<link href="https://b.example/1"/><updated>2026-03-04T10:00:00Z</updated>
<published>2026-03-03T10:00:00Z</published><summary><title>not this</title></summary></entry></feed>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><item rdf:about="https://c.example/1"><title>Old style</title>
<link>https://c.example/1</link><dc:date>2026-03-03</dc:date></item></rdf:RDF>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312", "utf-16", "windows-1252"])
def test_rss_in_many_encodings(encoding: str) -> None:
    text = RSS.format(encoding)
    text = text if encoding != "windows-1252" else text.replace("对手", "Rival").replace("降价", "cut").replace(
        "促销", "sale").replace("新闻", "news")  # fmt: skip
    found = read_feed(text.encode("gb18030" if encoding == "gb2312" else encoding))
    assert [n.id for n in found] == ["g1", "g2"]
    assert found[0].title in ("对手 降价 & 促销", "Rival cut & sale")
    assert found[0].at == dt.datetime(2026, 3, 3, 1, tzinfo=dt.UTC)
    assert (found[1].link, found[1].at) == ("", None)


def test_atom_and_the_old_rss() -> None:
    at = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)
    assert read_feed(ATOM) == [News("urn:1", "New plan", "https://b.example/1", at)]
    assert read_feed(RDF)[0].title == "Old style"
    assert read_feed(RDF)[0].id == "https://c.example/1"


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><rss><channel><item><title>&a;</title></item></channel></rss>',
        b'<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss></rss>',
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://a.example/x.dtd"> %p;]><rss/>',
        b'<!DOCTYPE z [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss>&b;</rss>',
        b"<rss>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</rss>",
        b"<rss><item>", b"", b"not xml", b"<html></html>", b"<rss>&nbsp;</rss>",
    ],
)  # fmt: skip
def test_a_hostile_or_broken_feed_is_refused(data: bytes) -> None:
    with pytest.raises(FeedProblem):
        read_feed(data)


def test_a_flood_is_cut() -> None:
    item = "<item><guid>{0}</guid><title>{1}</title></item>"
    found = read_feed(("<rss>" + "".join(item.format(i, "x" * 5_000) for i in range(700)) + "</rss>").encode())
    assert len(found) == MOST_ITEMS
    assert max(len(n.title) for n in found) <= 500


@given(st.binary(max_size=400))
def test_any_bytes_are_a_feed_or_a_problem(data: bytes) -> None:
    with contextlib.suppress(FeedProblem):
        read_feed(data)
    read_page(data)


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30),
                          st.integers(0, 10**9)), max_size=8))  # fmt: skip
def test_what_is_written_is_read_back(rows: list[tuple[str, int]]) -> None:
    from xml.sax.saxutils import escape

    items = "".join(f"<item><guid>{i}</guid><title>{escape(t)}</title></item>" for i, (t, _n) in enumerate(rows))
    try:
        found = read_feed(f"<rss><channel>{items}</channel></rss>".encode())
    except FeedProblem:
        # Characters XML itself does not allow.
        assert any(ord(c) in (0xFFFE, 0xFFFF) for t, _n in rows for c in t)
        return
    assert [n.title for n in found] == [" ".join(t.split()) for t, _n in rows]


@pytest.mark.parametrize(
    ("page", "offer"),
    [
        ('<title>Tea</title><script type="application/ld+json">{"@type":"Product","offers":{"@type":"Offer",'
         '"price":"12.50","priceCurrency":"EUR","availability":"https://schema.org/OutOfStock"}}</script>',
         Offer(12.5, "EUR", False, "Tea")),
        ('<script type="application/ld+json">{"@graph":[{"@type":["Product"],"offers":[{"@type":"Offer","price":30,'
         '"priceCurrency":"CNY"},{"@type":"Offer","price":20,"priceCurrency":"CNY","availability":"InStock"}]}]}</script>',
         Offer(20.0, "CNY", True, "")),
        ('<span itemprop="price">1.299,00</span><meta itemprop="priceCurrency" content="EUR">',
         Offer(1299.0, "EUR", None, "")),
        ('<meta property="product:price:amount" content="88">'
         '<link itemprop="availability" href="http://schema.org/InStock">',
         Offer(88.0, "", True, "")),
        ('<script>var price = "1"</script><script type="application/ld+json">{broken</script>',
         Offer(None, "", None, "")),
    ],
)  # fmt: skip
def test_prices_of_pages(page: str, offer: Offer) -> None:
    assert read_page(page.encode()) == offer


def test_a_file_of_signals_in_chinese_and_english() -> None:
    zh = "日期,类型,竞品,商品,数值,币种\n2026-03-01,价格,对手,tea,\"1,299.00\",\n2026-03-01,库存,对手,tea,缺货,\n" \
         "2026-03-02,提及,我们,,12,\n坏,价格,对手,tea,1,\n2026-03-02,价格,对手,tea,免费,\n"  # fmt: skip
    found = read_signals(zh.encode("gb18030"), name="x.csv", zone="Asia/Shanghai", currency="CNY", now=NOW)
    assert [(r.kind, r.watched, r.value, r.currency) for r in found.rows] == [
        ("price", "对手", 1299.0, "CNY"), ("stock", "对手", 0.0, ""), ("mention", "", 12.0, "")]  # fmt: skip
    assert found.rows[0].at == dt.datetime(2026, 2, 28, 16, tzinfo=dt.UTC)
    assert [why for _row, why in found.aside] == ["date", "value"]
    again = read_signals(zh.encode(), name="y.csv", zone="Asia/Shanghai", currency="CNY", now=NOW)
    assert [r.id for r in again.rows] == [r.id for r in found.rows]
    en = b"date,competitor,product,price\n2026-03-01,Rival,tea,$9.50\n"
    (row,) = read_signals(en, name="x.csv", zone="UTC", currency="EUR", now=NOW).rows
    assert (row.kind, row.value, row.currency) == ("price", 9.5, "USD")
    with pytest.raises(SignalFileProblem, match="watched"):
        read_signals(b"date,price\n2026-03-01,1\n", name="x.csv", zone="UTC", currency="EUR", now=NOW)
