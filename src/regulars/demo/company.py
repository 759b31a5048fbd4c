"""The simulated company: every number its customers, channels and prices follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NAME_ZH: Final = "灯塔智能"
NAME_EN: Final = "Lighthouse AI"
ZONE: Final = "Asia/Shanghai"
CURRENCY: Final = "CNY"
SOURCE: Final = "demo"
REFERENCE_PEOPLE: Final = 5_000


@dataclass(frozen=True)
class Channel:
    """One way people find the company; leads a week ~ Poisson(baseline + ceiling * x / (x + half)).

    Money is CNY a week and leads are people a week for a company of
    ``REFERENCE_PEOPLE`` people; a larger company scales all four together.
    """

    key: str
    touch: str
    ceiling: float
    half: float
    baseline: float
    spend: float
    burst: float
    daily: bool
    cost_per_click: float
    subscriber_share: float


# ``burst`` is the share of weeks the channel runs in: an event takes place every third week,
# search ads nearly always. Weeks off are what makes the baseline of a curve visible.
CHANNELS: Final = (
    Channel("search", "click", 26.0, 9_000, 1.0, 8_500, 0.90, True, 6.0, 0.36),
    Channel("content", "visit", 16.0, 3_000, 4.0, 2_200, 0.85, False, 1.5, 0.42),
    Channel("wechat", "visit", 18.0, 4_000, 2.0, 2_600, 0.88, True, 2.0, 0.34),
    Channel("douyin", "impression", 22.0, 7_000, 0.6, 5_500, 0.80, True, 1.2, 0.14),
    Channel("agents", "call", 9.0, 6_000, 1.0, 3_600, 0.85, False, 40.0, 0.60),
    Channel("marketplace", "visit", 14.0, 5_000, 1.5, 3_800, 0.85, False, 3.0, 0.12),
    Channel("events", "event", 30.0, 12_000, 0.3, 13_000, 0.33, False, 60.0, 0.56),
)
REFERRAL: Final = Channel("referral", "referral", 0.0, 1.0, 0.0, 0.0, 0.0, False, 1.0, 0.35)
ALL_CHANNELS: Final = (*CHANNELS, REFERRAL)
CHANNEL_KEYS: Final = tuple(c.key for c in ALL_CHANNELS)

# Where the next touch happens, given where the last one was. A row and its conversion and loss
# probabilities add up to one; nobody is referred in the middle of a path.
NEXT_TOUCH: Final = (
    #  search content wechat douyin agents market events referral
    (0.120, 0.140, 0.080, 0.030, 0.020, 0.050, 0.010, 0.0),
    (0.130, 0.100, 0.120, 0.020, 0.020, 0.030, 0.020, 0.0),
    (0.090, 0.150, 0.130, 0.050, 0.020, 0.040, 0.010, 0.0),
    (0.170, 0.060, 0.150, 0.080, 0.010, 0.060, 0.000, 0.0),
    (0.050, 0.060, 0.110, 0.000, 0.150, 0.010, 0.050, 0.0),
    (0.080, 0.050, 0.060, 0.040, 0.010, 0.130, 0.000, 0.0),
    (0.060, 0.100, 0.140, 0.010, 0.120, 0.010, 0.030, 0.0),
    (0.060, 0.080, 0.150, 0.020, 0.020, 0.040, 0.010, 0.0),
)
CONVERT: Final = (0.230, 0.190, 0.230, 0.110, 0.330, 0.290, 0.230, 0.370)


@dataclass(frozen=True)
class Purchases:
    """BG/NBD of one-off orders (days) and Gamma-Gamma of their size (minor units)."""

    r: float = 1.40
    alpha: float = 48.0
    a: float = 0.80
    b: float = 3.20
    p: float = 5.0
    q: float = 4.5
    v: float = 28_000.0
    refund_share: float = 0.03
    unpaid_share: float = 0.04
    second_line: float = 0.35


@dataclass(frozen=True)
class Plan:
    """A monthly contract; the chance to cancel at a renewal is Beta(alpha, beta) over customers."""

    key: str
    zh: str
    en: str
    price: int
    alpha: float
    beta: float
    share: float
    gpu_week: float
    included: float


PLANS: Final = (
    Plan("starter", "入门版", "Starter", 9_900, 0.70, 2.60, 0.62, 700.0, 3_000.0),
    Plan("pro", "专业版", "Pro", 49_900, 0.67, 3.80, 0.30, 7_500.0, 30_000.0),
    Plan("enterprise", "企业版", "Enterprise", 299_900, 0.80, 9.00, 0.08, 60_000.0, 250_000.0),
)
UPGRADE: Final = 0.020
DOWNGRADE: Final = 0.008
GPU_SECOND_PRICE: Final = 0.6
"""Minor units for a GPU second beyond what the plan includes (about CNY 21.6 an hour)."""


@dataclass(frozen=True)
class Product:
    """Something sold once."""

    sku: str
    zh: str
    en: str
    price: int


PRODUCTS: Final = (
    Product("GPU-PACK", "算力包", "GPU pack", 6_000),
    Product("API-PACK", "接口调用包", "API pack", 4_000),
    Product("FINETUNE", "模型微调", "Model fine-tuning", 18_000),
    Product("LABELS", "数据标注", "Data labelling", 9_000),
    Product("TEMPLATE", "智能体模板", "Agent template", 5_000),
    Product("COURSE", "实战课程", "Hands-on course", 12_000),
    Product("REPORT", "评测报告", "Evaluation report", 15_000),
    Product("SETUP", "部署服务", "Set-up service", 24_000),
)
USAGE_SKU: Final = "API-USAGE"

SEGMENTS: Final = ("builder", "studio", "researcher", "operator")
SEGMENT_SHARE: Final = (0.38, 0.24, 0.14, 0.24)
# What each segment buys first (columns as PRODUCTS), and what goes into the same basket with it.
FIRST_PRODUCT: Final = (
    (0.34, 0.30, 0.12, 0.04, 0.10, 0.05, 0.02, 0.03),
    (0.10, 0.08, 0.08, 0.08, 0.38, 0.16, 0.04, 0.08),
    (0.24, 0.06, 0.22, 0.22, 0.02, 0.04, 0.18, 0.02),
    (0.05, 0.14, 0.05, 0.06, 0.20, 0.24, 0.10, 0.16),
)
SAME_BASKET: Final = (
    (0.00, 0.45, 0.22, 0.10, 0.08, 0.05, 0.05, 0.05),
    (0.45, 0.00, 0.15, 0.05, 0.20, 0.05, 0.05, 0.05),
    (0.25, 0.10, 0.00, 0.40, 0.05, 0.05, 0.10, 0.05),
    (0.10, 0.05, 0.50, 0.00, 0.05, 0.05, 0.20, 0.05),
    (0.08, 0.20, 0.05, 0.05, 0.00, 0.40, 0.02, 0.20),
    (0.08, 0.10, 0.07, 0.05, 0.45, 0.00, 0.05, 0.20),
    (0.10, 0.10, 0.25, 0.30, 0.05, 0.10, 0.00, 0.10),
    (0.10, 0.20, 0.05, 0.05, 0.30, 0.25, 0.05, 0.00),
)


@dataclass(frozen=True)
class Market:
    """An industry: how many of our people work there and how strongly they answer to a message."""

    key: str
    zh: str
    share: float
    answer: float


MARKETS: Final = (
    Market("software", "软件与信息", 0.24, 0.9),
    Market("ecommerce", "电子商务", 0.20, 1.6),
    Market("education", "教育培训", 0.14, 1.3),
    Market("media", "传媒与内容", 0.12, 1.1),
    Market("gaming", "游戏", 0.10, 0.8),
    Market("manufacturing", "制造业", 0.08, 0.6),
    Market("healthcare", "医疗健康", 0.06, 0.4),
    Market("finance", "金融", 0.06, 0.2),
)

# Extra orders per person within 28 days of a message that arrived, averaged over all markets.
EFFECTS: Final = {
    "win_back": 0.12,
    "cross_sell": 0.09,
    "upsell": 0.05,
    "onboard": 0.07,
    "loyalty": 0.04,
    "referral_ask": 0.02,
}
OTHER_EFFECT: Final = 0.03
EFFECT_DAYS: Final = 28
HOLDOUT: Final = 0.20
UNSUBSCRIBE: Final = 0.006

REFERRALS: Final = 0.22
"""Referrals a customer makes in the end, on average."""
REFERRAL_SHAPE: Final = 0.5
REFERRAL_DAYS: Final = 75.0

# Spring Festival, first day of the lunar year.
SPRING: Final = (
    "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26",
    "2029-02-13", "2030-02-03", "2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08",
)  # fmt: skip
