"""The raw door: what is kept, what is refused, and that nothing a partner sends is our error."""

from __future__ import annotations

import gzip
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.services.orders.edi_trade import EdiTrade, interchange, purchase_order
from tests.services.shop import Shop, problem_of

WHOLE = interchange(purchase_order("BAD-1"), sender="DOOR1", control=900)


def numbered(control: int) -> str:
    return WHOLE.replace("000000900", f"{control:09d}")


@pytest.fixture(scope="module")
def trade(shop: Shop) -> EdiTrade:
    return EdiTrade.open(shop, "door-1")


def payload(trade: EdiTrade, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    assert trade.shop.wired.settle()
    page: dict[str, Any] = trade.shop.get(answer.json()["href"]).json()
    assert page["status"] == "read"
    return page


def messages(trade: EdiTrade, page: dict[str, Any]) -> str:
    """Every finding of a payload, its interchanges and their documents, one a line."""
    found = list(page["findings"])
    for one in page["interchanges"]:
        whole = trade.shop.get(one["href"]).json()
        found += whole["found"] + [finding for document in whole["documents"] for finding in document["found"]]
    return "\n".join(finding["message"] for finding in found)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (WHOLE[: len(WHOLE) // 2].encode(), "IEA is missing"),
        (numbered(901).replace("SE*7*", "SE*9*").encode(), "SE01 says 9 but there are 7 segments"),
        (numbered(902).replace("GE*1*7", "GE*3*7").encode(), "GE01 says 3 but there are 1"),
        (numbered(903).replace("IEA*1*000000903", "IEA*1*000000999").encode(), "IEA02 000000999 is not ISA13"),
        (numbered(904).replace("BAD-1", "BAD\x00-1").encode(), "NUL bytes"),
        (numbered(905).replace("N1*ST*DC", "N1*ST*D\u00fc").encode("latin-1"), "Latin-1"),
        (b"hello, this is no EDI at all", ""),
        (b"\x00" * 1000, ""),
        (bytes(range(256)) * 50, ""),
        (gzip.compress(WHOLE.encode()), ""),
        (b"ISA*00*", ""),
        (b"\xef\xbb\xbf", ""),
        (b'{"json": true}', ""),
    ],
    ids=["cut", "SE", "GE", "IEA", "NUL", "latin-1", "text", "NULs", "bytes", "gzip", "ISA", "BOM", "JSON"],
)
def test_whatever_is_sent_is_kept_and_said_to_be_wrong(trade: EdiTrade, raw: bytes, words: str) -> None:
    answer = trade.post(raw)
    page = payload(trade, answer)
    said = messages(trade, page)
    assert said and words in said, said
    kept = trade.shop.get(f"{page['href']}/raw")
    assert (kept.content, kept.headers["content-type"]) == (raw, "application/octet-stream")
    listed = trade.shop.get("/v1/edi/payloads").json()["items"]
    assert page["payload"] in [one["payload_id"] for one in listed]
    assert trade.shop.get("/v1/edi/documents", params={"status": "received"}).json()["items"] == []


def test_a_truncated_interchange_is_answered_with_a_rejection(trade: EdiTrade) -> None:
    text = interchange(purchase_order("CUT-1"), sender=trade.address, control=910)
    page = trade.read(trade.post(text[: text.index("IEA")]))
    assert (page["verdict"], page["documents"][0]["status"]) == ("R", "refused")
    assert "AK5*R" in page["acknowledgment_text"] and "AK9*R*1*1*0" in page["acknowledgment_text"]
    assert trade.order("CUT-1") is None
    whole = trade.read(trade.post(text))  # the transfer is repeated under its number
    assert (whole["verdict"], whole["reused_control"], whole["documents"][0]["status"]) == ("A", False, "accepted")
    assert trade.order("CUT-1") is not None
    other = trade.read(trade.post(text.replace("CUT-1", "CUT-2")))
    assert (other["verdict"], trade.order("CUT-2")) == ("reused control number", None)
    assert trade.read(trade.post(text.replace("~\n", "~")))["interchange_id"] == whole["interchange_id"]


def test_random_damage_is_never_our_error(trade: EdiTrade) -> None:
    chance = random.Random(20260302)
    for turn in range(60):
        raw = bytearray(interchange(purchase_order(f"R-{turn}"), sender=trade.address, control=2000 + turn).encode())
        for _ in range(chance.randrange(1, 12)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        answer = trade.post(bytes(raw[: chance.randrange(1, len(raw))] if turn % 3 == 0 else raw))
        assert answer.status_code == 202, answer.text
    assert trade.shop.wired.settle()
    rows = trade.shop.get("/v1/edi/payloads", params={"limit": 200}).json()["items"]
    assert all(row["cut"] for row in rows)
    assert trade.shop.wired.applications["orders"].store.parked() == []


def test_what_is_refused_at_the_door(trade: EdiTrade) -> None:
    problem_of(trade.post(WHOLE, role=None), 401, "missing_key")
    problem_of(trade.post(WHOLE, role="auditor"), 403, "not_permitted")
    problem_of(trade.post(b""), 400, "empty_body")
    problem_of(trade.post(WHOLE, headers={"Content-Type": "application/json"}), 415, "not_edi")
    problem_of(trade.post(WHOLE, headers={"Content-Type": "application/xml"}), 415, "not_edi")
    charset = {"Content-Type": "application/edi-x12; charset=unicode_escape"}
    problem_of(trade.post(WHOLE, headers=charset), 415, "charset_unknown")
    problem_of(trade.post(WHOLE, path="/v1/edi/interchanges?wait=soon"), 400, "bad_wait")
    assert trade.shop.get("/v1/edi/payloads/none").status_code == 404
    assert trade.shop.get("/v1/edi/interchanges/none").status_code == 404
    assert trade.shop.get("/v1/edi/documents/a/b").status_code == 404
    assert trade.shop.get("/v1/edi/outbox/acme/door-1/855/x/raw").status_code == 404


def test_fifty_megabytes_are_taken_and_one_byte_more_is_not(own_shop: Shop) -> None:
    trade = EdiTrade.open(own_shop, "door-2")
    problem_of(trade.post(b"x" * 50_000_001), 413, "too_large")
    page = payload(trade, trade.post(b"x" * 50_000_000))
    assert page["size"] == 50_000_000 and page["findings"]


def test_waiting_for_the_answer(trade: EdiTrade) -> None:
    text = interchange(purchase_order("W-1"), sender=trade.address, control=920)
    answer = trade.post(text, path="/v1/edi/interchanges?wait=10s")
    assert answer.status_code == 200, answer.text
    (one,) = answer.json()["interchanges"]
    assert one["verdict"] == "A" and "AK1*PO*7~AK2*850*0001~AK5*A~AK9*A*1*1*1" in one["acknowledgment_text"]
    assert [document["kind"] for document in one["documents"]] == ["purchase_order"]
    fetched = trade.shop.get(f"{one['href']}/acknowledgment")
    assert trade.shop.wired.settle()
    fetched = trade.shop.get(f"{one['href']}/acknowledgment")
    assert fetched.content.decode() == one["acknowledgment_text"]
    assert trade.shop.get(f"{one['href']}/raw").content.decode() == text


def test_the_same_interchange_fifty_times_at_once_is_one_order(trade: EdiTrade) -> None:
    text = interchange(purchase_order("P-1"), sender=trade.address, control=930)
    variants = [text.replace("~\n", "~" + "\n" * (number % 5)) for number in range(50)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(trade.post, variants))
    assert {answer.status_code for answer in answers} == {202}
    assert trade.shop.wired.settle()
    sent = trade.shop.get("/v1/edi/sent", params={"partner": trade.partner, "kind": "997", "limit": 500}).json()["items"]
    assert len([one for one in sent if one["about"].endswith("/000000930")]) == 1
    order = trade.order("P-1")
    assert order is not None and order["version"] == 3  # placed, released, confirmed


def test_the_character_set_is_the_senders(trade: EdiTrade) -> None:
    body = purchase_order("G-1", "PO1*1*10*EA*2.50**IN*C-100", "PID*F****\u5546\u54c1\u4e8a")
    text = interchange(body, sender=trade.address, control=940)
    headers = {"Content-Type": "application/edi-x12; charset=GB18030"}
    page = trade.read(trade.post(text.encode("gb18030"), headers=headers))
    assert page["documents"][0]["status"] == "accepted"
    assert trade.document(page)["document"]["lines"][0]["description"] == "\u5546\u54c1\u4e8a"


def test_the_dry_run_changes_nothing(trade: EdiTrade) -> None:
    assert trade.shop.wired.settle()
    before = trade.shop.position()
    text = interchange(purchase_order("V-1").replace("BEG*00", "BEG*XX"), sender=trade.address, control=950)
    answer = trade.post(text, path="/v1/edi/validate")
    assert answer.status_code == 200
    (one,) = answer.json()["interchanges"]
    (judged,) = one["groups"][0]["sets"]
    assert (answer.json()["accepted"], judged["verdict"], judged["document"]["number"]) == (False, "R", "V-1")
    assert [finding["code"] for finding in judged["findings"] if finding["severity"] == "error"] == ["7"]
    assert trade.post(b"nonsense", path="/v1/edi/validate").json()["accepted"] is False
    assert trade.shop.wired.settle() and trade.shop.position() == before


def test_two_interchanges_of_two_senders_in_one_payload(shop: Shop, trade: EdiTrade) -> None:
    other = EdiTrade.open(shop, "door-3", lenient_group_count=True)
    first = interchange(purchase_order("T-1"), sender=trade.address, control=960)
    second = interchange(purchase_order("T-1"), sender=other.address, control=960).replace("GE*1*7", "GE*2*7")
    page = payload(trade, trade.post(first + second))
    assert len(page["interchanges"]) == 2
    assert trade.order("T-1") is not None and other.order("T-1") is not None


EDIFACT = """UNB+UNOA:3+{sender}:12+ACME:ZZ+260302:0905+970'
UNH+1+ORDERS:D:96A:UN'
BGM+220+E-1+9'
DTM+137:20260220:102'
DTM+2:20260302:102'
NAD+DP+0451::92'
LIN+1'
PIA+5+C-100:IN'
QTY+21:10:EA'
PRI+AAA:2.5'
UNS+S'
CNT+2:1'
UNT+12+1'
UNZ+1+970'
"""


def test_an_edifact_order_by_the_same_door(shop: Shop) -> None:
    trade = EdiTrade.open(shop, "door-4", versions=("D:96A",))
    text = EDIFACT.format(sender=trade.address)
    page = trade.read(trade.post(text, headers={"Content-Type": "application/edifact"}))
    assert (page["verdict"], page["acknowledgment"]) == ("A", None), page["found"]  # a CONTRL is not written yet
    document = trade.document(page)
    assert (document["type"], document["status"], document["effect"]) == (
        "ORDERS", "accepted", "order/acme/door-4/E-1/-",
    ), document["reason"]
    assert trade.out("855") == []  # no X12 release is agreed
