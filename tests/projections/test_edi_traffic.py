"""EDI traffic: interchanges, documents in, documents out."""

from __future__ import annotations

from typing import Any

from domain.interchange import EdiDocument, Finding, Interchange, OutboundDocument, Payload
from projections import edi_traffic
from projections.edi_traffic import (
    TrafficSearch,
    document,
    find_documents,
    find_interchanges,
    find_payloads,
    find_sent,
    interchange,
    outbox,
    payload,
    sent,
)
from tests.projections.chronicle import START, Chronicle, Folder, check_folds_alike, reading

LOGS = ("orders",)
FINDING = Finding("error", "segment", "3", "BEG is missing", "BEG", 2)


def received(control: str) -> Interchange:
    stream = Interchange.stream("ZZ:BUYER", "ZZ:ACME", control)
    return Interchange.receive(
        stream, sender="ZZ:BUYER", receiver="ZZ:ACME", control=control, digest="d" * 64, size=500, door="http",
        charset=None, reused_control=False,
    )  # fmt: skip


def read(interchange_id: str, number: str, **more: Any) -> EdiDocument:
    facts = {"kind": "850", "type": "850", "version": "004010", "partner": "retailer", "company": "acme"}
    return EdiDocument.receive(
        f"{interchange_id}/{number}", interchange=interchange_id, control=number, test=False, document={},
        **(facts | {"verdict": "A", "findings": ()} | more),
    )  # fmt: skip


def wrote(about: str, partner: str = "retailer", **more: Any) -> OutboundDocument:
    return OutboundDocument.write(
        OutboundDocument.stream("acme", partner, "855", about), company="acme", partner=partner, kind="855",
        about=about, control=1, group_control=1, test=False, digest="d", document={}, **more,
    )  # fmt: skip


def told() -> Chronicle:
    chronicle = Chronicle()
    with chronicle.command("orders", actor="edi") as log:
        payloads = [Payload.receive(digest * 64, 500, "http", None) for digest in "ab"]
        log += payloads
    with chronicle.command("orders", actor="edi") as log:
        payloads[1].happened(Payload.Cut, interchanges=(), findings=(FINDING,))
        log += payloads
    with chronicle.command("orders") as log:
        log += [first := received("1"), received("2")]
    with chronicle.command("orders") as log:
        documents = [read(first.id, "0001"), read(first.id, "0002", verdict="R", findings=(FINDING,))]
        first.audited(
            partner="retailer", test=False, verdict="P", findings=(FINDING, FINDING),
            documents=tuple(d.id for d in documents), acknowledgment="edi-out/ack",
        )  # fmt: skip
        documents.append(read("interchange/other", "0003"))
        log += [first, *documents]
    with chronicle.command("orders") as log:
        documents[0].accept("order/acme/retailer/PO-7/-", "placed")
        documents[1].hold("edi.syntax", "BEG is missing")
        log += documents
    with chronicle.command("orders") as log:
        others = [read("interchange/other", number, partner=None, effective=False) for number in ("0004", "0005")]
        for other in others:
            other.hold("edi.partner_unknown", "no such partner")
        log += others
    with chronicle.command("orders") as log:
        others[0].try_again(kind="850", type="850", partner="late", company="acme", document={})
        others[1].refuse("edi.dismissed", "not for us")
        log += others
    with chronicle.command("orders") as log:
        sent_out = [wrote("order/1"), wrote("order/2"), wrote("order/3", "other")]
        sent_out[0].delivered(START, "sftp")
        sent_out[0].acknowledged("A", "interchange/9")
        sent_out.append(wrote("order/4"))
        sent_out[3].delivered(START, "sftp")
        sent_out.append(wrote("order/5", sendable=False, findings=(FINDING,)))
        log += sent_out
    return chronicle


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, edi_traffic.VIEW, told(), LOGS)


def test_an_interchange_has_its_findings_and_documents(folder: Folder) -> None:
    with reading(folder, edi_traffic.VIEW, told(), LOGS) as connection:
        rows = find_interchanges(connection, TrafficSearch()).rows
        found = interchange(connection, "interchange/ZZ%3ABUYER/ZZ%3AACME/1")
        assert interchange(connection, "interchange/none") is None
        assert len(find_interchanges(connection, TrafficSearch(partner="retailer", test=False)).rows) == 1
    assert [(row["control"], row["audited"], row["verdict"], row["findings"]) for row in rows] == [
        ("2", False, None, 0), ("1", True, "P", 2),
    ]  # fmt: skip
    assert found is not None
    assert found["found"] == (FINDING, FINDING)
    assert [(d["control"], d["status"], d["findings"]) for d in found["documents"]] == [
        ("0001", "accepted", 0), ("0002", "held", 1),
    ]  # fmt: skip


def test_documents_in_stand_where_they_are(folder: Folder) -> None:
    with reading(folder, edi_traffic.VIEW, told(), LOGS) as connection:
        held = find_documents(connection, TrafficSearch(status="held")).rows
        waiting = find_documents(connection, TrafficSearch(status="received", kind="850")).rows
        refused = find_documents(connection, TrafficSearch(status="refused")).rows
        one = document(connection, held[0]["document_id"])
    assert [(row["control"], row["code"], row["reason"]) for row in held] == [("0002", "edi.syntax", "BEG is missing")]
    assert [(row["control"], row["partner"]) for row in waiting] == [("0004", "late"), ("0003", "retailer")]
    assert [(row["control"], row["reason"]) for row in refused] == [("0005", "not for us")]
    assert one is not None
    assert one["found"] == (FINDING,)


def test_the_outbox_holds_what_is_not_delivered(folder: Folder) -> None:
    with reading(folder, edi_traffic.VIEW, told(), LOGS) as connection:
        assert [row["about"] for row in outbox(connection).rows] == ["order/2", "order/3"]
        assert [row["about"] for row in outbox(connection, "other").rows] == ["order/3"]
        assert len(find_sent(connection, TrafficSearch(partner="retailer")).rows) == 4
        done = sent(connection, OutboundDocument.stream("acme", "retailer", "855", "order/1"))
    assert done is not None
    assert (done["delivered_at"], done["channel"], done["acknowledged"]) == (START, "sftp", "A")


def test_a_payload_without_an_interchange_says_why(folder: Folder) -> None:
    with reading(folder, edi_traffic.VIEW, told(), LOGS) as connection:
        rows = find_payloads(connection).rows
        one = payload(connection, Payload.stream("b" * 64))
    assert [(row["digest"][0], row["cut"], row["findings"]) for row in rows] == [("b", True, 1), ("a", False, 0)]
    assert one is not None
    assert (one["interchanges"], one["found"]) == ((), (FINDING,))
