"""What all tests share: property tests are not judged by the time of one example, which depends on what else runs, and
signals that a test sends are heard, although a shell lets the commands of its background ignore some. One browser for
all that need one."""

import signal

import pytest
from hypothesis import settings

settings.register_profile("atlas", deadline=None)
settings.load_profile("atlas")
# Whoever is started with a signal ignored, by a shell's background or nohup, and whatever it starts, ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window."""
    from playwright.sync_api import sync_playwright

    from benchmarks import explorer
    from helpers import debian

    debian.require(lambda: [] if explorer.browser() else ["chromium"], "BROWSER_TESTS")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=explorer.browser(), args=explorer.ARGUMENTS)
        yield launched
        launched.close()
