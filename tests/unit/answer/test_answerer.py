import dataclasses
from collections.abc import Callable, Iterator
from datetime import date

import pytest

import small_school
from schoolhelper.answer import Answerer, Writer
from schoolhelper.answer.answerer import audience_label, offer
from schoolhelper.config import SchoolConfig
from schoolhelper.messages import text
from schoolhelper.records import Answer, Entry, Lang, Passage, Question, Turn
from schoolhelper.retrieve import Retriever

Make = Callable[..., Answerer]


class Dictated(Writer):
    """A writer that says what it was told to, growing word by word."""

    def __init__(self, said: str) -> None:
        self.said = said

    def write(self, question: str, lang: Lang, passage: Passage) -> Iterator[str]:
        words = self.said.split(" ")
        for count in range(1, len(words) + 1):
            yield " ".join(words[:count])


@pytest.fixture(scope="module")
def make() -> Make:
    """An answerer of the small school that answers by retrieval alone."""
    fitted = small_school.thresholds()
    retriever = Retriever(small_school.entries(), small_school.embedder(), fitted.weights)

    def build(
        caution: float = 0.5, writer: Writer | None = None, school: SchoolConfig = small_school.SCHOOL
    ) -> Answerer:
        return Answerer(
            retriever,
            fitted.calibrator,
            caution=caution,
            candidates=5,
            school=school,
            writer=writer,
        )

    return build


def ask(answerer: Answerer, question: str, today: date = small_school.TODAY, **options: object) -> Answer:
    return answerer.answer(question, today=today, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "entry", "lang"),
    [
        ("책 읽는 도서관이 언제 문을 닫나요?", "library", "ko"),
        ("보건실가려면몇층?", "nurse", "ko"),
        ("재학증면서 발급", "certificate", "ko"),
        ("How much is an enrollment certificate?", "certificate", "en"),
        ("What day do the midterm exams begin?", "midterm", "en"),
    ],
)
def test_the_verified_text_is_given_word_for_word_in_the_questions_language(
    make: Make, question: str, entry: str, lang: Lang
) -> None:
    answer = ask(make(), question)
    assert answer.text == small_school.entry(entry).answers[lang]
    assert (answer.action, answer.mode, answer.lang) == ("answer", "verified", lang)
    assert [each.id for each in answer.entries] == [entry]
    assert 0.5 <= answer.confidence <= 1.0


def test_the_chosen_language_is_answered_in(make: Make) -> None:
    answer = ask(make(), "도서관은 몇 시까지 열어요?", lang="en")
    assert answer.text == "The library is open on weekdays from 08:00 to 17:30."


def test_lunch_is_answered_for_all_three_grades_when_the_grade_is_unknown(make: Make) -> None:
    answer = ask(make(), "점심 몇 시에 먹어요?")
    assert sorted(entry.id for entry in answer.entries) == ["lunch-1", "lunch-2", "lunch-3"]
    _, *lines, _ = answer.text.splitlines()
    assert lines == [f"- {n}학년: {small_school.entry(f'lunch-{n}').answers['ko']}" for n in (1, 2, 3)]
    english = ask(make(), "What time do we have lunch?").text
    assert "- Grade 2: Grade 2 has lunch from 12:30." in english.splitlines()


def test_lunch_is_answered_for_the_grade_that_the_asker_told(make: Make) -> None:
    answer = ask(make(), "점심 몇 시에 먹어요?", profile={"grade": "2"})
    assert [entry.id for entry in answer.entries] == ["lunch-2"]
    assert answer.text == "2학년 점심시간은 12:30부터입니다."


def test_an_expired_entry_is_never_used_nor_offered(make: Make) -> None:
    question = "중간고사 날짜 알려 주세요"
    assert [entry.id for entry in ask(make(), question, date(2026, 4, 30)).entries] == ["midterm"]
    for day in (date(2026, 3, 1), date(2026, 5, 1)):
        for caution in (0.0, 0.5, 1.0):
            answer = ask(make(caution), question, day)
            assert "midterm" not in {entry.id for entry in answer.entries}
            assert "4월 27일" not in answer.text
            assert not {q.text for q in small_school.entry("midterm").questions} & set(answer.suggestions)


def test_what_the_sheet_does_not_say_is_not_answered_but_sent_on(make: Make) -> None:
    korean = ask(make(0.9), "수영장은 어디에 있나요?")
    assert korean.action == "abstain"
    assert small_school.CONTACT.ko in korean.text
    assert korean.entries == ()
    wordings = {question.text: question.lang for e in small_school.entries() for question in e.questions}
    assert len(korean.suggestions) == 3
    assert {wordings[each] for each in korean.suggestions} == {"ko"}
    english = ask(make(0.9), "Can I keep a cat in the classroom?")
    assert english.action != "answer"
    assert small_school.CONTACT.en in english.text
    assert {wordings[each] for each in english.suggestions} == {"en"}


def test_between_answering_and_abstaining_it_asks_back(make: Make) -> None:
    sure = ask(make(), "와이파이 비번 까먹음").confidence
    answer = ask(make(caution=min(1.0, sure * 1.2)), "와이파이 비번 까먹음")
    assert answer.action == "clarify"
    assert answer.entries[0].id == "wifi"
    assert answer.suggestions[0] in {q.text for q in small_school.entry("wifi").questions}
    assert len(answer.entries) == len(answer.suggestions) == 3
    assert small_school.CONTACT.ko in answer.text


def test_a_follow_up_is_understood_from_what_was_asked_before(make: Make) -> None:
    history = (Turn("user", "보건실은 어디에 있어요?"), Turn("assistant", "본관 1층 102호입니다."))
    assert ask(make(), "거기 전화번호는요?", history=history).entries[0].id == "nurse"
    turned = ask(make(), "재학증명서를 떼는 데 얼마가 드나요?", history=history)
    assert turned.entries[0].id == "certificate"


def test_an_empty_message_does_no_harm(make: Make) -> None:
    for message in ("", "   ", "?", "ㅋㅋㅋㅋ"):
        assert ask(make(), message).action != "answer"


@pytest.mark.parametrize("message", ["이거 되는 거임?", "헐", "뭐해", "제발", "되나요?"])
def test_what_names_nothing_is_asked_for_unless_something_was_said_before(make: Make, message: str) -> None:
    bold = make(caution=0.0)
    alone = ask(bold, message)
    assert (alone.action, alone.text) == ("abstain", text("answer.wordless", "ko"))
    history = (Turn("user", "보건실은 어디에 있어요?"), Turn("assistant", "본관 1층 102호입니다."))
    assert ask(bold, message, history=history).entries


def test_nothing_to_offer_still_names_the_contact() -> None:
    expired = Entry(
        "old",
        (Question("축제는 언제예요?", "ko"),),
        {"ko": "10월 24일입니다."},
        valid_until=date(2025, 10, 31),
    )
    fitted = small_school.thresholds()
    answerer = Answerer(
        Retriever([expired], small_school.embedder()),
        fitted.calibrator,
        caution=0.0,
        candidates=5,
        school=small_school.SCHOOL,
    )
    answer = ask(answerer, "축제는 언제예요?")
    assert (answer.action, answer.suggestions, answer.confidence) == ("abstain", (), 0.0)
    assert small_school.CONTACT.ko in answer.text


def test_a_stream_ends_with_the_complete_answer(make: Make) -> None:
    said = "도서관은 열려 있어요. 평일에는 08:00부터 17:30까지 열려 있어요."
    answerer = make(writer=Dictated(said))
    question = "도서관은 몇 시까지 열어요?"
    *growing, last = answerer.stream(question, today=small_school.TODAY)
    assert [answer.text.strip() for answer in growing] == ["도서관은 열려 있어요."]
    assert all(said.startswith(answer.text) for answer in growing)
    assert last == ask(answerer, question)
    assert (last.text, last.mode, last.action) == (said, "generated", "answer")
    assert [entry.id for entry in last.entries] == ["library"]


@pytest.mark.parametrize(
    "said",
    ["평일에는 08:00부터 18:30까지 열려 있어요.", "도서관은 3층이에요.", "031-555-9999로 전화하세요.", ""],
)
def test_a_generated_text_with_a_fact_of_its_own_gives_way_to_the_verified_one(make: Make, said: str) -> None:
    answer = ask(make(writer=Dictated(said)), "도서관은 몇 시까지 열어요?")
    assert answer.text == small_school.entry("library").answers["ko"]
    assert (answer.mode, answer.action) == ("verified", "answer")


def test_a_wrong_fact_is_not_shown_even_while_the_text_grows(make: Make) -> None:
    said = "도서관은 언제나 환영해요. 평일에는 18:45까지 열어요. 또 오세요."
    growing = make(writer=Dictated(said)).stream("도서관은 몇 시까지 열어요?", today=small_school.TODAY)
    assert all("18:45" not in answer.text for answer in growing)


def test_a_writer_does_not_turn_a_refusal_into_an_answer(make: Make) -> None:
    answer = ask(make(writer=Dictated("수영장은 별관에 있어요.")), "수영장은 어디에 있나요?")
    assert answer == ask(make(), "수영장은 어디에 있나요?")


def test_grades_are_given_as_verified_even_with_a_writer(make: Make) -> None:
    answer = ask(make(writer=Dictated("12:10이에요.")), "점심 몇 시에 먹어요?")
    assert answer == ask(make(), "점심 몇 시에 먹어요?")


def test_a_wording_is_offered_in_the_askers_language() -> None:
    library = small_school.entry("library")
    passage = Passage(library, "When does the library close?", {})
    assert offer(passage, "en") == "When does the library close?"
    assert offer(passage, "ko") == "도서관은 몇 시까지 열어요?"
    korean = Entry("a", (Question("급식실은 어디예요?", "ko"),), {"ko": "본관 1층"})
    assert offer(Passage(korean, "급식실은 어디예요?", {}), "en") == "급식실은 어디예요?"


def test_an_audience_is_named_in_words() -> None:
    audience = (("grade", ("1", "2")), ("department", ("소프트웨어과",)), ("class", ("3반",)))
    entry = Entry("a", (), {"ko": "답"}, audience=audience)
    assert audience_label(entry, "ko") == "1·2학년, 소프트웨어과, 3반"
    assert audience_label(entry, "en") == "Grade 1 and 2, 소프트웨어과, 3반"


def test_the_sheets_own_wording_is_answered_for_certain(make: Make) -> None:
    for entry in small_school.entries():
        if entry.audience or not entry.is_valid_on(small_school.TODAY):
            continue
        for wording in entry.questions:
            answer = ask(make(caution=1.0), f" {wording.text.rstrip('?')}  ?")
            assert (answer.action, answer.confidence) == ("answer", 1.0)
            assert answer.entries[0].id == entry.id


def test_a_cry_for_help_gets_the_card_and_the_schools_own_contact(make: Make) -> None:
    for message in ("죽고 싶어요", "wnrrh tlvdjdy", "저 요즘 너무 살기 싫어요 ㅠㅠ"):
        answer = ask(make(), message)
        assert "109" in answer.text
        assert small_school.CONTACT.ko in answer.text
        assert answer.suggestions == ()
    english = ask(make(), "I want to die")
    assert "109" in english.text
    assert english.lang == "en"


def test_the_card_cites_the_counsellors_entry_where_the_school_names_one(make: Make) -> None:
    answerer = make(school=dataclasses.replace(small_school.SCHOOL, counsel_entry="nurse"))
    answer = ask(answerer, "친구들이 저를 계속 때려요")
    assert [entry.id for entry in answer.entries] == ["nurse"]
    assert "117" in answer.text
    assert small_school.entry("nurse").answers["ko"] in answer.text


@pytest.mark.parametrize("message", ["안녕하세요!", "감사합니다~", "bye", "너는 누구야?"])
def test_small_talk_gets_a_word_in_the_schools_voice_and_no_fact(make: Make, message: str) -> None:
    answer = ask(make(), message)
    assert (answer.action, answer.entries, answer.suggestions) == ("abstain", (), ())
    assert "없어서" not in answer.text


def test_a_greeting_before_a_question_is_passed_over(make: Make) -> None:
    assert ask(make(), "안녕하세요! 보건실은 어디에 있나요?").entries[0].id == "nurse"


def test_two_questions_in_one_message_are_both_answered(make: Make) -> None:
    for message in (
        "도서관은 몇 시까지 열어요? 그리고 보건실은 어디에 있어요?",
        "도서관은 몇 시까지 하고 보건실은 어디 있어요?",
    ):
        answer = ask(make(), message)
        assert [entry.id for entry in answer.entries] == ["library", "nurse"]
        assert small_school.entry("library").answers["ko"] in answer.text
        assert small_school.entry("nurse").answers["ko"] in answer.text


def test_one_question_in_two_sentences_is_answered_once(make: Make) -> None:
    answer = ask(make(), "배가 아픈데 어디로 가야 해요? 보건실이 어디예요?")
    assert [entry.id for entry in answer.entries] == ["nurse"]
    assert answer.text == small_school.entry("nurse").answers["ko"]


def test_of_two_questions_the_unanswered_one_is_named(make: Make) -> None:
    """A retriever cannot refuse as a judge does; here a high caution stands in for it."""
    message = "도서관은 몇 시까지 열어요? 보건실은 어디에 있어요? 헬리콥터는 어디에 내려요?"
    answer = ask(make(0.97), message)
    assert [entry.id for entry in answer.entries] == ["library", "nurse"]
    assert "헬리콥터는 어디에 내려요?" in answer.text


def test_one_answer_of_two_is_given_where_the_message_as_a_whole_has_none(make: Make) -> None:
    for message in (
        "도서관은 몇 시까지 열어요? 헬리콥터는 어디에 내려요?",
        "헬리콥터는 어디에 내려요? 도서관은 몇 시까지 열어요?",
    ):
        answer = ask(make(0.97), message)
        assert (answer.action, [entry.id for entry in answer.entries]) == ("answer", ["library"])
        assert small_school.entry("library").answers["ko"] in answer.text
        assert "“헬리콥터는 어디에 내려요?”" in answer.text


@pytest.mark.parametrize("message", ["ehtjrhksdms aut tlRkwl dufdjdy?", "ㄷㅅㄱ 몇 시까지 열어요?"])
def test_what_the_fingers_meant_is_understood(make: Make, message: str) -> None:
    assert ask(make(), message).entries[0].id == "library"


def test_an_answer_out_of_date_is_said_to_be(make: Make) -> None:
    answer = ask(make(), "1학기 중간고사는 언제인가요?", date(2026, 5, 20))
    assert answer.action == "abstain"
    assert "2026-04-30" in answer.text
    assert "4월 27일" not in answer.text


def test_the_day_that_is_asked_about_decides_what_is_valid(make: Make) -> None:
    question = "다음 주 중간고사 날짜 알려 주세요"
    assert ask(make(), question, date(2026, 2, 25)).entries[0].id == "midterm"
    assert "midterm" not in [entry.id for entry in ask(make(), question, date(2026, 4, 30)).entries]


def test_who_the_asker_is_is_asked_once_and_remembered(make: Make) -> None:
    first = ask(make(), "점심 몇 시에 먹어요?")
    *_, request = first.text.splitlines()
    history = (Turn("user", "점심 몇 시에 먹어요?"), Turn("assistant", first.text))
    told = ask(make(), "2학년이요", history=history)
    assert told.text == small_school.entry("lunch-2").answers["ko"]
    later = (*history, Turn("user", "2학년이요"), Turn("assistant", told.text))
    assert ask(make(), "점심시간이 언제였죠?", history=later).text == told.text
    assert request not in ask(make(), "점심 몇 시에 먹어요?", history=history).text
