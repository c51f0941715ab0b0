"""Preparing the embedded base model with a progress bar, before whatever needs it."""

from __future__ import annotations

from schoolhelper.cli.progress import Bars
from schoolhelper.models.embedded import is_prepared, prepare_embedded
from schoolhelper.models.presets import EMBEDDED, preset


def prepare(base: str, bars: Bars) -> None:
    """Convert the embedded model if `base` names it and that has not been done."""
    known = preset(base)
    if known and known.name == EMBEDDED and not is_prepared():
        prepare_embedded(lambda stage, share: bars("stage_prepare", round(share * 100), 100, stage))
