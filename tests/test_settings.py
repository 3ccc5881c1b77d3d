"""Settings: what an environment gives, and that a wrong one is refused with its cure."""

from dataclasses import FrozenInstanceError, fields
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flowsvc.domain.errors import Misconfigured
from flowsvc.settings import SETTINGS, Settings, read_settings


def test_an_empty_environment_gives_a_working_local_service() -> None:
    settings = read_settings({})

    assert settings.data == Path("data").resolve()
    assert settings.database_url == f"sqlite:///{Path('data').resolve() / 'flowsvc.db'}"
    assert settings.secret_file == Path("data").resolve() / "secret.key"
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.zone == ZoneInfo("Europe/Stockholm")
    assert not settings.is_demo
    assert not settings.is_https


def test_what_is_set_is_taken(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "FLOWSVC_DATA": str(tmp_path),
            "FLOWSVC_DATABASE": "postgresql+psycopg://flowsvc@db/flowsvc",
            "FLOWSVC_HOST": "0.0.0.0",  # noqa: S104 - read only, nothing listens
            "FLOWSVC_PORT": "9000",
            "FLOWSVC_PUBLIC_URL": "https://samverkan.example.se/",
            "FLOWSVC_PROXY": "10.0.0.1",
            "FLOWSVC_THREADS": "16",
            "FLOWSVC_DEMO": "1",
            "FLOWSVC_COUNTY": "ÖG",
            "FLOWSVC_ZONE": "UTC",
            "FLOWSVC_LOG": "json",
            "FLOWSVC_SECRET_FILE": str(tmp_path / "elsewhere.key"),
            "FLOWSVC_SESSION_IDLE": "30m",
            "FLOWSVC_SESSION_LIFETIME": "1d",
            "FLOWSVC_UPLOAD_LIMIT": "500kB",
            "FLOWSVC_RELEASE_APPROVALS": "1",
            "FLOWSVC_MAIL": "smtp",
            "FLOWSVC_MAIL_FROM": "flowsvc@example.se",
            "FLOWSVC_SMTP_HOST": "mail.example.se",
            "FLOWSVC_SMTP_PORT": "465",
            "FLOWSVC_SMTP_SECURITY": "tls",
            "FLOWSVC_SMTP_USER": "flowsvc",
            "FLOWSVC_SMTP_PASSWORD_FILE": str(tmp_path / "password"),
        }
    )

    assert settings == Settings(
        data=tmp_path,
        database_url="postgresql+psycopg://flowsvc@db/flowsvc",
        host="0.0.0.0",  # noqa: S104 - read only, nothing listens
        port=9000,
        public_url="https://samverkan.example.se",
        proxy="10.0.0.1",
        threads=16,
        is_demo=True,
        county="ÖG",
        zone=ZoneInfo("UTC"),
        log="json",
        secret_file=tmp_path / "elsewhere.key",
        session_idle=timedelta(minutes=30),
        session_lifetime=timedelta(days=1),
        upload_limit=500_000,
        approvals=1,
        mail="smtp",
        mail_from="flowsvc@example.se",
        smtp_host="mail.example.se",
        smtp_port=465,
        smtp_security="tls",
        smtp_user="flowsvc",
        smtp_password_file=tmp_path / "password",
    )
    assert settings.is_https


def test_settings_cannot_be_changed_afterwards() -> None:
    settings = read_settings({})

    with pytest.raises(FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]  # the very thing that is tried


def test_an_empty_value_counts_as_unset() -> None:
    assert read_settings({"FLOWSVC_PORT": "", "FLOWSVC_DATABASE": " "}) == read_settings({})


def test_a_misspelt_setting_is_refused_with_the_right_name() -> None:
    with pytest.raises(Misconfigured, match=r"FLOWSVC_PROT is no setting.* Did you mean FLOWSVC_PORT"):
        read_settings({"FLOWSVC_PROT": "9000"})


def test_an_unknown_setting_is_refused_with_the_list_of_settings() -> None:
    with pytest.raises(Misconfigured) as refusal:
        read_settings({"FLOWSVC_XYZZY": "1"})

    assert all(each.name in refusal.value.message for each in SETTINGS)


def test_other_programmes_variables_and_those_of_the_tests_are_left_alone() -> None:
    environment = {"PATH": "x", "FLOWSVC_TEST_POSTGRES": "x", "FLOWSVC_SKIP_FRONTEND": "1"}

    assert read_settings(environment) == read_settings({})


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        ("FLOWSVC_PORT", "0", "from 1 to 65535"),
        ("FLOWSVC_PORT", "http", "from 1 to 65535"),
        ("FLOWSVC_PORT", "-1", "from 1 to 65535"),
        ("FLOWSVC_THREADS", "65", "from 1 to 64"),
        ("FLOWSVC_PROXY", "proxy.example.se", "one IP address"),
        ("FLOWSVC_DEMO", "maybe", "1 for yes or 0 for no"),
        ("FLOWSVC_COUNTY", "Sjöland", "1 to 4 capital letters"),
        ("FLOWSVC_ZONE", "Europe/Atlantis", "Europe/Stockholm"),
        ("FLOWSVC_ZONE", "../../etc/passwd", "Europe/Stockholm"),
        ("FLOWSVC_LOG", "xml", "text or json"),
        ("FLOWSVC_PUBLIC_URL", "samverkan.example.se", "https://samverkan.example.se"),
        ("FLOWSVC_PUBLIC_URL", "https://samverkan.example.se/flow", "nothing after the name"),
        ("FLOWSVC_PUBLIC_URL", "https://[::1", "https://samverkan.example.se"),
        ("FLOWSVC_SESSION_IDLE", "30", "90s, 30m, 8h or 1d"),
        ("FLOWSVC_SESSION_LIFETIME", "0h", "90s, 30m, 8h or 1d"),
        ("FLOWSVC_UPLOAD_LIMIT", "20 GB", "500kB or 20MB"),
        ("FLOWSVC_MAIL", "pop3", "smtp or file:FOLDER"),
        ("FLOWSVC_MAIL", "file:", "smtp or file:FOLDER"),
        ("FLOWSVC_MAIL_FROM", "flowsvc", "one address"),
        ("FLOWSVC_SMTP_PORT", "0", "from 1 to 65535"),
        ("FLOWSVC_SMTP_SECURITY", "ssl", "starttls, tls or none"),
    ],
)
def test_a_bad_value_is_refused_with_setting_value_and_cure(name: str, value: str, cure: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        read_settings({name: value})

    assert name in refusal.value.message
    assert value in refusal.value.message
    assert cure in refusal.value.message


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://flowsvc:hemligt@db/flowsvc",
        "mysql://flowsvc:hemligt@db/flowsvc",
        "sqlite://",
        "sqlite:///:memory:",
        "hemligt",
    ],
)
def test_a_database_that_cannot_be_used_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(Misconfigured, match="FLOWSVC_DATABASE") as refusal:
        read_settings({"FLOWSVC_DATABASE": url})

    assert "hemligt" not in refusal.value.message


def test_a_session_may_not_live_shorter_than_it_may_be_idle() -> None:
    with pytest.raises(Misconfigured, match="FLOWSVC_SESSION_LIFETIME is shorter than FLOWSVC_SESSION_IDLE"):
        read_settings({"FLOWSVC_SESSION_IDLE": "2h", "FLOWSVC_SESSION_LIFETIME": "1h"})


@pytest.mark.parametrize(
    ("given", "cure"),
    [
        ({}, "FLOWSVC_SMTP_HOST is empty"),
        ({"FLOWSVC_SMTP_HOST": "mail", "FLOWSVC_SMTP_USER": "u"}, "Give both or neither"),
    ],
)
def test_mail_by_a_server_needs_to_know_which_one(given: dict[str, str], cure: str) -> None:
    with pytest.raises(Misconfigured, match=cure):
        read_settings({"FLOWSVC_MAIL": "smtp", **given})


def test_mail_as_files_lies_within_the_data_folder_unless_the_folder_is_given_whole(tmp_path: Path) -> None:
    data = {"FLOWSVC_DATA": str(tmp_path)}

    assert read_settings({**data, "FLOWSVC_MAIL": "file:mail"}).mail == tmp_path / "mail"
    assert read_settings({**data, "FLOWSVC_MAIL": "file:/var/mail"}).mail == Path("/var/mail")
    assert read_settings(data).mail == ""


def test_the_address_of_an_ipv6_host_is_written_in_brackets() -> None:
    assert read_settings({"FLOWSVC_HOST": "::1"}).public_url == "http://[::1]:8080"


def test_every_field_is_fed_by_a_setting() -> None:
    assert len(SETTINGS) == len(fields(Settings))
