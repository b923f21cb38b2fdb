"""What all tests share: property tests are not judged by the time of one example, which depends on what else runs."""

from hypothesis import settings

settings.register_profile("atlas", deadline=None)
settings.load_profile("atlas")
