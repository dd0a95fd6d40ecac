"""The receivables service: credit accounts, invoices, settlements, deductions."""
