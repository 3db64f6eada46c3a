"""A real Chromium (the system's) against a real server of this process."""

import os

import pytest
from playwright.sync_api import sync_playwright

from tests.services import chromium_path, need

SWITCHES = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="session")
def browser():
    path = need("Chromium", chromium_path())
    # Playwright keeps an event loop running in this thread, in which Django would refuse to touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(browser):
    """Open pages of a size and colour scheme; at the end none of them may have complained on its console.

    `refusals` are HTTP statuses that the walk meets on purpose: a browser mentions each as an error.
    """
    contexts, complaints = [], []

    def open_page(width=360, height=740, scheme="dark", locale="en-CA", refusals=()):
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, locale=locale)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        expected = tuple(f"Failed to load resource: the server responded with a status of {each} " for each in refusals)

        def complain(message):
            if message.type == "error" and not message.text.startswith(expected):
                complaints.append(f"{page.url}: {message.text}")

        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def site(live_server, settings):
    """The address of a server that knows its own: mailed links lead to it, and passkeys belong to it."""
    settings.SITE_URL = live_server.url
    settings.OTP_WEBAUTHN_RP_ID = "localhost"
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [live_server.url]
    return live_server.url
