"""The report's plots as inline SVG.

Text stays text, so the reader's own font draws the Korean; colours are the page's CSS variables, so
they follow light and dark.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from schoolhelper.evaluate.metrics import COUNT_OF, CoveragePoint
from schoolhelper.messages import catalogue, text
from schoolhelper.records import Lang

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GRID, PAPER = "#010101", "#010102", "#010103"
SERIES = ("#010111", "#010112", "#010113", "#010114", "#010115", "#010116")
VERDICTS = {
    "right": "#010121",
    "refused_right": "#010122",
    "clarified": "#010123",
    "refused_wrong": "#010124",
    "wrong": "#010125",
}
"""Colour of each verdict, in the order in which a bar stacks them."""

_VARIABLES = {
    INK: "var(--ink)",
    GRID: "var(--line)",
    PAPER: "var(--paper)",
    **{colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, start=1)},
    **{colour: f"var(--{verdict.replace('_', '-')})" for verdict, colour in VERDICTS.items()},
}
"""Colours that no plot needs stand for the page's CSS variables until the SVG is written."""

FONT_SIZE = 9
"""Points."""

_STYLE: Any = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": FONT_SIZE,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GRID,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}

WIDTH = 7.4
"""Inches of every plot; the page scales them."""


def outcome_bars(by_kind: Mapping[str, Mapping[str, int]], lang: Lang) -> str:
    """One bar a kind of question, the largest on top, with how many had each verdict."""
    from matplotlib.ticker import MaxNLocator

    kinds = sorted(by_kind, key=lambda kind: by_kind[kind]["n"])
    names = [named("kind", kind, lang) for kind in kinds]
    with _figure(0.5 + 0.34 * len(kinds)) as figure:
        axes = _axes(figure, left=_inches(names) + 0.25, bottom=0.45)
        start = [0] * len(kinds)
        for verdict, colour in VERDICTS.items():
            widths = [by_kind[kind][COUNT_OF[verdict]] for kind in kinds]
            bars = axes.barh(range(len(kinds)), widths, left=start, color=colour, height=0.66)
            shown = [str(width) if width else "" for width in widths]
            on_dark = verdict in ("right", "wrong")
            axes.bar_label(bars, shown, label_type="center", color=PAPER if on_dark else INK, fontsize=8)
            start = [before + width for before, width in zip(start, widths, strict=True)]
        axes.set_yticks(range(len(kinds)), names)
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(text("report.axis_questions", lang))
        return _svg(figure, f"kinds-{lang}", text("report.kinds_title", lang))


def coverage_plot(points: Sequence[CoveragePoint], used: tuple[float, float] | None, lang: Lang) -> str:
    """Accuracy of the given answers against coverage; `used` is where the chatbot stands now."""
    from matplotlib.ticker import MaxNLocator

    with _figure(2.9) as figure:
        axes = _axes(figure, left=0.75, bottom=0.5)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        coverage = [point.coverage * 100 for point in points]
        accuracy = [point.accuracy * 100 for point in points]
        axes.plot(coverage, accuracy, color=SERIES[0], linewidth=1.8)
        if used:
            axes.plot(used[0] * 100, used[1] * 100, "o", color=VERDICTS["wrong"], markersize=7)
        lowest = min([*accuracy, used[1] * 100 if used else 100])
        axes.set_xlim(0, 101)
        axes.set_ylim(max(0, lowest - 6), 101.5)
        axes.set_xlabel(text("report.axis_coverage", lang))
        axes.set_ylabel(text("report.axis_accuracy", lang))
        return _svg(figure, f"coverage-{lang}", text("report.coverage_title", lang))


def training_plot(training: Mapping[str, Sequence[Mapping[str, Any]]], lang: Lang) -> str:
    """Loss of every step, and each epoch's held-out loss and answer score, one colour a fold."""
    with _figure(2.7) as figure:
        loss = _axes(figure, left=0.7, bottom=0.5, right=WIDTH / 2 + 0.15)
        held_out = _axes(figure, left=WIDTH / 2 + 0.6, bottom=0.5, right=0.65)
        score = held_out.twinx()
        score.grid(visible=False)
        score.set_ylim(0, 1.02)
        for number, fold in enumerate(fold_names(training)):
            colour = SERIES[number % len(SERIES)]
            steps = [row for row in training.get("steps", ()) if row.get("fold") == fold]
            epochs = [row for row in training.get("epochs", ()) if row.get("fold") == fold]
            _line(loss, steps, "step", "loss", "-", colour)
            _line(held_out, epochs, "epoch", "eval_loss", "o-", colour)
            _line(score, epochs, "epoch", "answer_score", "s--", colour)
        loss.set_xlabel(text("report.axis_step", lang))
        loss.set_ylabel(text("report.axis_loss", lang))
        held_out.set_xlabel(text("report.axis_epoch", lang))
        held_out.set_ylabel(text("report.axis_eval_loss", lang))
        score.set_ylabel(text("report.axis_answer_score", lang))
        return _svg(figure, f"training-{lang}", text("report.training_title", lang))


def named(prefix: str, name: str, lang: Lang) -> str:
    """The catalogue's name of a kind, rung or count, else `name` itself: exams have kinds of their own."""
    key = f"{prefix}_{name}"
    return text(f"report.{key}", lang) if key in catalogue("report") else name


def fold_names(training: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Any]:
    """The folds of a training log in the order of their colours; None is training on everything."""
    rows = (*training.get("steps", ()), *training.get("epochs", ()))
    return list(dict.fromkeys(row.get("fold") for row in rows))


def _line(axes: Axes, rows: Sequence[Mapping[str, Any]], x: str, y: str, style: str, colour: str) -> None:
    known = [row for row in rows if row.get(y) is not None]
    xs, ys = [row[x] for row in known], [row[y] for row in known]
    axes.plot(xs, ys, style, color=colour, linewidth=1.1, markersize=3.5)


@contextmanager
def _figure(height: float) -> Iterator[Figure]:
    """A figure of the page's width; not pyplot's, so that no global state or display is touched."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # Measuring only: the browser draws the text with a font that has Hangul.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield Figure(figsize=(WIDTH, height))


def _axes(figure: Figure, *, left: float, bottom: float, right: float = 0.15, top: float = 0.1) -> Axes:
    """Axes with margins in inches; an automatic layout would measure Hangul too narrow."""
    width, height = figure.get_size_inches()
    box = (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
    return figure.add_axes(box)


def _inches(names: Sequence[str]) -> float:
    """About how wide the widest name is; Hangul takes a full em, Latin letters about half of one."""
    em = FONT_SIZE / 72
    return max(
        sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.58 for letter in name) * em
        for name in names
    )


def _svg(figure: Figure, name: str, title: str) -> str:
    """The figure as an SVG element to stand in HTML: no prologue, metadata, links or clashing ids."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, variable)
    return svg.replace("<svg", f'<svg role="img" aria-label="{title}"', 1)
