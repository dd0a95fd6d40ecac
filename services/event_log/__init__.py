"""The event log: one per service, on SQLite or PostgreSQL, one contract (decisions 5-12).

``contract`` says what a store does, ``json_form`` how facts are stored, ``writer`` packs concurrent
commands into one transaction, ``sqlite`` and ``postgres`` are the two stores and plug into the
eventsourcing library through its ``PERSISTENCE_MODULE`` extension point.
"""
