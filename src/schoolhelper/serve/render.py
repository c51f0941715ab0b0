"""Records become the page's HTML. Every word of a visitor or a sheet is escaped here."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Literal

from schoolhelper.config import Config
from schoolhelper.messages import text
from schoolhelper.records import Answer, Entry, Lang
from schoolhelper.serve.conversation import Conversation, Exchange

_LINK = re.compile(
    r"(?P<web>https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*[A-Za-z0-9/])"
    r"|(?<![\d-])(?P<phone>0\d{1,2}-\d{3,4}-\d{4})(?![\d-])"
)
_KINDS = {"answer": "sh-answered", "clarify": "sh-clarify", "abstain": "sh-abstained"}
_ICON = Path(__file__).parent / "static" / "icon.svg"
_WEB = re.compile(r"https?://(?P<host>[^\s/?#]+)(?P<path>[^\s?#]*)\S*")
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")


def chat_messages(conversation: Conversation, config: Config, lang: Lang) -> list[dict[str, Any]]:
    """The conversation as `gr.Chatbot` messages, greeting first; only the last one offers choices."""
    messages = [_message("assistant", _welcome(config, lang, offers=not conversation))]
    offered = () if conversation else _examples(config, lang)
    for exchange in conversation:
        is_last = exchange is conversation[-1]
        messages.append(_message("user", f'<div class="sh-question">{plain_html(exchange.question)}</div>'))
        messages.append(_message("assistant", exchange_html(exchange, config, lang, offers=is_last)))
        if is_last and exchange.status == "done" and exchange.answer:
            offered = exchange.answer.suggestions
    messages[-1]["options"] = [{"value": question, "label": question} for question in offered]
    return messages


def exchange_html(exchange: Exchange, config: Config, lang: Lang, *, offers: bool = True) -> str:
    """What stands below a question: that the answer is being looked for, the answer, or an apology."""
    if exchange.status == "failed":
        return f'<div class="sh-answer sh-failed" role="alert">{plain_html(text("page.failed", lang))}</div>'
    if exchange.answer is None:
        dots = '<span class="sh-dots"><i></i><i></i><i></i></span>'
        return f'<div class="sh-answer sh-thinking">{plain_html(text("page.thinking", lang))}{dots}</div>'
    return answer_html(exchange.answer, config, done=exchange.status == "done", offers=offers)


def answer_html(answer: Answer, config: Config, *, done: bool = True, offers: bool = True) -> str:
    """The answer in its own language; what it rests on or whom to ask follow when it is `done`.

    `offers`: the suggestions stand below it, to choose from.
    """
    parts = [f'<div class="sh-text">{linked_html(answer.text)}</div>']
    if not done:
        if answer.mode == "generated":
            parts.append(_line("sh-checking", text("page.checking", answer.lang)))
    elif answer.action == "answer":
        parts.append(_mark(answer))
        parts.extend(
            _attachment(entry.attachment, answer.lang) for entry in answer.entries if entry.attachment
        )
        parts.extend(sources_html(entry, answer.lang) for entry in answer.entries)
    elif answer.action == "abstain":
        contact = config.school.contact.get(answer.lang)
        if contact and contact not in answer.text:
            said = linked_html(text("page.ask_contact", answer.lang, contact=contact))
            parts.append(f'<div class="sh-contact">{said}</div>')
        if answer.suggestions and offers:
            parts.append(_line("sh-try", text("page.try_these", answer.lang)))
    return f'<div class="sh-answer {_KINDS[answer.action]}" lang="{answer.lang}">{"".join(parts)}</div>'


def sources_html(entry: Entry, lang: Lang) -> str:
    """A cited entry's source, the day it was last confirmed and who is in charge, as far as known."""
    facts = []
    if entry.source:
        facts.append(linked_html(text("page.source", lang, source=entry.source)))
    if entry.confirmed_on:
        facts.append(plain_html(text("page.confirmed", lang, date=entry.confirmed_on)))
    if entry.owner:
        facts.append(plain_html(text("page.owner", lang, owner=entry.owner)))
    if entry.contact:
        facts.append(linked_html(text("page.contact", lang, contact=entry.contact)))
    return (
        f'<div class="sh-source">{" · ".join(f"<span>{fact}</span>" for fact in facts)}</div>'
        if facts
        else ""
    )


def plain_html(words: str) -> str:
    """`words` as text: nothing in it is markup, line ends stay."""
    # A blank line would end the HTML block and let the chat read what follows as Markdown.
    return "<br>".join(escape(line) for line in words.splitlines())


def linked_html(words: str) -> str:
    """`words` as text, with web addresses to click and phone numbers to call."""
    html, end = "", 0
    for match in _LINK.finditer(words):
        found = escape(match.group())
        link = _link(match.group(), found) if match["web"] else f'<a href="tel:{found}">{found}</a>'
        html += _kept_ends(words[end : match.start()]) + link
        end = match.end()
    return html + _kept_ends(words[end:])


def header_html(config: Config, lang: Lang) -> str:
    """The page's head. The page's script takes the document's language and title from it."""
    name = plain_html(config.school.name.get(lang))
    subtitle = plain_html(text("page.subtitle", lang))
    chat = escape(text("page.chat_label", lang))
    return (
        f'<div class="sh-head" lang="{lang}" data-chat="{chat}">{_icon()}'
        f"<div><h1>{name}</h1><p>{subtitle}</p></div></div>"
    )


def notice_html(ai_model_name: str, lang: Lang) -> str:
    """That an AI answers, can be wrong, and should not be told personal data."""
    return (
        f'<p class="sh-notice" lang="{lang}">{plain_html(text("page.notice", lang, model=ai_model_name))}</p>'
    )


def refusal_html(reason: str) -> str:
    """Why a question was not sent; empty for no reason."""
    return f'<p class="sh-refusal" role="alert">{plain_html(reason)}</p>' if reason else ""


def _message(role: Literal["user", "assistant"], content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


def _examples(config: Config, lang: Lang) -> tuple[str, ...]:
    return config.serve.examples_ko if lang == "ko" else config.serve.examples_en


def _welcome(config: Config, lang: Lang, *, offers: bool) -> str:
    greeting = plain_html(text("page.welcome", lang, school=config.school.name.get(lang)))
    lead = _line("sh-try", text("page.welcome_examples", lang)) if offers and _examples(config, lang) else ""
    return (
        f'<div class="sh-answer sh-welcome" lang="{lang}"><div class="sh-text">{greeting}</div>{lead}</div>'
    )


def _mark(answer: Answer) -> str:
    return _line(f"sh-mark sh-{answer.mode}", text(f"page.{answer.mode}", answer.lang))


@cache
def _icon() -> str:
    return _ICON.read_text(encoding="utf-8")


def _line(css_class: str, words: str) -> str:
    return f'<div class="{css_class}">{plain_html(words)}</div>'


def _link(url: str, inner: str) -> str:
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{inner}</a>'


def _attachment(attachment: str, lang: Lang) -> str:
    """A picture or a link when it lies on the web, else its name."""
    web = _WEB.fullmatch(attachment)
    if web is None:
        return _line("sh-attachment", text("page.attachment", lang, name=attachment))
    name = web["path"].rpartition("/")[2]
    label = escape(text("page.attachment", lang, name=name if "." in name else web["host"] + web["path"]))
    if web["path"].lower().endswith(_IMAGES):
        label = f'<img src="{escape(attachment)}" alt="{label}" loading="lazy">'
    return f'<div class="sh-attachment">{_link(attachment, label)}</div>'


def _kept_ends(words: str) -> str:
    """Like `plain_html`, also for a piece that ends with a line end."""
    return plain_html(words + "|")[:-1]
