"""The EDI policies alone: the exact commands that a fact leads to, whoever looks at what."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any

from domain.aggregate import deciding_at
from domain.agreements import EdiProfile
from domain.company import Company
from domain.identifier import Identifier
from domain.interchange import EdiDocument, Payload
from domain.recorded import RecordedEvent
from domain.remittance_document import RemittanceDocument
from domain.trading_partner import TradingPartner
from services.orders.edi.answered import AcceptDocument, HoldDocument
from services.orders.edi.applying import ApplyDocument
from services.orders.edi.policies import (
    announce_what_was_dispatched, answer_what_was_confirmed, apply_what_was_received, note_what_was_settled, takes,
)
from services.orders.edi.reading import read_payload
from services.orders.edi.receiving import Found, Hold, RecordCut, RecordInterchange
from tests.services.orders.edi_trade import interchange, purchase_order

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Seen:
    """What a policy looks at: aggregates and kept bytes in a dict."""

    def __init__(self, *aggregates: Any, raw: bytes = b"") -> None:
        self.aggregates = {one.id: one for one in aggregates}
        self.raw = raw
        self.store = self

    def look(self, _: Any, stream: str) -> Any:
        return self.aggregates.get(stream)

    def attachment(self, digest: str) -> bytes | None:
        return self.raw if hashlib.sha256(self.raw).hexdigest() == digest else None


def recorded(aggregate: Any) -> RecordedEvent:
    event = aggregate.collect_events()[-1]
    return RecordedEvent("orders", 7, type(event).TYPE, event, AT, "test", "c", None, "c")


def known(**profile: Any) -> list[Any]:
    with deciding_at(AT):
        company = Company.register(
            company="acme", name="Acme", zone="UTC", country="DE", currency="EUR", edi_qualifier="ZZ", edi_id="ACME"
        )
        partner = TradingPartner.register(partner="gross", name="Gross", company="acme", currency="EUR", zone="UTC")
        if profile:
            partner.agree_edi_profile(EdiProfile(**profile), date(2020, 1, 1))
        return [
            company, partner, Identifier.assign("edi", "ZZ:ACME", company.id),
            Identifier.assign("edi", "12:GROSS", partner.id),
        ]


def received(text: str, *aggregates: Any) -> list[Any]:
    raw = text.encode()
    with deciding_at(AT):
        payload = Payload.receive(hashlib.sha256(raw).hexdigest(), len(raw), "http", None)
    return list(read_payload(recorded(payload), Seen(*aggregates, raw=raw)))  # type: ignore[arg-type]


def test_a_payload_becomes_its_interchanges_and_a_last_word() -> None:
    text = interchange(purchase_order("PO-1"), control=41)
    one, last = received(text, *known())
    assert isinstance(one, RecordInterchange)
    assert (one.sender, one.receiver, one.control, one.partner, one.company) == (
        "12:GROSS", "ZZ:ACME", "000000041", "gross", "acme",
    )
    assert (one.verdict, one.findings, one.hold, one.test) == ("A", (), None, False)
    (document,) = one.documents
    assert (document.kind, document.type, document.group, document.control, document.verdict, document.rejected) == (
        "purchase_order", "850", "7", "0001", "A", "",
    )
    assert document.document["number"] == "PO-1"
    assert one.reply is not None
    assert (one.reply.sender.id, one.reply.receiver.id, one.reply.version) == ("ACME", "GROSS", "004010")
    assert [answer["verdict"] for answer in one.reply.documents] == ["A"]
    found = Found("12:GROSS", "ZZ:ACME", "000000041", one.digest)
    payload = f"edi-payload/{hashlib.sha256(text.encode()).hexdigest()}"
    assert last == RecordCut(payload=payload, interchanges=(found,), findings=())


def test_the_same_facts_lead_to_the_same_commands() -> None:
    text = interchange(purchase_order("PO-1"))
    assert received(text, *known()) == received(text, *known())


def test_how_it_is_wrapped_does_not_change_what_it_says() -> None:
    text = interchange(purchase_order("PO-1"))
    assert received(text, *known())[0].digest == received(text.replace("~\n", "~"), *known())[0].digest
    assert received(text, *known())[0].digest != received(text.replace("PO-1", "PO-2"), *known())[0].digest


def test_nobody_known_means_nothing_answered() -> None:
    (one, _) = received(interchange(purchase_order("PO-1")))
    assert (one.partner, one.company, one.verdict) == (None, None, "unknown partner")
    assert one.hold == Hold(
        "edi.unknown_partner", "no partner has the EDI address 12:GROSS; agree it with one and try again"
    )
    assert [finding.code for finding in one.findings] == ["006", "008"]


def test_our_special_address_at_a_partner() -> None:
    text = interchange(purchase_order("PO-1"), receiver="OURNAME")
    assert received(text, *known(company_id="OURNAME"))[0].company == "acme"
    assert received(text, *known(company_id="OTHER"))[0].company is None


def test_the_profile_reads_and_lets_test_traffic_through() -> None:
    text = interchange(purchase_order("PO-1"), version="003060", test=True)
    assert received(text, *known())[0].documents[0].verdict == "R"
    one = received(text, *known(in_test=True, versions=("003060",)))[0]
    assert (one.documents[0].verdict, one.hold, one.test) == ("A", None, True)


def test_a_997_is_not_answered() -> None:
    body = "AK1*PR*1\nAK2*855*0001\nAK5*A\nAK9*A*1*1*1"
    (one, _) = received(interchange(body, kind="997"), *known())
    assert one.reply is None and one.documents[0].kind == "functional_acknowledgment"


def test_what_is_no_edi_becomes_findings() -> None:
    (last,) = received("nothing of that kind", *known())
    assert last.interchanges == () and last.findings[0].severity == "error"


def document(**facts: Any) -> EdiDocument:
    whole: dict[str, Any] = {
        "interchange": "interchange/1", "kind": "purchase_order", "type": "850", "version": "004010", "control": "1",
        "partner": "gross", "company": "acme", "test": False, "verdict": "A", "document": {}, "findings": (), **facts,
    }
    with deciding_at(AT):
        return EdiDocument.receive("edi-document/1", **whole)


def test_a_received_document_is_applied_unless_it_may_not_or_is_for_others() -> None:
    seen: Any = Seen()
    assert apply_what_was_received(recorded(document()), seen) == [ApplyDocument(document="edi-document/1")]
    assert apply_what_was_received(recorded(document(effective=False)), seen) == []
    assert apply_what_was_received(recorded(document(kind="remittance_advice")), seen) == []


def test_receivables_says_what_became_of_a_remittance() -> None:
    seen: Any = Seen()
    with deciding_at(AT):
        settled = RemittanceDocument.settled("edi-document/1", "settlement/a", "short by 3")
        refused = RemittanceDocument.refused("edi-document/1", "remittance.debit", "It is drawn from us.")
    assert note_what_was_settled(recorded(settled), seen) == [
        AcceptDocument(document="edi-document/1", effect="settlement/a", remark="short by 3")
    ]
    assert note_what_was_settled(recorded(refused), seen) == [
        HoldDocument(document="edi-document/1", code="remittance.debit", reason="It is drawn from us.")
    ]


def test_a_partner_takes_what_its_profile_lists_where_it_has_an_address() -> None:
    def asked(kind: str, **profile: Any) -> bool:
        seen: Any = Seen(*known(**profile))
        return takes(seen, "gross", kind, AT)

    assert not asked("855")
    assert not asked("855", interchange_id="")
    assert asked("855", interchange_id="GROSS")
    assert not asked("856", interchange_id="GROSS", documents_out=("855",))
    assert not asked("855", interchange_id="GROSS", versions=("D:96A",))


def test_other_facts_lead_to_nothing() -> None:
    seen: Any = Seen()
    for policy in (apply_what_was_received, answer_what_was_confirmed, announce_what_was_dispatched):
        with deciding_at(AT):
            payload = Payload.receive("d", 1, "http", None)
        assert policy(recorded(payload), seen) == []
