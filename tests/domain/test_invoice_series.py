"""Numbers without gaps."""

from __future__ import annotations

from domain.invoice_series import InvoiceSeries
from tests.given import fact, given

opened = fact(InvoiceSeries.Opened, company="acme", series="2026")


def taken(number: str) -> InvoiceSeries.NumberTaken:
    return fact(InvoiceSeries.NumberTaken, number=number)


def test_numbers_follow_each_other_from_one() -> None:
    given(InvoiceSeries).when_new(lambda: InvoiceSeries.open("acme", "2026")).then(opened)
    given(InvoiceSeries, opened).when(lambda s: (s.next(), s.next())).then(
        taken("2026-000001"), taken("2026-000002")
    )
    given(InvoiceSeries, opened, taken("2026-000001")).when(lambda s: s.next()).then(taken("2026-000002"))
    assert InvoiceSeries.stream("acme", "2026") == "invoice-series/acme/2026"
