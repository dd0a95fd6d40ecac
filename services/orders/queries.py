"""GET routes of the orders service: the order book, order facts, shipments, returns, master data, persons."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from projections import access, master_data, order_book, order_fill
from projections.paging import Listed
from services.http import query_route, reading
from services.fields import Day
from services.orders.fill_rate.asking import check_days
from services.queries import Cursor, Limit, MinPosition, after_of, found, json_answer, page_answer, part

Status = Literal[
    "PENDING", "RELEASED", "HELD", "OPEN", "CLOSED", "CANCELLED", "EXPIRED", "CLOSED_SHORT", "CONFIRMED",
    "UNCONFIRMED", "DISPATCHED", "UNDISPATCHED",
]


def order_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["orders"])

    @query_route(router, "/orders", permission="order.read", summary="Search the order book", name="order.search")
    def search(
        request: Request, limit: Limit = 50, cursor: Cursor = None, min_position: MinPosition = None,
        company: str | None = None, partner: str | None = None,
        number: Annotated[str | None, Query(min_length=1, description="Purchase order numbers beginning so.")] = None,
        status: Annotated[list[Status] | None, Query(description="All of these must hold.")] = None,
        ordered_from: Day | None = None, ordered_to: Day | None = None,
        requested_from: Day | None = None, requested_to: Day | None = None,
        item: str | None = None, ship_to: str | None = None,
    ) -> Response:
        """Order headers, the latest day first."""
        wanted = order_book.OrderSearch(
            company, partner, number, tuple(status or ()), ordered_from, ordered_to, requested_from, requested_to,
            item, ship_to,
        )
        after = after_of(request, cursor)
        with reading(request, "order_book") as connection:
            return page_answer(request, order_book.find_orders(connection, wanted, limit, after))

    @query_route(
        router, "/orders/{order:path}/timeline", permission="order.read", name="order.timeline",
        summary="Everything that happened to an order, in the order in which it became known",
    )
    def timeline(request: Request, order: str, min_position: MinPosition = None) -> Response:
        with reading(request, "order_book") as connection:
            rows = order_book.timeline(connection, f"order/{order}")
        return json_answer({"items": found("order", order, rows or None)})

    @query_route(router, "/orders/{order:path}", permission="order.read", summary="One order whole", name="order.read")
    def one(request: Request, order: str, min_position: MinPosition = None) -> Response:
        """Header, lines with every quantity, shipments, invoices and the timeline. The ETag is for If-Match."""
        with reading(request, "order_book") as connection:
            page = found("order", order, order_book.order(connection, f"order/{order}"))
        body = plain(page)
        version = sum(1 for row in body["timeline"] if row["subject"] == f"order/{order}" and row["log"] == "orders")
        return json_answer({"version": version, **body}, version=version)

    @query_route(
        router, "/order-facts", permission="fill_rate.read", name="order_facts.read",
        summary="The facts from which a fill rate is judged, by originally requested day",
    )
    def facts(
        request: Request, partner: str, first: Day, last: Day, company: str | None = None,
        known_at: Annotated[int | None, Query(ge=0, lt=10**18, description="A position of the orders log.")] = None,
        min_position: MinPosition = None,
    ) -> Response:
        check_days(first, last)
        with reading(request, "order_fill") as connection:
            found_lines = order_fill.lines_requested(connection, partner, first, last, company=company, known_at=known_at)
            lines = [line for line in found_lines if any(first <= d.requested_on <= last for d in line.original.schedule)]
        return json_answer({"items": [plain(line) for line in lines]})

    return router


def plain(value: Any) -> Any:
    """Dataclasses as dicts; what they hold is encoded exactly by the answer."""
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def shipment_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["shipments"])

    @query_route(
        router, "/shipments/{shipment:path}", permission="shipment.read", summary="One shipment with its evidence",
        name="shipment.read",
    )
    def one(request: Request, shipment: str, min_position: MinPosition = None) -> Response:
        with reading(request, "order_book") as connection:
            page = order_book.shipment(connection, f"shipment/{shipment}")
        return json_answer(plain(found("shipment", shipment, page)))

    @query_route(router, "/returns", permission="return.read", summary="Returns, the latest first", name="return.search")
    def returns(
        request: Request, partner: str | None = None, limit: Limit = 50, cursor: Cursor = None,
        min_position: MinPosition = None,
    ) -> Response:
        after = after_of(request, cursor)
        with reading(request, "order_book") as connection:
            return page_answer(request, order_book.find_returns(connection, partner, limit, after))

    @query_route(
        router, "/returns/{goods_return:path}", permission="return.read", summary="One return", name="return.read"
    )
    def one_return(request: Request, goods_return: str, min_position: MinPosition = None) -> Response:
        with reading(request, "order_book") as connection:
            row = order_book.goods_return(connection, f"return/{goods_return}")
        return json_answer(found("return", goods_return, row))

    return router


def master_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["master data"])

    @query_route(router, "/companies", permission="company.read", summary="Our companies", name="company.list")
    def companies(request: Request, min_position: MinPosition = None) -> Response:
        with reading(request, "master_data") as connection:
            return json_answer({"items": master_data.companies(connection), "next": None})

    @query_route(
        router, "/companies/{company}", permission="company.read", summary="One company of ours", name="company.read"
    )
    def company(request: Request, company: str, min_position: MinPosition = None) -> Response:
        with reading(request, "master_data") as connection:
            row = one_of(master_data.companies(connection), "company", part(company))
        return json_answer(found("company", company, row))

    @query_route(router, "/partners", permission="partner.read", summary="Trading partners", name="partner.list")
    def partners(
        request: Request, company: str | None = None, name: str | None = None, limit: Limit = 50,
        cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        after = after_of(request, cursor)
        with reading(request, "master_data") as connection:
            return page_answer(request, master_data.find_partners(connection, company, name, limit, after))

    @query_route(
        router, "/partners/{partner}", permission="partner.read", summary="One partner with all agreements",
        name="partner.read",
    )
    def partner(request: Request, partner: str, min_position: MinPosition = None) -> Response:
        with reading(request, "master_data") as connection:
            return json_answer(found("partner", partner, master_data.partner(connection, part(partner))))

    @query_route(
        router, "/partners/{partner}/places", permission="partner.read", summary="Ship-to places of a partner",
        name="place.list",
    )
    def places(
        request: Request, partner: str, limit: Limit = 50, cursor: Cursor = None, min_position: MinPosition = None
    ) -> Response:
        return _listed(request, cursor, lambda c, after: master_data.find_places(c, part(partner), limit, after))

    @query_route(
        router, "/partners/{partner}/places/{place}", permission="partner.read", summary="One ship-to place",
        name="place.read",
    )
    def place(request: Request, partner: str, place: str, min_position: MinPosition = None) -> Response:
        with reading(request, "master_data") as connection:
            return json_answer(found("place", place, master_data.place(connection, part(partner), part(place))))

    @query_route(
        router, "/partners/{partner}/prices/{item}", permission="price.read", summary="The prices of one item with a partner",
        name="price.read",
    )
    def price(request: Request, partner: str, item: str, min_position: MinPosition = None) -> Response:
        with reading(request, "master_data") as connection:
            return json_answer(found("price of", item, master_data.price(connection, part(partner), part(item))))

    return router


def item_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["master data"])

    @query_route(router, "/items", permission="item.read", summary="Items", name="item.list")
    def items(
        request: Request, number: str | None = None, limit: Limit = 50, cursor: Cursor = None,
        min_position: MinPosition = None,
    ) -> Response:
        return _listed(request, cursor, lambda c, after: master_data.find_items(c, number, limit, after))

    @query_route(router, "/items/{item}", permission="item.read", summary="One item", name="item.read")
    def item(request: Request, item: str, min_position: MinPosition = None) -> Response:
        with reading(request, "master_data") as connection:
            return json_answer(found("item", item, master_data.item(connection, part(item))))

    @query_route(router, "/prices", permission="price.read", summary="Agreed prices", name="price.list")
    def prices(
        request: Request, partner: str | None = None, item: str | None = None, limit: Limit = 50,
        cursor: Cursor = None, min_position: MinPosition = None,
    ) -> Response:
        return _listed(request, cursor, lambda c, after: master_data.find_prices(c, partner, item, limit, after))

    @query_route(router, "/tax-rates", permission="tax.read", summary="Tax rates by place", name="tax.list")
    def tax_rates(request: Request, min_position: MinPosition = None) -> Response:
        with reading(request, "master_data") as connection:
            return json_answer({"items": master_data.taxes(connection), "next": None})

    @query_route(
        router, "/tax-rates/{place}", permission="tax.read", summary="The tax rates of one place", name="tax.read"
    )
    def rates(request: Request, place: str, min_position: MinPosition = None) -> Response:
        with reading(request, "master_data") as connection:
            row = one_of(master_data.taxes(connection), "place", part(place))
        return json_answer(found("tax place", place, row))

    return router


def one_of(rows: list[dict[str, Any]], column: str, value: str) -> dict[str, Any] | None:
    """The row of a short list that has the value."""
    return next((row for row in rows if row[column] == value), None)


def _listed(request: Request, cursor: str | None, find: Any) -> Response:
    after = after_of(request, cursor)
    with reading(request, "master_data") as connection:
        listed: Listed = find(connection, after)
        return page_answer(request, listed)


def person_queries() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["persons"])

    @query_route(
        router, "/persons", permission="person.read", summary="Persons, their roles and keys (never a secret)",
        name="person.list",
    )
    def persons(request: Request, min_position: MinPosition = None) -> Response:
        with reading(request, "access") as connection:
            return json_answer({"items": access.find_persons(connection), "next": None})

    @query_route(
        router, "/persons/{person}", permission="person.read", summary="One person with roles and keys",
        name="person.read",
    )
    def person(request: Request, person: str, min_position: MinPosition = None) -> Response:
        with reading(request, "access") as connection:
            row = one_of(access.find_persons(connection), "person", part(person))
        return json_answer(found("person", person, row))

    return router


ROUTERS = (order_queries, shipment_queries, master_queries, item_queries, person_queries)
