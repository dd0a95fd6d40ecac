"""Nasty addresses are refused, ways to write them included; signatures are those of the specification's example."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.sealing.keys import KeyUnusable
from services.webhooks import signing
from services.webhooks.addresses import AddressRefused, is_public, target_of
from services.webhooks.signing import WebhookSecrets, message_id, valid_numbers

NASTY = (
    "http://example.com/", "ftp://93.184.215.14/", "file:///etc/passwd", "https://", "https:///x", "javascript:alert(1)", "x",
    "https://127.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://2130706433/", "https://0177.0.0.1/", "https://localhost/",
    "https://0.0.0.0/", "https://10.0.0.1/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/", "https://192.0.0.1/", "https://192.0.2.1/",
    "https://198.18.0.1/", "https://198.51.100.1/", "https://203.0.113.1/", "https://224.0.0.1/", "https://240.0.0.1/",
    "https://255.255.255.255/", "https://[::1]/", "https://[::]/", "https://[fe80::1]/", "https://[fc00::1]/", "https://[fd00::1]/",
    "https://[ff02::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/", "https://[2001::1]/", "https://[2001:db8::1]/", "https://[::127.0.0.1]/",
    "https://ann:pw@93.184.215.14/", "https://93.184.215.14/#x", "https://93.184.215.14:99999/", "https://[::1", "https://a b/",
    "https://127.0.0.1.:443/",
)  # fmt: skip


@pytest.mark.parametrize("url", NASTY)
def test_nothing_is_sent_there(url: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(url, private=False)


@pytest.mark.parametrize(("url", "port", "path"), [
    ("https://93.184.215.14/", 443, "/"), ("https://93.184.215.14:8443/in?x=1", 8443, "/in?x=1"),
    ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]", 443, "/"), ("https://[::ffff:93.184.215.14]/", 443, "/"),
])  # fmt: skip
def test_a_public_address_over_https_is_fine(url: str, port: int, path: str) -> None:
    target = target_of(url, private=False)
    assert (target.secure, target.port, target.path) == (True, port, path) and target.addresses


def test_private_addresses_are_a_setting() -> None:
    assert not target_of("http://127.0.0.1:8080/x", private=True).secure
    with pytest.raises(AddressRefused):
        target_of("http://ann@127.0.0.1/", private=True)


def test_a_zone_changes_nothing() -> None:
    assert not is_public("fe80::1%eth0")


def test_the_signature_of_the_specification(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The example of the Standard Webhooks reference libraries: known secret, id, time and body."""
    import base64

    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    monkeypatch.setattr(WebhookSecrets, "_bytes", lambda *_: secret)
    made = WebhookSecrets(tmp_path).signature(
        "webhook/x", [1], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_differ_by_webhook_and_number_and_come_back(tmp_path: Path) -> None:
    secrets = WebhookSecrets(tmp_path)
    made = {secrets.secret(name, number) for name in ("webhook/a", "webhook/b") for number in (1, 2, 11)}
    assert len(made) == 6 and all(len(one) == 6 + 44 for one in made)
    assert WebhookSecrets(tmp_path).secret("webhook/a", 1) == secrets.secret("webhook/a", 1)
    path = tmp_path / signing.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(KeyUnusable, match="may be read by others"):
        WebhookSecrets(tmp_path).secret("webhook/a", 1)
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(KeyUnusable, match="less than 32"):
        WebhookSecrets(tmp_path).secret("webhook/a", 1)


def test_the_secret_before_is_good_for_a_day() -> None:
    since = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert valid_numbers(1, since, since) == [1]
    assert valid_numbers(2, since, since + timedelta(hours=23, minutes=59)) == [2, 1]
    assert valid_numbers(2, since, since + timedelta(days=1)) == [2]


def test_the_id_of_a_message_holds_no_full_stop() -> None:
    made = message_id("webhook/a.b", "orders", 1, 42)
    assert "." not in made and made != message_id("webhook/a", "orders", 1, 42) != message_id("webhook/a", "orders", 2, 42)
