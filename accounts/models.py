"""Who learns, and how they want to."""

from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinLengthValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from uuid_utils.compat import uuid7


def validate_time_zone(name):
    """Refuse a name that the time zone database doesn't have."""
    if name not in available_timezones():
        raise ValidationError("“%(name)s” is not a time zone.", params={"name": name}, code="time_zone")


def zone_named(name):
    """Return a time zone; UTC where the machine's database has dropped its name since."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def default_learning_steps():
    """Return the seconds between the first answers of a new word, as in Anki: 1 and 10 minutes."""
    return [60, 600]


def default_relearning_steps():
    """Return the seconds until a forgotten word is asked again, as in Anki: 10 minutes."""
    return [600]


class Script(models.TextChoices):
    SIMPLIFIED = "simplified", "Simplified"
    TRADITIONAL = "traditional", "Traditional"


class Phonetic(models.TextChoices):
    PINYIN = "pinyin", "Pinyin"
    ZHUYIN = "zhuyin", "Zhuyin"


class ToneColours(models.TextChoices):
    PLECO = "pleco", "Pleco"
    MDBG = "mdbg", "MDBG"
    HANPING = "hanping", "Hanping"
    SAFE = "safe", "Colour-blind safe"
    NONE = "none", "None"


class ToneColoursOn(models.TextChoices):
    PINYIN = "pinyin", "The pinyin"
    HANZI = "hanzi", "The characters"
    BOTH = "both", "Both"


class HanziFont(models.TextChoices):
    SANS = "sans", "Sans: as on screens"
    KAI = "kai", "Kai: as written with a brush"


class HskStandard(models.TextChoices):
    HSK_2025 = "2025", "HSK 3.0 (2025)"
    HSK_2021 = "2021", "HSK 3.0 (2021)"
    HSK_2 = "2.0", "HSK 2.0"


class StrokeLeniency(models.TextChoices):
    STRICT = "strict", "Strict"
    NORMAL = "normal", "Normal"
    LENIENT = "lenient", "Lenient"


class User(AbstractBaseUser, PermissionsMixin):
    """A learner (or a member of staff) with the settings of their study."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(
        max_length=50,
        unique=True,
        validators=[UnicodeUsernameValidator(), MinLengthValidator(3)],
        error_messages={"unique": "A user with that username already exists."},
    )
    email = models.EmailField(null=True, blank=True, db_index=True)
    is_staff = models.BooleanField("staff", default=False, help_text="May sign in to the admin.")
    is_active = models.BooleanField("active", default=True, help_text="Untick instead of deleting.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_active_at = models.DateTimeField(null=True, blank=True, editable=False)

    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    day_starts_at = models.PositiveSmallIntegerField(
        "a day begins at",
        default=4,
        validators=[MaxValueValidator(23)],
        help_text="The hour at which a new day of study begins, so that midnight doesn't cut an evening in two.",
    )
    desired_retention = models.FloatField(
        default=0.9,
        validators=[MinValueValidator(0.7), MaxValueValidator(0.97)],
        help_text="The share of reviews that you want to remember, from 0.70 to 0.97.",
    )
    new_per_day = models.PositiveSmallIntegerField(
        "new words a day", default=10, validators=[MaxValueValidator(999)], help_text="Over all decks."
    )
    reviews_per_day = models.PositiveSmallIntegerField(
        "reviews a day", default=200, validators=[MaxValueValidator(9999)], help_text="Over all decks."
    )
    script = models.CharField(max_length=11, choices=Script, default=Script.SIMPLIFIED)
    phonetic = models.CharField("pronunciation", max_length=6, choices=Phonetic, default=Phonetic.PINYIN)
    tone_colours = models.CharField(max_length=7, choices=ToneColours, default=ToneColours.PLECO)
    tone_colours_on = models.CharField(max_length=6, choices=ToneColoursOn, default=ToneColoursOn.PINYIN)
    both_scripts = models.BooleanField(default=True)
    hanzi_font = models.CharField(max_length=4, choices=HanziFont, default=HanziFont.SANS)
    hsk_standard = models.CharField("HSK standard", max_length=4, choices=HskStandard, default=HskStandard.HSK_2025)
    tone_change = models.BooleanField(default=False)
    stroke_leniency = models.CharField(max_length=7, choices=StrokeLeniency, default=StrokeLeniency.NORMAL)
    sound_on_reveal = models.BooleanField(default=True)
    learning_steps = ArrayField(
        models.PositiveIntegerField(validators=[MinValueValidator(1)]),
        blank=True,
        default=default_learning_steps,
    )
    relearning_steps = ArrayField(
        models.PositiveIntegerField(validators=[MinValueValidator(1)]),
        blank=True,
        default=default_relearning_steps,
    )
    easy_days = ArrayField(
        models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)]),
        blank=True,
        default=list,
        help_text="Weekdays on which you want little to do, 0 for Monday: reviews go to the days around them.",
    )
    # The scheduler's 21 weights, fitted to this learner; null: the published ones.
    weights = ArrayField(models.FloatField(), size=21, null=True, blank=True)
    params_version = models.PositiveIntegerField(default=0)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        db_table = "users"
        constraints = [
            models.UniqueConstraint(
                Upper("username"),
                name="users_username_without_case",
                violation_error_message="A user with that username already exists.",
            ),
            models.UniqueConstraint(
                Upper("email"),
                name="users_email_without_case",
                violation_error_message="A user with that email address already exists.",
            ),
            models.CheckConstraint(
                condition=models.Q(desired_retention__range=(0.7, 0.97)),
                name="users_desired_retention_in_range",
            ),
            models.CheckConstraint(condition=models.Q(day_starts_at__lte=23), name="users_day_starts_at_is_an_hour"),
        ]

    def __str__(self):
        return self.username

    def save(self, *args, **kwargs):
        """Keep an address in lower case, as allauth looks for it, and none as null: "" would not be unique."""
        self.email = self.email.lower() if self.email else None
        super().save(*args, **kwargs)

    @property
    def zone(self):
        """The learner's time zone; UTC where the machine's database has dropped its name since."""
        return zone_named(self.time_zone)

    def seen(self, at):
        """Note that the learner is active, at most once in five minutes."""
        if self.last_active_at is None or at - self.last_active_at > timedelta(minutes=5):
            self.last_active_at = at
            self.save(update_fields=["last_active_at"])
