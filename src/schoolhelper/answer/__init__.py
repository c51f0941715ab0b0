"""The pipeline that answers a question: resolve, retrieve, judge, decide, word."""

from schoolhelper.answer.answerer import Answerer
from schoolhelper.answer.calibrate import Thresholds
from schoolhelper.answer.generate import Writer
from schoolhelper.answer.judge import Judge
from schoolhelper.answer.slots import SlotCheck

__all__ = ["Answerer", "Judge", "SlotCheck", "Thresholds", "Writer"]
