"""A cry for help, seen by its words, so that help is shown at once and never depends on a model.

It rather sees one too many: a card shown in vain costs a moment. Hyperbole (배고파 죽겠다), asking
about prevention classes or counselling, and how bullying is reported are ordinary questions.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Crisis = Literal["life", "harm", "low"]

# Korean is looked for without spaces, as many write it (죽고싶은데). What would then be found across
# two words (과자 살 돈: 자살) begins with (?<![가-힣]) and is looked for with the spaces, too.
_HARMLESS = re.compile(
    r"""
    자살\s?(?:을|의)?\s?(?:골(?!목)|예방|방지|률|율|폭탄|테러|특공) | 자해\s?(?:를|의)?\s?(?:예방|방지|공갈)
  | 유서\s?깊은 | 한강\s?(?:공원|라면|작가|다리|중학|고등|초등)
  | (?:숙제|과제|시험|수행(?:평가)?|공부|수업|(?<![내매])일|작업|문제|책|게임|학원|보고서|발표|청소|준비|인강
    |진도|학기)[를을도좀만는은]?\s?(?:빨리|얼른|오늘|지금)?\s?(?:다|모두|전부|싹|그만|이제|그냥)?\s?끝내
  | 기숙사(?:에서)?\s?살기 | (?:suicid(?:e|al)|self[-\s]?harm)\s(?:prevention|awareness|squad|rates?)\b
    """,
    re.VERBOSE,
)
_LIFE = re.compile(
    r"""
    # to want to die, also misspelt and in initial consonants
    [죽쥭즉][고구거꼬](?:만|도|정말|그냥|진짜)?(?:싶|십|싪|싮|시[퍼프포픔픈]|파|ㅅ) | [주쥬죽]꼬[싶시]
  | 주(?:거(?:버리|버릴|야지|싶|시퍼)|글(?:래|까|꺼|거|게|께)) | ㅈ고싶 | ㅈㄱ(?:싶|ㅅ[ㅇㄷㅍ])
  | (?<![너니])(?<![너니]\s)
    죽을(?:래(?!\s?말래)|까(?!봐|요)|생각|마음|용기|방법|준비|예정|결심|게요|[거꺼](?!같|여|튼|ㄱ))
  | (?:나|저|내가|제가|그냥|걍|차라리|[확콱])(?:그냥|진짜|이제|오늘|내일|걍|[확콱])?
    죽(?:자|는다|는게|으면|으러|을까요|었으면|어도|어야)
  | 죽어(?:버리(?:고싶|면|자|려|겠)|버릴|야(?:겠|지|돼|되|할까|끝)|도(?:돼|되|상관|괜찮|아무))
  | 죽으려고?(?:해|하|합|했|함|요|$) | 죽었으면(?:좋|해|싶) | 죽을만큼(?:힘들|괴로|괴롭|외로|슬프|슬퍼)
  | 죽(?:는게|는편이|는것이|으면)(?:더|차라리)?(?:낫|나을|나아|편|다?끝|그만|좋)
  | (?:안아프게|아프지않게|편하게|편히|고통없이|조용히|쉽게)죽 | (?<!벌레)(?<!모기)죽는(?:방)?법
  | [뒤뒈디]지고(?:싶|시퍼) | 죽음(?:에대해|을)(?:자꾸|계속)?(?:생각|원|선택)
  | (?:나쁜|안좋은|극단적인|죽는)생각이?(?:들|나[고요]|자꾸|계속) | 미안해?요?.{0,6}먼저(?:갈|간|떠)
  | 극단적인?선택 | 목숨을?(?:끊|버리) | 삶을?(?:끝|포기|마감)
  | 인생을?(?:끝|마감|포기)
    # suicide, also in disguise (살자: 자살 backwards)
  | (?<![가-힣])자살(?!수|데|곳|돈)
  | (?<![과모의피감상액탁책혼남여])자살(?:하|할|한|해|함|했|각|충동|시도|생각|마렵|말고|$)
  | (?<![가-힣])살자(?:하고싶|할래|할까|각(?![오자])|마렵|마려|충동|해버) | 자ㅅ(?:하고|각|마렵)
  | [ㅈ쟈]살(?:하고|할래|해버|각|마렵|충동)
  | ㅈㅅ(?:하고(?:싶|시|파)|각|마렵|마려|충동|할(?:래|까|거|꺼|생각)|해버|하러|하려|ㅎㄱㅅ)
    # how
  | (?<![가-힣])자해 | (?<![혼남여각글숫문한환피])자해(?:를|하고|충동|흔적|자국|했|함|하는|해버|할래)
  | (?:손목|팔|팔목)[을에도]?(?:칼로?)?(?:긋|그[어었엇을으]) | 칼로(?:나를|저를|손목|팔) | 칼빵
  | (?<![주과제종항품])목을?(?:매달(?!마다|에)|맬|매고(?:싶|죽)|매려고|매서죽)
  | (?<![사이자경])유서를?[쓰썼써남]
  | 번개탄 | 농약을?(?:먹|마시) | 투신[하할] | 약을?(?:한꺼번에|많이)먹고(?:죽|싶)
  | (?:약|알|수면제|타이레놀|진통제).{0,6}(?:먹으면|먹어야|먹고)죽 | 수면제를?(?:모|많이|털)
  | 한강(?:에|으로|이나|물에?)?(?:가서)?(?:갈래|갈까|갈[거꺼]|가야겠|가고싶|각|뛰어|빠[지져]|투신|입수|온도)
  | 뛰어내(?:리(?:고[싶파]|려|자)|릴[래까거꺼]|릴생각|려버|려야겠|려서죽) | 옥상에서(?:떨어지|뛰)
    # not to want to live
  | 살기[가도]?(?:너무|진짜|정말|이제)?싫 | 살고싶지(?!만) | 살고싶은(?:마음|생각|이유)
  | 살(?:아야|아갈)?(?:할|하는|될)?(?:이유|의미|가치|자신)[가이도를을]?(?:없|모르|못)
  | 왜(?:사는지[도를]?(?:잘)?모|살아야|태어났)
  | 사는(?:게|거|것[이도])(?:너무|진짜|다|정말)?(?:싫|지겨|지옥|고통|무의미|의미없) | 살아서뭐 | 그만살[고래]
  | (?:삶|인생)[이에](?:아무)?(?:의미|희망)
  | 살아있(?:기|는게|는것)[가도이]?(?:너무)?[싫괴힘] | 더(?:이상|는)[못안]?(?:살[고기수아]|버티|버틸)
  | 버틸[수힘][가이도]?없 | 태어나지(?:말|않) | 안태어났 | 태어난게
  | (?:사라지|없어지|증발하|소멸하)고만?[싶시파]
  | (?:나|내가|제가|나만|저만)(?:하나|만|그냥)?
    (?:(?:사라|없어)(?:지면|졌으면)|없으면(?:다|모두|될|되|편|좋|행복))
  | (?:나|내가|제가|저)(?:하나)?(?:없어져|사라져|없어)도(?:아무|모를|괜찮|상관)
  | (?:눈감고|자고|이대로|다시는)안(?:일어나|깨)[고으] | 사라져버리[고면]
  | 세상(?:에서|을)(?:사라|없어|떠나|뜨고|등지) | 영원히(?:잠들|자고|잠만|쉬고)
  | (?:깨어나|일어나|깨|눈뜨|눈을뜨)지않(?:았으면|으면좋)
  | (?:다|모두|전부|그만|이제|그냥|모든걸|모든것을|싹)끝내(?:고[싶시파]|버리|자$|려고)
    """,
    re.VERBOSE,
)
_LIFE_EN = re.compile(
    r"""
    \b(?:k[i1]ll(?:ing)?|unaliv(?:e|ing)|off(?:ing)?|hang(?:ing)?)\s(?:my\s?|her|him|them)sel(?:f|ves)\b
  | killmyself | \bunalive\b
  | \bsuicid(?:e|al)\b | \bsewerslide\b | wannadie(?![a-z]) | wannakms
  | \b(?:want\s(?:to|2)|wan+a|wanting\sto|should|gonna|going\sto|rather|ready\sto|trying\sto|let\sme)
    \s(?:just\s|really\s)?(?:die|d1e|kms|be\sdead|disappear)\b(?!\sof\slaugh)
  | (?<!\d)(?<!\d\s)(?<!many\s)(?<!few\s)(?<!in\s)(?<![a-z])kms(?![a-z])
  | \b(?:i|i'?m|ima)\b.{0,30}\bkys\b | \bkys\b.{0,30}\bmyself\b
  | \b(?:end|ending|take|taking)\s(?:my\s(?:own\s)?life|it\sall)\b | \bbetter\soff\s(?:dead|without\sme)\b
  | \bwish\si\s(?:was|were|am|could|would)\s(?:just\s)?(?:die|dead|never\sborn|not\s(?:born|alive|here))\b
  | \b(?:hurt|cut|harm|burn)t?ing\smy(?:self|\s(?:arms?|wrists?)) | \bcut\smyself\s(?:again|on\spurpose)
  | \b(?:want\sto|wan+a|gonna|going\sto|urge\sto)\s(?:hurt|cut|harm|burn)\smy(?:self|\s(?:arms?|wrists?))
  | \bsli(?:t|tting)\smy\b | \bself[-\s]?harm | \bjump\soff\s(?:a|the)\s(?:bridge|roof|building)
  | \b(?:don'?t|do\snot)\s(?:want\sto|wan+a)\s(?:live|be\salive|be\shere\sany\s?more|exist|wake\sup)\b
  | \b(?:no|any)\s(?:reason|point)\s(?:to|in)\sliv | \bnothing\s(?:left\s)?to\slive\sfor\b
  | \b(?:tired\sof|sick\sof|hate)\s(?:living|being\salive|life)\b(?!\sin\b) | \bfeel(?:ing)?\slike\sdying\b
  | \bworth\sliving\b | \boverdos(?:e|ing)\b | \bpills\sto\sdie\b
  | \bwant\sit\s(?:all\s)?to\s(?:end|stop|be\sover)\b
  | \bcan'?t\s(?:do\sthis|go\son|take\s(?:it|this))\sany\s?more\b
    """,
    re.VERBOSE,
)
_HURT = (
    r"(?:때[려렸]|때리(?!기|면)|괴롭[혀힌혔]|괴롭히(?!면)|따돌[려린렸]|따돌리(?!면)|[왕은]따시|협박(?!하면|죄)"
    r"|놀[려린렸]|놀리(?!면)|욕해|욕을?하(?!면|는거))"
)
_HARM = re.compile(
    r"""
    (?:폭력|학폭|왕따|은따|따돌림|괴롭힘|놀림|성추행|성폭행|성희롱|협박|폭행|스토킹|학대|딥페이크
      |불법촬영|몰카)[을를]?(?:심하게|계속|자꾸|맨날)?
    (?:당하(?:고있(?!는)|고[살다요]|는(?:중|[것거]같))|당했(?!을|다면|는지)|당해(?:요|서|왔|$)|받고있|시달)
  | (?:(?:애|친구|선배|형|언니|오빠|누나)들?|걔네?|아빠|엄마|아버지|어머니|부모님|선생님|쌤|[남여]친|누)
    [이가][가-힣]{0,10}(?:"""
    + _HURT
    + r"""|돈을?(?:뺏|달라)|몸을?만[지졌져]|더듬)
  | (?:나를|저를|나만|저만|나한테|저한테|나|저)(?:계속|자꾸|맨날|매일|막)?"""
    + _HURT
    + r"""
  | (?:한테|에게)(?:계속|자꾸|맨날|매일|또|막)?맞(?:았(?!는지)|고[있다살]|아요$|아서) | 빵셔틀 | 삥을?뜯
  | (?:계속|자꾸|맨날|매일)맞(?:고있|아요|았어) | [왕은전]따(?:예요|에요|야|임|인[것거]같|됐|가됐|된것)
  | [내제]사진(?:으로|을)합성 | 몰카에?찍혔
  | (?:때린|죽인|죽여버린)(?:대요|다고|다며) | 집에서맞(?:아|고|았)
    """,
    re.VERBOSE,
)
_HARM_EN = re.compile(
    r"""
    \b(?:i'?m|i\sam|i\swas|i'?ve\sbeen|i\shave\sbeen|i\skeep|i\sget|i\sgot)\s(?:being\s|getting\s|always\s|sexually\s)*
    (?:bullied|abused|harassed|assaulted|beaten|molested|raped|blackmailed|threatened|picked\son)\b
  | \b(?:bull(?:y|ies|ied|ying)|hits|hitting|beats?|beating|abus(?:es|ed|ing)|harass(?:es|ed|ing)?
      |threaten(?:s|ed|ing)?|raped|molested|blackmail(?:s|ed|ing)|picks?\son|picking\son)\sme\b
  | \b(?:told|tells?|telling)\sme\sto\s(?:kys|kill\smyself|die)\b | \btouch(?:es|ed)\sme\b
    """,
    re.VERBOSE,
)
_OF_ANOTHER = re.compile(r"(?:아이|자녀|딸|아들|친구|동생|짝꿍|후배|애)[가이도].{0,40}(?:당하|당했|당해)")
_SEEKS = re.compile(r"어디|누구|어떻|어떡|신고|알려야|말해야")
_LOW = re.compile(
    r"""
    우울(?:해|하(?!지않)|한데|함|증(?:인[것거]|이[에예있심]|같|걸))
  | (?:자꾸|계속|매일|맨날)(?:눈물|울(?:어요|기만|게[돼되]|고만|고싶)) | 울고싶
  | 눈물이(?:멈|안멈|계속|자꾸) | (?:너무|진짜|정말|많이)외로 | 외로[워웠움]요? | 외롭
  | 공황(?:이|상태|발작|증상|장애(?:가|인[것거]|같)) | 무기력[해하]
  | 숨이?막혀 | 불안해서(?:잠|아무|미치) | 불안장애 | 아무것도하기싫
  | (?:사는[게것]이?|살기가?|마음이|하루하루가?|매일이?|요즘|학교생활이|멘탈이|정신적으로)
    (?:너무|진짜|정말|많이|자꾸|계속|다)*(?:힘들|힘드|괴로|괴롭|버겁|버거|지쳐|지쳤|지친|무너)
  | (?:^|죽겠[어다]요?)(?:저는?|나는?|요즘)?(?:너무|진짜|정말)+힘들어 | 혼자인(?:[것거]같|기분|느낌)
  | (?:힘들어|괴로워|우울해)서?(?:죽겠|미치겠)
  | (?:다|모든걸|전부)(?:포기하고|내려놓고|놓아버리고|그만두고)싶 | 아무도(?:나를|저를|[내제](?:편|말|얘기))
  | [내제]편이?(?:아무도)?없 | 친구가(?:한명도|하나도|아무도)없
  | 학교(?:가기|오기|가는게)가?(?:너무|진짜)?(?:무서|두려)
    """,
    re.VERBOSE,
)
_LOW_EN = re.compile(
    r"""
    \b(?:i'?m|i\sam|i\sfeel|i'?ve\sbeen|feeling)\s(?:just\s|so\s|very\s|really\s|always\s|feeling\s)*
    (?:depressed|hopeless|lonely|worthless|empty\sinside|miserable)\b
  | \b(?:having|have|had|get)\s(?:a\s)?panic\sattacks?\b | \bcan'?t\sstop\scrying\b | \bi\shave\sno\sfriends\b
  | \bi\shate\s(?:my\slife|myself)\b | \b(?:nobody|no\sone)\s(?:likes|cares\sabout|loves)\sme\b
    """,
    re.VERBOSE,
)
_COUNSELLING = re.compile(r"상담|위클래스|counsel|wee class")
_LAUGHING = re.compile(r"[ㅋㅠㅜㅡ]+|ㅎ{2,}")


def crisis(message: str) -> Crisis | None:
    """`life`: the writer speaks of dying or of self-harm; `harm`: of being hurt by others; `low`: of
    being in a bad way, without asking for counselling. A friend's life counts like one's own."""
    plain = unicodedata.normalize("NFC", message).lower().replace("’", "'")
    words = " ".join(re.sub(r"[^0-9a-z가-힣ㄱ-ㅎㅏ-ㅣ'-]+", " ", _LAUGHING.sub("", plain)).split())
    words = _HARMLESS.sub("·", words)
    squeezed = words.replace(" ", "")
    if _LIFE.search(squeezed) or _LIFE.search(words) or _LIFE_EN.search(words):
        return "life"
    if _HARM_EN.search(words):
        return "harm"
    if _HARM.search(squeezed):
        return None if _OF_ANOTHER.search(squeezed) and _SEEKS.search(squeezed) else "harm"
    if _COUNSELLING.search(words):
        return None
    return "low" if _LOW.search(squeezed) or _LOW_EN.search(words) else None
