"""What all tests share: property tests are not judged by the time of one example, which depends on what else runs, and
a Ctrl-C that a test sends is heard, although a shell lets the commands of its background ignore it."""

import signal

from hypothesis import settings

settings.register_profile("atlas", deadline=None)
settings.load_profile("atlas")
# Whoever is started with SIGINT ignored, and whatever it starts, ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)
