import random

import pytest

from schoolhelper.answer.split import MOST, questions

ONE = """
책 빌리고 반납하는 곳이 어디예요?
교복 입고 등교해야 하나요?
밥 먹고 나서 이 닦아도 돼요?
급식 먹고 매점 가도 돼요?
점심 먹고 매점은?
학생증을 잃어버리고 다시 만들려면 어떻게 해요?
체험학습 신청서는 누구한테 내고 오나요?
저 1학년인데요. 교복은 어디서 사요?
저는 2학년 학생인데 급식 신청을 못 했어요 어떻게 해야 하나요
지갑을 잃어버렸어요. 어디로 가야 하나요?
어제 아파서 결석했어요. 서류는 언제까지 내요?
궁금한 게 있어요. 도서관 언제 열어요?
왜 그런지 모르겠는데 와이파이가 안 돼요
보건실 어디야 무릎 다침
급식은 언제, 어디서 먹어요?
언제 어디서 모여요?
몇 시에 시작하고 끝나요?
도서관 위치와 이용 시간 알려주세요
도서관이랑 매점 어디예요?
파마해도 돼나요? 규정이 있다던데
What are the library and gym hours?
When and where is the graduation ceremony?
Can you tell me when and where the exam is?
I lost my wallet. Where should I go?
I was sick last week. How do I report my absence?
Do you know when the library closes?
Can I bring food and drinks?
My locker is broken. Who fixes it?
Where can I borrow and return books?
""".strip().splitlines()


@pytest.mark.parametrize("message", ONE)
def test_a_single_question_stays_whole(message: str) -> None:
    assert questions(message) == [message]


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("급식 뭐야? 매점은?", ["급식 뭐야?", "매점은?"]),
        ("체육복 어디서 사? 얼마야?", ["체육복 어디서 사?", "얼마야?"]),
        ("급식 언제야 도서관 어디야", ["급식 언제야", "도서관 어디야"]),
        ("도서관 몇시까지해요 급식은 뭐나와요", ["도서관 몇시까지해요", "급식은 뭐나와요"]),
        ("도서관이 어디고 몇 시까지 해요?", ["도서관이 어디고", "몇 시까지 해요?"]),
        ("도서관 어디예요, 매점은 어디예요?", ["도서관 어디예요", "매점은 어디예요?"]),
        ("매점 어디, 도서관 어디?", ["매점 어디", "도서관 어디?"]),
        ("점심 몇시임 그리고 매점 어딨음", ["점심 몇시임", "그리고 매점 어딨음"]),
        ("점심 몇시임 글고 매점 어딨음", ["점심 몇시임", "글고 매점 어딨음"]),
        ("점심은 언제고 도서관은?", ["점심은 언제고", "도서관은?"]),
        ("급식 메뉴 알려줘. 와이파이 비번도 알려줘", ["급식 메뉴 알려줘.", "와이파이 비번도 알려줘"]),
        ("Where is the gym? How do I get a locker?", ["Where is the gym?", "How do I get a locker?"]),
        ("where is the gym when does it open", ["where is the gym", "when does it open"]),
        ("Where is the library and when does it close?", ["Where is the library", "when does it close?"]),
        ("When are the exams and can I leave early?", ["When are the exams", "can I leave early?"]),
        ("How much is dinner, and where do I apply", ["How much is dinner", "where do I apply"]),
    ],
)
def test_two_questions_are_two(message: str, parts: list[str]) -> None:
    assert questions(message) == parts


def test_background_stays_with_its_question_and_thanks_with_the_last() -> None:
    message = "저 1학년인데요. 급식은 몇 시예요? 그리고 교복은 어디서 사나요? 감사합니다."
    assert questions(message) == [
        "저 1학년인데요. 급식은 몇 시예요?",
        "그리고 교복은 어디서 사나요? 감사합니다.",
    ]
    assert questions("Where is the gym? I lost my bag. Who do I ask?") == [
        "Where is the gym?",
        "I lost my bag. Who do I ask?",
    ]


def test_what_is_too_much_is_asked_with_the_last() -> None:
    parts = questions("축제 언제임? 몇시까지임? 친구 데려가도 됨? 부모님도 됨?")
    assert parts == ["축제 언제임?", "몇시까지임?", "친구 데려가도 됨? 부모님도 됨?"]
    assert len(parts) == MOST


def test_nothing_is_lost_of_any_message() -> None:
    chance = random.Random(0)
    signs = "급식 언제 어디고 도서관,.?! \n몇시 and when is 요나며ㅋ🙂\u200b3"
    for _ in range(300):
        message = "".join(chance.choice(signs) for _ in range(chance.randrange(40)))
        kept = "".join(questions(message))
        assert {sign for sign in kept if sign.isalnum()} <= set(message)
        for sign in "급식언제어디도서관몇시":
            assert kept.count(sign) == message.count(sign), message
    assert questions("") == []
