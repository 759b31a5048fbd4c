"""Products of a file, and which of them are no goods: postage, fees, vouchers, adjustments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from regulars.collect.canonical import PRODUCTS

if TYPE_CHECKING:
    from regulars.collect.columns import Columns
    from regulars.collect.sheet import Cells

_CODES: Final = re.compile(
    r"post|postage|p&p|dot|m|d|s|b|c2|bank ?charges|amazonfee|amazon ?fee|cruk|ship(?:ping)?|freight|carriage|delivery|fee|discount|disc|"  # noqa: E501
    r"adjust.*|adj|manual|test\d*|sample|gift[_ -].*|giftcard.*|voucher.*|tip|refund|deposit|rounding|tax|vat|surcharge|"  # noqa: E501
    r"运费.*|邮费.*|差价.*|补差.*"
)
_TITLES: Final = re.compile(
    r"(?:dotcom |dotcomgiftshop )?(?:postage|carriage|shipping|delivery|freight)(?: (?:and|&) (?:packing|packaging|handling))?(?: (?:fee|cost|charge)s?)?|"  # noqa: E501
    r"manual|discount|samples?|bank charges?|amazon fee|.*\bcommission|adjust(?:ment|ed)?\b.*|.*\bbad debt\b.*|.*gift (?:card|voucher|certificate).*|"  # noqa: E501
    r"(?:handling|service|processing|booking|platform|late|setup|set-up) (?:fee|charge)s?|tips?|gratuity|store credit|rounding|deposit|"  # noqa: E501
    r"(?:快递|配送|包装|打包)?(?:运费|邮费|快递费|配送费|包装费|打包费|服务费|手续费|定金|押金)(?:险|补差|差价|链接|专拍)?.*|"
    r"补?差价.*|补邮.*|补运费.*|.*(?:专拍|勿拍).*|赠品.*|礼品卡.*|代金券.*|优惠券.*|充值卡?|小费|versandkosten|versand|porto|frais de port|livraison|gastos de env[ií]o|frete|"  # noqa: E501
    r"送料|手数料|배송비"
)


def is_goods(code: str | None, title: str | None) -> bool:
    """Whether a product is something sold rather than postage, a fee, a voucher or a correction.

    >>> is_goods("85123A", "WHITE HANGING HEART"), is_goods("POST", "POSTAGE"), is_goods(None, "补运费差价链接")
    (True, False, False)
    """
    if code and _CODES.fullmatch(code.strip().casefold()):
        return False
    return not (title and _TITLES.fullmatch(title.strip().casefold()))


@dataclass(frozen=True)
class Catalogue:
    """The distinct products of a file; ``code`` is the product's row per row of the file (-1: none)."""

    table: pa.Table
    code: np.ndarray
    names: np.ndarray
    goods: np.ndarray


def read_products(columns: Columns) -> Catalogue:
    """Find the products: by sku, by title where there is no sku; the title most often written is kept."""
    sku, title, category = columns.cells("sku"), columns.cells("product_title"), columns.cells("product_category")
    product: Cells = sku.or_else(title) if len(sku.values) else title
    count = len(product.values)
    titles = _usual(product.codes, title.codes, count)
    kinds = _usual(product.codes, category.codes, count)
    names: list[str] = product.values.to_pylist()
    shown = [title.values[int(t)].as_py() if t >= 0 else None for t in titles]
    goods = np.array([is_goods(n, t) for n, t in zip(names, shown, strict=True)], bool)
    table = pa.table(
        [pa.array(names, pa.string()), pa.array(shown, pa.string()), pa.array(goods, pa.bool_()),
         pa.array([category.values[int(k)].as_py() if k >= 0 else None for k in kinds], pa.string())],
        schema=PRODUCTS,
    )  # fmt: skip
    return Catalogue(table, product.codes, np.array(names, object), goods)


def _usual(product: np.ndarray, other: np.ndarray, count: int) -> np.ndarray:
    """Per product the code that stands beside it most often, -1 where none does."""
    out: np.ndarray = np.full(count, -1, np.int64)
    some = (product >= 0) & (other >= 0)
    if some.any():
        pairs = (
            pd.DataFrame({"p": product[some], "o": other[some]})
            .groupby(["p", "o"], sort=False)
            .size()
            .reset_index(name="n")
        )
        best = pairs.sort_values(["p", "n"], ascending=[True, False], kind="stable").drop_duplicates("p")
        out[best["p"].to_numpy()] = best["o"].to_numpy()
    return out
