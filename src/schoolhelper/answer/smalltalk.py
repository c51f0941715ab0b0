"""What is not a question about the school: a greeting, thanks, a farewell, and a cry for help."""

from __future__ import annotations

import re
from typing import Literal

Social = Literal["greeting", "thanks", "farewell", "self"]
Crisis = Literal["life", "harm", "low"]

_CALLED = r"(?:\s*(?:선생님|쌤|챗봇|봇|도우미|친구|모두|여러분|there|everyone|bot))?"
_SOCIAL: tuple[tuple[Social, str], ...] = (
    (
        "greeting",
        r"(?:안녕(?:하세요|하십니까|하세용|하셈|하삼)?|하이루?|헬로우?|방가(?:방가)?|반가워요?|반갑습니다"
        r"|처음 뵙겠습니다|좋은 (?:아침|오후|저녁)(?:이에요|입니다)?|hi+|hello|hey|good (?:morning|afternoon|evening))",
    ),
    (
        "thanks",
        r"(?:네|예|아|응|오|와|ok|okay|oh)?\s*(?:정말|너무|진짜|넘|완전|무척)?\s*"
        r"(?:감사(?:합니다|해요|드려요|드립니다|요)?|고마워요?|고맙습니다|고맙다|땡큐|쌩유"
        r"|thx|ty|thanks(?: a lot| so much)?|thank you(?: so much| very much)?)",
    ),
    (
        "farewell",
        r"(?:안녕히 계세요|안녕히계세요|잘 ?가요?|잘 ?있어요?|수고하세요|수고하셨습니다|다음에 (?:봐요?|또 올게요?)"
        r"|바이(?:바이)?|빠이|bye(?: bye)?|goodbye|see you(?: later)?)",
    ),
    (
        "self",
        r"(?:너는?|넌|당신은?|네|니)\s*(?:누구(?:야|니|세요|예요|임)?|이름이? ?(?:뭐야|뭐니|뭐예요|뭐임)|뭐야|뭐니"
        r"|뭐 ?할 ?수 ?있어요?|사람이야|사람이에요|사람임|ai야|ai예요|에이아이야|로봇이야)"
        r"|(?:뭐|무엇을|뭘) ?(?:할 ?수 ?있어요?|도와줄 ?수 ?있어요?|물어볼 ?수 ?있어요?|할 수 있나요)"
        r"|who are you|what are you|what can you do|are you (?:a )?(?:bot|robot|human|ai|real)(?: person)?"
        r"|what(?:'s| is) your name",
    ),
)
_WHOLE = tuple(
    (kind, re.compile(rf"^\s*(?:{pattern}){_CALLED}\s*$", re.IGNORECASE)) for kind, pattern in _SOCIAL
)
_OPENING = re.compile(rf"^(?:{_SOCIAL[0][1]}){_CALLED}\s*[!.,~?]*\s+(?=\S)", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[!.,~?^…♡♥ㅋㅎㅠㅜ]+")

_PREVENTS = r"(?!\s*(?:골|예방|방지|교육|캠페인|프로그램|prevention|awareness))"
_LIFE = re.compile(
    rf"죽고(?:만)?싶|죽구싶|죽고시[퍼프포]|주꼬싶|죽어버리고싶|죽어버릴|죽을래|죽을까(?!봐)|죽으면(?:편|어떻|끝)"
    rf"|자살{_PREVENTS}|자해{_PREVENTS}|목숨을?끊|극단적(?:인)?선택|살기싫|살고싶지|그만살고|살아서뭐"
    r"|살이유(?:가|도)?(?:없|모르)|사라지고싶|없어지고싶|사라져버리|세상에서사라|뛰어내리|목을?[매맬]"
    r"|손목을?(?:긋|그어|그었|그을)|유서(?:를|쓰|썼)|ㅈㄱㅅㅇ|ㅈㄱㅅㄷ"
)
_LIFE_EN = re.compile(
    rf"\bkill(?:ing)? myself|\bsuicid(?:e|al)\b{_PREVENTS}|\bwant(?: to|na) die\b|\bend (?:my life|it all)"
    rf"|\b(?:hurt|hurting|cut|cutting|harm|harming) myself|\bself[- ]?harm\b{_PREVENTS}"
    r"|\b(?:don'?t|do not) want to (?:live|be alive|be here anymore|exist)|\bno reason to live"
    r"|\bbetter off dead|\bwish i (?:was|were) dead|\bwant to disappear",
    re.IGNORECASE,
)
_HARM = re.compile(
    r"(?:학교폭력|학폭|왕따|따돌림|괴롭힘|성추행|성폭력|성폭행|성희롱|협박|폭행|스토킹|가정폭력|학대)을?를?"
    r"(?:심하게)?(?:당하고|당했|당해|당하는|받고있|받았|시달)"
    r"|(?:애들이|친구가|친구들이|선배가|선배들이|걔가|걔네가|누가|아빠가|엄마가|부모님이|선생님이)[가-힣]{0,8}"
    r"(?:때려|때리|때렸|괴롭혀|괴롭히|괴롭혔|따돌려|따돌리|왕따시|협박해|협박하|협박했|돈을?뺏|만졌|만져요)"
    r"|(?:나를|저를|나|저)(?:계속|자꾸|맨날|매일)?(?:때려|때리|괴롭혀|괴롭히|따돌려|따돌리|왕따시)"
    r"|맞고있어|맞고다녀|(?:한테|에게)(?:계속|자꾸|맨날)?맞(?:았|아요|고)|불법촬영|몰카(?:당|를당|에찍)"
)
_HARM_EN = re.compile(
    r"\b(?:i'?m|i am|i was|i'?ve been|i keep) (?:being |getting )?(?:bullied|abused|harassed|assaulted|beaten|molested)"
    r"|\b(?:bullies|bullying|hits|hitting|beats|beating|abuses|abusing|harasses|harassing|threatens|threatening"
    r"|touched|raped) me\b",
    re.IGNORECASE,
)
_LOW = re.compile(
    r"우울(?:해|하|증이|한데)|(?:자꾸|계속|매일)눈물|너무외로|공황|(?:학교|사는게|사는것이|마음이|다)(?:너무)?(?:힘들어요|지쳤|버거)"
    r"|(?:학교|아무)(?:에|것도)?(?:너무)?(?:무서워요|하기싫고)"
)
_LOW_EN = re.compile(
    r"\b(?:i'?m|i am|i feel|feeling) (?:so |very |really |always )?(?:depressed|hopeless|lonely|worthless)"
    r"|\bpanic attacks?\b|\bcan'?t stop crying\b",
    re.IGNORECASE,
)


def social(message: str) -> Social | None:
    """What a message is when it is nothing but a greeting, thanks, a farewell or a word to the bot."""
    bare = " ".join(_PUNCTUATION.sub(" ", message).split())
    return next((kind for kind, pattern in _WHOLE if pattern.match(bare)), None)


def without_greeting(message: str) -> str:
    """The message without the greeting it opens with; a bare greeting stays."""
    return _OPENING.sub("", message) or message


def crisis(message: str) -> Crisis | None:
    """`life`: the writer speaks of dying or self-harm; `harm`: of being hurt by others; `low`: of
    being in a bad way.

    It rather sees one too many: a card shown in vain costs a moment. Asking about prevention classes
    or how to report bullying is an ordinary question.
    """
    squeezed = re.sub(r"[\s.,!?~…]+", "", message)
    if _LIFE.search(squeezed) or _LIFE_EN.search(message):
        return "life"
    if _HARM.search(squeezed) or _HARM_EN.search(message):
        return "harm"
    return "low" if _LOW.search(squeezed) or _LOW_EN.search(message) else None
