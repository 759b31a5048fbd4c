"""Countries by their names in a few languages: code and currency."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

_TABLE: Final = """
CN CNY china|prc|people's republic of china|mainland china|中国|中华人民共和国|中国大陆|chn
HK HKD hong kong|香港|中国香港|hkg|hong kong sar
TW TWD taiwan|台湾|中国台湾|twn
MO MOP macao|macau|澳门|中国澳门
US USD united states|united states of america|usa|u.s.a.|u.s.|美国|estados unidos|vereinigte staaten|etats-unis|アメリカ
GB GBP united kingdom|uk|great britain|england|scotland|wales|northern ireland|英国|gbr|royaume-uni|イギリス
JP JPY japan|日本|jpn
KR KRW south korea|korea|republic of korea|korea, republic of|韩国|kor|대한민국
DE EUR germany|deutschland|德国|deu|allemagne|alemania
FR EUR france|法国|fra|frankreich
ES EUR spain|españa|西班牙|esp|espana
IT EUR italy|italia|意大利|ita
NL EUR netherlands|the netherlands|holland|荷兰|nederland
BE EUR belgium|belgique|比利时
AT EUR austria|österreich|奥地利|osterreich
IE EUR ireland|eire|爱尔兰
PT EUR portugal|葡萄牙
FI EUR finland|芬兰
GR EUR greece|希腊
CH CHF switzerland|schweiz|suisse|瑞士
SE SEK sweden|瑞典
NO NOK norway|挪威
DK DKK denmark|丹麦
PL PLN poland|polska|波兰
CZ CZK czech republic|czechia|捷克
HU HUF hungary|匈牙利
RO RON romania|罗马尼亚
RU RUB russia|russian federation|俄罗斯
UA UAH ukraine|乌克兰
TR TRY turkey|türkiye|turkiye|土耳其
IL ILS israel|以色列
AE AED united arab emirates|uae|阿联酋
SA SAR saudi arabia|沙特阿拉伯
IN INR india|印度
PK PKR pakistan|巴基斯坦
BD BDT bangladesh|孟加拉国
LK LKR sri lanka|斯里兰卡
SG SGD singapore|新加坡
MY MYR malaysia|马来西亚
TH THB thailand|泰国
VN VND vietnam|viet nam|越南
ID IDR indonesia|印度尼西亚|印尼
PH PHP philippines|菲律宾
AU AUD australia|澳大利亚|澳洲
NZ NZD new zealand|新西兰
CA CAD canada|加拿大
MX MXN mexico|méxico|墨西哥
BR BRL brazil|brasil|巴西
AR ARS argentina|阿根廷
CL CLP chile|智利
CO COP colombia|哥伦比亚
PE PEN peru|perú|秘鲁
ZA ZAR south africa|rsa|南非
NG NGN nigeria|尼日利亚
KE KES kenya|肯尼亚
EG EGP egypt|埃及
"""


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[str, str]]:
    out: dict[str, tuple[str, str]] = {}
    for line in _TABLE.strip().splitlines():
        code, currency, names = line.split(" ", 2)
        for name in (code.casefold(), *names.split("|")):
            out[_fold(name)] = (code, currency)
    return out


def _fold(text: str) -> str:
    t = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in t if not unicodedata.combining(c)).strip()


def country_of(text: str) -> tuple[str, str] | None:
    """The ISO code and currency of a country as people write it.

    >>> country_of("United Kingdom"), country_of("中国"), country_of("Narnia")
    (('GB', 'GBP'), ('CN', 'CNY'), None)
    """
    return _names().get(_fold(text))
