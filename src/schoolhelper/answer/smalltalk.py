"""What asks nothing about the school: a greeting, thanks, a farewell, a word to the chatbot itself, and
what has no words."""

from __future__ import annotations

import re
from typing import Literal

from schoolhelper.retrieve.lexical import tagged

Social = Literal["greeting", "thanks", "farewell", "self", "wordless"]

_IS = r"(?:이?야|이?니|이?냐|임|이?에요|예요|이?세요|인가요?|일까요?|맞아요?|맞나요)"
_YOU = r"(?:너는?|넌|네|니|당신은?|당신의|챗봇|여기)"
_SOCIAL: dict[Social, str] = {  # in VERBOSE: \s? is an optional space
    "farewell": r"""
        안녕히\s?(?:계세요|가세요) | 잘\s?(?:가요?|있어요?) | 수고하(?:세요|셨습니다|셨어요) | ㅂㅂ | ㅂㅇ
      | ㅅㄱ
      | (?:다음에|나중에|내일)\s?(?:또\s?)?(?:봐요?|봬요|만나요|올게요?) | 바이(?:바이)? | 빠이(?:빠이)?
      | (?:good\s?)?bye(?:\s?bye)? | see\s(?:you|ya)(?:\slater|\sagain|\ssoon|\stomorrow)? | good\snight
      | have\sa\s(?:nice|good)\sday""",
    "greeting": r"""
        안녕(?:하세[요용여]|하십니까|하셈|하삼)? | 하이루? | 헬로우? | 방가(?:방가|루)? | ㅎㅇ(?:ㅎㅇ|요)?
      | (?:만나서\s?)?반(?:가워요?|갑습니다) | 처음\s?뵙겠습니다 | 좋은\s?(?:아침|오후|저녁)(?:이에요|입니다)?
      | hi+ | hello+ | hey+ | good\s(?:morning|afternoon|evening) | how\sare\syou(?:\sdoing)?
      | what'?s\sup | nice\sto\smeet\syou""",
    "thanks": r"""
        (?:(?:[네넵예아응오]|우?와)\s?)*(?:(?:정말|너무|진짜|넘|완전|무척|많이|항상|알려\s?(?:줘|주셔)서)\s?)*
        (?:감사(?:합니[다당]|해요|드려요|드립니다|용|요)? | 고마워요? | 고맙(?:습니다|다) | 땡큐 | 쌩유
      | ㄱㅅ(?:ㄱㅅ)? | ㄳ)
      | (?:[네넵예아응오]\s?)?(?:잘\s?)?(?:알겠(?:습니다|어요?) | 이해했어요
      | 도움이?\s?(?:됐|되었)(?:어요|습니다))
      | (?:(?:ok|okay|oh|great|cool)\s)?
        (?:thx | ty | thanks(?:\sa\slot|\sso\smuch)? | thank\syou(?:\s(?:so|very)\smuch)?)
        (?:\sfor\s(?:your\s|the\s)?(?:help|helping\sme|answer|info|information))? | got\sit""",
    "self": rf"""
        (?:{_YOU}\s?)?(?:누구{_IS}? | 정체가?\s?뭐{_IS} | 이름이?\s?(?:뭐|무엇){_IS})
      | {_YOU}\s?(?:뭐|무엇){_IS} | {_YOU}\s?뭐\s?하는\s?(?:거|애|곳|봇){_IS}
      | (?:(?:{_YOU}|혹시|진짜)\s?)*
        (?:사람|ai|에이아이|인공지능|로봇|챗봇|기계|(?:챗\s?|chat)?(?:gpt|지피티)){_IS}
      | (?:(?:{_YOU}|여기서|뭐|뭘|무엇을|무슨|어떤|질문|[걸거])\s?)*
        (?:할|도와줄|물어볼|대답할|질문할)\s?수\s?있(?:어요?|나요|니|냐|음|습니까)
      | 도움말 | 사용법(?:\s?알려\s?(?:줘|주세요))? | help | (?:who|what)\sare\syou
      | what(?:'s|\sis)\syour\sname
      | what\scan\s(?:you\s(?:do|help\s(?:me\s)?with)|i\sask(?:\syou)?)
      | are\syou\s(?:an?\s)?(?:real\s)?(?:chat\s?)?(?:bot|robot|human|ai|person|real|chatgpt)""",
}
_CALLED = r"(?:[\s,]*(?:선생님|쌤|챗봇|도우미|친구야?|여러분|there|everyone|bot|teacher|sir))?"
_SAID = tuple(
    (kind, re.compile(rf"(?:{pattern}){_CALLED}(?:\s+|$)", re.IGNORECASE | re.VERBOSE))
    for kind, pattern in _SOCIAL.items()
)
_OPENING = re.compile(
    rf"^\s*(?:{_SOCIAL['greeting']}){_CALLED}(?:\s*[!.,~?^]+\s*|\s+)(?=\S)", re.IGNORECASE | re.VERBOSE
)
_MARKS = re.compile(r"[!.,~?^…♡♥:;()]+|(?<![ㄱ-ㅎㅏ-ㅣ])[ㅋㅎㅠㅜ]+(?![ㄱ-ㅎㅏ-ㅣ])")
_WORDS = re.compile(r"[^\W_ㄱ-ㅣ]")
_NAMING = ("NNG", "NNP", "NNB", "NR", "VV", "VA", "XR", "SL", "SN", "SH")
"""Tags of morphemes that name something; pronouns, particles and interjections do not."""
_NAMES_NOTHING = {
    *("것", "거", "게", "데", "수", "줄"),
    *("있", "없", "하", "되", "돼", "이", "그러", "그렇", "이렇", "저렇", "어떻"),
}


def social(message: str) -> Social | None:
    """What a message is when it is nothing but greetings, thanks, farewells or words to the chatbot;
    of several, the last. Single letters of Hangul and marks are no words."""
    rest, kind = " ".join(_MARKS.sub(" ", message).split()), None
    while rest:
        said = next(((each, match) for each, pattern in _SAID if (match := pattern.match(rest))), None)
        if said is None and _WORDS.search(rest):
            return None
        if said is None:
            break
        kind, rest = said[0], rest[said[1].end() :]
    return kind or ("wordless" if message.strip() else None)


def names_nothing(message: str) -> bool:
    """Whether no word of a message says what it is about (이거 되는 거야? 헐): without what was said
    before there is nothing to look up."""
    return not any(
        token.tag.partition("-")[0] in _NAMING and token.form not in _NAMES_NOTHING
        for token in tagged(message)
    )


def without_greeting(message: str) -> str:
    """The message without the greeting it opens with; a bare greeting stays."""
    return _OPENING.sub("", message) or message
