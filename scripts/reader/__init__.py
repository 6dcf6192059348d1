"""A reader's browser: Chromium over a running server, the states of every page, their pictures."""
