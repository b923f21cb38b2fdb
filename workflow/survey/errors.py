"""The one exception that a user of the atlas is meant to see."""


class SurveyError(Exception):
    """A fault of the user's input: the message says what, where, what was found and what is allowed."""


class Damaged(SurveyError):
    """A file of ours that does not hold what was written to it: `path` says which."""

    def __init__(self, path, found: str):
        super().__init__(f"{path}: damaged ({found}); delete it and run again")
        self.path, self.found = path, found
