import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User

PASSWORD = "ink on paper 7"


@pytest.fixture(autouse=True)
def _no_rate_limits_from_other_tests():
    cache.clear()


@pytest.fixture
def lin(db):
    return User.objects.create_user("Lin", "lin@example.com", PASSWORD)


@pytest.fixture
def mei(db):
    return User.objects.create_user("mei", "mei@example.com", PASSWORD)


@pytest.fixture
def as_lin(lin):
    client = Client()
    client.force_login(lin)
    return client
