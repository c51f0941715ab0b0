"""Base models that are known to work, in one table, with the numbers that planning needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BasePreset:
    """A base model's source and shape.

    `projections` are the (input, output) widths of a layer's linear maps, which LoRA adapts.
    `revision` pins the weights; `gated` models need an accepted licence and a token.
    """

    name: str
    source: str
    licence: str
    layers: int
    hidden: int
    vocabulary: int
    projections: tuple[tuple[int, int], ...]
    revision: str = "main"
    gated: bool = False
    tied: bool = True
    loadable: bool = True

    @property
    def parameters(self) -> int:
        """Weights in the linear maps and the embedding (norms are left out: below 0.1 %)."""
        embeddings = self.vocabulary * self.hidden * (1 if self.tied else 2)
        return embeddings + self.layers * sum(rows * columns for rows, columns in self.projections)


def _gemma(hidden: int, heads: int, groups: int, width: int, inner: int) -> tuple[tuple[int, int], ...]:
    """Query, key, value, output, gate, up and down projections of a Gemma layer."""
    return (
        (hidden, heads * width),
        (hidden, groups * width),
        (hidden, groups * width),
        (heads * width, hidden),
        (hidden, inner),
        (hidden, inner),
        (inner, hidden),
    )


EMBEDDED = "gemma-3-270m"

PRESETS = {
    each.name: each
    for each in (
        BasePreset(
            EMBEDDED, "embedded", "Gemma Terms of Use", 18, 640, 262_144, _gemma(640, 4, 1, 256, 2048)
        ),
        BasePreset(
            "gemma-2b-it",
            "google/gemma-2b-it",
            "Gemma Terms of Use",
            18,
            2048,
            256_000,
            _gemma(2048, 8, 1, 256, 16_384),
            gated=True,
        ),
        BasePreset(
            "gemma-3-1b-it",
            "google/gemma-3-1b-it",
            "Gemma Terms of Use",
            26,
            1152,
            262_144,
            _gemma(1152, 4, 1, 256, 6912),
            gated=True,
        ),
        BasePreset(
            "gpt-3-175b",
            "",
            "not available",
            96,
            12_288,
            50_257,
            ((12_288, 12_288),) * 4 + ((12_288, 49_152), (49_152, 12_288)),
            loadable=False,
        ),
    )
}
"""GPT-3 (Brown et al., 2020, table 2.1) is here for planning only, as the classic example of LoRA."""


def preset(name: str) -> BasePreset | None:
    """The preset called `name`, by its own name or its hub id; None for any other model."""
    for each in PRESETS.values():
        if name and name in (each.name, each.source):
            return each
    return None
