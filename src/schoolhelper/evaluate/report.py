"""The report: one HTML file that works offline, in Korean and English, on screen and on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schoolhelper.config import Both
from schoolhelper.evaluate import plots
from schoolhelper.evaluate.ladder import WRONG_COSTS, Ladder
from schoolhelper.evaluate.metrics import (
    COUNT_OF,
    NOBODY,
    aggregate,
    best_and_worst,
    confusions,
    coverage_curve,
    summarise,
    wilson,
)
from schoolhelper.messages import text
from schoolhelper.records import LANGS, Entry, ExamResult, Lang
from schoolhelper.runs import write_atomic

if TYPE_CHECKING:
    from markupsafe import Markup

FOLD_FIGURES = {
    "wording": (
        "right_of_answerable",
        "wrong_of_answerable",
        "clarified_of_answerable",
        "abstained_of_answerable",
    ),
    "entry": ("abstained_of_unanswerable", "wrong_of_unanswerable", "clarified_of_unanswerable"),
}
"""The figures shown of each kind of fold: does it understand, and does it refuse."""

LADDER_FIGURES = (
    "right_of_answerable",
    "wrong_of_answerable",
    "clarified_of_answerable",
    "abstained_of_answerable",
    "abstained_of_unanswerable",
    "wrong_of_unanswerable",
    "clarified_of_unanswerable",
)


def write_report(
    path: Path,
    *,
    school_name: Both,
    lang: Lang,
    results: Sequence[ExamResult] | None,
    entries: Sequence[Entry],
    training: Mapping[str, Sequence[Mapping[str, Any]]] | None,
    folds: Mapping[str, Sequence[Mapping[str, Any]]] | None,
    ladder: Ladder | None,
    sheet_summary: Mapping[str, int] | None,
) -> None:
    """Write the report, whole or not at all; a part that is None is left out and the report says why.

    `lang` is the language it opens in. `training` holds `steps` (`step`, `loss`, `fold`) and
    `epochs` (`epoch`, `eval_loss`, `answer_score`, `fold`). `folds` holds under `wording` and
    `entry` one exam summary (`metrics.summarise`) a fold and seed. `sheet_summary` holds counts
    such as `entries`, `wordings`, `errors` and `warnings`.
    """
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.globals.update(both=both, name=name, pair=pair, percent=percent, spread=spread)
    template = environment.from_string(files(__package__).joinpath("report.html").read_text("utf-8"))
    html = template.render(
        school=school_name,
        lang=lang,
        title=text("report.title", lang),
        made=datetime.now().strftime("%Y-%m-%d %H:%M"),
        exam=_exam_part(results) if results else None,
        wording_of={entry.id: entry.questions[0].text for entry in entries if entry.questions},
        training=_plot(partial(plots.training_plot, training)) if training else None,
        training_folds=plots.fold_names(training) if training else [],
        folds=_fold_part(folds) if folds else None,
        ladder=ladder,
        ladder_best=_ladder_best(ladder) if ladder else None,
        ladder_figures=LADDER_FIGURES,
        wrong_costs=f"{WRONG_COSTS:g}",
        sheet=sheet_summary,
        nobody=NOBODY,
    )
    write_atomic(path, html)


def both(key: str, **values: object) -> Markup:
    """The catalogue's text in both languages; the page shows one. Values are escaped."""
    return pair(*(text(f"report.{key}", lang, **values) for lang in LANGS))


def name(prefix: str, word: str) -> Markup:
    """What the catalogue calls a kind, rung or count, in both languages."""
    return pair(*(plots.named(prefix, word, lang) for lang in LANGS))


def pair(korean: object, english: object) -> Markup:
    """Korean and English of one thing; the page shows one."""
    from markupsafe import Markup

    return Markup('<span lang="ko" class="ko">{}</span><span lang="en" class="en">{}</span>').format(
        korean, english
    )


def percent(share: float | None) -> str:
    """A share as a percentage; a dash when there is none."""
    return "–" if share is None else f"{share:.1%}" if 0 < share < 1 else f"{share:.0%}"


def spread(figure: Mapping[str, Any] | None, digits: int = 1, *, percent: bool = False) -> str:
    """A mean ± standard deviation, as a percentage (without the sign) if asked; a dash when there is none."""
    if not figure:
        return "–"
    scale = 100 if percent else 1
    mean = f"{figure['mean'] * scale:.{digits}f}"
    return mean if figure["sd"] is None else f"{mean} ± {figure['sd'] * scale:.{digits}f}"


def _plot(draw: Callable[[Lang], str]) -> Markup:
    from markupsafe import Markup

    return pair(*(Markup(draw(lang)) for lang in LANGS))


def _exam_part(results: Sequence[ExamResult]) -> dict[str, Any]:
    summary = summarise(results)
    points = coverage_curve(results)
    rates = summary["rates"]
    answerable, precision = rates["right_of_answerable"], rates["right_of_answers"]
    used = None
    if answerable["of"] and precision["of"]:
        answered = answerable["count"] + rates["wrong_of_answerable"]["count"]
        used = (answered / answerable["of"], precision["share"])
    best, worst = best_and_worst(results)
    return {
        "summary": summary,
        "rates": rates,
        "wrong_at_most": wilson(summary["answered_wrong"], summary["n"])[1],
        "count_of": COUNT_OF,
        "kinds": _plot(partial(plots.outcome_bars, summary["by_kind"])),
        "coverage": _plot(partial(plots.coverage_plot, points, used)) if points else None,
        "confusions": confusions(results),
        "best": best,
        "worst": worst,
    }


def _ladder_best(ladder: Ladder) -> list[str]:
    return [text("report.ladder_best", lang, name=plots.named("rung", ladder.best, lang)) for lang in LANGS]


def _fold_part(folds: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind,
            "folds": [summary["rates"] for summary in folds[kind]],
            "figures": figures,
            "mean": aggregate(folds[kind])["rates"],
        }
        for kind, figures in FOLD_FIGURES.items()
        if folds.get(kind)
    ]
