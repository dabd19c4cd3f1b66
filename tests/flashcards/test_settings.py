import json
import re
import subprocess
import sys

import pytest
from django.conf import settings

from tests.check_deploy import ROOT, check, production

VALUES = """
import json
from flashcards import settings
print(json.dumps({name: value for name, value in vars(settings).items() if name.isupper()}, default=str))
"""


@pytest.fixture(scope="module")
def variables():
    """The environment of a site in production."""
    return production()


def read(variables):
    """Return the settings that an environment makes, or the last line of what Python says against it."""
    done = subprocess.run(
        [sys.executable, "-c", VALUES], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    return done.stderr.strip().splitlines()[-1] if done.returncode else json.loads(done.stdout)


def test_a_site_in_production_passes_django_s_deployment_check(variables):
    done = check(variables)
    assert (done.stdout, done.returncode) == ("System check identified no issues (0 silenced).\n", 0)


def test_a_key_of_few_characters_fails_the_deployment_check(variables):
    done = check(variables | {"SECRET_KEY": "ab" * 40})
    assert "security.W009" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("mistake", "complaint"),
    [
        ({"ENVIRONMENT": "prod"}, "ENVIRONMENT is 'prod': not development, staging or production."),
        ({"DEBUG": "true"}, "DEBUG must be off in production."),
        ({"SECRET_KEY": ""}, "SECRET_KEY must be set, to 50 random characters or more."),
        ({"SECRET_KEY": "x7" * 24}, "SECRET_KEY must be set, to 50 random characters or more."),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS (or ALLOWED_ORIGINS) must name the addresses of the site."),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name hosts: '*' lets a request choose its own."),
        ({"ALLOWED_ORIGINS": "https://*"}, "ALLOWED_HOSTS must name hosts: '*' lets a request choose its own."),
        ({"DATABASE_URL": ""}, "DATABASE_URL must be set."),
        ({"ENVIRONMENT": "staging", "DATABASE_URL": ""}, "DATABASE_URL must be set."),
    ],
)
def test_a_mistake_keeps_the_site_from_starting_and_is_named(variables, mistake, complaint):
    assert read(variables | mistake) == f"django.core.exceptions.ImproperlyConfigured: {complaint}"


def test_production_serves_only_its_own_hosts_by_https(variables):
    values = read(variables | {"ALLOWED_ORIGINS": "https://a.example,https://b.example:8443"})
    assert values["ALLOWED_HOSTS"] == ["flashcards.example", "a.example", "b.example"]
    assert values["CSRF_TRUSTED_ORIGINS"] == ["https://a.example", "https://b.example:8443"]
    assert values["DEBUG"] is False
    assert values["SECURE_SSL_REDIRECT"] is True
    assert values["SESSION_COOKIE_SECURE"] is True
    assert values["CSRF_COOKIE_SECURE"] is True
    assert values["SECURE_HSTS_SECONDS"] == 2 * 365 * 24 * 60 * 60
    assert values["SECRET_KEY"] == variables["SECRET_KEY"]


def test_the_addresses_of_the_database_and_of_the_mail_server_are_understood(variables):
    values = read(variables)
    database = values["DATABASES"]["default"]
    assert database["HOST"] == str(ROOT / ".data" / "postgres")
    assert (database["USER"], database["NAME"]) == ("postgres", "flashcards")
    assert database["OPTIONS"] == {
        "connect_timeout": 2,
        "application_name": "flashcards",
        "prepare_threshold": 2,
    }
    mail = values["MAILERS"]["default"]["OPTIONS"]
    assert (mail["host"], mail["port"], mail["username"], mail["password"]) == ("mail.example", 587, "mail", "secret")
    assert (mail["use_tls"], mail["use_ssl"]) == (True, False)


def test_development_needs_no_variable():
    values = read({})
    assert values["DEBUG"] is False
    assert values["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert len(values["SECRET_KEY"]) >= 60
    assert values["SECRET_KEY"] == read({})["SECRET_KEY"]
    assert "SECURE_SSL_REDIRECT" not in values


def test_the_example_lists_every_variable_that_is_read_with_its_comment():
    read_by = [ROOT / "flashcards" / name for name in ("settings.py", "gunicorn.py")]
    asked = re.compile(r"""\benv(?:iron\.get|\.\w+)?\(\s*["'](\w+)""")
    wanted = {name for file in read_by for name in asked.findall(file.read_text())}
    paragraphs = (settings.BASE_DIR / ".env.example").read_text().strip().split("\n\n")
    listed = [line.lstrip("# ").split("=")[0] for part in paragraphs[1:] for line in part.splitlines()[-1:]]
    assert sorted(listed) == sorted(wanted)
    assert all(len(part.splitlines()) > 1 and part.startswith("# ") for part in paragraphs[1:])
