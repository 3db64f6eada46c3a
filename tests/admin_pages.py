"""Forms of the admin as a browser handles them: what is in them is sent back, with what somebody changed."""

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.sessions import SIGNED_IN_AT
from accounts.signing_in import CONFIRMED_AT, FACTOR


class _Form(HTMLParser):
    """The names and values that a browser would send for the form with an id."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.is_inside = form_id, False
        self.sent: dict[str, list[str]] = {}
        self.textarea = self.select = ""
        self.is_single, self.options = True, list[str]()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.is_inside = given.get("id") == self.form_id
        elif not self.is_inside:
            return
        elif tag == "input" and given.get("name"):
            is_box = given.get("type") in {"checkbox", "radio"}
            if given.get("type") not in {"submit", "file"} and (not is_box or "checked" in given):
                self.sent.setdefault(given["name"], []).append(given.get("value", "on" if is_box else ""))
        elif tag == "textarea":
            self.textarea = given["name"]
            self.sent[self.textarea] = [""]
        elif tag == "select":
            self.select, self.is_single, self.options = given["name"], "multiple" not in given, []
        elif tag == "option" and self.select:
            self.options.append(given.get("value", ""))
            if "selected" in given:
                self.sent.setdefault(self.select, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.sent[self.textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        elif tag == "textarea" and self.textarea:
            self.sent[self.textarea][0] = self.sent[self.textarea][0].removeprefix("\n")  # is not part of the text
            self.textarea = ""
        elif tag == "select":
            if self.is_single and self.options and self.select not in self.sent:
                self.sent[self.select] = self.options[:1]
            self.select = ""


def sign_in(client: Client, user: User, *, confirmed_minutes_ago: int = 0) -> None:
    """Sign somebody in with a second factor, proved so many minutes ago."""
    client.force_login(user)
    session, now = client.session, timezone.now()
    session[FACTOR] = "code"
    session[CONFIRMED_AT] = now.timestamp() - 60 * confirmed_minutes_ago
    session[SIGNED_IN_AT] = now.isoformat()
    session.save()


def form_in(response: HttpResponse, form_id: str) -> dict[str, Any]:
    """What a browser would send for a form of the page as it stands."""
    form = _Form(form_id)
    form.feed(response.content.decode())
    assert form.sent, f"there is no form {form_id} in the page"
    return form.sent


def save(client: Client, path: str, **changes: Any) -> HttpResponse:
    """Open an add or change page, change fields, save. None clears a box or leaves a field out."""
    form_id = f"{path.strip('/').split('/')[2]}_form"
    sent = form_in(client.get(path), form_id)
    return client.post(path, {name: value for name, value in {**sent, **changes}.items() if value is not None})


def errors_in(response: HttpResponse) -> dict[str, list[str]]:
    """The errors that a page shows after it was not saved, by field; those of inline rows as PREFIX-FIELD."""
    assert response.status_code == 200, f"it was saved, and led to {response.get('Location')}"
    context = response.context
    errors = {name: list(each) for name, each in context["adminform"].form.errors.items()}
    for inline in context["inline_admin_formsets"]:
        if general := list(inline.formset.non_form_errors()):
            errors[inline.formset.prefix] = general
        for form in inline.formset.forms:
            errors |= {form.add_prefix(name): list(each) for name, each in form.errors.items()}
    return errors


def messages_of(response: HttpResponse) -> list[str]:
    """The messages that a followed answer shows."""
    return [str(message) for message in response.context["messages"]]
