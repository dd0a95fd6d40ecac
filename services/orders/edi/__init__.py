"""The X12 and EDIFACT doors of orders: payloads in, what they say applied, and what we have to say written.

One file a step: receiving and reading (bytes to documents), applying (documents to commands' effects; one file a
kind of document), sending (canonical documents to bytes), deciding (what a person does with a held document),
router (REST), policies (whenever ..., then ...).
"""
