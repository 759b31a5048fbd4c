"""Sentences customers write, in Chinese and English, by topic and sentiment; fitted together by ``feedback``."""

from __future__ import annotations

from typing import Final

TOPICS: Final = ("speed", "billing", "quality", "docs", "bug", "service")
TOPIC_SHARE: Final = (0.20, 0.20, 0.20, 0.12, 0.18, 0.10)
SENTIMENTS: Final = ("negative", "neutral", "positive")
LANGUAGES: Final = ("zh", "en")

OPENERS: Final = {
    "zh": {
        "negative": ("用了一个多月，", "说实话有点失望，", "这周又遇到问题了，", "本来挺期待的，", "催了两次了，", "同事都在抱怨，",
                     "第三次反馈了，", "不太满意，", "坦率讲，", "上线当天就出状况，"),
        "neutral": ("用了两周，", "想问一下，", "简单反馈一下，", "整体还行，", "请帮忙看看，", "刚开始用，", "有个小建议，",
                    "和预期差不多，", "对比了几家，", "请教一个问题，"),
        "positive": ("用了半年，", "必须点个赞，", "朋友推荐来的，", "团队都很喜欢，", "超出预期，", "续费第二年了，",
                     "之前试过好几家，", "非常满意，", "给客户演示时，", "从试用到付费，"),
    },
    "en": {
        "negative": ("Honestly disappointed: ", "Third time I write about this: ", "Not happy. ", "After a month of use, ",
                     "We expected more: ", "Our whole team noticed that ", "Sorry to say, ", "On launch day "),
        "neutral": ("Quick question: ", "Some feedback after two weeks: ", "It does the job; ", "Just started, and ",
                    "A small suggestion: ", "Overall fine, though ", "We compared a few tools; ", "For the record, "),
        "positive": ("Love it: ", "Six months in and ", "Recommended by a friend, and ", "Our team agrees: ",
                     "Better than expected: ", "Second year with you; ", "We tried several before, but here ",
                     "Big thanks: "),
    },
}  # fmt: skip

BODIES: Final = {
    "zh": {
        "speed": {
            "negative": ("高峰期接口延迟到了{n}秒，根本没法用", "推理排队太久，一个任务等了{n}分钟", "晚上速度慢得离谱，超时{n}次",
                         "首字响应太慢，客户等不了"),
            "neutral": ("平均延迟大概{n}00毫秒，白天和晚上差不多", "批量任务跑了{n}小时，想知道能不能再快些",
                        "请问并发上限是多少，我们大概需要{n}0路"),
            "positive": ("速度非常快，{n}万条数据一晚上就跑完了", "延迟很稳定，几乎没有超时", "响应比之前那家快了{n}倍"),
        },
        "billing": {
            "negative": ("账单多扣了{n}00元，一直没有退", "价格又涨了，小团队吃不消", "没用多少GPU，却收了{n}千元，账单看不懂"),
            "neutral": ("想开一张增值税专用发票，金额{n}00元", "请问能按年付吗，有没有折扣", "想把套餐从入门版换到专业版，差价怎么算"),
            "positive": ("价格透明，用多少付多少，很划算", "比自己买显卡省了{n}万元", "发票当天就开好了，账单一目了然"),
        },
        "quality": {
            "negative": ("生成的内容错误太多，{n}条里就有一条要重写", "微调之后效果反而变差了", "中文长文本总是漏掉重点"),
            "neutral": ("准确率在{n}0%左右，够用但还有空间", "想知道新模型什么时候上线", "专业术语有时要手工改一下"),
            "positive": ("回答质量很高，客户转化提升了{n}%", "微调效果惊喜，几乎不用改", "中文理解是我们用过最好的"),
        },
        "docs": {
            "negative": ("文档过时了，示例代码跑不通", "找了{n}个小时也没找到参数说明", "文档全是术语，新手看不懂"),
            "neutral": ("希望多一些中文示例", "请问流式接口的文档在哪里", "建议补充Java的接入示例"),
            "positive": ("文档写得清楚，{n}分钟就接好了", "示例很全，照着做就能上线", "新手教程非常友好"),
        },
        "bug": {
            "negative": ("接口一直报错{e}，业务停了{n}小时", "升级后登录不上，数据也看不到", "导出文件打不开，试了{n}次都失败"),
            "neutral": ("偶尔返回{e}，重试就好", "图表在手机上显示不全", "请确认一下回调地址是否有变化"),
            "positive": ("反馈的问题{n}小时就修好了", "稳定运行{n}个月，没有出过故障", "更新很勤，毛病越来越少"),
        },
        "service": {
            "negative": ("客服半天不回，问题拖了{n}天", "每次都是机器人回复，解决不了问题", "态度敷衍，不想再用了"),
            "neutral": ("请问周末有人值班吗", "想约一次线上培训，大概{n}个人", "麻烦把工单转给技术同事"),
            "positive": ("客服响应很快，{n}分钟就解决了", "技术支持很专业，讲得明白", "服务贴心，还主动帮我们优化用量"),
        },
    },
    "en": {
        "speed": {
            "negative": ("latency goes up to {n} seconds at peak, which is unusable", "jobs wait {n} minutes in the queue",
                         "requests timed out {n} times last night"),
            "neutral": ("average latency is about {n}00 ms for us", "a batch takes {n} hours, could it be faster",
                        "what is the limit of parallel requests"),
            "positive": ("it is really fast, {n}0k rows ran overnight", "latency is stable and nothing times out",
                         "responses are {n} times faster than before"),
        },
        "billing": {
            "negative": ("I was overcharged by {n}00 yuan and nobody refunds it", "the price went up again, too expensive",
                         "the bill is confusing and much too high"),
            "neutral": ("could I get an invoice for {n}00 yuan", "is there a yearly plan with a discount",
                        "how do I move from Starter to Pro"),
            "positive": ("fair prices, we only pay for what we use", "it saved us {n}0k against buying cards",
                         "invoices are clear and arrive the same day"),
        },
        "quality": {
            "negative": ("the output is wrong once in {n} answers", "results got worse after fine-tuning",
                         "long texts lose the main point, very poor"),
            "neutral": ("accuracy is about {n}0 percent, enough for now", "when will the new model be available",
                        "we still edit technical terms by hand"),
            "positive": ("answers are excellent, conversion went up {n} percent", "fine-tuning works great out of the box",
                         "the best quality we have used"),
        },
        "docs": {
            "negative": ("the docs are outdated and the samples fail", "I searched {n} hours for one parameter",
                         "the documentation is hard to follow"),
            "neutral": ("more examples in English would be nice", "where is the streaming endpoint described",
                        "please add a sample for Java"),
            "positive": ("clear docs, integrated in {n} minutes", "great examples, easy to go live",
                         "the tutorial is very friendly"),
        },
        "bug": {
            "negative": ("the API keeps failing with {e}, we were down {n} hours", "I cannot log in since the upgrade",
                         "the export is broken, failed {n} times"),
            "neutral": ("we sometimes see {e}, a retry helps", "the chart is cut off on a phone",
                        "has the callback address changed"),
            "positive": ("a bug I reported was fixed in {n} hours", "rock solid for {n} months",
                         "frequent updates, fewer problems every time"),
        },
        "service": {
            "negative": ("support took {n} days to answer", "only a bot replies and it solves nothing",
                         "rude answers, I want to leave"),
            "neutral": ("is anybody on duty at weekends", "could we book a training for {n} people",
                        "please pass this on to an engineer"),
            "positive": ("support answered in {n} minutes and solved it", "helpful and professional engineers",
                         "great service, they even lowered our usage"),
        },
    },
}  # fmt: skip

CLOSERS: Final = {
    "zh": {
        "negative": ("。", "，请尽快处理！", "，再这样就退订了。", "，希望给个说法。", "，太影响工作了。", "……"),
        "neutral": ("。", "，谢谢。", "，麻烦了。", "，等回复。", "，先这样。"),
        "positive": ("。", "，推荐！", "，会继续用。", "，已经推荐给朋友了。", "，点赞👍", "！"),
    },
    "en": {
        "negative": (".", ". Please fix this soon!", ". We may cancel.", ". Very frustrating.", ". I want a refund."),
        "neutral": (".", ". Thanks.", ". No hurry.", ". Waiting for your reply.", ", please."),
        "positive": (".", ". Highly recommended!", ". We will stay.", ". Thank you!", " 👍"),
    },
}  # fmt: skip

ERRORS: Final = ("429", "500", "502", "504", "ECONNRESET", "401")
SUBJECTS: Final = {
    "zh": {"speed": "速度", "billing": "账单与发票", "quality": "生成质量", "docs": "文档", "bug": "故障", "service": "服务"},
    "en": {"speed": "Speed", "billing": "Billing", "quality": "Quality", "docs": "Documentation", "bug": "Failure",
           "service": "Support"},
}  # fmt: skip
