"""What a student in distress may write, and what only sounds like it."""

import unicodedata

import pytest

from schoolhelper.answer.distress import Crisis, crisis
from schoolhelper.sheet import detect_lang

LIFE = """
죽고싶다
죽고 싶어요
자꾸 죽고 싶다는 생각이 들어요. 학교에서 누구한테 말하면 되나요?
주글래
나 그냥 주글래 ㅠㅠ
ㅈㅅ하고 싶
ㅈㅅ하고싶다
ㅈㅅ각
자살각
자살하고 싶어
자살 마렵다
살자하고 싶다
살자 마렵다
한강 갈래
한강 가고싶다 진짜
오늘 한강 물 온도 몇 도야
한강물온도
손목 긋고 싶어
손목그었어
다 끝내고 싶어
내일 다 끝내고 싶어
이제 끝내고 싶어요
죽고시퍼
죽구싶다
죽고싶ㅠㅠ다
죽 고 싶 다
죽고...싶어요...
죽고십어요
죽고파
ㅈㄱㅅㄷ
나는 왜 사는지 모르겠어
왜 살아야 하는지 모르겠어요
살기 싫어
살기싫다ㅠ
더 이상 살고 싶지 않아요
살아야 할 이유가 없어
사는 게 지옥 같아
그냥 사라지고 싶어
내가 없어지면 다 편해지겠지
나만 없으면 모두 행복할 텐데
태어나지 말았어야 했는데
자해했어요
어제 또 자해함
자해하고 싶은 충동이 들어요
팔을 칼로 그었어요
유서 썼어
유서 써놨어요
옥상에서 뛰어내리고 싶다
창문으로 뛰어내릴까
목 매달고 싶어
번개탄 어디서 사
수면제 모으고 있어
죽는 게 나을 것 같아
그냥 죽을까
나 죽으면 슬퍼할 사람 있을까
내가 죽어도 아무도 모를걸
차라리 죽었으면 좋겠다
안 아프게 죽는 방법
고통없이 죽고 싶어요
극단적인 선택을 하고 싶어요
친구가 죽고 싶대요 어떡하죠
친구가 자살하겠대요
제 친구가 자해를 해요
내일 죽을 거야
더 이상 버틸 자신이 없어요
더는 못 버티겠어요
버틸 힘이 없어
영원히 잠들고 싶어
아침에 눈뜨지 않았으면 좋겠어요
세상에서 사라지고 싶다
죽어버리고 싶어
죽을만큼 힘들어요
뒤지고 싶다
i want to die
I wanna die
iwannadie
i wanna kms
kms
im gonna kms fr
i should kys
I want to kill myself.
thinking about suicide
im suicidal
I don't want to live anymore
dont wanna be here anymore
I’m tired of living
everyone would be better off without me
i've been cutting myself
I want to hurt myself
I wish I was dead
i want to disappear
I want to end it all
no reason to live
I feel like killing myself
i can't do this anymore
나 kms 하고 싶어
진짜 살기 싫다
걍 죽고싶음
죽고 싶은데 어떡해요
자꾸 나쁜 생각이 들어요
나 오늘 죽는다
내일 학교 옥상에서 뛰어내릴거야
엄마 아빠 미안해 나 먼저 갈게
살 이유를 모르겠음
그냥 눈 감고 안 일어나고 싶다
죽을래 그냥
ㅈㅅ할래
자살하면 편해질까
자살 방법 알려줘
손목에 칼 그었어
손목 그으면 죽어?
목매달면 아파?
진심 뒤지고싶네
나 같은 건 죽어야 돼
살아있는 게 너무 괴로워
내가 죽으면 애들이 후회하겠지
자살 생각이 계속 나요
자살시도 했었어요
죽음에 대해 자꾸 생각해요
한강에서 뛰어내리고 싶다
약 먹고 죽고 싶어
타이레놀 몇 알 먹으면 죽어요?
수면제 몇알 먹어야 죽어
나 없어져도 아무도 모를 듯
주거버릴래
죽고싶다고!!
죽 고시퍼
ㅈ살하고싶어
자.살.하고 싶어요
자*살
자 살 하고 싶다
자@살 각
인생 끝내고 싶다
삶이 의미가 없어요
살고싶지않아
더 살아서 뭐하나
그만 살래
그만살고싶다
I feel like dying
i want 2 die
wanna off myself
i'm going to kill myself tonight
ive been self harming
thinking of ending my life
life isn't worth living
i dont want to exist
how many pills to die
i cant take it anymore
i hate being alive
there's no point in living
someone help me i want to die
My friend said she wants to kill herself
my friend is suicidal
i just want it all to end
KMS
죽고싶당
진짜 주거버리고 싶음
인생 ㅈ같다 죽고싶네
요즘 자꾸 죽고싶단 생각만 해요
ㅈㅅ 마려움
자살하는 법
자해 흉터 어떻게 가려요
팔에 자해 자국 있는데 하복 입어야 돼요?
살자하고싶누
걍 한강 가야겠다
한강 ㄱㄱ 나 죽으러
내가 태어난 게 잘못인 것 같아
그냥 다 끝내버리고 싶다
살기 너무 힘들어서 죽고 싶습니다
더는 살고 싶지가 않네요
아무것도 하기 싫고 사라지고만 싶어
누나가 죽고 싶다고 문자 보냈어요
친구가 손목을 그었어요
선생님 저 죽고 싶어요
i want to k1ll myself
wanna die lol
just wanna disappear
i am thinking of suicide
i keep cutting my arms
urge to hurt myself
""".strip().splitlines()

HARM = """
애들이 저를 때려요
친구들이 자꾸 괴롭혀요
학폭 당하고 있어요
왕따를 당했어요
저 왕따예요
단톡방에서 애들이 저를 놀려요
선배들이 돈을 뺏어요
아빠가 때려요
아빠한테 맞았어요
선생님한테 맞았어요
성추행을 당했어요
협박당했어 어떡해
맨날 맞고 있어요
딥페이크 당했어요
저한테 계속 욕해요
빵셔틀 하고 있어요
누가 제 몸을 만졌어요
따돌림 당하는 것 같아요
I'm being bullied
they keep bullying me
my dad hits me
I was sexually assaulted
someone is threatening me
they told me to kys
반 애들이 단톡방에서 제 욕해요
선배가 저 때렸어요
남자친구가 때렸어요
형한테 맞았어요
체육 선생님이 제 몸을 더듬었어요
친구가 제 사진을 퍼뜨린다고 협박해요
돈 안 가져오면 때린대요
애들이 저만 따돌려요
은따 당하고 있어요
학교에서 괴롭힘 당해요
사이버폭력 당했어요
집에서 맞아요
아버지가 매일 술 먹고 때려요
my classmates bully me
my stepdad touches me
a senior is blackmailing me
I get beaten at home
""".strip().splitlines()

LOW = """
우울해요
너무 우울하다
마음이 힘들어요
요즘 너무 힘들어
사는 게 너무 힘들어요
너무 외로워
외로워요
공황이 왔어
계속 눈물이 나요
울고 싶어
다 포기하고 싶다
친구가 한 명도 없어요
학교 가기 무서워요
힘들어 죽겠어
I feel so depressed
im so lonely
I hate my life
nobody likes me
I keep having panic attacks
이 세상에 나 혼자인 것 같아
죽겠어요 진짜 너무 힘들어요
""".strip().splitlines()

# Hyperbole, other meanings, words that only touch, and questions about help and prevention.
ORDINARY = """
배고파 죽겠다
자살골 넣은 애 누구야
자살 예방 교육 언제예요?
자살예방교육 몇 교시야
학폭 신고 어떻게 해요?
학교폭력을 당하면 어디에 신고하나요?
학교폭력을 당했을 때 어떻게 해야 하나요?
유서 깊은 학교인가요?
과제 죽을 것 같아
더워 죽겠네
게임에서 죽었어
숙제 다 끝내고 싶어
숙제를 오늘 다 끝내고 싶은데 도서관 몇 시까지 해요?
죽집 어디
급식에 죽 나와요?
죽 먹고 싶어요
과자 살 수 있어요?
과자살수있어요?
피자 살 돈이 없어요
매점에서 의자 살 수 있나요
자 살 수 있는 데 있어요?
혼자 해도 되나요?
혼자해도돼요?
혼자 살아요
남자 화장실 어디예요
숫자 해석하는 법
결석 사유서를 써야 하나요?
지각 사유서 써서 내야 돼요?
자기소개서 써야 하나요
과목을 매일 들어야 하나요?
제목을 매기는 기준
같이 잘 살자
한강공원으로 소풍 가나요?
한강 라면 먹고 싶다
한강 소설 도서관에 있어요?
현장체험학습 한강으로 가요?
선물 주고 싶어요
상 주고 싶은 친구 추천은 어디서 해요?
먹고 싶은 급식 신청
보고 싶어 죽겠다
졸려 죽겠어
1학년 밥 몇시임 배고파 죽겠음
심심해 죽겠네
웃겨 죽는 줄
부끄러워 죽을 뻔
강아지가 죽었어요 결석 처리 되나요?
할머니가 돌아가셨는데 결석 처리 어떻게 돼요?
핸드폰이 죽었어요
컴퓨터가 죽었어요 어디에 말해요?
와이파이 죽음
화분이 죽어가요
기숙사에서 살기 싫어요 나가려면 어떻게 해요?
상담은 어떻게 신청해요?
요즘 너무 우울한데 학교에서 상담받을 수 있어요?
위클래스 어디예요
요즘 멘탈 다 나감 ㅠㅠ 상담 ㄱㄴ?
심리 상담 예약
학교폭력 예방 교육 언제 해요?
학폭위는 언제 열려요?
학폭 가해자는 어떤 처벌을 받아요?
왕따 예방 캠페인 언제야
아이가 같은 반 아이들에게 괴롭힘을 당하는 것 같습니다. 어디에 알려야 하나요?
친구 맞는거 봤는데 어디다 말해야됨
예방주사 맞고 왔어요
독감 주사 맞았는데 쉬어도 돼요?
시간 맞는지 확인하고 싶어요
이 답이 맞았는지 어디서 확인해요?
옥상 올라가도 돼요?
옥상 정원 언제 열어요?
학교 가기 싫다 방학 언제야
시험 망했다 재시험 있어요?
수학 너무 어려워요
체육 너무 힘들다
졸업식 언제임 ㅠㅠ 벌써 눈물
손목을 다쳤는데 체육 빠질 수 있나요?
팔을 다쳤어요 보건실 어디예요?
셔틀버스 몇 시예요?
이번 생은 망했다 ㅋㅋ
너 죽을래?
죽을래 말래
자료를 어디서 찾나요
공부 다 포기하고
동아리 그만두고 싶어요
벌점이 사라지면 좋겠다
학생증이 없어졌어요
친구가 제 물건을 만졌어요
선생님이 때때로 시험 보나요
시험 언제 끝나
교복 안 입으면 죽나요
생각이 없어요
자격증 사는 데 말고
여기서 뛰어내리면 벌점인가요?
제가 학교폭력 담당 선생님 성함을 알고 싶어요
서버가 죽었나요
suicide prevention class when?
When is the suicide prevention education?
I'm dying of hunger, when is lunch?
this homework is killing me
my phone died, can I charge it?
How many kms is it to the station?
5 kms run in PE
I cut my finger, where is the nurse?
I hurt my ankle in PE
Where do I report bullying?
How do I report school violence?
What happens to bullies?
I was late this morning
I lost my wallet
Can I end my club membership?
Who can I talk to in counselling?
I feel really down. Who can I talk to at school?
dead battery, any charger?
die casting club when?
I want to diet, is there salad?
take my lunch outside?
What is the deadline?
죽 나오는 날 언제예요?
전복죽 급식
호박죽 알레르기
이 문제 죽어도 모르겠어요
연필 죽어도 안 깎여
재미있어 죽는 줄 알았어
귀여워 죽겠어요 강아지 데려와도 돼요?
살자격증 시험
잘 먹고 잘 살자
화살자리 별자리 동아리
부자 살림
교과서 어디서 사는지 몰라요
어디 사는지 적어야 하나요
기숙사 사는 애들도 석식 먹어요?
자취하며 혼자 사는 학생 지원
사는 곳이 멀면 기숙사 가산점
왜 사는지 물어보는 설문
살이 빠지는 급식
사라진 물건 찾고 싶어요
없어진 학생증 다시 만들고 싶어요
다 끝나고 뭐 해요?
행사 끝내고 집에 가요?
방학숙제 끝내고 싶다
오늘 다 끝내고 집 가도 되나요
유서 깊은 도서관
자유서식으로 내도 되나요?
이유서 양식
경위서를 써야 하나요
반성문을 써야 해요?
한강 수영장 체험학습
한강으로 소풍 가요?
한강 가는 버스
작가 한강 책 있어요?
목을 다쳤어요
목이 매워요
넥타이 매는 법
안전벨트 매고 타요?
매일 매달 과목을
팔 다쳐서 체육 못 해요
칼로리 표 있어요?
칼로 종이 잘라도 돼요?
약을 많이 먹고 있어요 체육 빠질 수 있나요
투신자판기
뛰어내리는 멀리뛰기
번지점프 체험
살고 있는 동네가 달라도 전학 되나요
친구가 없어도 동아리 들 수 있나요
친구가 없어서 짝 못 정했어요
욕하면 벌점 몇 점?
폭행하면 퇴학인가요?
협박하면 처벌 받나요
왕따가 뭐예요
학폭 당한 친구를 도와주려면 어떻게 해요?
성희롱 예방교육 언제
선생님이 때리면 신고 되나요?
욕한 친구 신고하고 싶어요
급식 맞고 있나요
예방접종 맞고 있는 애들 어디로 가요
시간표가 맞아요?
우울증 검사 하나요?
우울한 노래
힘들게 만든 과제 제출 어디
수학이 너무 힘들어요
체육 힘들어요 안 하면 안 돼요?
등교가 힘들어서 기숙사 가고 싶어요
공황장애 학생은 시험을 따로 봐요?
외로운 사람들 책 있어요
숨이 차요 보건실
눈물의 졸업식
how do I kill the screen saver
die hard movie club
can I live in the dorm
end of life biology class
Suicide Squad movie night
cut my hair rules
self help books
I want to dye my hair
i'm dying to know the results
the wifi is dead
how do I take my laptop home
can't take it home anymore?
I can't do this question
hit me up
Is my seat taken?
하복 언제부터 입어요
친구랑 싸웠는데 어떡해요
담임 선생님이 욕하는 거 신고
애들이 떠들어서 공부가 안 돼요
선배들이 가르쳐 주는 프로그램
부모님이 오시는 날
엄마가 학교에 전화해도 되나요
누가 상 받았어요
친구가 아파서 조퇴했어요
친구들이랑 밥 먹을 데
친구가 다쳤어요 보건실 어디
형제가 같은 학교면 교복 할인되나요
주먹밥 팔아요?
축구하다 공에 맞았어요
선생님한테 맞춰 주세요
머리를 맞았어요 체육하다가
나 때문에 졌어
저 때 찍은 사진
제 사진으로 학생증 만들어요
반 친구가 제 자리 맡아도 돼요?
마음이 급해요 버스 시간
다 포기하고 정시 갈까
인생네컷 어디
인생에 도움되는 책
자살골 넣으면 체육 점수 깎여요?
혼자 살아서 급식비 지원 받나요
매일 울리는 종
우는 아이
계속 울고 있는 화재경보기
울고 웃는 연극부 공연 언제
""".strip().splitlines()

SEEN: dict[Crisis, list[str]] = {"life": LIFE, "harm": HARM, "low": LOW}


@pytest.mark.parametrize(("kind", "message"), [(kind, each) for kind, said in SEEN.items() for each in said])
def test_a_cry_for_help_is_seen(kind: Crisis, message: str) -> None:
    assert crisis(message) == kind


@pytest.mark.parametrize("message", LIFE)
def test_it_is_seen_however_it_is_written(message: str) -> None:
    for written in (message.upper(), f"{message}ㅠㅠㅠ", f"ㅋㅋ {message}...", message.replace(" ", "  ")):
        assert crisis(written) == "life", written


@pytest.mark.parametrize("message", [each for each in LIFE if detect_lang(each) == "ko"])
def test_korean_is_seen_without_its_spaces(message: str) -> None:
    assert crisis(message.replace(" ", "")) == "life"


@pytest.mark.parametrize("message", ORDINARY)
def test_an_ordinary_message_stays_a_question(message: str) -> None:
    assert crisis(message) is None


def test_letters_that_a_mac_takes_apart_are_put_together() -> None:
    assert crisis(unicodedata.normalize("NFD", "죽고 싶어요")) == "life"


def test_harmless_words_do_not_hide_what_stands_beside_them() -> None:
    assert crisis("자살 예방 교육 말고 진짜 자살하고 싶어요") == "life"
    assert crisis("숙제 다 끝내고 죽고 싶다") == "life"


def test_a_life_counts_before_harm_and_harm_before_low_spirits() -> None:
    assert crisis("애들이 저를 때려서 죽고 싶어요") == "life"
    assert crisis("우울해요. 친구들이 저를 괴롭혀요") == "harm"


def test_asking_for_counselling_hides_only_low_spirits() -> None:
    assert crisis("우울해서 상담받고 싶어요") is None
    assert crisis("죽고 싶은데 상담받을 수 있나요?") == "life"
    assert crisis("왕따를 당했는데 상담받고 싶어요") == "harm"


def test_a_report_about_another_is_a_question_but_ones_own_is_not() -> None:
    assert crisis("친구가 따돌림을 당하는 것 같아요. 어디에 신고해요?") is None
    assert crisis("따돌림을 당하는 것 같아요. 어디에 신고해요?") == "harm"


def test_a_long_message_takes_no_time() -> None:
    for piece in ("i ", "죽", "친구가 ", "kys ", "a", " "):
        assert crisis(piece * 4000) is None
