"""The view of disputes: figures and clocks as they stand, the same however it is folded; the age of deductions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

from domain.credit_account import CreditAccount
from domain.deduction import Deduction
from domain.deduction_reasons import DeductionReason
from domain.dispute.changing import fall_away, merge, reverse_repayment, split_off
from domain.dispute.checks import Checked
from domain.dispute.clocks import ClockTerms, deadlines
from domain.dispute.dispute import Dispute
from domain.dispute.life_cycle import Status
from domain.dispute.state import Claim, Waiver
from domain.dispute.verdict import Shares, Stage
from projections import disputes
from projections.dispute_queries import AgeSearch, DisputeSearch, aging, dispute, due, find_disputes, zones
from tests.projections.chronicle import Chronicle, Folder, check_folds_alike, reading

LOGS = ("receivables",)
DAY = date(2026, 3, 2)
ZONE = "Asia/Shanghai"
FIRST, SECOND = "deduction/acme/retail-a/R1/1", "deduction/acme/retail-a/R1/2"
REPAID = "settlement/acme/retail-a/R2"


def taken(stream: str, amount: str, on: date, reason: DeductionReason, currency: str = "CNY") -> Deduction:
    return Deduction.take(
        stream, company="acme", partner="retail-a", account="retail-a", settlement="settlement/acme/retail-a/R1",
        invoice="invoice/acme/1", amount=D(amount), currency=currency, customer_reason="06", reason=reason, taken_on=on,
    )


def opened(number: str, *claims: tuple[str, str], reason: DeductionReason = DeductionReason.SHORTAGE) -> Dispute:
    listed = tuple(Claim(name, D(amount), "invoice/acme/1", "settlement/acme/retail-a/R1", DAY) for name, amount in claims)
    return Dispute.open(
        company="acme", partner="retail-a", account="retail-a", number=number, currency="CNY", zone=ZONE, reason=reason,
        claims=listed, dates=deadlines(ClockTerms(window_days=10), DAY, DAY), on=DAY, by="clara",
    )


class Told:
    """S2 with everything that can happen beside it: D1 ends, is opened again and falls away; D2 to D5 go other ways."""

    def __init__(self) -> None:
        self.chronicle = Chronicle()
        self._begin()
        self._s2()
        self._others()

    def say(self, *steps: Any) -> None:
        """Each step is one command on the aggregates it names."""
        for aggregates, step in steps:
            with self.chronicle.command("receivables", actor="clara") as log:
                step()
                log += aggregates

    def _begin(self) -> None:
        with self.chronicle.command("receivables") as log:
            account = CreditAccount.open("retail-a", "CNY", ZONE)
            self.first = taken(FIRST, "2260.00", DAY, DeductionReason.SHORTAGE)
            self.second = taken(SECOND, "10000.00", date(2026, 1, 5), DeductionReason.FEE)
            self.d1, self.d2 = opened("D1", (FIRST, "2260.00")), opened("D2", (SECOND, "10000.00"), reason=DeductionReason.FEE)
            self.first.claim(self.d1.id, D("2260.00"))
            self.second.claim(self.d2.id, D("10000.00"))
            log += [account, self.first, self.second, self.d1, self.d2]

    def _s2(self) -> None:
        d1, first = self.d1, self.first
        shares = Shares(D("1356.00"), D("904.00"))
        self.say(
            ([d1], lambda: d1.begin_work("clara")),
            ([d1], lambda: d1.give_verdict(shares, Stage.DELIVERY, Checked(), reason="POD", by="clara")),
            ([d1], lambda: d1.submit("", DAY, "clara")),
            ([d1], lambda: d1.accept(D("904.00"), "mail", DAY, "clara")),
            ([first], lambda: first.credit("invoice/acme/CM2", D("1356.00"), d1.id)),
            ([d1], lambda: d1.credit({FIRST: D("1356.00")}, ("invoice/acme/CM2",), reason="POD", by="clara")),
            ([first], lambda: first.repay(REPAID, D("904.00"), d1.id)),
            ([d1], lambda: d1.repay(REPAID, {FIRST: D("904.00")}, DAY, "clara")),
            ([first], lambda: first.reverse_repayment(REPAID)),
            ([d1], lambda: reverse_repayment(d1, REPAID, "no cover")),
        )

    def _others(self) -> None:
        d2, second, made = self.d2, self.second, []
        self.say(
            ([d2], lambda: d2.pass_clocks(date(2026, 3, 9))),
            (made, lambda: made.extend([split_off(d2, "D3", {SECOND: D("3000.00")}, DAY, "clara"), d2])),
        )
        d3, d4 = made[0], []
        self.say(
            (d4, lambda: d4.append(opened("D4", (FIRST, "10.00")))),
            ([d2, d3], lambda: merge(d2, d3, "clara")),
            ([d2], lambda: d2.request_waiver(Waiver.WRITE_OFF, "W1", D("4000.00"), "old", "clara", band=None, counted=D(0))),
            ([d2], lambda: d2.request_waiver(Waiver.CONCESSION, "W2", D("1.00"), "x", "clara", band=None, counted=D(0))),
            ([d2], lambda: d2.decline_waiver("W2", "no", "carla")),
            ([second], lambda: second.write_off("W1", D("4000.00"), d2.id)),
            ([d2], lambda: d2.write_off(
                "W1", {SECOND: D("4000.00")}, reason="old", requester="clara", approver="carla", on=DAY
            )),
            ([d2], lambda: d2.pass_clocks(date(2026, 3, 13))),
            (d4, lambda: d4[0].void("twice", "clara")),
        )

    def bounced(self) -> Told:
        d1, d2 = self.d1, self.d2
        self.say(
            ([d1], lambda: fall_away(d1, FIRST, "bounced", "carla")),
            ([self.second], lambda: self.second.reverse_write_off("W1")),
            ([d2], lambda: fall_away(d2, SECOND, "bounced", "carla")),
            ([self.first], lambda: self.first.void("bounced")),
            ([self.second], lambda: self.second.void("bounced")),
        )
        return self


def test_it_folds_alike(folder: Folder) -> None:
    check_folds_alike(folder, disputes.VIEW, Told().chronicle, LOGS)
    check_folds_alike(folder, disputes.VIEW, Told().bounced().chronicle, LOGS)


NAMES = ("claimed", "credited", "repaid", "written_off", "requested", "accepted")


def test_the_view_says_what_the_aggregates_say(folder: Folder) -> None:
    for told in (Told(), Told().bounced()):
        with reading(folder, disputes.VIEW, told.chronicle, LOGS) as connection:
            for aggregate in (told.d1, told.d2):
                row = dispute(connection, aggregate.id)
                assert row is not None
                state = aggregate.state
                assert row["status"] == state.status.value
                assert {name: row[name] for name in NAMES[:4]} == {name: getattr(state, name) for name in NAMES[:4]}
                assert row["outstanding"] == state.outstanding
                assert row["waiting"].keys() == state.requests.keys()
                assert row["passed"] == [clock.value for clock in state.passed]
                assert len(row["history"]) == aggregate.version


def test_lists_and_clocks(folder: Folder) -> None:
    with reading(folder, disputes.VIEW, Told().chronicle, LOGS) as connection:
        found = find_disputes(connection, DisputeSearch(partner="retail-a")).rows
        assert [(row["number"], row["status"]) for row in found] == [
            ("D1", "OPEN"), ("D2", "EXPIRED"), ("D3", "VOIDED"), ("D4", "VOIDED"),
        ]
        assert [r["number"] for r in find_disputes(connection, DisputeSearch(status=Status.EXPIRED)).rows] == ["D2"]
        assert [r["number"] for r in find_disputes(connection, DisputeSearch(reason=DeductionReason.FEE)).rows] == ["D2", "D3"]
        assert find_disputes(connection, DisputeSearch(due_to=date(2026, 3, 11))).rows == []
        assert len(find_disputes(connection, DisputeSearch(due_to=date(2026, 3, 12), only_open=True)).rows) == 2
        first = find_disputes(connection, DisputeSearch(), 1)
        assert find_disputes(connection, DisputeSearch(), 3, first.after).rows[0]["number"] == "D2"
        assert (due(connection, date(2030, 1, 1), ZONE), zones(connection)) == ([], [])
        assert dispute(connection, "dispute/acme/retail-a/D9") is None


def test_clocks_that_run_are_due_in_their_zone(folder: Folder) -> None:
    """Ten days from Monday 2 March: acknowledged by the 4th, proven by the 7th, escalated on the 9th, filed by the 12th."""
    chronicle = Chronicle()
    with chronicle.command("receivables") as log:
        log.append(opened("D1", (FIRST, "2260.00")))
    with reading(folder, disputes.VIEW, chronicle, LOGS) as connection:
        assert zones(connection) == [ZONE]
        assert due(connection, date(2026, 3, 4), ZONE) == []
        assert due(connection, date(2026, 3, 5), ZONE) == ["dispute/acme/retail-a/D1"]
        assert due(connection, date(2026, 3, 5), "UTC") == []
        row = dispute(connection, "dispute/acme/retail-a/D1")
        assert row is not None and row["clocks"] == {
            "ACKNOWLEDGE": date(2026, 3, 5), "EVIDENCE": date(2026, 3, 8), "ESCALATE": date(2026, 3, 9),
            "HARD_STOP": date(2026, 3, 13),
        }


def test_the_age_of_deductions(folder: Folder) -> None:
    """On 1 April the shortage is 30 days old with 904.00 outstanding, the fee 86 days with 6,000.00; 0 of 5,356.00 came back."""
    with reading(folder, disputes.VIEW, Told().chronicle, LOGS) as connection:
        (row,) = aging(connection, AgeSearch(date(2026, 4, 1)))
        assert [bucket["outstanding"] for bucket in row["buckets"]] == [D(904), D(0), D(6000), D(0)]
        assert (row["outstanding"], row["resolved"]) == (D(6904), D(5356))
        assert row["recovery_rate"] == {"numerator": 0, "denominator": 1}
        assert row["days_outstanding"] == {"numerator": 31068, "denominator": 613}  # 6904 x 90 / 12260
        (early,) = aging(connection, AgeSearch(date(2026, 4, 2), edges=(30,)))
        assert [bucket["outstanding"] for bucket in early["buckets"]] == [D(0), D(6904)]
        (fees,) = aging(connection, AgeSearch(date(2026, 4, 1), reason=DeductionReason.FEE, days=10))
        assert (fees["outstanding"], fees["days_outstanding"]) == (D(6000), None)
        assert aging(connection, AgeSearch(date(2026, 1, 1))) == []
