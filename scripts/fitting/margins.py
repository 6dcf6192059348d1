"""What stands around articles, in many wordings: mastheads, imprints, notices, ads. Written for fitting,
filled at random; names and numbers are invented.
"""

from __future__ import annotations

from random import Random

from searchsvc.pages.characters import CUES

_PLACES = (
    "临溪",
    "平皋",
    "云台",
    "河阳",
    "湖西",
    "澄江",
    "石桥",
    "青陵",
    "江宁湾",
    "白塔",
    "沂源湖",
)
_PAPERS = ("日报", "晚报", "晨报", "新闻", "时讯", "通讯", "周刊", "县报", "商报", "都市报")
_SECTIONS = (
    "要闻",
    "综合",
    "民生",
    "社会",
    "经济",
    "三农",
    "文教",
    "副刊",
    "时事",
    "县域",
    "专版",
    "健康",
)
_GIVEN = "明华丽军敏静磊洋艳勇娟涛超霞平刚桂英玉兰凤洁梅琳云飞雪晨宇浩文博志强建国海波"

MASTHEADS = (
    "{paper}", "{paper} {date} 第{page}版 {section}", "第{page}版 {section} {date} {week} {paper}",
    "{code} {section} {date} {week}", "{date} {week} 责编：{name} 电话：{phone}", "{page} {section}",
    "{paper} {code}版 {dotted} {week}", "{paper}\n{date} 农历{lunar} {week}\n今日四版 总第{number}期",
    "{date} {week} 第{page}版 {section} 编辑：{name} 校对：{name}", "{dotted} {paper} {section}版",
    "国内统一连续出版物号 CN 37-00{page}\n{paper}\n{date} {week}",
)  # fmt: skip
IMPRINTS = (
    "责任编辑 {name}", "□ 责任编辑 {name} (0531) {phone}", "本版编辑：{name} 美编：{name} 校对：{name}",
    "编辑 {name} 版式 {name}", "责编/{name} 视觉/{name}", "值班编委：{name} 本版责编：{name}",
    "地址：{place}市人民路12号 邮编：276500 广告热线：{phone}",
    "{paper}社出版 社址：{place}市新华路8号 邮政编码：252000 印刷：{place}报业印务有限公司",
    "主编：{name} 执行主编：{name} 投稿邮箱：{place}@163.com", "见习编辑 {name} 电话 {phone}",
)  # fmt: skip
NOTICES = (
    "遗失声明\n{name}的身份证丢失，声明作废。",
    "{place}市{given}商贸有限公司营业执照副本丢失，声明作废。",
    "注销公告 {place}{given}建材有限公司经股东会决议解散，请债权人自公告之日起45日内申报债权。",
    "停电通知：因线路检修，5月{page}日8时至17时人民路北段停电，敬请谅解。",
    "公告\n根据有关规定，现将{place}区旧城改造征收范围予以公布，公示期七日。",
    "扫描二维码，下载{paper}客户端", "关注“{place}发布”微信公众号",
    "本报法律顾问：{place}正和律师事务所律师{name}", "更正 本报昨日{page}版图片说明中“{name}”应为“{name}”。",
    "寻人启事 {name}，女，76岁，身高1.56米，于火车站走失，有线索请电告。", "新闻热线：{phone}",
    "招标公告：{place}中学食堂食材采购公开招标，联系电话{phone}",
)  # fmt: skip
ADS = (
    "{place}壹号院 建面约118㎡起 恭迎品鉴\n售楼热线：{phone}", "百 年 老 店 诚 信 经 营\n{place}大药房",
    "出售二手收割机一台，九成新，价格面议 1395400{number}", "{place}妇产医院 无痛分娩 咨询电话：{phone}",
    "全国统一零售价：{number}元/瓶 团购热线：400-618-3399", "讲 文 明 树 新 风\n公益广告",
    "供应：优质果树苗 电话：1380530{number}", "{place}家居广场 国庆钜惠 全场五折起\n地址：振兴路9号",
    "招聘：业务员5名，月薪4000元以上，{phone}", "中国农业银行 {place}支行\n惠 农 贷 款 快 捷 到 家",
)  # fmt: skip


def drawn(templates: tuple[str, ...], random: Random) -> list[str]:
    """The lines of one of the templates, filled."""
    year, month, day = random.randint(2008, 2025), random.randint(1, 12), random.randint(1, 28)
    place = random.choice(_PLACES)
    text = random.choice(templates)
    while "{name}" in text:
        text = text.replace("{name}", _name(random), 1)
    filled = text.format(
        place=place, paper=place + random.choice(_PAPERS), section=random.choice(_SECTIONS),
        given="".join(random.sample(_GIVEN, 2)), date=f"{year}年{month}月{day}日",
        dotted=f"{year}.{month:02}.{day:02}", week="星期" + random.choice("一二三四五六日"),
        lunar="十月初五", page=f"{random.randint(1, 16):02}", code=f"A{random.randint(1, 24):02}",
        phone=f"{random.randint(2_100_000, 8_999_999)}", number=random.randint(1_000, 9_999),
    )  # fmt: skip
    return filled.split("\n")


def _name(random: Random) -> str:
    return str(random.choice(CUES["surnames"][:150])) + "".join(
        random.sample(_GIVEN, random.choice((1, 2, 2)))
    )
