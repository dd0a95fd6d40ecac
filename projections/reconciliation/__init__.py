"""What reconciling looks at: our ledger as of any day and as known at any position, orders and receipts beside invoices,
and the customers' statements."""

from projections.reconciliation import fold
from projections.reconciliation.ledger import ledger_of
from projections.reconciliation.matches import Compared, LineState, billed_as_agreed, compared, evidence_of, price_ordered
from projections.reconciliation.queries import StatementSearch, find_invoices, find_statements
from projections.reconciliation.tables import VIEW

__all__ = [
    "VIEW", "Compared", "LineState", "StatementSearch", "billed_as_agreed", "compared", "evidence_of", "find_invoices",
    "find_statements", "fold", "ledger_of", "price_ordered",
]
