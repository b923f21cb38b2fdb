"""What can be wrong with a request beside its text; anything else that is wrong is a SurveyError of the rooms below."""

from survey.errors import SurveyError


class NotThere(SurveyError):
    """A request names something that is not served."""


class TooLarge(SurveyError):
    """An answer would be larger, or take longer, than this server allows."""
