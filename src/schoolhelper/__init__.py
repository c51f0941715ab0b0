"""School Helper: a school's sheet of verified answers becomes a trusted chatbot."""

__version__ = "0.1.0"
