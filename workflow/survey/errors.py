"""The one exception that a user of the atlas is meant to see."""


class SurveyError(Exception):
    """A fault of the user's input: the message says what, where, what was found and what is allowed."""
