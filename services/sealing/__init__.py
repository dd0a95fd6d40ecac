"""Tamper evidence: what was recorded is sealed into signed Merkle blocks, off the path of commands (features.md X7).

``merkle`` is the tree of RFC 6962, ``block`` what is hashed and signed, ``keys`` who signs, ``sealer`` the loop,
``anchors`` the file to ship elsewhere, ``verifying`` names the first bad position, ``proof`` is for third parties.
"""
