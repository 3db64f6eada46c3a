"""What the theme says in English alone, gathered here so that it is translated with our own texts."""

from django.utils.translation import gettext_noop as _

THEME_WORDS = (
    *(_("Add new item"), _("Add row"), _("Apply Filters"), _("Choose file to upload"), _("Click to download")),
    *(_("Collapse"), _("Current file"), _("Expand row"), _("False"), _("Filters"), _("General"), _("Go back")),
    *(_("Image preview"), _("More actions"), _("New"), _("Next"), _("No results found"), _("Previous")),
    *(_("No results matching your query"), _("Record picture"), _("Reset filters"), _("Run"), _("Select action")),
    *(_("Select action to run"), _("Select all rows"), _("Select record"), _("Select value"), _("Submit")),
    *(_("This item will be deleted."), _("True"), _("Type to search"), _("Value")),
    _("This page yielded into no results. Create a new item or reset your filters."),
)
