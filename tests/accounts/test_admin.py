import pytest
from django.urls import reverse

from accounts.models import User
from tests.accounts.conftest import PASSWORD


@pytest.fixture
def as_staff(client, db):
    client.force_login(User.objects.create_superuser("boss", "boss@example.com", PASSWORD))
    return client


def test_users_are_found_by_name_and_address(as_staff, lin, mei):
    page = as_staff.get(reverse("admin:accounts_user_changelist"), {"q": "mei@example"})
    assert list(page.context["cl"].queryset) == [mei]


def test_the_list_of_users_asks_the_same_whatever_its_length(as_staff, lin, django_assert_num_queries):
    url = reverse("admin:accounts_user_changelist")
    with django_assert_num_queries(4):
        as_staff.get(url)
    for number in range(5):
        User.objects.create_user(f"learner{number}")
    with django_assert_num_queries(4):
        as_staff.get(url)


def test_staff_make_accounts_without_an_address(as_staff):
    new = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD, "email": ""}
    for username in ("first", "second"):
        as_staff.post(reverse("admin:accounts_user_add"), new | {"username": username})
    assert User.objects.filter(email=None).count() == 2
    assert User.objects.get(username="first").check_password(PASSWORD)


@pytest.mark.parametrize("taken", [{"username": "LIN"}, {"email": "LIN@example.com"}])
def test_a_taken_name_or_address_is_a_form_error(as_staff, lin, taken):
    new = {"username": "new", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD} | taken
    response = as_staff.post(reverse("admin:accounts_user_add"), new)
    assert response.status_code == 200
    assert response.context["errors"]
    assert not User.objects.filter(username="new").exists()


def test_staff_see_a_user_without_the_password(as_staff, lin):
    page = as_staff.get(reverse("admin:accounts_user_change", args=[lin.pk])).content.decode()
    assert str(lin.pk) in page
    assert 'name="created_at' not in page
    assert lin.password not in page


def test_learners_do_not_enter_the_admin(as_lin):
    assert as_lin.get(reverse("admin:accounts_user_changelist")).status_code == 302
