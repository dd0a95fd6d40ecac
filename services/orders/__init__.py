"""The orders service: partners, items, prices, orders, shipments, returns, persons, EDI traffic."""
