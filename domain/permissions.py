"""What a person may be allowed to do, by name, and which role allows it; every route declares one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from domain.refusal import Kind, Refusal

NOT_PERMITTED = Refusal(
    "permissions.not_permitted",
    "{person} may not {doing} ({permission}); this takes one of the roles {roles}. Ask someone who has one.",
    Kind.FORBIDDEN,
)

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "company.read": "read our companies",
        "company.administer": "register a company of ours",
        "order.read": "read orders",
        "order.create": "place an order",
        "order.change": "record a customer's change of an order",
        "order.confirm": "confirm what we promise of an order",
        "order.cancel": "cancel an order or a part of it, or close it short",
        "order.release.request": "ask for the release of an order that credit holds",
        "shipment.read": "read shipments and the evidence about them",
        "shipment.record": "record a dispatch, an appointment, an arrival or a delivery",
        "receipt.record": "record a customer's receiving advice",
        "item.read": "read items",
        "item.agree": "register an item and agree its packs and numbers",
        "partner.read": "read trading partners and their places",
        "partner.agree": "register a trading partner and agree terms with it",
        "price.read": "read agreed prices",
        "price.agree": "agree a price",
        "tax.read": "read tax rates",
        "tax.agree": "record a tax rate",
        "edi.read": "read EDI interchanges and documents",
        "edi.receive": "hand in an EDI interchange",
        "edi.decide": "decide about an EDI document that is held for a person",
        "credit.read": "read credit accounts",
        "credit.release.request": "ask for a credit release",
        "credit.release.approve": "approve a credit release that someone else asked for",
        "credit.limit.agree": "agree a credit limit",
        "invoice.read": "read invoices",
        "invoice.issue": "issue an invoice",
        "invoice.credit": "issue a credit memo",
        "invoice.void": "void an invoice",
        "settlement.read": "read settlements",
        "settlement.record": "record a remittance",
        "settlement.reverse": "reverse a settlement",
        "deduction.read": "read deductions",
        "statement.read": "read customers' statements, ours to them and three-way matches",
        "statement.record": "record a customer's statement and say what a difference is",
        "statement.agree": "agree a customer's statement",
        "dispute.read": "read disputes, their evidence and their packs",
        "dispute.work": "open a dispute, judge it, resolve it and ask for a write-off",
        "dispute.approve": "approve or decline what someone else asked to give up in a dispute",
        "fill_rate.read": "read fill rates",
        "fill_rate.find": "record exclusions and causes of missed lines",
        "fill_rate.close": "close a period of a customer's fill rate",
        "penalty.read": "read penalties",
        "penalty.decide": "record what a customer announced of a penalty, dispute it, settle it or record that it is waived",
        "score.read": "read retailers' own scorecards",
        "score.record": "record a retailer's scorecard or that it was taken back",
        "plan.read": "read customer plans and forecasts",
        "plan.record": "record a customer plan",
        "return.read": "read returns",
        "return.authorise": "authorise a return",
        "return.receive": "record goods that came back",
        "person.read": "read persons and their roles",
        "person.administer": "register a person and grant or withdraw roles",
        "key.administer": "issue and revoke API keys",
        "log.read": "read the feed of a log",
        "view.operate": "rebuild a view",
        "webhook.administer": "register webhooks, see what was sent and send it again",
    }
)

READ_ALL = frozenset(name for name in PERMISSIONS if name.endswith(".read"))
_READ_BUSINESS = READ_ALL - {"person.read", "log.read"}
_ADMINISTRATION = frozenset({"company.administer", "person.administer", "key.administer", "view.operate", "webhook.administer"})
_MASTER_DATA = frozenset({"item.agree", "partner.agree", "tax.agree"})
_CLERK = frozenset(
    {"fill_rate.find", "fill_rate.close", "penalty.decide", "score.record", "statement.record", "dispute.work"}
    | {"order.create", "order.change", "order.confirm", "order.cancel", "order.release.request"}
    | {"shipment.record", "receipt.record", "edi.receive", "edi.decide", "credit.release.request"}
    | {"invoice.issue", "invoice.credit", "settlement.record", "return.authorise", "return.receive"}
)
_CREDIT_MANAGER = frozenset(
    {"credit.release.request", "credit.release.approve", "credit.limit.agree", "price.agree", "penalty.decide"}
    | {"invoice.void", "settlement.reverse", "statement.record", "statement.agree", "dispute.work", "dispute.approve"}
)
_INTEGRATION = frozenset(
    {"order.create", "order.change", "order.confirm", "order.cancel", "shipment.record", "receipt.record"}
    | {"edi.receive", "settlement.record", "plan.record", "return.receive", "log.read", "score.record", "statement.record"}
)

# Roles are data: a name and what it allows. The administrator holds no approval of business.
ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "administrator": _ADMINISTRATION
        | _MASTER_DATA
        | {"company.read", "item.read", "partner.read", "price.read", "tax.read", "person.read", "log.read"},
        "clerk": _READ_BUSINESS | _CLERK,
        "credit_manager": _READ_BUSINESS | _CREDIT_MANAGER,
        "planner": _READ_BUSINESS | {"plan.record"},
        "auditor": READ_ALL,
        "integration": _READ_BUSINESS | _INTEGRATION,
    }
)

# An administrator could give himself the approvals of these: the two are not held by one person.
NOT_WITH_ADMINISTRATOR = frozenset({"clerk", "credit_manager", "integration"})


def allowed(roles: Iterable[str], scopes: Iterable[str] | None = None) -> frozenset[str]:
    """All that ``roles`` allow together; a key with scopes allows no more than these."""
    permitted = frozenset(name for role in roles for name in ROLES.get(role, frozenset()))
    return permitted if scopes is None else permitted & frozenset(scopes)


def roles_with(permission: str) -> tuple[str, ...]:
    """The roles that allow ``permission``; a refusal names them."""
    return tuple(role for role, names in ROLES.items() if permission in names)


def check_permitted(
    person: str, permission: str, roles: Iterable[str], scopes: Iterable[str] | None = None
) -> None:
    """Refuse what no role of the person's, or not this key, allows."""
    if permission not in allowed(roles, scopes):
        raise NOT_PERMITTED(
            person=person, doing=PERMISSIONS[permission], permission=permission, roles=roles_with(permission)
        )
