"""Webhooks out (Standard Webhooks): signed, in order for each subscription, retried with back-off, every attempt kept.

``commands`` are the subscriptions, ``sending`` the loop, ``posting`` one attempt, ``addresses`` where nothing is sent to,
``signing`` the secrets, ``router`` the doors.
"""
