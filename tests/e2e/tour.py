"""The whole wheel by hand, in both languages: a file in, key figures, a yes, messages out, the lift, and trust."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import zipfile
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts" / "screenshots"
SLOW = 240_000  # milliseconds a job may take on a busy machine; nothing waits that long when it is ready earlier
BUYER = "陶然"  # nobody of the demo company is called 陶
ORDERS = 12
TOO_FEW = 15  # with so few people in an action, its holdout may be too small for an interval
NUMBER = re.compile(r"-?\d[\d,]*")
BLOCKED = "document.addEventListener('securitypolicyviolation', e => console.error(`csp: ${e.violatedDirective}`))"


class Words(NamedTuple):
    """What must stand on the pages, typed here by hand and not looked up."""

    locale: str
    setting: str
    kpis: str
    unreadable: str
    not_a_table: str
    empty: str
    agrees: str
    granted: str
    refused: str
    clean: str
    sealed: str
    audit: tuple[str, ...]


WORDS = {
    "zh": Words(
        "zh-CN", "zh-hans", "关键指标", "金额", "不是表格", "文件是空的", "分毫不差", "已同意", "已拒绝", "已清除",
        "相符",
        ("上传文件", "导入文件", "批准计划", "飞轮转动", "制作备份", "导出个人数据", "删除个人数据"),
    ),
    "en": Words(
        "en-GB", "en", "Key figures", "amount", "not a table", "The file is empty.", "to the smallest unit", "Allowed",
        "Refused", "Clean", "Every entry fits its seal.",
        ("File uploaded", "File imported", "Plan approved", "The wheel turned", "Backup made", "Data handed over",
         "Person erased"),
    ),
}  # fmt: skip


def taobao(path: Path, now: datetime) -> Path:
    """Orders as a Chinese shop exports them: GBK, CRLF, order numbers as formulas; one amount is no number."""
    header = ["订单编号", "买家会员名", "买家实际支付金额", "订单状态", "收货人姓名", "收货地址", "联系手机",
              "订单创建时间", "订单付款时间", "宝贝标题", "宝贝总数量"]  # fmt: skip
    rows = []
    for i in range(ORDERS + 1):
        at = now - timedelta(days=20 * (i % 4) + 3 + i)
        name, nick, phone = ((BUYER, "taoran_88", "13911110000"), ("白露", "bailu", "13911110001"))[i % 2]
        paid = "待核对" if i == ORDERS else f"{98.5 + i:.2f}"
        ordered, paid_at = (f"{t:%Y-%m-%d %H:%M:%S}" for t in (at, at + timedelta(minutes=4)))
        rows.append([f'="2600{i:012d}"', nick, paid, "交易成功", name, "浙江省 杭州市 西湖区", f"'{phone}",
                     ordered, paid_at, "明前龙井 50g", 1])  # fmt: skip
    return written(path / "淘宝订单.csv", [header, *rows], "gbk")


def shopify(path: Path, now: datetime) -> Path:
    """The same orders as a web shop exports them in English."""
    header = ["Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Currency", "Subtotal", "Shipping",
              "Taxes", "Total", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Billing Name",
              "Billing City", "Billing Country", "Phone"]  # fmt: skip
    rows = []
    for i in range(ORDERS + 1):
        at = now - timedelta(days=20 * (i % 4) + 3 + i)
        name, email, phone = ((BUYER, "taoran@example.net", "+8613911110000"),
                              ("Nora Quill", "nora@example.net", "+442079460000"))[i % 2]  # fmt: skip
        total = "see invoice" if i == ORDERS else f"{98.5 + i:.2f}"
        rows.append([f"#{1001 + i}", email, "paid", f"{at:%Y-%m-%d %H:%M:%S} +0800", "fulfilled", "CNY", total, "0.00",
                     "0.00", total, f"{at:%Y-%m-%d %H:%M:%S} +0800", 1, "Green tea 50g", total, name, "Hangzhou", "CN",
                     phone])  # fmt: skip
    return written(path / "orders_export.csv", [header, *rows], "utf-8-sig")


def written(path: Path, rows: list[list[object]], encoding: str) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@dataclass
class Tour:
    """One owner at one program: the page, what went wrong on it, and the pictures taken."""

    program: object
    context: object
    words: Words
    language: str
    problems: list[str] = field(default_factory=list)
    shots: int = 0

    def __post_init__(self) -> None:
        self.context.add_init_script(BLOCKED)
        self.context.on("page", self.watch)
        self.page = self.context.new_page()

    def watch(self, page) -> None:
        page.set_default_timeout(60_000)
        page.set_default_navigation_timeout(120_000)
        page.on("pageerror", lambda error: self.problems.append(f"{page.url} script: {error}"))
        page.on("console", lambda m: self.problems.append(f"{page.url} console: {m.text}") if m.type == "error" else 0)
        page.on("response", lambda r: self.problems.append(f"{r.status} {r.url}") if r.status >= 500 else 0)

    @contextmanager
    def refusal(self, status: int):
        """The browser notes an answer that says no; here it is what we want to see."""
        before = list(self.problems)
        yield
        fresh = self.problems[len(before) :]
        assert all(f"status of {status}" in p for p in fresh), fresh
        self.problems[:] = before

    def open(self, path: str) -> None:
        self.page.goto(self.program.url + path)
        self.looked_at()

    def looked_at(self) -> None:
        """What every page owes its reader: the language, a heading in it, nothing wider than the window."""
        page = self.page
        page.wait_for_load_state("load")
        assert page.get_attribute("html", "lang") == self.words.setting
        heading = page.locator("h1").first.inner_text().strip()
        assert heading
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{page.url} scrolls sideways by {overflow} px"

    def shoot(self, name: str, page=None, *, whole: bool = True) -> None:
        self.shots += 1
        page = page or self.page
        page.wait_for_load_state("networkidle")
        path = ARTIFACTS / f"tour-{self.language}" / f"{self.shots:02d}-{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(path), full_page=whole, animations="disabled")

    def book(self, question: str, *values: object) -> list[tuple]:
        """What the book says, read beside the running program."""
        with closing(sqlite3.connect(f"file:{self.program.home}/book.sqlite3?mode=ro", uri=True, timeout=30)) as book:
            return book.execute(question, values).fetchall()


expect.set_options(timeout=30_000)


def figures(locator) -> list[int]:
    return [int(NUMBER.search(text).group().replace(",", "")) for text in locator.all_inner_texts()]


@pytest.fixture
def tour(request, serve, sink, browser):
    language = request.param
    words = WORDS[language]
    program = serve(
        language=words.setting, smtp_host="127.0.0.1", smtp_port=sink.port, smtp_tls=False,
        smtp_from="hello@lighthouse.example", quiet_from="00:00", quiet_to="00:00", holdout_share=0.5, turn_at="",
    )  # fmt: skip
    context = browser.new_context(
        locale=words.locale, viewport={"width": 1280, "height": 800}, color_scheme="light", device_scale_factor=1
    )
    tour = Tour(program, context, words, language)
    yield tour
    context.close()
    assert not tour.problems, tour.problems


def turned_by_hand(tour, sink, browser, tmp_path) -> None:
    """The whole way round, from the log-in link to the audit log."""
    log_in(tour, browser)
    today(tour)
    files_that_are_no_tables(tour, tmp_path)
    bring_a_file_in(tour, tmp_path)
    turn_the_wheel(tour)
    key_figures(tour)
    channels_and_segments(tour)
    what_was_found(tour)
    what_was_measured(tour)
    person = find_a_person(tour)
    what_if(tour)
    approve_the_plan(tour)
    uid = send(tour, sink)
    reader = unsubscribe(tour, sink, browser, uid)
    four_weeks_later(tour)
    on_a_phone(tour, browser, person)
    checklist_and_backup(tour)
    hand_over(tour, reader)
    erase(tour, person)
    audit_log(tour)


def log_in(tour, browser) -> None:
    page = tour.page
    page.goto(tour.program.link)
    tour.shoot("login", whole=False)
    page.click("form:not([action]) button")
    page.wait_for_url(f"{tour.program.url}/")
    with closing(browser.new_context(locale=tour.words.locale)) as stranger:
        other = stranger.new_page()
        answer = other.goto(tour.program.link)
        assert answer.status == 410
        assert other.locator("form:not([action])").count() == 0
        tour.shoot("login-used", other, whole=False)
        assert other.goto(tour.program.url + "/").url.startswith(f"{tour.program.url}/login/")


def today(tour) -> None:
    tour.open("/")
    page = tour.page
    expect(page.locator(".lead-sentence")).to_contain_text(re.compile(r"\d"))
    expect(page.locator(".action").first).to_be_visible()
    expect(page.locator("[data-chart] canvas").first).to_be_visible()
    tour.shoot("today")


def upload(page, path: Path) -> None:
    """Choose a file as a hand does; it goes up at once."""
    with page.expect_file_chooser() as chooser:
        page.click("label[for=file]")
    chooser.value.set_files(path)


def files_that_are_no_tables(tour, tmp_path) -> None:
    page, words = tour.page, tour.words
    (tmp_path / "scan.csv").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n%%EOF\n")
    (tmp_path / "nothing.csv").write_bytes(b"")
    tour.open("/collect/imports/")
    upload(page, tmp_path / "nothing.csv")
    expect(page.locator("#upload-problem .alert")).to_contain_text(words.empty)
    tour.shoot("file-empty", whole=False)
    upload(page, tmp_path / "scan.csv")
    page.wait_for_url(re.compile(r"/collect/imports/\w+/$"))
    expect(page.locator("#reading .alert-danger")).to_contain_text(words.not_a_table)
    expect(page.locator("#reading .alert-danger")).to_contain_text("PDF")
    tour.looked_at()
    tour.shoot("file-broken", whole=False)


def bring_a_file_in(tour, tmp_path) -> None:
    page, words = tour.page, tour.words
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    path = (taobao if tour.language == "zh" else shopify)(tmp_path, now)
    people_before = tour.book("SELECT count(*) FROM people_person")[0][0]
    tour.open("/collect/imports/")
    upload(page, path)
    page.wait_for_url(re.compile(r"/collect/imports/\w+/$"))
    wanted = ({"订单编号": "order_id", "买家实际支付金额": "amount", "收货人姓名": "name", "联系手机": "phone"}
              if tour.language == "zh" else
              {"Name": "order_id", "Total": "total", "Billing Name": "name", "Email": "email"})  # fmt: skip
    for column, field_name in wanted.items():
        expect(page.locator(f".mapping select[aria-label='{column}']")).to_have_value(field_name)
    expect(page.locator(".first-rows")).to_contain_text(BUYER)
    tour.looked_at()
    tour.shoot("mapping")

    page.click("form[action$='/start/'] button")
    tiles = page.locator("#checked .row .h1")
    expect(tiles).to_have_count(4, timeout=SLOW)
    created, _changed, _unchanged, aside = figures(tiles)
    assert (created > 0, aside) == (True, 1)
    expect(page.locator(".aside-rows tbody tr")).to_have_count(1)
    expect(page.locator(".aside-rows tbody tr")).to_contain_text("待核对" if tour.language == "zh" else "see invoice")
    expect(page.locator(".aside-rows tbody tr")).to_contain_text(words.unreadable)
    assert tour.book("SELECT count(*) FROM people_person")[0][0] == people_before, "a trial run stores nothing"
    tour.looked_at()
    tour.shoot("trial")

    page.click("form[action$='/start/'] button[value=import]")
    page.locator("#turning form button").wait_for(timeout=SLOW)
    done = page.locator(".card .row .h1")
    expect(done).to_have_count(4)
    assert figures(done) == [created, 0, 0, 1], "the trial run told the truth"
    expect(page.locator(".card-body", has_text=words.agrees).first).to_be_visible()
    page.locator("summary", has=page.locator("xpath=../table[contains(@class, 'books')]")).first.click()
    expect(page.locator("table.books").first).to_contain_text(f"{sum(98.5 + i for i in range(ORDERS)):,.2f}")
    with page.expect_download() as download:
        page.click("a[href$='/rejects/']")
    assert BUYER in download.value.path().read_text("utf-8-sig")
    assert tour.book("SELECT count(*) FROM people_person")[0][0] == people_before + 2
    tour.looked_at()
    tour.shoot("imported")


def turn_the_wheel(tour) -> None:
    page = tour.page
    page.click("#turning form button")
    bar = page.locator(".job progress")
    bar.wait_for()
    tour.shoot("turning", whole=False)
    shares = []
    done = page.locator(".job a.btn-primary")
    while not done.count():
        shares += [float(v) for v in bar.evaluate_all("bars => bars.map(bar => bar.value)")]
        page.wait_for_function(
            "seen => document.querySelector('.job progress')?.value !== seen", arg=(shares or [0])[-1], timeout=SLOW
        )
    assert shares == sorted(shares), "progress goes forward only"
    expect(page.locator(".job")).to_contain_text(re.compile(r"\d"))
    tour.shoot("turned", whole=False)
    done.click()
    page.wait_for_url(re.compile(r"/decide/plan/"))


def key_figures(tour) -> None:
    tour.open("/measure/kpis/")
    page = tour.page
    expect(page.locator("h1")).to_have_text(tour.words.kpis)
    expect(page.locator("#figure canvas")).to_be_visible()
    shown = [t for t in page.locator(".card-sm .h1").all_inner_texts() if re.search(r"\d", t)]
    assert len(shown) >= 12, shown
    page.locator(".card-sm a[hx-get*='kpi=orders']").click()
    page.wait_for_url(re.compile("kpi=orders"))
    expect(page.locator("#figure canvas")).to_be_visible()
    tour.shoot("kpis")


def channels_and_segments(tour) -> None:
    page = tour.page
    tour.open("/measure/channels/")
    assert page.locator("table[data-list] tbody tr").count() >= 5
    expect(page.locator("[data-chart] canvas").first).to_be_visible()
    tour.shoot("channels")
    tour.open("/understand/segments/")
    expect(page.locator("[data-chart] canvas").first).to_be_visible()
    sizes = figures(page.locator("tbody td.figure:nth-child(2)"))
    assert sum(sizes) == tour.book("SELECT count(*) FROM people_personscore WHERE segment != ''")[0][0]
    tour.shoot("segments")
    page.locator("tbody a").first.click()
    page.wait_for_url(re.compile(r"/segments/rules/\w+/"))
    tour.looked_at()
    tour.shoot("segment")


def what_was_found(tour) -> None:
    """Every board of the turn has its page, drawn without a word from the browser's console."""
    assert tour.book("SELECT count(*) FROM findings_finding WHERE body IS NOT NULL")[0][0] >= 8
    for name in ("worth", "lifecycle", "churn", "affinity", "network", "voice", "markets"):
        tour.open(f"/understand/{name}/")
        drawing = tour.page.locator("[data-chart] canvas").first
        expect(drawing).to_be_visible()
        tour.shoot(name)
        as_table = tour.page.locator("[data-chart-table]").first
        as_table.click()
        expect(drawing).to_be_hidden()
        as_table.click()
        expect(drawing).to_be_visible()


def what_was_measured(tour) -> None:
    """Every room of measuring opens; an experiment is made by hand; last month's report can be handed on."""
    page = tour.page
    for name in ("forecast", "attribution", "mix", "cohorts", "cohorts/funnel", "alerts", "market-watch"):
        tour.open(f"/measure/{name}/")
        tour.shoot(f"measure-{name.replace('/', '-')}")
    said = tour.book("SELECT topic FROM findings_finding WHERE body IS NOT NULL")
    assert {("forecast",), ("cohorts",), ("funnel",), ("attribution",)} <= set(said)
    tour.open("/measure/experiments/new/?channel=email")
    page.fill("[name=name]", "春茶 A/B")
    page.locator("main form button.btn-primary").last.click()
    page.wait_for_url(re.compile(r"/measure/experiments/\w{10}/$"))
    expect(page.locator("h1").first).to_contain_text("春茶 A/B")
    tour.looked_at()
    tour.shoot("experiment")
    tour.open("/measure/report/kept/")
    with page.expect_download() as got:
        page.locator("table a[href$='.pdf']").first.click()
    assert Path(got.value.path()).read_bytes().startswith(b"%PDF-")


def find_a_person(tour) -> str:
    page = tour.page
    tour.open("/understand/people/")
    assert page.locator("tr[data-href]").count() == 50
    page.fill("[data-list-search]", BUYER)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"[?&]q="))
    expect(page.locator("tr[data-href]")).to_have_count(1)
    tour.shoot("people", whole=False)
    page.locator("tr[data-href] td").first.click()
    page.wait_for_url(re.compile(r"/people/\w+/$"))
    expect(page.locator("h1")).to_have_text(BUYER)
    tour.looked_at()
    why = page.locator(".card-sm .why").first
    why.click()
    card = page.locator(".why-card.show")
    expect(card).to_be_visible()
    expect(card).to_contain_text(re.compile(r"\d"))
    box, window = card.bounding_box(), page.viewport_size
    assert 0 <= box["x"] < box["x"] + box["width"] <= window["width"]
    tour.shoot("person")
    page.keyboard.press("Escape")
    page.locator("[data-tabs] a[href='?tab=orders']").click()
    expect(page.locator("[data-tabs] .active")).to_have_attribute("href", "?tab=orders")
    expect(page.locator(".timeline-item")).to_have_count(ORDERS // 2)
    return re.search(r"/people/(\w+)/", page.url).group(1)


def what_if(tour) -> None:
    """Freeze a channel, cut the total by a fifth, see the new optimum and what binds; ask for what cannot be."""
    page = tour.page
    tour.open("/decide/plan/")
    first = page.locator("[data-wish]").first
    today = int(first.locator("[data-slider]").get_attribute("data-today"))
    total = int(page.input_value("[data-total-field]"))
    name = first.get_attribute("data-wish")
    solved = page.locator(f"#answer [data-of='{name}']")
    first.locator("[data-held]").check()
    expect(solved).to_have_attribute("data-at", str(today))
    page.click("button[value='total:-20']")
    expect(page.locator("[data-total-field]")).to_have_value(re.compile(rf"^{total * 4 // 5}$|^{total * 4 // 5 + 1}$"))
    expect(solved).to_have_attribute("data-at", str(today))
    spends = [int(r.get_attribute("data-at")) for r in page.locator("#answer [data-at]").all()]
    assert sum(spends) <= total * 4 // 5 + len(spends)
    expect(page.locator("#binds > div").first).to_be_visible()
    tour.looked_at()
    tour.shoot("what-if")
    low = page.locator("[data-wish] input[name='low-1']")
    low.fill(str(total * 2))
    expect(page.locator("#clash li")).to_have_count(2)
    tour.shoot("what-if-clash", whole=False)
    page.locator("#clash button[value^=at_least]").click()
    expect(page.locator("#clash")).to_have_count(0)
    expect(low).to_have_value("")
    page.click("button[formaction$='/split/']")
    page.wait_for_url(re.compile(r"tab=budget"))
    assert tour.book("SELECT what FROM plans_planversion ORDER BY id DESC LIMIT 1") == [("split",)]
    kept = "SELECT proposed, today FROM plans_planrow WHERE kind = 'budget' AND subject = ? ORDER BY rowid DESC LIMIT 1"
    ((spends, before),) = tour.book(kept, name)
    assert spends == before
    page.click("a[href$='/versions/']")
    tour.looked_at()
    expect(page.locator("tbody tr")).to_have_count(2)
    tour.shoot("plan-versions", whole=False)


def approve_the_plan(tour) -> None:
    page = tour.page
    tour.open("/decide/plan/")
    expect(page.locator("[data-chart] canvas").first).to_be_visible()
    tour.shoot("plan")
    page.locator("[data-tabs] a[href='?tab=people']").click()
    page.wait_for_url(re.compile("tab=people"))
    assert page.locator(".plan-action").count() >= 2
    page.locator(".plan-action summary").first.click()
    expect(page.locator(".plan-action .sample .action").first).to_be_visible()
    tour.shoot("plan-people")
    for (small,) in tour.book(
        "SELECT r.subject FROM plans_planrow r JOIN plans_plan p ON p.uid = r.plan_id WHERE p.state = 'proposed' "
        "AND r.kind = 'next_best' GROUP BY r.subject HAVING count(*) < ?", TOO_FEW,
    ):  # fmt: skip
        action = page.locator(".plan-action", has=page.locator(f"form input[name=action][value={small}]"))
        action.locator("> div button[value=decline]").first.click()
        expect(action.locator("> div button[value=reset]")).to_be_visible()
    page.click("form[action$='/decide/'] button[value=approve]")
    page.locator("#sending button").wait_for()
    assert tour.book("SELECT count(*) FROM plans_planrow WHERE state = 'approved'")[0][0] > 100
    assert page.locator("#in-force tbody tr").count() == tour.book("SELECT count(*) FROM plans_quota")[0][0] > 2
    tour.looked_at()
    tour.shoot("plan-approved", whole=False)


def send(tour, sink) -> str:
    """Send; the sink holds exactly what the page calls sent. Returns the name of one message that went out."""
    page = tour.page
    page.click("#sending button")
    page.locator("#sending .job a.btn-primary").wait_for(timeout=SLOW)
    tour.shoot("sent", whole=False)
    page.locator("#sending .job a.btn-primary").click()
    page.wait_for_url(re.compile("/act/messages/"))
    tour.looked_at()
    tour.shoot("messages")
    states = dict(tour.book("SELECT state, count(*) FROM outbox_message GROUP BY state"))
    assert min(states["sent"], 5 * states["holdout"]) > 100, states
    assert set(states) <= {"sent", "holdout", "denied"}, states
    for state in ("sent", "holdout"):
        assert figures(page.locator(f"a.card[href='?state={state}'] .h2")) == [states[state]]
    emails = tour.book("SELECT p.email FROM outbox_message m JOIN people_person p ON p.key = m.person_id "
                       "WHERE m.state = 'sent'")  # fmt: skip
    assert sink.accepted() == Counter(email for (email,) in emails), "each sent once, nobody else written to"
    assert len({m["Message-ID"] for m in sink.messages()}) == len(emails)

    page.locator("a.card[href='?state=sent']").click()
    page.wait_for_url(re.compile("state=sent"))
    page.locator("tr[data-href] td").first.click()
    page.wait_for_url(re.compile(r"/act/messages/\w+/$"))
    tour.looked_at()
    tour.shoot("message")
    return page.url.rstrip("/").rpartition("/")[2]


def unsubscribe(tour, sink, browser, uid) -> str:
    """The reader of that message follows its link and presses the button; the owner sees it."""
    key, email = tour.book("SELECT p.key, p.email FROM outbox_message m JOIN people_person p ON p.key = m.person_id "
                           "WHERE m.uid = ?", uid)[0]  # fmt: skip
    mail = next(m for m in sink.messages() if m["To"].addresses[0].addr_spec == email)
    link = re.search(r"<(http[^>]+)>", mail["List-Unsubscribe"]).group(1)
    body = mail.get_body(("plain",)).get_content()
    assert link.startswith(f"{tour.program.url}/u/")
    assert f"{tour.program.url}/u/" in body
    consent = tour.page.locator(".side-list")
    tour.open(f"/understand/people/{key}/")
    expect(consent.first).to_contain_text(tour.words.granted)
    with closing(browser.new_context(locale=tour.words.locale)) as reader:
        letter = reader.new_page()
        letter.goto(link)
        expect(letter.locator("form:not([action]) button")).to_be_visible()
        tour.shoot("unsubscribe", letter, whole=False)
        letter.click("form:not([action]) button")
        expect(letter.locator("form:not([action])")).to_have_count(0)
        assert letter.goto(f"{tour.program.url}/u/made-up/").status == 404
    tour.open(f"/understand/people/{key}/")
    expect(consent.first).to_contain_text(tour.words.refused)
    expect(consent.first).to_contain_text(email)
    tour.shoot("refused", whole=False)
    return str(key)


def four_weeks_later(tour) -> None:
    tour.program.regulars("demo", "--advance", "28")
    page = tour.page
    tour.open("/act/messages/")
    lifts = page.locator("table:not([data-list]) tbody tr")
    assert lifts.count() >= 3
    expect(lifts.first.locator(".interval").first).to_contain_text(re.compile(r"\[.*\d.*–.*\d.*\]"))
    lifts.first.locator(".why").first.click()
    expect(page.locator(".why-card.show")).to_be_visible()
    tour.shoot("lift")
    tour.open("/decide/plan/?tab=past")
    rows = page.locator(".page-body table tbody tr")
    measured = rows.filter(has=page.locator("td:nth-child(4) .interval"))
    assert measured.count() >= 1
    # promised by all of it, earned by the measured parts, and what these had promised
    expect(measured.first.locator(".interval")).to_have_count(3)
    tour.shoot("plan-past")


def on_a_phone(tour, browser, person) -> None:
    with closing(browser.new_context(
        storage_state=tour.context.storage_state(), locale=tour.words.locale, viewport={"width": 390, "height": 844},
        has_touch=True, is_mobile=True, device_scale_factor=2,
    )) as pocket:  # fmt: skip
        phone = Tour(tour.program, pocket, tour.words, tour.language, tour.problems, tour.shots)
        for name, path in (("today", "/"), ("person", f"/understand/people/{person}/"), ("plan", "/decide/plan/")):
            phone.open(path)
            expect(phone.page.locator(".bottom-bar")).to_be_visible()
            phone.shoot(f"phone-{name}", whole=False)
        tour.shots = phone.shots


def checklist_and_backup(tour) -> None:
    page = tour.page
    tour.open("/trust/")
    expect(page.locator("#checks .list-group-item").nth(5)).to_be_visible(timeout=SLOW)
    assert page.locator("#checks .bg-red-lt").count() == 0, page.locator("#checks").inner_text()
    tour.shoot("trust")
    page.click("form[action$='/backups/make/'] button")
    page.wait_for_url(re.compile(r"/trust/backups/\?job="))
    expect(page.locator("table[data-list] tbody tr")).to_have_count(1, timeout=SLOW)
    kept = list((tour.program.home / "backups").iterdir())
    expect(page.locator("table[data-list] tbody tr")).to_contain_text(kept[0].name)
    tour.looked_at()
    tour.shoot("backups", whole=False)


def hand_over(tour, reader) -> None:
    page = tour.page
    email = tour.book("SELECT email FROM people_person WHERE key = ?", reader)[0][0]
    tour.open("/trust/requests/")
    page.fill("#q", email)
    page.keyboard.press("Enter")
    page.locator("[data-row] a").first.click()
    page.wait_for_url(re.compile(rf"/requests/{reader}/export/$"))
    tour.looked_at()
    tour.shoot("request", whole=False)
    with page.expect_download() as download:
        page.click("form[action$='/trust/export/'] button")
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as data:
        text = "".join(data.read(n).decode("utf-8", "replace") for n in data.namelist() if n.endswith(".json"))
    assert email in text
    assert "unsubscribe" in text


def erase(tour, person) -> None:
    page = tour.page
    email, phone = tour.book("SELECT email, phone FROM people_person WHERE key = ?", person)[0]
    tour.open(f"/trust/requests/{person}/erase/")
    page.fill("#typed", "somebody.else@example.com")
    with tour.refusal(422):
        page.click("#erase button")
        expect(page.locator("#wrong")).to_be_visible()
    assert tour.book("SELECT count(*) FROM people_person WHERE key = ?", person) == [(1,)]
    page.fill("#typed", email or phone)
    page.click("#erase button")
    page.wait_for_url(re.compile(r"/requests/erased/\d+/$"))
    expect(page.locator(".badge.bg-green-lt")).to_have_text(tour.words.clean)
    expect(page.locator("#content")).to_contain_text(next((tour.program.home / "backups").iterdir()).name)
    tour.looked_at()
    tour.shoot("erased")
    assert tour.book("SELECT count(*) FROM people_person WHERE key = ?", person) == [(0,)]
    tour.page.goto(f"{tour.program.url}/understand/people/?q={BUYER}")
    expect(page.locator("tr[data-href]")).to_have_count(0)


def audit_log(tour) -> None:
    page, words = tour.page, tour.words
    tour.open("/trust/audit/")
    expect(page.locator("[hx-get$='/audit/check/'] code")).to_be_visible()
    expect(page.locator("[hx-get$='/audit/check/']")).to_contain_text(words.sealed)
    told = page.locator("table[data-list] tbody tr")
    for word in words.audit:
        expect(told.filter(has_text=word).first).to_be_visible()
    assert BUYER not in page.locator("table[data-list]").inner_text()
    tour.shoot("audit")
