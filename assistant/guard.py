"""What is told without any search: small talk; and what is refused: instructions, inventions, promises, private data; and personal data masked for logs."""

from __future__ import annotations

import re

from indexing.exact import SURNAMES

LONGEST = 500  # characters of a question; a longer one is a document, not a question
BRIEF = 16  # characters of small talk at most
# Small talk, whatever signs stand between its words: each pattern matches the whole turn. 可以吗, 都 are no small talk.
SMALL_TALK = {
    "greeting": re.compile(r"(?:[你您]们?好|大家好|[早上中下晚]+[上午]?好|早安|早|[您你]?在[吗么嘛]|在不在|有人在?[吗么]|哈[喽啰罗]|嗨|喂|hi|hello|客服|[啊呀哈])+", re.IGNORECASE),
    "thanks": re.compile(
        r"(?=.*(?:谢|辛苦|好|行|嗯|[哦噢]|知道|明白|清楚|了解|懂|收到|没事|没有|不用|再见|拜|bye|ok|不错|这样))"
        r"(?:谢谢?|感谢|多|非常|太|很|辛苦|麻烦|好[的嘞]?|行|可以了|[嗯哦噢]|知道|明白|清楚|了解|懂|收到|没事|没有?|不用|问题|别的|其他|再见|拜|bye|ok|不错|这样|先|就|我|[您你]|那|[了啦啊呀哈吧的])+", re.IGNORECASE),
    "unclear": re.compile(
        r"(?:你|您)?(?:说的?|答的?|回答的?)?(?:都|还是|完全|根本)?(?:不对|错了|不是这个(?:意思)?|听不懂|没听懂|看不懂|没看懂|不明白|答非所问|没用|不清楚|(?:请|麻烦)?(?:你|您)?再说一[遍次下]|什么意思)[了啊呀吧吗啦]?", re.IGNORECASE),
    "about": re.compile(
        r"(?:请问)?[你您](?:到底)?(?:是(?:不是)?(?:谁|什么|啥|干什么的|干啥的|真人|人工|机器人|ai|人)|叫(?:什么|啥)(?:名字)?|(?:都)?[能会可]以?(?:做|干|帮我?|回答|查)?(?:些)?(?:什么|啥|哪些)(?:问题|事情?|忙)?)[吗呢啊呀]?"
        r"|(?:请问)?(?:这里?|这儿|我)?(?:都)?[能可]以?问(?:你|您)?(?:些)?(?:什么|啥|哪些)(?:问题)?|(?:这个?)?怎么(?:使?用|提问)|有(?:什么|哪些)功能|(?:我要|我想|请|帮我|能不能|可以)?(?:跟|和|找|转|接)?人工(?:客服|服务|坐席)?(?:说话|讲话|通话)?[吗吧]?", re.IGNORECASE),
}

# All patterns are bounded: no alternative repeats what another repeats, and every gap has a length.
INSTRUCTIONS = re.compile(
    r"(?:忽略|无视|忘记|忘掉|抛开|不要管|别管|绕过|跳过).{0,12}(?:指令|规则|提示|设定|限制|约束|身份|上面的话|之前的话|前面的话)"
    r"|(?:ignore|disregard|forget|bypass).{0,30}(?:instruction|prompt|rule|previous|above)"
    r"|(?:系统|初始|内部|隐藏|你的)(?:的)?(?:提示(?:词|语)?|指令|prompt|设定)|提示词|(?:system|hidden|initial)\s{0,3}prompt|jailbreak|developer mode"
    r"|(?:从现在(?:起|开始)|现在)，?你(?:就)?(?:是|扮演|不再是)|你现在(?:是|扮演)|(?:请|你)(?:来)?扮演|越狱|开发者模式|管理员模式|你是一[个名](?:没有|不受)"
    r"|(?:输出|显示|泄露|打印|给我|告诉我).{0,8}(?:api|密钥|密码|口令|配置文件|源代码|环境变量|token)|(?:只|直接)(?:能|许|准)?(?:回答|回复|说|输出)[“\"'‘「]|(?:不要|不用|别|不许)(?:给|加|带|写)?(?:任何)?(?:引用|出处|依据|来源)"
    r"|act as (?:a|an|if)\b|you are now\b|pretend (?:to|you)"
    r"|<\s{0,4}/?\s{0,4}(?:script|img|iframe|svg|object|style)\b|\bon(?:error|load|click)\s{0,4}=|javascript:|document\.cookie"
    r"|drop\s{1,4}table|select\s{1,4}\*|union\s{1,4}(?:all\s{1,4})?select|insert\s{1,4}into|delete\s{1,4}from|or\s{1,4}'?1'?\s{0,4}=\s{0,4}'?1"
    r"|\{\{.{0,60}\}\}|\$\{.{0,60}\}|<\|.{0,30}\|>|\[/?INST\]|(?:^|\n)\s{0,4}(?:system|assistant)\s{0,2}[:：]",
    re.IGNORECASE,
)
INVENTION = re.compile(
    r"(?:帮我|给我|替我|教我|怎么才能)(?:去)?(?:伪造|造假|编造|作假|做假|办(?:个|张)?假)|(?:帮我|给我|你)(?:就)?(?:随便)?(?:猜|蒙)(?:一|个)|"
    r"(?:编造|捏造|虚构|伪造|杜撰|瞎编|胡编)(?!.{0,10}(?:怎么|如何|会|要|被|的(?:处|后果|责任)|处罚|罚|算|吗|材料|证|行为|骗取|者))"
    r"|(?:给我|帮我|替我|你)(?:随便)?(?:编|造)(?:一|个|份|条|几|点|出)|随便(?:编|写|造|弄)(?:一|个|份|条|几|点)"
    r"|(?:假的?|假冒)(?:文号|文件|公文|通知|证明).{0,10}(?:给我|帮我|写|做|开|弄)|(?:给我|帮我|写|做|开|弄).{0,8}(?:假的?|假冒)(?:文号|文件|公文|通知|证明|材料)"
    r"|(?:写|做|开|弄|办|搞|出)(?:一|几|两)?[份个张套]?假的?[^，。；？]{0,6}(?:合同|证明|证件|[户学居]\w?证|公章|发票|社保|户口|材料|流水)"
    r"|(?:骗取|套取|骗|冒领|虚报|造假|逃避|规避)[^。；？]{0,20}(?:不(?:会)?被(?:查|发现|抓)|查不(?:出|到)|发现不了|操作(?:办法|方法)|窍门|攻略|教程)"
    r"|(?:怎么|怎样|如何|咋)(?:才)?(?:能|可以)?(?:骗取|骗到|套取|套出|钻空子|蒙混过关|蒙过|糊弄过|躲过(?:检查|审核|审查))"
    r"|(?:按|照)我(?:的意思|说的)(?:来)?(?:写|说|回答|批|出)|(?:说|写|注明)(?:区|市|街道|镇)?政府(?:已经?)?(?:同意|批准|答应)(?:了|我|给我)"
    r"|(?:假装|就当|假设|当作).{0,16}(?:有这(?:条|个)|规定了|文件(?:里)?(?:写|有|说))"
    r"|(?:没有|查不到|找不到).{0,12}(?:也|就)(?:给我)?(?:编|写一|造|猜)"
)
PROMISE = re.compile(
    r"打(?:个|一?下)?包票|(?:你|给我|跟我|向我)(?:必须|得|要|能|能不能|可以)?(?:给我|向我|跟我)?(?:承诺|保证|担保|立字据)|拍胸脯"
    r"|(?:敢不敢|能不能|可不可以|敢)(?:给我|向我|跟我)?(?:承诺|保证|担保|打保票)|(?:必须|一定要|只能)(?:回答|说|答应|同意|批|给我(?:办|批)).{0,20}(?:不然|否则|要不).{0,6}(?:投诉|告|举报|差评)"
    r"|不(?:保证|承诺|答应).{0,10}(?:投诉|告你|举报|差评|曝光)|(?:保证|担保).{0,12}(?:一定能|肯定能|百分之?百|百分百)"
)
PRIVATE = re.compile(
    r"(?:手机(?:号码?)?|私人(?:电话|号码|微信)|个人(?:电话|手机|微信)|家庭?(?:住址|地址|电话)|家里?的?(?:住址|地址|电话|座机)|(?:提案人|代表|委员|[区局处科镇乡]长|主任|书记)[\u4e00-\u9fff]{0,4}的(?:电话|号码|联系方式)"
    r"|身份证号?码?|(?:家)?住在?(?:哪|什么地方|几号楼)|家在哪|银行(?:卡|账)号?|微信号?|车牌号?|行踪|老婆|老公是谁|孩子在哪|婚姻|工资卡|隐私)"
)
# Whose data is asked for: a named official or officer, or a third person. 我的身份证, 孩子的身份证 is a paper to hand in.
SOMEONE = re.compile(
    r"[\u4e00-\u9fff]{2,3}(?:同志|(?:副)?(?:区|市|县|局|镇|乡|处|科|院|校)长|(?:副)?主任|(?:副)?书记|先生|女士|老师)|(?<!其)(?:他|她)(?:的|家|住|本人|老)"
    r"|(?:区长|局长|主任|书记|镇长|所长|科长|校长|科员|办事员|经办人|领导|举报人|投诉人|申请人|提案人|代表|委员)(?:的|本人|家|住|手机|私人|个人)"
    rf"|(?:那个|这个|叫|名叫)[{''.join(sorted(SURNAMES))}][\u4e00-\u9fff]{{1,2}}"
    r"|邻居|同事|前夫|前妻|前任|[\u4e00-\u9fff]某某?|老[张王李赵刘陈杨黄周吴]|那些人|名单"
)
# A particular neighbour's benefits and circumstances are private whatever is asked of them.
PRYING = re.compile(
    r"(?:邻居|同事|前夫|前妻|前任|老板|房东|[\u4e00-\u9fff]某某?|老[张王李赵刘陈杨黄周吴])(?:家|他|她|老|[张王李赵刘陈杨黄周吴]|的|，|他家|她家){0,3}(?:领|拿|收入|工资|存款|低保|房产|几套房|申请了?|得了|有没有(?:申请|领))"
)
# Who of the officials is bad, and who should go, is no matter of a gazette.
OPINION = re.compile(
    r"(?:你|您)(?:觉得|认为|说说|评价|怎么看|看)[^。；？]{0,16}(?:[区局处科镇乡院校]长|书记|主任|领导|干部|政府|官员)"
    r"|(?:[区局处科镇乡院校]长|书记|主任|领导|干部|官员)[^。；？]{0,12}(?:最(?:没本事|没用|差劲?|坏|贪|无能)|(?:该|应该)?下台|贪不贪|是不是贪官)"
)
WANTS = re.compile(r"发我|发给我|给我|告诉我|告我|查一?[查下]|是多少|多少|是啥|是什么|在哪|哪儿|哪里|弄到|找到|要一下|有没有|提供|给一?下|上门找|找他|找她|$")
PAPERS = re.compile(r"复印件|原件|要带|要交|需要(?:提供|提交|带|交)?|材料|证件照|怎么(?:写|填)|办理|申请|登记|采集")


def guarded(question: str) -> str:
    """The key of the canned text that ``question`` meets before any search, "" for an ordinary question."""
    if len(question) > LONGEST:
        return "too_long"
    if not re.search(r"[\u4e00-\u9fffA-Za-z0-9]", question):
        return "empty"
    if len(question) <= BRIEF:
        words = re.sub(r"[\W_]", "", question)
        if said := next((key for key, talk in SMALL_TALK.items() if talk.fullmatch(words)), ""):
            return said
    if INSTRUCTIONS.search(question):
        return "instructions"
    if INVENTION.search(question):
        return "invention"
    if PROMISE.search(question):
        return "promise"
    if OPINION.search(question):
        return "opinion"
    if PRYING.search(question):
        return "private"
    if PRIVATE.search(question) and SOMEONE.search(question) and WANTS.search(question) and not (PAPERS.search(question) and "名单" not in question):
        return "private"
    return ""


ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{6}\s?(?:19|20)\d{2}\s?[01]\d[0-3]\d\s?\d{3}[\dXx](?![0-9A-Za-z])|(?<!\d)\d{15}(?!\d)")
CARD = re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)")
MOBILE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
LANDLINE = re.compile(r"(?<!\d)(?:0\d{2,3}[ -]?)?[2-8]\d{6,7}(?!\d)")
MAIL = re.compile(r"[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]{1,64}(?:\.[A-Za-z0-9-]{1,32}){1,4}")
# A name said to be one: 我叫张三, 孩子叫小明, 姓名：李四; two to four characters, ended by what cannot be one.
NAME = re.compile(
    r"((?:我|孩子|儿子|女儿|娃|闺女|宝宝|老公|老婆|丈夫|妻子|爱人|母亲|父亲|妈妈|爸爸|我妈|我爸|老人|学生|本人|名字|他|她)(?:的)?(?:名字)?(?:叫做?|名叫)|姓名(?:是|叫)?[:：\s]?|名字是)"
    r"([\u4e00-\u9fff]{2,4}?)(?=[，。,.、；;！!？?\s]|$|今年|是|的|在|想|要|能|户口|身份|电话|手机|\d)"
)
ADDRESS = re.compile(r"\d{1,4}号楼(?:\d{1,2}单元)?(?:\d{1,4}(?:室|号)?)?|\d{1,3}号院\d{0,3}(?:号?楼)?|\d{1,2}单元\d{1,4}(?:室|号)?|\d{1,3}栋\d{0,4}室?")
MASK = "＊"


def masked(text: str) -> str:
    """``text`` for a log: ID and card numbers, telephones, mail, names said to be names and addresses of homes made illegible.

    >>> masked("孩子叫王小明，电话13800138000")
    '孩子叫＊，电话＊'
    """
    for pattern in (MAIL, ID_NUMBER, CARD, MOBILE, LANDLINE, ADDRESS):
        text = pattern.sub(MASK, text)
    return NAME.sub(rf"\1{MASK}", text)
