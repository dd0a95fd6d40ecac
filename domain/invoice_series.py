"""InvoiceSeries: legal numbers without gaps, taken inside the append that issues the document (decision 36)."""

from __future__ import annotations

from dataclasses import dataclass

from domain.aggregate import Aggregate, natural_id

_DIGITS = 6  # 2026-000123; a longer count simply grows


@dataclass
class InvoiceSeriesState:
    series: str
    last: int = 0


class InvoiceSeries(Aggregate[InvoiceSeriesState]):
    """One run of numbers of one company, such as its invoices of a year."""

    KIND = "invoice-series"
    STATE = InvoiceSeriesState
    STATE_VERSION = 1

    class Opened(Aggregate.Created):
        TYPE = "series.opened/1"
        company: str
        series: str

        def apply(self, series: InvoiceSeries) -> None:
            series.state = InvoiceSeriesState(self.series)

    class NumberTaken(Aggregate.Event):
        TYPE = "series.number_taken/1"
        number: str

        def apply(self, series: InvoiceSeries) -> None:
            series.state.last += 1

    @staticmethod
    def stream(company: str, series: str) -> str:
        return natural_id("invoice-series", company, series)

    @classmethod
    def open(cls, company: str, series: str) -> InvoiceSeries:
        return cls.begin(cls.Opened, cls.stream(company, series), company=company, series=series)

    @property
    def upcoming(self) -> str:
        """The number that ``next`` will take: a document is made with it first, because making it may be refused."""
        return f"{self.state.series}-{self.state.last + 1:0{_DIGITS}d}"

    def next(self) -> str:
        """Take the next number. It must be stored with the document that bears it, or not at all."""
        number = self.upcoming
        self.happened(self.NumberTaken, number=number)
        return number
