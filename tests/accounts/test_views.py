from unittest.mock import patch

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import User
from accounts.views import SignupView
from tests.accounts.conftest import PASSWORD

SIGN_UP = {
    "username": "Zhang",
    "email": "Zhang@Example.com",
    "password1": PASSWORD,
    "time_zone": "Asia/Calcutta",
}


def signed_in(client):
    return client.session.get("_auth_user_id")


def log_in(client, login, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": login, "password": password})


def test_signing_up_logs_in_and_goes_to_today(client, db):
    response = client.post(reverse("account_signup"), SIGN_UP)
    user = User.objects.get()
    assert (response.status_code, response["Location"]) == (302, reverse("home"))
    assert signed_in(client) == str(user.pk)
    assert (user.username, user.email, user.time_zone) == ("Zhang", "zhang@example.com", "Asia/Kolkata")


def test_signing_up_sends_no_mail(client, db):
    client.post(reverse("account_signup"), SIGN_UP)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("wrong", "label", "message"),
    [
        ({"username": "LIN"}, "Username", "A user with that username already exists."),
        ({"email": "LIN@example.com"}, "Email address", "A user is already registered with this email address."),
        ({"time_zone": "Mars/Olympus"}, "Time zone", "“Mars/Olympus” is not a time zone."),
    ],
)
def test_a_refused_sign_up_says_why_and_is_filled_in_again(client, lin, wrong, label, message):
    response = client.post(reverse("account_signup"), SIGN_UP | wrong)
    (field,) = wrong
    page = response.content.decode()
    assert response.status_code == 200
    assert User.objects.count() == 1
    assert f'<li><a href="#id_{field}">{label}: {message}</a></li>' in page
    assert f'id="id_{field}_error"' in page
    assert f'value="{wrong[field]}"'.lower() in page.lower()
    assert "js/signup" not in page


@pytest.mark.parametrize(
    ("field", "value"), [("username", "zhang"), ("email", "zhang@example.com")], ids=["name", "address"]
)
def test_a_name_or_address_taken_since_the_check_is_a_form_error(client, db, field, value):
    """Two people sign up at once: the second passes the form's checks, then meets the constraint."""
    form_valid = SignupView.form_valid

    def while_another_signs_up(view, form):
        User.objects.create_user(**({"username": "other", "email": "other@example.com"} | {field: value}))
        return form_valid(view, form)

    with patch.object(SignupView, "form_valid", while_another_signs_up):
        response = client.post(reverse("account_signup"), SIGN_UP)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert User.objects.count() == 1
    assert signed_in(client) is None


@pytest.mark.parametrize("login", ["Lin", "lin", "lin@example.com", "LIN@Example.com"])
def test_one_logs_in_with_username_or_address(client, lin, login):
    response = log_in(client, login)
    assert (response.status_code, response["Location"]) == (302, reverse("home"))
    assert signed_in(client) == str(lin.pk)


def test_a_wrong_password_does_not_log_in(client, lin):
    response = log_in(client, "Lin", "wrong")
    assert response.status_code == 200
    assert response.context["form"].non_field_errors() == [
        "The username and/or password you specified are not correct."
    ]
    assert signed_in(client) is None


def test_logging_in_goes_on_to_the_page_asked_for(client, lin):
    page = client.get(reverse("settings"))
    assert page["Location"] == f"{reverse('account_login')}?next={reverse('settings')}"
    response = client.post(page["Location"], {"login": "Lin", "password": PASSWORD, "next": reverse("settings")})
    assert response["Location"] == reverse("settings")


def test_logging_in_never_goes_on_to_another_site(client, lin):
    response = client.post(
        reverse("account_login"), {"login": "Lin", "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert response["Location"] == reverse("home")


def test_a_link_does_not_log_out(as_lin, lin):
    assert as_lin.get(reverse("account_logout")).status_code == 200
    assert signed_in(as_lin) == str(lin.pk)


def test_the_button_logs_out(as_lin):
    response = as_lin.post(reverse("account_logout"))
    assert (response.status_code, response["Location"]) == (302, reverse("home"))
    assert signed_in(as_lin) is None


def test_a_changed_password_keeps_one_logged_in(as_lin, lin):
    new = {"oldpassword": PASSWORD, "password1": "paper on ink 8", "password2": "paper on ink 8"}
    as_lin.post(reverse("account_change_password"), new)
    lin.refresh_from_db()
    assert lin.check_password("paper on ink 8")
    assert as_lin.get(reverse("settings")).status_code == 200


def test_a_password_changes_only_with_the_present_one(as_lin, lin):
    new = {"oldpassword": "wrong", "password1": "paper on ink 8", "password2": "paper on ink 8"}
    response = as_lin.post(reverse("account_change_password"), new)
    lin.refresh_from_db()
    assert response.context["form"].errors == {"oldpassword": ["Please type your current password."]}
    assert lin.check_password(PASSWORD)


def test_a_forgotten_password_is_set_anew_by_mail(client, lin):
    response = client.post(reverse("account_reset_password"), {"email": "lin@example.com"})
    assert response["Location"] == reverse("account_reset_password_done")
    (message,) = mail.outbox
    (link,) = [word for word in message.body.split() if word.startswith("http://testserver/accounts/password/")]
    form = client.get(link.removeprefix("http://testserver"), follow=True)
    assert form.status_code == 200
    client.post(form.request["PATH_INFO"], {"password1": "paper on ink 8", "password2": "paper on ink 8"})
    lin.refresh_from_db()
    assert lin.check_password("paper on ink 8")


def test_anothers_address_is_never_added(as_lin, mei):
    response = as_lin.post(reverse("account_email"), {"action_add": "", "email": "MEI@example.com"})
    assert list(response.context["form"].errors) == ["email"]


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_signup", "account_reset_password", "account_reset_password_done", "account_inactive"],
)
def test_pages_of_accounts_open_to_strangers(client, db, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert "accounts/" in response.request["PATH_INFO"]
    assert b"Chinese Flashcards" in response.content


@pytest.mark.parametrize(
    "name", ["account_email", "account_change_password", "account_logout", "account_reauthenticate", "settings"]
)
def test_pages_of_an_account_ask_to_log_in(client, as_lin, name):
    assert b"Chinese Flashcards" in as_lin.get(reverse(name)).content
    assert client.get(reverse(name)).status_code == 302
