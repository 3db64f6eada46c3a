"""How log lines look, and what they must not hold."""

import logging
import re
import time

TOKEN_IN_ADDRESS = re.compile(r"(/account/link/[a-z]+/|/preview/(?=[\w=-]{40}))[\w=-]+")


class UtcFormatter(logging.Formatter):
    """Times in UTC, whatever zone the site is in; tokens of links left out of addresses."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        return TOKEN_IN_ADDRESS.sub(r"\1…", super().format(record))


class RefusedHostHandler(logging.Handler):
    """Somebody asked for another host than ours: one line of our own instead of an error for each."""

    def emit(self, record: logging.LogRecord) -> None:
        logging.getLogger("settimes.security").warning("input_validation_fail reason=host")
