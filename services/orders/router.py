"""REST of the orders service: master data, orders, shipments, persons; commands in, views out."""

from __future__ import annotations

from fastapi import APIRouter

from services.http import command_route
from services.orders.batch import batch_router
from services.orders import admitting, agreeing, ordering, returning, shipping
from services.orders.edi import router as edi_router
from services.orders.evidence import evidence_router
from services.orders.finding import finding_router
from services.orders.penalties import ROUTERS as PENALTY_ROUTERS
from services.orders.scores import ROUTERS as SCORE_ROUTERS

LOG = "orders"

EXAMPLE_ORDER = {
    "partner": "carrefour-fr", "purchase_order_number": "PO-7", "ordered_on": "2026-02-20", "currency": "EUR",
    "ship_to": "dc-1", "requested_on": "2026-03-02",
    "lines": [{"number": "1", "item": "tea-25", "quantity": "10", "unit": "CS", "price": "2.50"}],
}
EXAMPLE_SHIPMENT = {
    "company": "acme", "number": "S-1", "partner": "carrefour-fr", "ship_to": "dc-1",
    "dispatched_at": "2026-03-01T08:30:00+01:00",
    "lines": [{"order": "order/acme/carrefour-fr/PO-7/-", "line": "1", "quantity": "10"}],
}


def order_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["orders"])
    command_route(
        router, "/orders", ordering.PlaceOrder, log=LOG, permission="order.create", status=201,
        summary="Place a purchase order", examples=[EXAMPLE_ORDER],
    )
    for verb, command, permission, summary in (
        ("amend", ordering.AmendOrder, "order.change", "Record the customer's change"),
        ("confirm", ordering.ConfirmOrder, "order.confirm", "Confirm what we promise"),
        ("cancel", ordering.CancelOrder, "order.cancel", "Cancel everything still open"),
        ("close-short", ordering.CloseShort, "order.cancel", "Close the order short"),
    ):
        command_route(
            router, f"/orders/{{order:path}}:{verb}", command, log=LOG, permission=permission, summary=summary,
            stream=_order_of,
        )
    command_route(
        router, "/orders/{order:path}:cancel-line", ordering.CancelLine, log=LOG, permission="order.cancel",
        summary="Cancel a quantity of a line", stream=_order_of, key_required=True,
    )
    return router


def _order_of(command: object) -> str:
    return ordering.order_stream(command.order)  # type: ignore[attr-defined]


def shipment_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["shipments"])
    command_route(
        router, "/shipments", shipping.DispatchShipment, log=LOG, permission="shipment.record", status=201,
        summary="Dispatch a shipment", examples=[EXAMPLE_SHIPMENT],
    )
    for verb, command, permission, summary in (
        ("make-appointment", shipping.MakeAppointment, "shipment.record", "Record a delivery appointment"),
        ("arrive", shipping.RecordArrival, "shipment.record", "Record the arrival at the place"),
        ("deliver", shipping.RecordDelivery, "shipment.record", "Record a signed proof of delivery"),
        ("refuse-in-part", shipping.RecordRefusal, "shipment.record", "Record what was sent back at the door"),
        ("receive", shipping.RecordReceipt, "receipt.record", "Record the customer's receiving advice"),
    ):
        command_route(
            router, f"/shipments/{{shipment:path}}:{verb}", command, log=LOG, permission=permission, summary=summary
        )
    return router


def return_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["shipments"])
    command_route(
        router, "/returns", returning.AuthoriseReturn, log=LOG, permission="return.authorise", status=201,
        summary="Authorise a return",
    )
    for verb, command, permission, summary in (
        ("receive", returning.ReceiveReturn, "return.receive", "Record goods that came back"),
        ("credit", returning.CreditReturn, "invoice.credit", "Record that they were credited"),
    ):
        command_route(
            router, f"/returns/{{goods_return:path}}:{verb}", command, log=LOG, permission=permission, summary=summary
        )
    return router


def master_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["master data"])
    for path, command, permission, summary in (
        ("/companies", agreeing.RegisterCompany, "company.administer", "Register a selling company"),
        ("/partners", agreeing.RegisterPartner, "partner.agree", "Register a trading partner"),
        ("/partners/{partner}/credit-limits", agreeing.AgreeCreditLimit, "credit.limit.agree", "Agree a credit limit"),
        ("/partners/{partner}/payment-terms", agreeing.AgreePaymentTerms, "partner.agree", "Agree payment terms"),
        ("/partners/{partner}/fill-rate-policies", agreeing.AgreeFillRatePolicy, "partner.agree", "Agree a fill-rate policy"),
        ("/partners/{partner}/deduction-agreements", agreeing.AgreeDeductions, "partner.agree", "Agree deductions"),
        ("/partners/{partner}/logistic-parameters", agreeing.AgreeLogisticParameters, "partner.agree", "Agree logistics"),
        ("/partners/{partner}/invoicing", agreeing.AgreeInvoicing, "partner.agree", "Agree when we invoice"),
        ("/partners/{partner}/confirmation", agreeing.AgreeConfirmation, "partner.agree", "Agree who confirms"),
        ("/partners/{partner}/edi-profiles", agreeing.AgreeEdiProfile, "partner.agree", "Agree how EDI is spoken"),
        ("/partners/{partner}:close", agreeing.ClosePartner, "partner.agree", "Close a partner"),
        ("/partners/{partner}/places", agreeing.AgreePlace, "partner.agree", "Agree a ship-to place"),
        ("/partners/{partner}/places/{place}:withdraw", agreeing.WithdrawPlace, "partner.agree", "Withdraw a place"),
        ("/items", agreeing.RegisterItem, "item.agree", "Register an item"),
        ("/items/{item}/packs", agreeing.AgreePacks, "item.agree", "Agree the packs of an item"),
        ("/items/{item}:categorise", agreeing.CategoriseItem, "item.agree", "Count an item to a category"),
        ("/items/{item}:discontinue", agreeing.DiscontinueItem, "item.agree", "Discontinue an item"),
        ("/items/{item}/numbers", agreeing.AgreeItemNumber, "item.agree", "Agree what a partner calls an item"),
        ("/partners/{partner}/prices", agreeing.AgreePrice, "price.agree", "Agree a price"),
        ("/tax-rates", agreeing.AgreeTaxRate, "tax.agree", "Record a tax rate"),
    ):
        command_route(router, path, command, log=LOG, permission=permission, summary=summary)
    return router


def person_router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["persons"])
    for path, command, permission, summary in (
        ("/persons", admitting.RegisterPerson, "person.administer", "Register a person"),
        ("/persons/{person}:grant-roles", admitting.GrantRoles, "person.administer", "Grant roles"),
        ("/persons/{person}:withdraw-roles", admitting.WithdrawRoles, "person.administer", "Withdraw roles"),
        ("/persons/{person}/keys", admitting.IssueKey, "key.administer", "Issue an API key"),
        ("/persons/{person}/keys/{key_id}:revoke", admitting.RevokeKey, "key.administer", "Revoke an API key"),
    ):
        command_route(router, path, command, log=LOG, permission=permission, summary=summary)
    return router


ROUTERS = (
    batch_router, order_router, shipment_router, evidence_router, return_router, master_router, person_router, finding_router,
    *PENALTY_ROUTERS, *SCORE_ROUTERS, *edi_router.ROUTERS,
)
