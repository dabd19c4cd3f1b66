"""The forms of signing up and signing in, and the choice of a time zone."""

from functools import cache
from itertools import groupby
from zoneinfo import available_timezones

from allauth.account import forms as allauth_forms
from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User, validate_time_zone

REGIONS = ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"]
# Former names that browsers still give, and what the same places are called now.
RENAMED_TIME_ZONES = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Catamarca": "America/Argentina/Catamarca",
    "America/Cordoba": "America/Argentina/Cordoba",
    "America/Fort_Wayne": "America/Indiana/Indianapolis",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "America/Jujuy": "America/Argentina/Jujuy",
    "America/Knox_IN": "America/Indiana/Knox",
    "America/Louisville": "America/Kentucky/Louisville",
    "America/Mendoza": "America/Argentina/Mendoza",
    "America/Porto_Acre": "America/Rio_Branco",
    "Asia/Ashkhabad": "Asia/Ashgabat",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Chungking": "Asia/Chongqing",
    "Asia/Dacca": "Asia/Dhaka",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Macao": "Asia/Macau",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Asia/Thimbu": "Asia/Thimphu",
    "Asia/Ujung_Pandang": "Asia/Makassar",
    "Asia/Ulan_Bator": "Asia/Ulaanbaatar",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Australia/ACT": "Australia/Sydney",
    "Australia/Canberra": "Australia/Sydney",
    "Australia/LHI": "Australia/Lord_Howe",
    "Australia/NSW": "Australia/Sydney",
    "Australia/North": "Australia/Darwin",
    "Australia/Queensland": "Australia/Brisbane",
    "Australia/South": "Australia/Adelaide",
    "Australia/Tasmania": "Australia/Hobart",
    "Australia/Victoria": "Australia/Melbourne",
    "Australia/West": "Australia/Perth",
    "Australia/Yancowinna": "Australia/Broken_Hill",
    "Europe/Kiev": "Europe/Kyiv",
    "Pacific/Enderbury": "Pacific/Kanton",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Samoa": "Pacific/Pago_Pago",
    "Pacific/Truk": "Pacific/Chuuk",
}


@cache
def time_zone_choices():
    """Return UTC and the time zones of places, grouped by region."""
    names = sorted(
        name for name in available_timezones() - RENAMED_TIME_ZONES.keys() if name.partition("/")[0] in REGIONS
    )
    return [("UTC", "UTC")] + [
        (region, [(name, _place(name)) for name in group])
        for region, group in groupby(names, lambda name: name.partition("/")[0])
    ]


def _place(name):
    return name.partition("/")[2].replace("/", ": ").replace("_", " ")


class TimeZoneSelect(forms.Select):
    """A select that also shows a value which is not among its choices, so that saving keeps it."""

    def optgroups(self, name, value, attrs=None):
        groups = super().optgroups(name, value, attrs)
        if value[0] and not any(option["selected"] for _, options, _ in groups for option in options):
            option = self.create_option(name, value[0], value[0], True, 0)
            groups.insert(0, (None, [option], 0))
        return groups


class TimeZoneField(forms.ChoiceField):
    """A time zone of the list, or any other name that the time zone database knows."""

    widget = TimeZoneSelect
    default_validators = [validate_time_zone]

    def __init__(self, **kwargs):
        super().__init__(choices=time_zone_choices, **kwargs)

    def to_python(self, value):
        name = super().to_python(value).strip()
        return RENAMED_TIME_ZONES.get(name, name)

    def valid_value(self, value):
        return True  # The validator asks the database.


def validate_free(**field):
    """Refuse a username or an address that the database would refuse, whatever its case."""
    others = {other.name for other in User._meta.fields} - field.keys()
    try:
        User(**field).validate_constraints(exclude=others)
    except ValidationError as error:
        raise ValidationError(error.messages) from error


class SignupForm(allauth_forms.SignupForm):
    field_order = ["username", "email", "password1", "time_zone"]
    time_zone = TimeZoneField(initial="UTC", help_text="So that your day of study begins and ends where you live.")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = "3 to 50 letters, digits and @ . + - _"
        self.fields["email"].label = "Email address"
        self.fields["email"].help_text = "For logging in and for a forgotten password, nothing else."
        self.fields["password1"].help_text = "At least 8 characters. Not a common one, nor like your name."

    def clean_username(self):
        self.cleaned_data["username"] = User.normalize_username(self.cleaned_data["username"])
        username = super().clean_username()
        validate_free(username=username)
        return username

    def clean_email(self):
        email = super().clean_email()
        validate_free(email=email)
        return email

    def signup(self, request, user):
        """Keep the time zone; allauth calls this once the user is saved."""
        user.time_zone = self.cleaned_data["time_zone"]
        user.save(update_fields=["time_zone"])


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Username or email address"
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["remember"].label = "Stay logged in for 30 days"
        self.fields["remember"].initial = True


class AddEmailForm(allauth_forms.AddEmailForm):
    def clean_email(self):
        """Refuse another's address at once: made the primary one, it would break the database's rule."""
        email = super().clean_email()
        validate_free(email=email)
        return email
