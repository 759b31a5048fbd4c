"""Names, places and companies that do not exist, put together from common parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SURNAMES: Final = (
    ("王", "wang", 7.3), ("李", "li", 7.2), ("张", "zhang", 6.8), ("刘", "liu", 5.4), ("陈", "chen", 4.6),
    ("杨", "yang", 3.1), ("赵", "zhao", 2.2), ("黄", "huang", 2.2), ("周", "zhou", 2.1), ("吴", "wu", 2.0),
    ("徐", "xu", 1.7), ("孙", "sun", 1.5), ("胡", "hu", 1.3), ("朱", "zhu", 1.3), ("高", "gao", 1.2),
    ("林", "lin", 1.2), ("何", "he", 1.2), ("郭", "guo", 1.1), ("马", "ma", 1.1), ("罗", "luo", 0.9),
    ("梁", "liang", 0.8), ("宋", "song", 0.8), ("郑", "zheng", 0.8), ("谢", "xie", 0.7), ("韩", "han", 0.7),
    ("唐", "tang", 0.7), ("冯", "feng", 0.6), ("于", "yu", 0.6), ("董", "dong", 0.6), ("萧", "xiao", 0.6),
    ("程", "cheng", 0.6), ("曹", "cao", 0.6), ("袁", "yuan", 0.5), ("邓", "deng", 0.5), ("许", "xu", 0.5),
    ("傅", "fu", 0.5), ("沈", "shen", 0.5), ("曾", "zeng", 0.5), ("彭", "peng", 0.5), ("吕", "lv", 0.5),
    ("欧阳", "ouyang", 0.1), ("司马", "sima", 0.05), ("诸葛", "zhuge", 0.05),
)  # fmt: skip
GIVEN: Final = tuple(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华文辉鑫玲丹宇浩然轩怡婷雪琳晨阳子涵梓萱思远嘉欣雨桐志强"
    "建国晓东海燕佳慧俊凯若溪天佑可心一诺沐辰书瑶景行知夏南星北辰青禾"
)
FIRST: Final = (
    "Alex", "Emma", "Liam", "Olivia", "Noah", "Sofia", "Lucas", "Mia", "Ethan", "Ava", "Daniel", "Grace", "Oscar",
    "Hannah", "Felix", "Clara", "Hugo", "Nina", "Marco", "Julia", "Ravi", "Priya", "Kenji", "Yuki", "Omar", "Layla",
    "Mateo", "Lucia", "Jonas", "Elena", "Peter", "Alice", "Samuel", "Ruth", "Victor", "Irene", "Arjun", "Mei",
)  # fmt: skip
LAST: Final = (
    "Smith", "Brown", "Garcia", "Miller", "Davis", "Lopez", "Wilson", "Anders", "Taylor", "Moore", "Martin", "Lee",
    "Walker", "Young", "King", "Wright", "Scott", "Green", "Baker", "Nelson", "Weber", "Fischer", "Rossi", "Dubois",
    "Novak", "Silva", "Tanaka", "Sato", "Patel", "Sharma", "Haddad", "Nguyen", "Tan", "Lim", "Murphy", "Olsen",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A city: where it is, its time zone and the share of people who live there."""

    city: str
    region: str
    country: str
    zone: str
    share: float


PLACES: Final = (
    Place("上海", "上海", "CN", "Asia/Shanghai", 0.130), Place("北京", "北京", "CN", "Asia/Shanghai", 0.120),
    Place("深圳", "广东", "CN", "Asia/Shanghai", 0.110), Place("杭州", "浙江", "CN", "Asia/Shanghai", 0.095),
    Place("广州", "广东", "CN", "Asia/Shanghai", 0.070), Place("成都", "四川", "CN", "Asia/Shanghai", 0.055),
    Place("南京", "江苏", "CN", "Asia/Shanghai", 0.040), Place("苏州", "江苏", "CN", "Asia/Shanghai", 0.035),
    Place("武汉", "湖北", "CN", "Asia/Shanghai", 0.035), Place("西安", "陕西", "CN", "Asia/Shanghai", 0.025),
    Place("厦门", "福建", "CN", "Asia/Shanghai", 0.020), Place("长沙", "湖南", "CN", "Asia/Shanghai", 0.020),
    Place("乌鲁木齐", "新疆", "CN", "Asia/Urumqi", 0.005), Place("香港", "香港", "HK", "Asia/Hong_Kong", 0.020),
    Place("Singapore", "Singapore", "SG", "Asia/Singapore", 0.060), Place("Tokyo", "Tokyo", "JP", "Asia/Tokyo", 0.025),
    Place("Kuala Lumpur", "Kuala Lumpur", "MY", "Asia/Kuala_Lumpur", 0.020),
    Place("London", "England", "GB", "Europe/London", 0.030), Place("Berlin", "Berlin", "DE", "Europe/Berlin", 0.025),
    Place("San Francisco", "California", "US", "America/Los_Angeles", 0.035),
    Place("New York", "New York", "US", "America/New_York", 0.025),
)  # fmt: skip

BRAND_ZH: Final = (
    "云帆", "星河", "启明", "蓝鲸", "青松", "远航", "极光", "晨曦", "微光", "万象", "知行", "拓界", "禾木", "北斗",
    "飞鸟", "石榴", "竹影", "鹿鸣", "海棠", "沐风", "千寻", "方舟", "赤兔", "玄武", "朗润", "瑞和", "盛元", "新桥",
)  # fmt: skip
BRAND_EN: Final = (
    "Northwind", "Bluefin", "Brightside", "Harbor", "Maple", "Orbit", "Quartz", "Sparrow", "Tidewater", "Vertex",
    "Willow", "Zephyr", "Copper", "Juniper", "Lantern", "Meridian", "Pebble", "Redwood", "Summit", "Thistle",
)  # fmt: skip
TRADE_ZH: Final = ("科技", "网络", "信息", "智能", "文化传媒", "教育", "电子商务", "数据", "游戏", "医疗科技")
TRADE_EN: Final = ("Labs", "Software", "Media", "Systems", "Studio", "Analytics", "Commerce", "Games", "Health")
