import pytest

from schoolhelper.answer.smalltalk import Social, names_nothing, social, without_greeting
from schoolhelper.dataset.general import load_general

SAID: dict[Social, str] = {
    "greeting": """
안녕
안녕~
안녕하세요
안녕하세요!
안녕하세요 선생님
안녕하세용 ㅎㅎ
안녕하세요, 반갑습니다
하이
하이루
방가방가
ㅎㅇ
ㅎㅇㅎㅇ
반가워
좋은 아침이에요
안녕 챗봇
hi
Hello!
hey there
good morning
how are you?
Hi! How are you?
""",
    "thanks": """
감사합니다
감사합니당
고마워
고마워요!
고맙습니다 ^^
ㄱㅅ
땡큐
오 감사요
네 감사합니다
아 네 감사합니다
정말 감사합니다
감사합니다ㅎㅎ
감사해요 선생님
네 알겠습니다
네 알겠습니다 감사합니다
알려줘서 고마워
알려주셔서 감사합니다
thx
thanks
ok thanks
Thank you so much!
Thanks for your help!
""",
    "farewell": """
안녕히 계세요
안녕히계세요
잘가
수고하세요
ㅂㅂ
바이바이
다음에 또 올게요
감사합니다. 안녕히 계세요
네 감사합니다. 수고하세요!
bye
goodbye
see you later
Thanks, bye!
""",
    "self": """
너 누구야?
넌 뭐야
누구세요?
안녕 너 누구야?
너는 뭐 하는 봇이야
이름이 뭐야?
너 이름이 뭐니
너 사람이야?
사람이에요?
혹시 로봇이에요?
AI야?
너 챗지피티야?
챗GPT임?
뭐 할 수 있어?
무엇을 물어볼 수 있나요?
어떤 걸 물어볼 수 있어요
도움말
who are you?
What can you do?
are you a robot?
Are you human?
What is your name?
""",
    "wordless": """
ㅁㄴㅇㄹ
ㅇㅇ
?!
ㅋㅋㅋ
...
😀
""",
}
QUESTIONS = """
안녕하세요 급식 언제예요?
안녕하세요. 도서관 어디예요
감사합니다 그런데 매점은요?
감사 편지는 어디에 내요
고마운 선생님께 편지 쓰는 날이 언제예요
안녕 캠페인은 언제 해요
좋은 아침 방송은 몇 시예요?
반가운 소식
수고한 선생님께 드릴 상장
잘 가르치는 선생님
누구한테 물어봐요?
담임 누구야
이 사람이 담임이에요?
학생이 할 수 있나요?
체육관에서 뭐 할 수 있어?
동아리 이름이 뭐예요?
교장 선생님 이름이 뭐야
AI 수업은 언제예요?
인공지능 동아리 있어요?
로봇 동아리인가요?
하이킹 동아리
네
아니요
2학년이요
hi where is the gym
thanks but where is it
help me find the gym
good morning broadcast time
how are you graded?
What can I wear?
ㅁㄴㅇㄹ 급식
你好
""".strip().splitlines()


@pytest.mark.parametrize(
    ("kind", "message"), [(kind, each) for kind, said in SAID.items() for each in said.strip().splitlines()]
)
def test_a_message_that_is_nothing_else(kind: Social, message: str) -> None:
    assert social(message) == kind


@pytest.mark.parametrize("message", ["", *QUESTIONS])
def test_a_message_that_says_or_asks_anything_more_is_none(message: str) -> None:
    assert social(message) is None


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("안녕하세요 급식 언제예요?", "급식 언제예요?"),
        ("안녕하세요! 도서관 어디예요", "도서관 어디예요"),
        ("안녕하세요, 선생님. 매점은요?", "매점은요?"),
        ("Hello there! Where is the gym?", "Where is the gym?"),
        ("hi, where is the gym?", "where is the gym?"),
        ("안녕하세요", "안녕하세요"),
        ("안녕히 계세요", "안녕히 계세요"),
        ("하이킹 동아리 있어요?", "하이킹 동아리 있어요?"),
        ("hiking club?", "hiking club?"),
        ("history class when?", "history class when?"),
        ("", ""),
    ],
)
def test_an_opening_greeting_is_left_out_of_the_question(message: str, asked: str) -> None:
    assert without_greeting(message) == asked


@pytest.mark.parametrize("message", ["몇 살부터 돼요?", "급식", "3층", "where?", "왜 닫았어요", "빌려도 돼?"])
def test_a_message_with_any_word_to_look_up_names_something(message: str) -> None:
    assert not names_nothing(message)


def test_every_question_of_the_made_up_organisations_names_something() -> None:
    for sheet in load_general("calibrate"):
        asked = [question.text for kinds in sheet.known.values() for kind in kinds for question in kind]
        asked += [question.text for entry in sheet.entries for question in entry.questions]
        assert [message for message in asked if names_nothing(message)] == []


def test_a_long_message_takes_no_time() -> None:
    for piece in ("안녕하세요 ", "뭐 ", "너", "네 ", " ", "hi"):
        assert social(piece * 4000 + "?급식") is None
        assert without_greeting(piece * 4000)
