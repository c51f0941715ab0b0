import random
import unicodedata

import pytest

import small_school
from schoolhelper.answer.distress import crisis
from schoolhelper.answer.normalise import as_meant, respaced, vocabulary
from schoolhelper.records import Entry, Question

NONE: dict[str, int] = {}
ENGLISH = """
NEIS
Wi-Fi
PC
PE
SNS
EBS
OMR card
e-mail
the gym
do we
who
so
work
form
right
open?
Go to the gym
Do we have PE today?
do we have class on Saturday
When do they work
who do I ask about the form
so do we go to the gym then
what time do they open
how do I get there
so who is the school nurse
do the dorms open on Sunday
Where is the library?
Until what time can I borrow books?
When are the midterm exams?
How do I report an absence?
I forgot my Wi-Fi password
what's the wifi password
Can I use my phone during lunch?
how much is dinner
field trip form when
is there a bus from City Hall
Where can I get my NEIS transcript?
send it to my e-mail?
I lost my USB stick on the 3rd floor
WHERE IS THE GYM?
HOW DO I GET A LOCKER
Is the pool open in July?
May I wear sneakers with the uniform?
my laptop can't find the printer
sign up for the trip
What does GPA mean?
""".strip().splitlines()


@pytest.fixture(scope="module")
def words() -> dict[str, int]:
    return vocabulary(small_school.entries())


@pytest.mark.parametrize("message", ENGLISH)
@pytest.mark.parametrize("write", [str, str.lower, str.upper])
def test_english_is_never_changed(message: str, write: type[str], words: dict[str, int]) -> None:
    assert as_meant(write(message), words) == write(message)
    assert as_meant(write(message), NONE) == write(message)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rkskek", "가나다"),
        ("ehtjrhks djelTdj?", "도서관 어디 있어?"),
        ("ehtjrhks djelTdma", "도서관 어디 있음"),
        ("rmqtlr djswpdi?", "급식 언제야?"),
        ("dkssudgktpdy", "안녕하세요"),
        ("1gkrsus wjatla djswpdPdy", "1학년 점심 언제예요"),
        ("EHTJRHKS DJElTDJ?", "도서관 어디 있어?"),
        ("QHRJSTLF DJELDPDY", "보건실 어디에요"),
        ("ehtjrhks djel zz", "도서관 어디"),
        ("dhkdlvkdl qlqjs anjdi", "와이파이 비밀번호 뭐야"),
        ("ehtjrhks 어디야?", "도서관 어디야?"),
        ("학교 DHKDLVKDL 안 돼요", "학교 와이파이 안 돼요"),
        ("wnrrhtlvek", "죽고싶다"),
        ("WNRRHTLVDJDY", "죽고싶어요"),
        ("wktkfrkr", "자살각"),
        ("나 wnrrhtlvek", "나 죽고싶다"),
    ],
)
def test_the_wrong_keyboard_layout_is_read(typed: str, meant: str, words: dict[str, int]) -> None:
    assert as_meant(typed, words) == meant


def test_a_cry_for_help_is_read_in_any_layout_and_without_a_sheet() -> None:
    for typed in ("wnrrhtlvek", "wktkfrkr", "WKTKFGKRHTLVEK", "thsahr rmtrhtlvdj"):
        assert crisis(as_meant(typed, NONE)) == "life", typed


@pytest.mark.parametrize(
    "message", ["PC 어디서 써요?", "NEIS 로그인이 안 돼요", "e-mail 주소 알려 주세요", "AI 수업 있어요?"]
)
def test_english_words_within_korean_stay(message: str, words: dict[str, int]) -> None:
    assert as_meant(message, words) == message


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ㄷㅅㄱ ㅇㄷ", "도서관 어디"),
        ("ㄷㅅㄱ ㅇㄷ?", "도서관 어디?"),
        ("ㅂㄱㅅ ㅇㄷ?", "보건실 어디?"),
        ("ㅈㄱㄱㅅ ㅇㅈ", "중간고사 언제"),
        ("ㅇㅇㅍㅇ 비번", "와이파이 비밀번호"),
        ("상담 ㄱㄴ?", "상담 가능?"),
        ("ㅌㅌㅌㅌ 어디", "ㅌㅌㅌㅌ 어디"),
        ("ㄱㅅ", "ㄱㅅ"),
        ("ㅎㅇ", "ㅎㅇ"),
        ("ㅈㅅ", "ㅈㅅ"),
    ],
)
def test_initial_consonants_are_read_where_the_sheet_has_the_word(
    typed: str, meant: str, words: dict[str, int]
) -> None:
    assert as_meant(typed, words) == meant


def made(*wordings: str) -> list[Entry]:
    return [Entry("a", tuple(Question(wording, "ko") for wording in wordings), {"ko": "답변입니다."})]


def test_initials_that_may_be_two_words_stay() -> None:
    both = vocabulary(made("기숙사는 어디예요?", "급식실은 어디예요?"))
    assert as_meant("ㄱㅅㅅ ㅇㄷ", both) == "ㄱㅅㅅ 어디"
    mostly = vocabulary(made("기숙사는 어디예요?", "기숙사 신청은 언제예요?", "급식실은 어디예요?"))
    assert as_meant("ㄱㅅㅅ ㅇㄷ", mostly) == "기숙사 어디"


def test_the_vocabulary_has_nouns_and_what_they_make_together() -> None:
    words = vocabulary(made("급식실은 어디예요?", "급식 시간 알려 주세요"))
    assert words["급식"] == 2
    assert words["급식실"] == 1
    assert "급식시간" not in words
    assert "알리" not in words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("보건실 어딨음?", "보건실 어디 있음?"),
        ("조퇴 어케함", "조퇴 어떻게 함"),
        ("시험날 아프면 어캄", "시험날 아프면 어떡함"),
        ("이거머임", "이거뭐임"),
        ("머야", "뭐야"),
        ("담임쌤 어디 계세요", "담임선생님 어디 계세요"),
        ("담탱 전화번호", "담임 선생님 전화번호"),
        ("셤 언제", "시험 언제"),
        ("모고 언제임", "모의고사 언제임"),
        ("중간 언제야", "중간고사 언제야"),
        ("기말은 며칠부터?", "기말고사는 며칠부터?"),
        ("수행 점수", "수행평가 점수"),
        ("생기부 떼려면", "학교생활기록부 떼려면"),
        ("학폭 신고", "학교폭력 신고"),
        ("야자 몇 시까지", "야간자율학습 몇 시까지"),
        ("겨방 언제임", "겨울방학 언제임"),
        ("와파 비번", "와이파이 비밀번호"),
        ("와파 비번은?", "와이파이 비밀번호는?"),
        ("비번을 까먹었어요", "비밀번호를 까먹었어요"),
        ("야자가 언제 끝나요", "야간자율학습이 언제 끝나요"),
        ("폰 내야 돼?", "휴대폰 내야 돼?"),
        ("컴싸 가져가요?", "컴퓨터용 사인펜 가져가요?"),
    ],
)
def test_slang_that_every_school_knows_becomes_plain(typed: str, meant: str) -> None:
    assert as_meant(typed, NONE) == meant


@pytest.mark.parametrize(
    "message",
    [
        "제 직업은 프로그래머예요",
        "수업 중간에 나가도 돼요?",
        "중간 정도 크기",
        "중간고사 언제예요?",
        "기말고사 범위",
        "기말 과제는요?",
        "수행평가 언제예요?",
        "업무를 수행하는 곳",
        "졸업생기부금은 어디에 내요?",
        "학폭위는 언제 열려요?",
        "야자수 그늘",
        "사과와파인애플",
        "수험준비번호가 뭐예요?",
        "스마트폰 가져와도 돼요?",
        "폰트는 뭐로 써요?",
        "동방예의지국",
        "1~3교시에는요?",
        "9시~10시",
    ],
)
def test_what_only_looks_like_slang_stays(message: str) -> None:
    assert as_meant(message, NONE) == message


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("급식 뭐야ㅋㅋㅋ", "급식 뭐야"),
        ("까졌어요 ㅠㅠ 보건실은요?", "까졌어요 보건실은요?"),
        ("매점 어디야ㅠㅠ?", "매점 어디야?"),
        ("도서관은요~?", "도서관은요?"),
        ("먹음ㅡㅡ 환불은요", "먹음 환불은요"),
        ("  급식   뭐\n예요 ", "급식 뭐 예요"),
        ("ㅋㅋㅋ", "ㅋㅋㅋ"),
        ("", ""),
    ],
)
def test_laughing_and_crying_is_left_out(typed: str, meant: str) -> None:
    assert as_meant(typed, NONE) == meant


def test_letters_that_a_mac_takes_apart_are_put_together() -> None:
    assert as_meant(unicodedata.normalize("NFD", "도서관은 어디예요?"), NONE) == "도서관은 어디예요?"


def test_any_text_has_a_meaning_that_is_not_empty(words: dict[str, int]) -> None:
    chance = random.Random(0)
    signs = "가나ㄱㅏㅋㅠaZqw ~^?;\n\u0301\u200b\x00ᄀ🙂각３²"
    for _ in range(500):
        message = "".join(chance.choice(signs) for _ in range(chance.randrange(30)))
        assert bool(as_meant(message, words)) == bool(message.split())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("도서관몇시까지열어요?", "도서관 몇 시까지 열어요?"),
        ("도서관은몇시까지 열어요", "도서관은 몇 시까지 열어요"),
        ("시험못보면어떡함", "시험 못 보면 어떡함"),
        ("학교생활기록부 언제 나와요", "학교생활기록부 언제 나와요"),
        ("급식 메뉴 어디서 봐요?", "급식 메뉴 어디서 봐요?"),
    ],
)
def test_spaces_that_were_left_out_are_put_in_for_searching(typed: str, meant: str) -> None:
    assert respaced(typed) == meant
    assert as_meant(typed, NONE).replace(" ", "") == typed.replace(" ", "")
