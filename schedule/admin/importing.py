"""Pasting or uploading a running order, looking it over, and taking one away as a file."""

from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from bands.domain_admin import made_by, render_page
from bands.models import Genre
from schedule.admin.pages import EVENT_PAGES
from schedule.admin.review import (
    FIELDS_PER_ROW,
    Review,
    look_up,
    nights_to_choose,
    review_in,
    review_of,
    take_report,
)
from schedule.importing import Action, ImportReport, Options, import_lineup, sentences
from schedule.lineup_files import LineupFile, UnreadableFileError, is_header, read_cells_of, read_lineup, read_table_of
from schedule.models import Event, Venue
from schedule.outputs.lineup_file import lineup_csv, lineup_json, lineup_xlsx
from schedule.poster_rows import Around
from schedule.poster_text import read_poster
from schedule.row_times import DateMeaning, opening_times
from settimes.versions import StaleError

MOST_BYTES = 1024 * 1024
LONGEST_PASTE = 300_000  # characters
FIELDS_BESIDE_ROWS = 20
MOST_ROWS = min(500, ((settings.DATA_UPLOAD_MAX_NUMBER_FIELDS or 10_000) - FIELDS_BESIDE_ROWS) // FIELDS_PER_ROW)
MOST_WARNINGS_SHOWN = 5
LINES_ABOVE_A_HEADER = 10
FILE_ENDINGS = (".txt", ".csv", ".tsv", ".xlsx", ".json")
FORMATS = {
    "csv": ("text/csv; charset=utf-8", lineup_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", lineup_xlsx),
    "json": ("application/json", lineup_json),
}


class PasteForm(forms.Form):
    """A text or a file; which night it is for where it does not say; what its dates mean."""

    text = forms.CharField(
        label=gettext_lazy("The line-up as text"), required=False, max_length=LONGEST_PASTE, widget=forms.Textarea
    )
    file = forms.FileField(label=gettext_lazy("Or a file"), required=False)
    night = forms.ChoiceField(label=gettext_lazy("Night of sets that name none"), required=False)
    dates = forms.ChoiceField(
        label=gettext_lazy("A date beside a time is"),
        choices=[
            (DateMeaning.CALENDAR.value, gettext_lazy("the true day")),
            (DateMeaning.NIGHT.value, gettext_lazy("the date of the night")),
        ],
        initial=DateMeaning.CALENDAR.value,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nights = [(night.isoformat(), date_format(night, "l j F Y")) for night in event.nights()]
        open_night = [("", gettext_lazy("Say it in each row"))] if event.has_several_nights else []
        cast(forms.ChoiceField, self.fields["night"]).choices = [*open_night, *nights]
        self.fields["text"].strip = False  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data.get("file")
        if file is None:
            return None
        if not str(file.name).lower().endswith(FILE_ENDINGS):
            raise ValidationError(
                _("“%(name)s” is no file that can be read here. Choose one of %(endings)s.")
                % {"name": file.name, "endings": ", ".join(FILE_ENDINGS)}
            )
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(_("The file is larger than 1 MB; a running order is not. Save the sheet alone."))
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("file") and not str(cleaned.get("text", "")).strip():
            self.add_error("text", _("Paste the line-up here, or choose a file."))
        return cleaned

    @property
    def chosen_night(self) -> date | None:
        night = self.cleaned_data["night"]
        return date.fromisoformat(night) if night else None


@EVENT_PAGES.page("poster/", permission="schedule.add_performance", tab=gettext_lazy("Paste a line-up"))
def poster(request: HttpRequest, event: Event) -> HttpResponse:
    """Text or a file, then its rows to look over, then the import: each step sends the whole form."""
    step = request.POST.get("step", "") if request.method == "POST" else ""
    if step in ("check", "import"):
        review = review_in(request.POST, event, most_rows=MOST_ROWS)
        look_up(review, user=cast(User, request.user))
        report = _import(request, review) if step == "import" else _rehearse(request, review)
        if report and report.is_saved:
            return _saved(request, event, report)
        return _review_page(request, review, was_refused=step == "import")
    form = PasteForm(request.POST or None, request.FILES or None, event=event) if step else PasteForm(event=event)
    if step and form.is_valid():
        try:
            review, file = _read(form, event)
        except UnreadableFileError as error:
            form.add_error("file" if form.cleaned_data.get("file") else "text", str(error))
        else:
            look_up(review, user=cast(User, request.user))
            _rehearse(request, review)
            return _review_page(request, review, file=file)
    return render_page(
        request,
        "admin/schedule/event/poster.html",
        title=_("Paste a line-up"),
        row=event,
        form=form,
        accepted=",".join(FILE_ENDINGS),
        most_rows=MOST_ROWS,
        example=event.nights()[0],
    )


@EVENT_PAGES.page("export/", permission="schedule.view_event", tab=gettext_lazy("Export"))
@require_safe
def export(request: HttpRequest, event: Event) -> HttpResponse:
    return render_page(request, "admin/schedule/event/export.html", title=_("Export"), row=event)


@EVENT_PAGES.page("export.<str:file_format>", permission="schedule.view_event")
@require_safe
def export_file(request: HttpRequest, event: Event, file_format: str) -> HttpResponse:
    """The running order as a file to keep."""
    if file_format not in FORMATS:
        raise Http404
    content_type, write = FORMATS[file_format]
    name = f'attachment; filename="{event.slug}.{file_format}"'
    return HttpResponse(write(event), content_type=content_type, headers={"Content-Disposition": name})


def _read(form: PasteForm, event: Event) -> tuple[Review, LineupFile]:
    """The rows of what was pasted or uploaded. Raises UnreadableFileError."""
    night = form.chosen_night
    file = _file_of(form, _around(event, night))
    _refuse_other_event(file, event)
    if not file.rows:
        raise UnreadableFileError(_("No set was found in it."))
    if len(file.rows) > MOST_ROWS:
        raise UnreadableFileError(
            _("%(count)d rows are too many at once; %(most)d fit. Bring them in parts, for example by night.")
            % {"count": len(file.rows), "most": MOST_ROWS}
        )
    return review_of(file, event, night=night, dates=DateMeaning(form.cleaned_data["dates"])), file


def _file_of(form: PasteForm, around: Around) -> LineupFile:
    file: UploadedFile | None = form.cleaned_data.get("file")
    if file is None:
        return read_poster(form.cleaned_data["text"], around)
    content, name = file.read(), str(file.name).lower()
    if name.endswith(".json"):
        return read_lineup(content, is_json=True)
    if name.endswith(".xlsx"):
        cells = read_cells_of(content)
        if any(is_header(row) for row in cells[: LINES_ABOVE_A_HEADER + 1]):
            return read_table_of(cells, lines_above=LINES_ABOVE_A_HEADER)
        return read_poster("\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in cells), around)
    try:
        return read_poster(content.decode("utf-8-sig"), around)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(_("The file is not UTF-8 text. Save it as “CSV UTF-8”.")) from error


def _around(event: Event, night: date | None) -> Around:
    return Around(
        zone=event.zone,
        rollover=event.rollover,
        nights=event.nights(),
        night=night,
        doors=opening_times(event),
        venues=[str(venue) for venue in Venue.objects.select_related("parent")],
        genres=list(Genre.objects.values_list("name", flat=True)),
        event_name=event.name,
    )


def _refuse_other_event(file: LineupFile, event: Event) -> None:
    """A file that says whose it is goes into no other event, and its times are not read in another zone."""
    slug, zone = (str(file.event.get(name) or "") for name in ("slug", "timezone"))
    if slug and slug != event.slug and not event.former_slugs.filter(slug=slug).exists():
        raise UnreadableFileError(
            _("The file is of another event (%(slug)s). Open that event, or take “slug” out of the file.")
            % {"slug": slug}
        )
    if zone and zone != event.timezone:
        raise UnreadableFileError(
            _("The times of the file are in %(zone)s, those of the event in %(own)s. Correct one of them.")
            % {"zone": zone, "own": event.timezone}
        )


def _import(request: HttpRequest, review: Review) -> ImportReport | None:
    """Import the rows as they were looked over; where they or the running order are others now, rehearse it."""
    if changed := len(review.unchecked):
        review.notices.append(
            ngettext(
                "%(count)d row was changed: look at it once more, then import.",
                "%(count)d rows were changed: look at them once more, then import.",
                changed,
            )
            % {"count": changed}
        )
    if undecided := len(review.undecided):
        review.notices.append(
            ngettext(
                "%(count)d row may mean a band of the library: say which one, then import.",
                "%(count)d rows may mean a band of the library: say which one, then import.",
                undecided,
            )
            % {"count": undecided}
        )
    if not review.notices:
        try:
            return _run(request, review, seen_revision=review.revision)
        except StaleError:
            pass  # the rehearsal says what changed
    return _rehearse(request, review)


def _rehearse(request: HttpRequest, review: Review) -> ImportReport | None:
    """What importing would do now, and who changed the running order since it was looked over."""
    seen = review.revision
    report = _run(request, review, dry_run=True)
    if report and report.revision != seen:
        later = review.event.changes.filter(revision__gt=seen).exclude(by=None).select_related("by")
        names = ", ".join(sorted({str(change.by) for change in later}))
        message = _("The running order was changed meanwhile; look over what is different now.")
        if names:
            message = _("The running order was changed meanwhile by %(names)s; look over what is different now.")
        review.notices.insert(0, message % {"names": names})
    return report


def _run(request: HttpRequest, review: Review, **options: Any) -> ImportReport | None:
    """Import the rows, or rehearse it; None when there is nothing to import or the event itself is refused.

    Raises StaleError.
    """
    if not review.included:
        review.errors.append(_("No row is to be imported. Tick those that are."))
        return None
    try:
        report = import_lineup(
            review.file(),
            Options(event_slug=review.event.slug, dates=review.dates, accept_long=review.accept_long, **options),
            **made_by(request),
        )
    except StaleError:
        raise
    except (ValidationError, UnreadableFileError) as error:
        review.errors += sentences(error) if isinstance(error, ValidationError) else [str(error)]
        return None
    take_report(review, report)
    return report


def _review_page(
    request: HttpRequest, review: Review, *, file: LineupFile | None = None, was_refused: bool = False
) -> HttpResponse:
    notes = list(file.left_out) if file else []
    report = review.report
    return render_page(
        request,
        "admin/schedule/event/poster_review.html",
        title=_("Look over the line-up"),
        row=review.event,
        review=review,
        nights=nights_to_choose(review),
        venues=[str(venue) for venue in Venue.objects.select_related("parent")],
        other_lines=file.other_lines if file else [],
        notes=[*notes, *([_("the event's own details")] if file and file.event else [])],
        was_refused=was_refused,
        created=review.count(Action.CREATE),
        changed=review.count(Action.CHANGE),
        unchanged=review.count(Action.KEEP),
        warnings=[conflict.message for conflict in report.warnings] if report else [],
    )


def _saved(request: HttpRequest, event: Event, report: ImportReport) -> HttpResponse:
    created, changed, kept = (report.count(action) for action in (Action.CREATE, Action.CHANGE, Action.KEEP))
    done = [
        ngettext("%(count)d set is new", "%(count)d sets are new", created) % {"count": created},
        ngettext("%(count)d changed", "%(count)d changed", changed) % {"count": changed},
        ngettext("%(count)d stayed as it was", "%(count)d stayed as they were", kept) % {"count": kept},
    ]
    bands, venues = len(report.new_bands), len(report.new_venues)
    if bands:
        done.append(ngettext("%(count)d new band", "%(count)d new bands", bands) % {"count": bands})
    if venues:
        done.append(ngettext("%(count)d new venue", "%(count)d new venues", venues) % {"count": venues})
    messages.success(request, _("Imported: %(what)s.") % {"what": ", ".join(done)})
    for conflict in report.warnings[:MOST_WARNINGS_SHOWN]:
        messages.warning(request, conflict.message)
    if (more := len(report.warnings) - MOST_WARNINGS_SHOWN) > 0:
        messages.warning(
            request, ngettext("%(count)d more warning.", "%(count)d more warnings.", more) % {"count": more}
        )
    return redirect("admin:schedule_event_board", event.pk)
