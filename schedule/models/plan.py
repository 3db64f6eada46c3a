"""What fans pick, without an account, and the links they share it by."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from schedule.models.event import Event
from schedule.models.performance import Performance
from schedule.models.scope import EventBoundQuerySet, Scoped


class Plan(Scoped, models.Model):
    """One fan's choice for one event, known by a random key of her browser, which is stored hashed."""

    event = models.ForeignKey(Event, verbose_name=_("event"), related_name="plans", on_delete=models.CASCADE)
    key_hash = models.CharField(_("key hash"), max_length=64, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = EventBoundQuerySet["Plan"].as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "key_hash"], name="plan_is_one_for_each_event_and_key"),
            models.CheckConstraint(condition=~Q(key_hash=""), name="plan_has_a_key"),
        ]

    def __str__(self) -> str:
        return _("Plan %(number)s for %(event)s") % {"number": self.pk, "event": self.event}


class PickQuerySet(models.QuerySet["Pick"]):
    def open_to(self, user: User) -> "PickQuerySet":
        """All picks, for a user with a scope those of the events given to her."""
        return self.filter(plan__event__in=user.event_access.values("event")) if user.is_scoped else self


class Pick(Scoped, models.Model):
    """A set in a plan."""

    plan = models.ForeignKey(Plan, verbose_name=_("plan"), related_name="picks", on_delete=models.CASCADE)
    performance = models.ForeignKey(Performance, verbose_name=_("set"), related_name="picks", on_delete=models.CASCADE)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = PickQuerySet.as_manager()

    class Meta:
        verbose_name = _("pick")
        verbose_name_plural = _("picks")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "performance"], name="pick_is_in_a_plan_only_once")]

    def __str__(self) -> str:
        return _("%(set)s in plan %(number)s") % {"set": self.performance, "number": self.plan_id}

    def clean(self) -> None:
        if self.performance.event_id != self.plan.event_id:
            raise ValidationError(_("A plan holds sets of its own event only."), code="other_event")


class ShareLink(Scoped, models.Model):
    """A short address for a plan: a live one follows the plan, a frozen one keeps the sets it was made with."""

    class Kind(models.TextChoices):
        LIVE = "live", _("Live")
        FROZEN = "frozen", _("Frozen")

    slug = models.CharField(_("slug"), max_length=8, unique=True)
    event = models.ForeignKey(Event, verbose_name=_("event"), related_name="share_links", on_delete=models.CASCADE)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    plan = models.ForeignKey(
        Plan, verbose_name=_("plan"), related_name="share_links", null=True, blank=True, on_delete=models.CASCADE
    )
    performances = models.ManyToManyField(Performance, verbose_name=_("sets"), related_name="share_links", blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    view_count = models.PositiveIntegerField(
        _("view count"), default=0, help_text=_("Different visitors, not page loads.")
    )

    objects = EventBoundQuerySet["ShareLink"].as_manager()

    class Meta:
        verbose_name = _("shared plan")
        verbose_name_plural = _("shared plans")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="live", plan__isnull=False) | Q(kind="frozen"),
                name="share_link_that_is_live_has_a_plan",
                violation_error_message=_("A live link needs the plan that it follows."),
            ),
            models.CheckConstraint(condition=Exact(Length("slug"), 8), name="share_link_slug_has_8_letters"),
        ]

    def __str__(self) -> str:
        return self.slug
