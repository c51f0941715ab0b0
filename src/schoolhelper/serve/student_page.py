"""The chat page: what it shows, and what happens when a visitor does something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import gradio as gr

from schoolhelper.config import Config
from schoolhelper.messages import text
from schoolhelper.records import LANGS, Entry, Lang
from schoolhelper.serve.conversation import (
    ChatBackend,
    Conversation,
    Exchange,
    is_waiting,
    refusal,
    reply,
)
from schoolhelper.serve.render import chat_messages, header_html, notice_html, refusal_html

GRADES = ("1", "2", "3")
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""Every event belongs to the page alone; none is a public API."""


def build_page(
    backend: ChatBackend, config: Config, *, ai_model_name: str, entries: Sequence[Entry] = ()
) -> gr.Blocks:
    """The page over `backend`; see `create_app` for the arguments.

    A conversation lives in the visitor's `gr.State` and nowhere else.
    """
    first: Lang = config.school.language
    names = departments(entries)
    with gr.Blocks(
        title=config.school.name.get(first), analytics_enabled=False, fill_height=True, fill_width=True
    ) as page:
        conversation = gr.State(())
        with gr.Row(elem_id="sh-top"):
            header = gr.HTML(header_html(config, first), elem_id="sh-header")
            language = gr.Radio(
                [("한국어", "ko"), ("English", "en")],
                value=first,
                label=text("page.language_label", first),
                container=False,
                elem_id="sh-language",
            )
        chat = gr.Chatbot(
            chat_messages((), config, first),
            label=text("page.chat_label", first),
            show_label=False,
            elem_id="sh-chat",
            scale=1,
            height=None,
            buttons=[],
            feedback_options=None,
            latex_delimiters=[],
            allow_tags=False,
            group_consecutive_messages=False,
            layout="bubble",
        )
        refused = gr.HTML("", elem_id="sh-refused")
        with gr.Row(elem_id="sh-ask"):
            box = gr.Textbox(
                label=text("page.question_label", first),
                placeholder=text("page.question_placeholder", first),
                autofocus=True,
                max_lines=6,
                elem_id="sh-box",
                scale=1,
            )
            send = gr.Button(text("page.send", first), variant="primary", elem_id="sh-send", scale=0)
        with gr.Row(elem_id="sh-tools"):
            new = gr.Button(text("page.new_conversation", first), size="sm", elem_id="sh-new", scale=0)
            with gr.Accordion(text("page.profile", first), open=False, elem_id="sh-profile") as profile:
                note = gr.Markdown(text("page.profile_note", first))
                grade = gr.Radio(
                    _grades(first), value="", label=text("page.grade", first), elem_id="sh-grade"
                )
                department = gr.Dropdown(
                    _departments(names, first),
                    value="",
                    label=text("page.department", first),
                    filterable=False,
                    visible=bool(names),
                    elem_id="sh-department",
                )
        notice = gr.HTML(notice_html(ai_model_name, first), elem_id="sh-notice")

        def in_language(lang: Lang, talk: Conversation) -> list[Any]:
            """Every text of the page in `lang`, in the order of `texts`."""
            return [
                header_html(config, lang),
                gr.update(label=text("page.language_label", lang)),
                gr.update(value=chat_messages(talk, config, lang), label=text("page.chat_label", lang)),
                "",
                gr.update(
                    label=text("page.question_label", lang),
                    placeholder=text("page.question_placeholder", lang),
                ),
                text("page.send", lang),
                text("page.new_conversation", lang),
                gr.update(label=text("page.profile", lang)),
                text("page.profile_note", lang),
                gr.update(choices=_grades(lang), label=text("page.grade", lang)),
                gr.update(choices=_departments(names, lang), label=text("page.department", lang)),
                notice_html(ai_model_name, lang),
            ]

        texts = [header, language, chat, refused, box, send, new, profile, note, grade, department, notice]

        def open_page(request: gr.Request) -> list[Any]:
            """The page in the language of `?lang=`, if it names one."""
            asked = request.query_params.get("lang")
            if asked == first or asked not in LANGS:
                return [gr.skip()] * len(texts)
            lang = cast("Lang", asked)
            shown = in_language(lang, ())
            shown[1] = gr.update(value=lang, label=text("page.language_label", lang))
            return shown

        def accept(question: str, talk: Conversation, lang: Lang) -> tuple[Any, Any, Any, str]:
            """Take the question over, or say why not and leave it in the box."""
            question = question.strip()
            if not question:
                return gr.skip(), gr.skip(), gr.skip(), ""
            reason = refusal(talk, question, lang)
            if reason:
                return gr.skip(), gr.skip(), gr.skip(), refusal_html(reason)
            talk = (*talk, Exchange(question))
            return talk, chat_messages(talk, config, lang), "", ""

        def accept_choice(talk: Conversation, lang: Lang, chosen: gr.SelectData) -> tuple[Any, Any, Any, str]:
            """A suggestion was clicked: ask it, and leave the box as it is."""
            talk, messages, _, reason = accept(str(chosen.value), talk, lang)
            return talk, messages, gr.skip(), reason

        def answer(talk: Conversation, lang: Lang, grade: str, department: str) -> Iterator[tuple[Any, Any]]:
            if not is_waiting(talk):
                return
            known = {"grade": grade, "department": department}
            about = {key: value for key, value in known.items() if value}
            for grown in reply(backend, talk, about, lang):
                # The state changes once, at the end: half an answer must not undo a new conversation.
                yield gr.skip() if is_waiting(grown) else grown, chat_messages(grown, config, lang)

        def show(talk: Conversation, lang: Lang) -> Any:
            """The conversation as it is now, also if the page changed while an answer grew."""
            return chat_messages(talk, config, lang)

        def start_anew(lang: Lang) -> tuple[Conversation, Any, str, str]:
            return (), chat_messages((), config, lang), "", ""

        taken = [conversation, chat, box, refused]
        typed = gr.on(
            [box.submit, send.click], accept, [box, conversation, language], taken, queue=False, **_PRIVATE
        )
        chosen = chat.option_select(accept_choice, [conversation, language], taken, queue=False, **_PRIVATE)
        running = [
            event.then(
                answer,
                [conversation, language, grade, department],
                [conversation, chat],
                concurrency_id="backend",
                **_PRIVATE,
            )
            for event in (typed, chosen)
        ]
        started = new.click(start_anew, language, taken, queue=False, cancels=running, **_PRIVATE)
        for event in (*running, started):
            event.then(show, [conversation, language], chat, queue=False, **_PRIVATE)
        for event in (typed, chosen, started):
            event.then(js="() => schoolhelper.focusBox()", **_PRIVATE)
        language.input(in_language, [language, conversation], texts, queue=False, **_PRIVATE)
        page.load(open_page, None, texts, queue=False, **_PRIVATE)
    return page


def departments(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The departments some entry is meant for, sorted."""
    return tuple(
        sorted(
            {
                value
                for entry in entries
                for key, values in entry.audience
                if key == "department"
                for value in values
            }
        )
    )


def _grades(lang: Lang) -> list[tuple[str, str]]:
    return [(text("page.not_chosen", lang), "")] + [
        (text("page.grade_choice", lang, grade=grade), grade) for grade in GRADES
    ]


def _departments(names: Sequence[str], lang: Lang) -> list[tuple[str, str]]:
    return [(text("page.not_chosen", lang), ""), *((name, name) for name in names)]
