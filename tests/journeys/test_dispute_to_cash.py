"""S2 of definitions.md by the HTTP doors alone, on both back ends: evidence, verdict, credit, repayment, write-off, pack.

Ordered and shipped 1,000 cases of tea at 100.00 with 13 % tax: 113,000.00. The customer pays 113,000.00 less 2,260.00 (code
SH20: 20 cases short) less a fee of 10,000.00: 100,740.00. The proof of delivery shows 988 cases. Of the shortage 12 cases
are ours: 1,356.00 = 1,200.00 + 156.00; 904.00 comes back. Of the fee 6,000.00 comes back, 4,000.00 is written off.
"""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from services.orders import agreeing
from tests.conftest import FIRST_DAY, asking
from tests.services.shop import Shop, problem_of
from tests.shapes import Shape

PARTNER = "kaufmarkt"
AGREEMENT: dict[str, Any] = {
    "reasons": {"sh20": "SHORTAGE", "SLOT": "FEE"},
    "disputes": {
        "window_days": 90, "by_reason": {"FEE": {"window_days": 30}}, "write_off": {"band": "1000.00", "days": 30},
        "law": ["CN"],
    },
}


@pytest.fixture(scope="module")
def paid(module_shape: Shape) -> Iterator[Shop]:
    """The goods were ordered, shipped, delivered, counted, invoiced and paid short."""
    with module_shape.shop() as shop:
        orders = shop.wired.applications["orders"]
        first = {"first_day": FIRST_DAY}
        for command in (
            agreeing.AgreeTaxRate(place="de", category="standard", rate="0.13", **first),
            agreeing.AgreePrice(partner=PARTNER, item="tea-25", currency="EUR", price="100.00", unit="EA", **first),
        ):
            assert orders.handle(command, asking("seed")).status < 300
        assert shop.wired.settle()
        agreed = {"agreement": AGREEMENT, "first_day": "2020-01-01"}
        ok(shop.post(f"/v1/partners/{PARTNER}/deduction-agreements", agreed, "administrator"))
        deliver(shop)
        yield shop


def ok(answer: Any) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()


def deliver(shop: Shop) -> None:
    line = {"number": "1", "item": "tea-25", "quantity": "1000", "unit": "EA"}
    ok(shop.post("/v1/orders", shop.body("PO-1", line=line)))
    assert shop.wired.settle()
    order = f"order/acme/{PARTNER}/PO-1/-"
    one = {"order": order, "line": "1"}
    ok(shop.post("/v1/shipments", {
        "company": "acme", "number": "S-1", "partner": PARTNER, "ship_to": "dc-1", "dispatched_at": "2026-03-01T08:00:00Z",
        "bill_of_lading": "BOL-1", "lines": [{**one, "quantity": "1000"}],
    }))
    assert shop.wired.settle()
    ok(shop.post("/v1/shipments/acme/S-1:deliver", {
        "at": "2026-03-02T09:00:00Z", "document": "POD-1", "lines": [{**one, "quantity": "988"}],
    }))
    ok(shop.post("/v1/shipments/acme/S-1:receive", {
        "document": "GR-1", "version": 1, "received_on": "2026-03-02", "lines": [{**one, "received": "980", "accepted": "980"}],
    }))
    assert shop.wired.settle()
    (invoice,) = ok(shop.get("/v1/invoices"))["items"]
    assert invoice["original"] == "113000.00"
    ok(shop.post("/v1/settlements", {
        "company": "acme", "partner": PARTNER, "reference": "R1", "paid_on": "2026-03-20", "amount": "100740.00",
        "items": [{
            "reference": invoice["number"], "gross": "113000.00", "paid": "110740.00",
            "adjustments": [{"amount": "2260.00", "reason": "SH20"}],
        }],
        "adjustments": [{"amount": "-10000.00", "reason": "SLOT", "reference": "slotting"}],
    }))
    assert shop.wired.settle()


def at(number: str) -> str:
    return f"/v1/disputes/acme/{PARTNER}/{number}"


def opened(shop: Shop, number: str, n: int) -> Any:
    body = {"company": "acme", "partner": PARTNER, "number": number, "deductions": [{"deduction": f"acme/{PARTNER}/R1/{n}"}]}
    answer = shop.post("/v1/disputes", body)
    assert shop.post("/v1/disputes", body).status_code == 200
    return ok(answer)


def do(shop: Shop, number: str, verb: str, body: dict[str, Any] | None = None, role: str = "clerk") -> Any:
    keyed = {"Idempotency-Key": secrets.token_hex(8)}
    first = shop.post(f"{at(number)}:{verb}", body or {}, role, headers=keyed)
    again = shop.post(f"{at(number)}:{verb}", body or {}, role, headers=keyed)  # every command twice: it happens once
    assert (again.status_code, again.content) == (first.status_code, first.content)
    return ok(first)


def page(shop: Shop, number: str) -> Any:
    assert shop.wired.settle()
    return ok(shop.get(at(number), "auditor"))


def figures(shop: Shop, number: str) -> dict[str, str]:
    names = ("status", "claimed", "credited", "repaid", "written_off", "outstanding")
    shown = page(shop, number)
    return {name: shown[name] for name in names}


def test_the_customers_codes_are_read_as_agreed(paid: Shop) -> None:
    rows = ok(paid.get("/v1/deductions"))["items"]
    assert {(row["open"], row["customer_reason"], row["reason"]) for row in rows} == {
        ("2260.00", "SH20", "SHORTAGE"), ("10000.00", "SLOT", "FEE"),
    }


def test_s2_through_the_doors(paid: Shop) -> None:
    made = opened(paid, "D1", 1)
    assert (made["status"], made["claimed"], made["outstanding"]) == ("OPEN", "2260.00", "2260.00")
    assert page(paid, "D1")["last_day"] == "2026-06-18"  # 90 days after 20 March
    do(paid, "D1", "begin-work")
    early = paid.post(f"{at('D1')}:submit", {})
    problem_of(early, 409, "dispute.no_verdict")
    wrong = {"supplier": "1356.00", "customer": "900.00", "stage": "DELIVERY", "reason": "POD-1"}
    told = problem_of(paid.post(f"{at('D1')}:give-verdict", wrong), 422, "dispute.parts_do_not_add_up")["parameters"]
    assert (told["limit"], told["figure"], told["excess"]) == ("2260.00", "2256.00", "-4.00")
    invalid = {**wrong, "customer": "904.00", "verdict": "INVALID"}
    problem_of(paid.post(f"{at('D1')}:give-verdict", invalid), 422, "dispute.verdict_differs")
    verdict = do(paid, "D1", "give-verdict", {**wrong, "customer": "904.00", "verdict": "PARTIALLY_VALID", "fault": "BOTH"})
    assert (verdict["to_credit"], verdict["to_ask_for"]) == ("1356.00", "904.00")
    assert do(paid, "D1", "submit")["requested"] == "904.00"
    (memo,) = do(paid, "D1", "credit", {"reason": "12 cases short"})["credit_memos"]
    paper = ok(paid.get(f"/v1/invoices/{memo.partition('/')[2]}"))
    assert (paper["net"], paper["gross"], paper["open"]) == ("-1200.00", "-1356.00", "0.00")
    do(paid, "D1", "record-acceptance", {"amount": "904.00", "document": "mail 1", "accepted_on": "2026-04-01"})
    back = do(paid, "D1", "record-repayment", {"reference": "R2", "paid_on": "2026-04-02"})
    assert (back["status"], back["outstanding"]) == ("CLOSED", "0.00")
    assert figures(paid, "D1") == {
        "status": "CLOSED", "claimed": "2260.00", "credited": "1356.00", "repaid": "904.00", "written_off": "0.00",
        "outstanding": "0.00",
    }


def test_s2_the_fee_is_repaid_in_part_and_the_rest_written_off_by_two_persons(paid: Shop) -> None:
    opened(paid, "D2", 2)
    assert page(paid, "D2")["last_day"] == "2026-04-19"
    do(paid, "D2", "begin-work")
    struck = do(paid, "D2", "give-verdict", {
        "undetermined": "10000.00", "stage": "DEDUCTION", "reason": "no agreement",
        "facts": {"fee": "FESTIVAL_WITHOUT_SERVICE"},
    })
    assert (struck["verdict"], struck["fault"], struck["shares"]["customer"]) == ("INVALID", "CUSTOMER", "10000.00")
    assert [(one["rule"], one["amount"]) for one in struck["failed"]] == [("CN-FEES", "10000.00")]
    assert struck["facts"]["undetermined"] == "10000.00"
    do(paid, "D2", "submit")
    do(paid, "D2", "record-acceptance", {"amount": "6000.00", "document": "mail 2", "accepted_on": "2026-04-01"})
    assert do(paid, "D2", "record-repayment", {"reference": "R3", "paid_on": "2026-04-02"})["status"] == "REPAID"
    asked = do(paid, "D2", "write-off", {"amount": "4000.00", "reason": "not worth a court"}, "credit_manager")
    waiting = asked["waiting"]
    assert asked["outstanding"] == "4000.00"
    problem_of(paid.post(f"{at('D2')}:approve", {"request": waiting}), 403, "not_permitted")
    own = paid.post(f"{at('D2')}:approve", {"request": waiting}, "credit_manager")
    assert problem_of(own, 403, "dispute.requester_cannot_approve")["parameters"]["figure"] == "4000.00"
    do(paid, "D2", "decline", {"request": waiting, "reason": "let a clerk ask"}, "credit_manager")
    waiting = do(paid, "D2", "write-off", {"amount": "4000.00", "reason": "not worth a court"})["waiting"]
    do(paid, "D2", "approve", {"request": waiting}, "credit_manager")
    assert figures(paid, "D2") == {
        "status": "CLOSED", "claimed": "10000.00", "credited": "0.00", "repaid": "6000.00", "written_off": "4000.00",
        "outstanding": "0.00",
    }
    assert ok(paid.get("/v1/deductions"))["items"] == []
    account = ok(paid.get(f"/v1/credit-accounts/{PARTNER}"))
    assert account["exposure"] in ("0", "0.00")


def test_the_evidence_is_gathered_from_both_logs(paid: Shop) -> None:
    assert paid.wired.settle()
    found = ok(paid.get(f"{at('D1')}/evidence", "auditor"))
    kinds = [row["kind"] for row in found["items"]]
    assert {
        "ORDER", "SHIP_NOTICE", "PROOF_OF_DELIVERY", "RECEIPT", "INVOICE", "PRICE_AGREEMENT", "DEDUCTION_AGREEMENT",
        "REMITTANCE", "DEDUCTION", "DISPUTE", "CREDIT_MEMO",
    } <= set(kinds)
    assert found["missing"] == []
    (pod,) = [row for row in found["items"] if row["kind"] == "PROOF_OF_DELIVERY"]
    assert (pod["document"], pod["facts"]["lines"][0]["quantity"]) == ("POD-1", "988")
    log, _, position = pod["event"].partition(":")
    stored = paid.wired.applications[log].store.event_at(int(position))
    assert stored is not None and json.loads(stored.data) == pod["facts"]


def pack_of(shop: Shop, number: str) -> Any:
    assert shop.wired.settle()
    answer = shop.get(f"{at(number)}/pack", "auditor")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip"), answer.text
    return answer


def checked(place: Path, *more: str) -> tuple[int, str]:
    """The script of the pack, run alone: no package of ours, no database."""
    script = place.parent / "verify.py"
    with zipfile.ZipFile(place) as archive:
        if not script.exists():
            script.write_bytes(archive.read("verify.py"))
    run = subprocess.run([sys.executable, "-I", str(script), str(place), *more], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def altered(content: bytes, change: Any) -> bytes:
    """The archive with its files as ``change`` makes them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, one in files.items():
            made.writestr(name, one)
    return out.getvalue()


def test_the_pack_is_the_same_bytes_each_time_and_proves_itself(paid: Shop, tmp_path: Path) -> None:
    first, second = pack_of(paid, "D1"), pack_of(paid, "D1")
    digest = hashlib.sha256(first.content).hexdigest()
    assert first.content == second.content
    assert first.headers["x-content-sha256"] == digest
    place = tmp_path / "pack.zip"
    place.write_bytes(first.content)
    assert checked(place, digest)[0] == 0, checked(place, digest)[1]
    assert checked(place, "0" * 64)[0] == 1
    with zipfile.ZipFile(place) as archive:
        names = archive.namelist()
        assert archive.read("summary.pdf").startswith(b"%PDF-") and b"1356.00 EUR" in archive.read("summary.pdf")
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert names == sorted(names)
        last = ""
        for name in (n for n in names if n.startswith("events/")):
            event = json.loads(archive.read(name))
            last = max(last, event["recorded_at"])
            row = paid.wired.applications[event["log"]].store.event_at(event["position"])
            assert row is not None and event["data"] == row.data
        dated = f"D:{datetime.fromisoformat(last):%Y%m%d%H%M%S}"  # by its facts, not by the clock
        assert dated.encode() in archive.read("summary.pdf")
        archive.extractall(tmp_path / "unpacked")
    assert checked_folder(tmp_path / "unpacked") == 0


def checked_folder(folder: Path) -> int:
    return subprocess.run([sys.executable, "-I", str(folder / "verify.py"), str(folder)], check=False).returncode


def _flip(name_part: str) -> Any:
    def change(files: dict[str, bytes]) -> None:
        name = next(name for name in sorted(files) if name_part in name)
        files[name] = files[name].replace(b"0", b"1", 1)

    return change


def _drop(files: dict[str, bytes]) -> None:
    del files[next(name for name in sorted(files) if name.startswith("events/orders"))]


def _add(files: dict[str, bytes]) -> None:
    files["events/orders-0000009999.json"] = b"{}"


def _forge(files: dict[str, bytes]) -> None:
    """Somebody who knows the manifest changes a figure and its digest too: the facts contradict it."""
    said = json.loads(files["dispute.json"])
    said["repaid"] = "9999.00"
    files["dispute.json"] = json.dumps(said).encode()
    manifest = json.loads(files["manifest.json"])
    manifest["files"]["dispute.json"]["sha256"] = hashlib.sha256(files["dispute.json"]).hexdigest()
    files["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_flip("events/receivables"), "was changed"), (_flip("papers/"), "was changed"), (_flip("summary.pdf"), "was changed"),
        (_drop, "listed and missing"), (_add, "not listed"), (_forge, "the facts make repaid"),
    ],
)
def test_a_pack_that_was_edited_is_found(paid: Shop, tmp_path: Path, change: Any, says: str) -> None:
    place = tmp_path / "pack.zip"
    place.write_bytes(altered(pack_of(paid, "D1").content, change))
    code, told = checked(place)
    assert code == 1 and says in told, told


def test_the_age_of_deductions_and_what_came_back(paid: Shop) -> None:
    """12,260.00 taken and resolved: 6,904.00 of it came back."""
    assert paid.wired.settle()
    (row,) = ok(paid.get("/v1/deduction-aging?on=2026-06-01"))["items"]
    assert (row["currency"], row["outstanding"], row["resolved"], row["repaid"]) == ("EUR", "0.00", "12260.00", "6904.00")
    assert row["recovery_rate"] == {"numerator": 1726, "denominator": 3065}  # 6904 / 12260
    assert [bucket["outstanding"] for bucket in row["buckets"]] == ["0.00"] * 4


def test_disputes_are_listed(paid: Shop) -> None:
    listed = ok(paid.get(f"/v1/disputes?partner={PARTNER}&status=CLOSED"))["items"]
    assert [(row["number"], row["reason"]) for row in listed] == [("D1", "SHORTAGE"), ("D2", "FEE")]
    assert ok(paid.get("/v1/disputes?only_open=true"))["items"] == []
    assert ok(paid.get("/v1/disputes?due_to=2026-04-19"))["items"][0]["number"] == "D2"
    problem_of(paid.get(at("D9")), 404, "not_known")


VERBS = (
    "begin-work", "give-verdict", "recompute-fine", "submit", "record-acceptance", "record-rejection", "escalate", "credit",
    "concede", "record-repayment", "write-off", "split", "merge", "void",
)


@pytest.mark.parametrize("verb", VERBS)
def test_only_those_who_work_on_disputes_may(paid: Shop, verb: str) -> None:
    for role in ("planner", "auditor", "integration", "administrator"):
        answer = paid.post(f"{at('D1')}:{verb}", {}, role)
        assert problem_of(answer, 403, "not_permitted")["permission"] == "dispute.work"


def test_only_credit_managers_approve_and_every_reader_reads(paid: Shop) -> None:
    for verb in ("approve", "decline"):
        for role in ("clerk", "planner", "auditor", "integration", "administrator"):
            assert problem_of(paid.post(f"{at('D1')}:{verb}", {}, role), 403, "not_permitted")["permission"] == "dispute.approve"
    for path in (at("D1"), f"{at('D1')}/evidence", f"{at('D1')}/pack", "/v1/disputes"):
        problem_of(paid.get(path, "administrator"), 403, "not_permitted")
        assert paid.get(path, "planner").status_code == 200


def test_a_posting_takes_a_key_and_defects_are_named(paid: Shop) -> None:
    for verb in ("credit", "concede", "write-off"):
        problem_of(paid.post(f"{at('D1')}:{verb}", {"reason": "x", "amount": "1.00"}), 400, "key_required")
    whole = {"stage": "DELIVERY", "reason": "x"}
    problem_of(paid.post(f"{at('D1')}:give-verdict", {**whole, "fault": "CUSTOMER"}), 422, "not_valid")
    problem_of(paid.post(f"{at('D1')}:give-verdict", {**whole, "supplier": "-1.00"}), 422, "not_valid")
    problem_of(paid.post(f"{at('D1')}:give-verdict", {**whole, "supplier": "1.00"}), 409, "dispute.step_not_possible")
    fine = {"ordered": "10", "received": "9", "unit_cost": "1"}
    problem_of(paid.post(f"{at('D1')}:recompute-fine", fine), 422, "not_valid")
    problem_of(paid.post(f"{at('D9')}:begin-work", {}), 404, "not_known")
    problem_of(paid.get(f"{at('D9')}/pack"), 404, "not_known")
    gone = {"company": "acme", "partner": PARTNER, "number": "D7", "deductions": [{"deduction": f"acme/{PARTNER}/R9/1"}]}
    problem_of(paid.post("/v1/disputes", gone), 422, "not_known")
    bad = {"agreement": {"reasons": {"X": "SHORT"}}, "first_day": "2026-01-01"}
    refused = problem_of(
        paid.post(f"/v1/partners/{PARTNER}/deduction-agreements", bad, "administrator"), 422, "deductions.terms_malformed"
    )
    assert refused["parameters"]["place"] == "reasons/X"
