"""The market watch: a list the owner keeps, files, feeds and pages of a real server, and what they speak for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from regulars.web.audit.models import Entry
from regulars.web.bridge.measuring import measuring_tables
from regulars.web.findings.models import Finding
from regulars.web.market_watch import services
from regulars.web.market_watch.models import Signal, Watch

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
PAGE = "/measure/market-watch/"
FEED = (b"<rss><channel><item><guid>1</guid><title>Rival cuts prices</title><link>https://rival.example/1</link>"
        b"<pubDate>Tue, 03 Mar 2026 09:00:00 +0000</pubDate></item></channel></rss>")  # fmt: skip
SHOP = (b'<script type="application/ld+json">{"@type":"Product","offers":{"@type":"Offer","price":"12.50",'
        b'"priceCurrency":"CNY","availability":"https://schema.org/OutOfStock"}}</script>')  # fmt: skip


def get(client, address=PAGE, language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


@pytest.fixture
def site(monkeypatch) -> Iterator[str]:
    pages = {"/feed": FEED, "/tea": SHOP, "/robots.txt": b"User-agent: *\nDisallow: /closed"}

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            body = pages.get(self.path)
            self.send_response(200 if body else 404)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_given):
            pass

    from regulars.collect.watch import fetch

    real = fetch.fetch
    # The server of this test is inside; everything else stays closed.
    near = lambda url, **rest: real(url, reach=lambda address, _port: address == "127.0.0.1", **rest)  # noqa: E731
    monkeypatch.setattr(fetch, "fetch", near)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def watch(address, kind="feed", on="1", **more):
    return services.watch_save("", {"name": "Rival", "kind": kind, "address": address, "on": on, **more}, "owner")


def test_empty_it_says_what_it_is_for_and_how_to_begin(owner, company):
    page = get(owner, language="en")
    assert "Bring in a file of signals" in page
    assert 'type="file"' in page
    assert "robots.txt" in page
    assert "市场观察" in get(owner)


def test_a_watch_is_off_until_the_owner_turns_it_on(owner, company, site):
    sent = {"name": "Rival", "kind": "feed", "address": f"{site}/feed"}
    assert owner.post(PAGE + "save/", sent).status_code == 302
    kept = Watch.objects.get()
    assert not kept.on
    assert services.watches_fetch(NOW) == {"read": 0, "failed": 0, "signals": 0}
    owner.post(f"{PAGE}{kept.uid}/switch/", {"on": "1"})
    assert services.watches_fetch(NOW)["signals"] == 1
    assert "Rival" in get(owner)
    owner.post(PAGE + "save/", sent | {"uid": kept.uid, "name": "Other", "on": "1"})
    assert Watch.objects.get().name == "Other"
    assert "Other" in get(owner, f"{PAGE}?edit={kept.uid}")
    owner.post(f"{PAGE}{kept.uid}/remove/")
    assert not Watch.objects.exists()
    assert Signal.objects.count() == 1
    actions = list(Entry.objects.order_by("id").values_list("action", flat=True))
    assert actions[-4:] == ["watch_save", "watch_switch", "watch_save", "watch_remove"]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"name": ""}, "Say who"), ({"kind": "mail"}, "Choose a feed"), ({"address": "ftp://a.example"}, "https://"),
        ({"address": "https://u:p@a.example"}, "password"), ({"kind": "page"}, "Say which"),
    ],
)  # fmt: skip
def test_what_cannot_be_watched_is_said_and_what_was_typed_stays(owner, company, sent, says):
    owner.cookies["regulars_language"] = "en"
    given = {"name": "Rival & Co", "kind": "feed", "address": "https://a.example/feed"} | sent
    answer = owner.post(PAGE + "save/", given)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Watch.objects.exists()


def test_feeds_and_pages_are_read_once_a_day_and_a_broken_one_stops_no_other(company, site):
    watch(f"{site}/closed/tea", "page", product="tea")
    watch(f"{site}/tea", "page", product="tea")
    watch(f"{site}/feed")
    watch(f"{site}/tea")
    assert services.watches_fetch(NOW) == {"read": 2, "failed": 2, "signals": 3}
    assert services.watches_fetch(NOW + timedelta(hours=5)) == {"read": 0, "failed": 0, "signals": 0}
    assert services.watches_fetch(NOW + timedelta(hours=24))["signals"] == 2
    assert set(Watch.objects.values_list("problem", flat=True)) == {"", "robots", "no_feed"}
    price = Signal.objects.filter(kind="price").first()
    assert (price.value, price.currency, price.product, price.watched) == (1250.0, "CNY", "tea", "Rival")
    assert set(Signal.objects.values_list("kind", flat=True)) == {"price", "stock", "mention"}
    table = measuring_tables()["signals"]
    assert table.num_rows == Signal.objects.count()
    assert {"mention", "price", "stock"} == set(table.column("kind").to_pylist())


def test_without_permission_nothing_inside_is_reached(company, monkeypatch):
    watch("http://127.0.0.1:9/feed")
    assert services.watches_fetch(NOW)["failed"] == 1
    assert Watch.objects.get().problem == "private"


def test_a_file_is_taken_in_once_and_what_is_wrong_is_said(owner, company):
    data = "日期,类型,竞品,商品,数值\n2026-03-01,价格,对手,tea,9.5\n坏,价格,对手,tea,9\n".encode("gb18030")
    for _again in range(2):
        answer = owner.post(PAGE + "upload/", {"file": SimpleUploadedFile("s.csv", data)}, follow=True)
        assert "1" in answer.content.decode()
    assert Signal.objects.get().value == 950.0
    owner.cookies["regulars_language"] = "en"
    wrong = owner.post(PAGE + "upload/", {"file": SimpleUploadedFile("s.csv", b"date,price\n2026-03-01,1\n")})
    assert wrong.status_code == 422
    assert "Competitor" in wrong.content.decode()
    assert owner.post(PAGE + "upload/").status_code == 422


@pytest.fixture
def board(company):
    Finding.objects.create(topic="market_watch", made_at=NOW, body={
        "signals": 99, "made_by": "market_watch/1", "elasticities": [], "ranks": [], "stock": [
            {"watched": "Rival", "product": "tea", "market": "", "out": True, "since": "2026-03-01T00:00:00",
             "days_out": 5, "lift": 0.5, "lift_low": 0.3, "lift_high": 0.7}],
        "gaps": [{"watched": "Rival", "product": "tea", "market": "", "currency": "CNY", "ours": 1000.0,
                  "theirs": 900.0, "gap": 0.111, "low": 0.1, "high": 0.12, "days": 28, "seen": "2026-03-01"}],
        "voice": [{"watched": "", "mentions": 9, "share": 0.75, "low": 0.6, "high": 0.9, "before": 0.5},
                  {"watched": "Rival", "mentions": 3, "share": 0.25, "low": 0.1, "high": 0.4, "before": 0.5}],
        "demand": [{"market": "jp", "product": "", "level": 140, "change": 0.4, "low": 0.3, "high": 0.5}],
        "news": [{"at": "2026-03-03T09:00:00", "watched": "Rival", "title": "<b>Cut</b>", "link": "https://r.example",
                  "source": "x"}],
        "prices": [{"watched": "Rival", "product": "tea", "currency": "CNY", "day": f"2026-03-0{d}", "value": 900.0 + d}
                   for d in (1, 2, 3)],
        "proposals": [
            {"action": "reprice", "product": "tea", "market": "", "watched": "Rival", "gain": 5_000_00.0,
             "low": 1_000_00.0, "high": 9_000_00.0, "currency": "CNY", "change": -0.1,
             "why": {"price_gap": "0.111", "elasticity": "-4.0", "not_a_proof": None}},
            {"action": "add_channel", "product": "", "market": "jp", "watched": "", "gain": None, "low": None,
             "high": None, "currency": "", "change": None, "why": {"demand_change": "0.4", "cannot_say_gain": None}}],
    })  # fmt: skip


def test_the_page_says_what_the_signals_speak_for(owner, board):
    page = get(owner, language="en")
    for text in ("2 changes to the plan", "Change the price", "¥5,000", "cannot be said", "Try this market",
                 "+11%", "out of stock", "sales move by -4.0 per cent", "&lt;b&gt;Cut", "Why?"):  # fmt: skip
        assert text in page
    page = get(owner)
    for text in ("调整价格", "说不准", "缺货", "为什么"):
        assert text in page


def test_the_page_costs_a_fixed_number_of_queries(owner, board, django_assert_max_num_queries):
    get(owner)
    # session, user; finding, watches; frame: job, turn, plan, its sums, imports
    with django_assert_max_num_queries(10):
        get(owner)


def test_nobody_reads_or_writes_without_logging_in(client, db, home):
    assert client.get(PAGE)["Location"].startswith("/login/")
    assert client.post(PAGE + "read/")["Location"].startswith("/login/")
