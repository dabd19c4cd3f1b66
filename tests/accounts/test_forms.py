from zoneinfo import available_timezones

import pytest
from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import RENAMED_TIME_ZONES, SignupForm, TimeZoneField, time_zone_choices
from accounts.models import User


def offered():
    return {name for _, group in time_zone_choices()[1:] for name, _ in group}


def test_time_zones_are_grouped_by_region_with_utc_first():
    choices = time_zone_choices()
    assert choices[0] == ("UTC", "UTC")
    assert [region for region, _ in choices[1:]] == [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ]
    assert ("America/Argentina/Buenos_Aires", "Argentina: Buenos Aires") in choices[2][1]


def test_a_place_is_offered_under_its_present_name_only():
    assert {"Asia/Kolkata", "Europe/Kyiv"} <= offered()
    assert offered().isdisjoint({"Asia/Calcutta", "Europe/Kiev", "US/Eastern", "Etc/GMT+5"})


def test_every_former_name_leads_to_a_known_time_zone():
    assert set(RENAMED_TIME_ZONES.values()) <= available_timezones()


@pytest.mark.parametrize(
    ("posted", "kept"),
    [
        ("Asia/Shanghai", "Asia/Shanghai"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("US/Eastern", "US/Eastern"),
        ("UTC", "UTC"),
    ],
)
def test_a_time_zone_of_the_list_or_of_a_browser_is_kept(posted, kept):
    assert TimeZoneField().clean(posted) == kept


@pytest.mark.parametrize("posted", ["Mars/Olympus", "../../etc/passwd", "Asia/\x00", "x" * 5000, "Asia"])
def test_an_unknown_time_zone_is_an_error(posted):
    with pytest.raises(ValidationError):
        TimeZoneField().clean(posted)


def test_a_time_zone_outside_the_list_stays_selected():
    class Form(forms.Form):
        zone = TimeZoneField()

    assert '<option value="US/Eastern" selected>US/Eastern</option>' in str(Form({"zone": "US/Eastern"})["zone"])


SIGN_UP = {
    "username": "zhang",
    "email": "zhang@example.com",
    "password1": "ink on paper 7",
    "time_zone": "Asia/Taipei",
}


def errors(form, **data):
    return {field: list(messages) for field, messages in form(SIGN_UP | data).errors.items()}


def test_a_sign_up_needs_name_address_password_and_time_zone(db):
    required = ["This field is required."]
    assert errors(SignupForm, username="", email="", password1="", time_zone="") == {
        "username": required,
        "email": required,
        "password1": required,
        "time_zone": required,
    }


@pytest.mark.parametrize(
    ("username", "message"),
    [
        ("li", "Ensure this value has at least 3 characters (it has 2)."),
        ("l" * 51, "Ensure this value has at most 50 characters (it has 51)."),
        (
            "li li",
            "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
        ),
    ],
)
def test_a_username_has_3_to_50_characters_of_some_kinds(db, username, message):
    assert errors(SignupForm, username=username)["username"][0] == message


def test_a_username_is_as_long_as_its_normal_form(db):
    longer = "㎒" * 49  # "MHz" each, once normalised
    assert errors(SignupForm, username=longer) == {
        "username": ["Ensure this value has at most 50 characters (it has 147)."]
    }


def test_a_username_is_taken_whatever_its_case_and_its_form(lin):
    taken = {"username": ["A user with that username already exists."]}
    assert errors(SignupForm, username="LIN") == taken
    assert errors(SignupForm, username="ｌｉｎ") == taken


def test_an_address_is_taken_whatever_its_case(lin):
    assert errors(SignupForm, email="Lin@EXAMPLE.com") == {
        "email": ["A user is already registered with this email address."]
    }


def test_an_address_that_staff_wrote_in_capitals_is_taken(db):
    User.objects.create_user("staffmade", "Zhang@example.com")
    assert errors(SignupForm) == {"email": ["A user is already registered with this email address."]}


def test_a_password_like_the_username_is_refused(db):
    assert errors(SignupForm, username="inkonpaper", password1="inkonpaper1") == {
        "password1": ["The password is too similar to the username."]
    }
