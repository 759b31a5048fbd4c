"""Which field a column header names, in any spelling, with a score and the reason for it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Final

from regulars.collect.fields import fields_of
from regulars.collect.words import words

# Traditional to simplified, only the characters that occur in headers.
_SIMPLE: Final = str.maketrans(
    "訂單號戶員電話機郵額價數實際時間買賣貨備註狀態總優運費發條貼會賬帳務類別稱縣區國幣種級簽約產規屬顏評滿複雜響應問題內標聯繫絡負責開關閉來點擊轉廣體佔結構稅憑證書"
    "寫說圖頁網訪瀏覽營業銷貿進階贏輸輩預計歲齡職銀錢匯儲餘資獲觸達對線個確認紅積兌換處創權編繳購贈給從臺灣鄉鎮樓層暱頻該項訊裝詢諮師續終績歷檔幫獎樣兩萬億繪彙園綁驗"
    "碼",
    "订单号户员电话机邮额价数实际时间买卖货备注状态总优运费发条贴会账账务类别称县区国币种级签约产规属颜评满复杂响应问题内标联系络负责开关闭来点击转广体占结构税凭证书"
    "写说图页网访浏览营业销贸进阶赢输辈预计岁龄职银钱汇储余资获触达对线个确认红积兑换处创权编缴购赠给从台湾乡镇楼层昵频该项讯装询咨师续终绩历档帮奖样两万亿绘汇园绑验"
    "码",
)
_BENIGN: Final = words("filler")
_VETO: Final = words("other")
_CJK_VETO: Final = re.compile(
    r"商品|宝贝|物流|快递|发票|卖家|店铺|商家|商户|推荐|达人|主播|配送|仓库|供应商|分销|上级|平台|数|率|是否|类型|预计|累计|平均|修改|关闭|原因|销售|客服|业务员|负责人|经理|顾问|员工|经办"
)
_CJK_BENIGN: Final = re.compile(r"^(?:买家|客户|用户|会员|顾客|消费者|您的|我的|本次|当前)+(?=..)")
_CJK_OWN: Final = {
    "orders": re.compile(r"^(?:订单|交易|主订单|主)+(?=..)"),
    "deals": re.compile(r"^(?:商机|销售机会|机会)+(?=..)"),
    "people": re.compile(r"^(?:线索|联系人)+(?=..)"),
    "subscriptions": re.compile(r"^(?:订阅|合同|会员)+(?=..)"),
}
_OWN: Final = {
    "orders": frozenset({"order", "orders", "transaction", "purchase", "sale", "checkout"}),
    "deals": frozenset({"deal", "opportunity"}),
    "people": frozenset({"person", "lead", "subscriber"}),
    "subscriptions": frozenset({"subscription", "contract"}),
    "feedback": frozenset({"ticket", "survey", "response"}),
}
_CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Of whom or what, another column must say.
_VAGUE: Final = frozenset({"id", "no", "number", "reference", "code", "编号", "序号", "单号"})
_ALIKE: Final = 0.86
_BRACKET: Final = re.compile(r"[(\[【{<]([^)\]】}>]*)[)\]】}>]?")


_GENERAL: Final = words("general")


@dataclass(frozen=True)
class Normal:
    """A header reduced to what matters: its key, its words, and what stood in brackets."""

    key: str
    bare: str
    tokens: tuple[str, ...]
    inside: str


@dataclass(frozen=True)
class Match:
    """A field a header may name: how sure (0 to 1) and why (exact, numbered, unit, filler, part, alike)."""

    field: str
    score: float
    why: str
    word: str


def _fold(text: str) -> str:
    t = unicodedata.normalize("NFKC", text)
    t = _CAMEL.sub(" ", t).casefold().translate(_SIMPLE)
    t = "".join(c for c in unicodedata.normalize("NFD", t) if not "\u0300" <= c <= "\u036f")
    return re.sub(r"\be[\s\-_]?mail\b", "email", unicodedata.normalize("NFC", t))


@lru_cache(maxsize=65536)
def normal(header: str) -> Normal:
    """Reduce a header to its key.

    >>> normal("E-mail 1 - Value").key, normal("金額(元)").bare, normal("金額(元)").inside, normal("orderDate").tokens
    ('email#value', '金额', '元', ('order', 'date'))
    """
    t = _fold(header)
    inside = " ".join(m.group(1).strip() for m in _BRACKET.finditer(t))
    outside = _BRACKET.sub(" ", t) if inside else t

    def parts(s: str) -> tuple[str, ...]:
        return tuple("#" if w.isdigit() else w for w in re.findall(r"[^\W_\d]+|\d+|#", s))

    def key(s: str) -> str:
        return "".join(parts(s))

    tokens = parts(outside)
    return Normal(key(t), key(outside), tokens, inside)


@cache
def _index(kind: str) -> dict[str, tuple[tuple[str, int, str], ...]]:
    out: dict[str, dict[str, tuple[int, str]]] = {}
    for field in fields_of(kind).values():
        for rank, word in enumerate(field.words):
            out.setdefault(normal(word).key, {}).setdefault(field.name, (rank, word))
    return {k: tuple((f, r, w) for f, (r, w) in v.items()) for k, v in out.items() if k}


@cache
def _known() -> frozenset[str]:
    from regulars.collect.fields import KINDS

    return frozenset(k for kind in KINDS for k in _index(kind))


def is_known(header: str) -> bool:
    """Whether some kind of table knows this header word for word.

    >>> is_known("手机号"), is_known("18611112222")
    (True, False)
    """
    n = normal(header)
    return bool(n.key) and (n.key in _known() or n.bare in _known())


def _exact(key: str, kind: str, base: float, why: str, into: dict[str, Match]) -> None:
    for field, rank, word in _index(kind).get(key, ()):
        score = base - 0.0005 * min(rank, 200) - (0.15 if key in _VAGUE else 0.0)
        if field not in into or into[field].score < score:
            into[field] = Match(field, score, why, word)


def _parts(n: Normal, kind: str, into: dict[str, Match]) -> None:
    """Headers that end or begin with a known word: "unser kunde email", "收货联系手机"."""
    if _CJK.search(n.bare):
        for cut in range(1, len(n.bare) - 1):
            rest, tail = n.bare[:cut], n.bare[cut:]
            if len(tail) >= 2 and tail not in _GENERAL and not _CJK_VETO.search(rest):
                _exact(tail, kind, 0.5 + 0.35 * len(tail) / len(n.bare), "part", into)
            head, rest = n.bare[:-cut], n.bare[-cut:]
            if len(head) >= 2 and head not in _GENERAL and not _CJK_VETO.search(rest):
                _exact(head, kind, 0.42 + 0.35 * len(head) / len(n.bare), "part", into)
        return
    for cut in range(1, len(n.tokens)):
        before, last = n.tokens[:cut], n.tokens[cut:]
        if not (_VETO - set(_OWN.get(kind, ()))) & set(before) and "".join(last) not in _GENERAL:
            _exact("".join(last), kind, 0.45 + 0.3 * len(last) / len(n.tokens), "part", into)
        first, after = n.tokens[:-cut], n.tokens[-cut:]
        if not (_VETO - set(_OWN.get(kind, ()))) & set(after) and "".join(first) not in _GENERAL:
            _exact("".join(first), kind, 0.4 + 0.3 * len(first) / len(n.tokens), "part", into)


@lru_cache(maxsize=4096)
def _near(bare: str) -> tuple[tuple[str, float], ...]:
    """Known keys that differ from a header by a typing error, with how alike they are."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(bare)
    out = []
    for key in (
        _by_length().get(len(bare), []) + _by_length().get(len(bare) - 1, []) + _by_length().get(len(bare) + 1, [])
    ):
        matcher.set_seq1(key)
        if matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE:
            out.append((key, matcher.ratio()))
    return tuple(out)


@lru_cache(maxsize=1)
def _by_length() -> dict[int, list[str]]:
    out: dict[int, list[str]] = {}
    for key in sorted(_known()):
        if len(key) >= 5 and key.isascii():
            out.setdefault(len(key), []).append(key)
    return out


def _alike(n: Normal, kind: str, into: dict[str, Match]) -> None:
    """Typing errors: "Emial Addres"."""
    if 5 <= len(n.bare) <= 40 and n.bare.isascii():
        for key, ratio in _near(n.bare):
            _exact(key, kind, 0.8 * ratio, "alike", into)


@lru_cache(maxsize=16384)
def matches(header: str, kind: str) -> tuple[Match, ...]:
    """The fields a header may name in a kind of table, best first.

    >>> [(m.field, m.why) for m in matches("買家實際支付金額", "orders")][:1]
    [('amount', 'exact')]
    >>> matches("Customer E-mail", "people")[0].field, matches("Emial Adress", "people")[0].why
    ('email', 'alike')
    """
    n = normal(header)
    found: dict[str, Match] = {}
    _exact(n.key, kind, 1.0, "exact", found)
    if n.bare != n.key:
        _exact(n.bare, kind, 0.97, "unit", found)
    if "#" in n.bare:
        _exact(n.bare.replace("#", ""), kind, 0.9, "numbered", found)
    if not found:
        kept = [t for t in n.tokens if t not in _BENIGN and t not in _OWN.get(kind, ())]
        if kept and len(kept) < len(n.tokens):
            _exact("".join(kept), kind, 0.88, "filler", found)
        shorter = _CJK_BENIGN.sub("", n.bare)
        shorter = _CJK_OWN[kind].sub("", shorter) if kind in _CJK_OWN else shorter
        if shorter != n.bare and shorter not in _GENERAL:
            _exact(shorter, kind, 0.88, "filler", found)
    if not found:
        _parts(n, kind, found)
    if not found:
        _alike(n, kind, found)
    return tuple(sorted(found.values(), key=lambda m: -m.score))
