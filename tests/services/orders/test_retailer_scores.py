"""Retailers' scorecards through the HTTP door: as JSON and as CSV, replaced, taken back, every bad row named."""

from __future__ import annotations

from typing import Any

import pytest

from services.csv_rows import ERRORS_SHOWN
from tests.services.shop import Shop, problem_of

PATH = "/v1/retailer-scores"
LINES = [
    {"order": "PO-7", "line": "1", "ordered": "100", "received": "92", "arrived_at": "2026-03-02T09:10:00+08:00"},
    {"order": "PO-7", "item": "tea-25", "ordered": "50", "received": "50", "excused": "DC_CONGESTION", "result": "PASSED"},
]
CSV = (
    "order,line,item,ordered,received,arrived_at,excused,result\r\n"
    "PO-7,1,,100,92,2026-03-02T09:10:00+08:00,,\r\n"
    "PO-7,,tea-25,50,50,,DC_CONGESTION,PASSED\r\n"
)


def card(number: str, **fields: Any) -> dict[str, Any]:
    whole = {
        "partner": "kaufmarkt", "number": number, "metric": "FILL", "calendar": "GREGORIAN_MONTH", "period": "2026-03",
        "numerator": "142", "denominator": "150", "lines": LINES, **fields,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def file(number: str, csv: str, **fields: Any) -> dict[str, Any]:
    return card(number, lines=None, csv=csv, **fields)


def read(shop: Shop, number: str, **query: Any) -> Any:
    asked = "&".join(f"{name}={value}" for name, value in {"min_position": f"orders={shop.position()}", **query}.items())
    return shop.get(f"{PATH}/kaufmarkt/{number}?{asked}")


def test_a_scorecard_is_reported_once_replaced_and_read(shop: Shop) -> None:
    made = shop.post(PATH, card("SC-1"))
    assert (made.status_code, made.headers["location"]) == (201, f"{PATH}/kaufmarkt/SC-1")
    assert made.json() == {
        "score": "score/kaufmarkt/SC-1", "href": f"{PATH}/kaufmarkt/SC-1", "version": 1, "reported_version": 1, "void": False,
    }  # fmt: skip
    first = shop.position()
    again = shop.post(PATH, card("SC-1", numerator="142.0"))
    assert (again.status_code, again.json()["version"], shop.position()) == (200, 1, first)
    other = shop.post(PATH, card("SC-1", numerator="143"))
    problem = problem_of(other, 409, "score.version_differs")
    assert problem["detail"].endswith("numerator differ. Send what is corrected as version 2.")
    newer = shop.post(PATH, card("SC-1", version=3, numerator="145"))
    assert (newer.status_code, newer.json()["reported_version"]) == (200, 3)
    late = shop.post(PATH, card("SC-1", version=2, numerator="1"))
    assert (late.status_code, late.json()["reported_version"], late.json()["version"]) == (200, 3, 2)
    page = read(shop, "SC-1")
    assert page.headers["etag"] == '"v2"'
    body = page.json()
    assert (body["numerator"], body["reported_version"], body["replaces"], body["void"]) == ("145", 3, 1, False)
    assert body["lines"] == [
        {**LINES[0], "item": None, "arrived_at": "2026-03-02T01:10:00Z", "excused": None, "result": None},
        {**LINES[1], "line": None, "arrived_at": None},
    ]
    assert [said["reported_version"] for said in body["said"]] == [3, 1]
    assert read(shop, "SC-1", known_at=first).json()["numerator"] == "142"


def test_a_scorecard_is_taken_back(shop: Shop) -> None:
    shop.post(PATH, card("SC-2"))
    void = shop.post(f"{PATH}/kaufmarkt/SC-2:void", {"reason": "recount"})
    assert (void.status_code, void.json()["void"], void.json()["version"]) == (200, True, 2)
    assert shop.post(f"{PATH}/kaufmarkt/SC-2:void", {"reason": "again"}).json()["version"] == 2
    assert read(shop, "SC-2").json()["reason"] == "recount"
    listed = shop.get(f"{PATH}?partner=kaufmarkt&min_position=orders={shop.position()}").json()["items"]
    assert [row["void"] for row in listed if row["number"] == "SC-2"] == [True]
    assert shop.post(PATH, card("SC-2", version=2)).json()["void"] is False


def test_a_cancellation_may_come_first(shop: Shop) -> None:
    unnamed = shop.post(f"{PATH}/kaufmarkt/SC-3:void", {"reason": "recount"})
    problem_of(unnamed, 404, "not_known")
    first = shop.post(f"{PATH}/kaufmarkt/SC-3:void", {"reason": "recount", "version": 1})
    assert (first.status_code, first.json()["void"], first.json()["reported_version"]) == (201, True, 0)
    assert shop.post(PATH, card("SC-3")).json()["void"] is True
    assert shop.post(PATH, card("SC-3", version=2)).json()["void"] is False
    for nobody in ("nobody/SC-3", "kaufmarkt", "kaufmarkt/-", "kaufmarkt/a/b", "kaufmarkt/%2500"):
        problem_of(shop.post(f"{PATH}/{nobody}:void", {"reason": "x", "version": 1}), 404, "not_known")


def test_a_csv_file_says_the_same_as_json(shop: Shop) -> None:
    made = shop.post(f"{PATH}:csv", file("SC-4", CSV))
    assert made.status_code == 201, made.text
    assert shop.post(PATH, card("SC-4")).json()["version"] == 1
    blank_rows = CSV.replace("PO-7,,", '\r\n,,,,,,,\r\n"PO-7",,')
    for number, text in enumerate((
        "\ufeff" + CSV, CSV.replace(",", ";"), CSV.replace(",", "\t"), CSV.replace("\r\n", "\n"),
        CSV.replace("order", " Order ", 1), blank_rows,
    )):  # fmt: skip
        same = shop.post(f"{PATH}:csv", file("SC-4", text))
        assert (same.status_code, same.json().get("version")) == (200, 1), (number, same.text)
    short = "received,ordered,item,order\n92,100,tea-25,PO-7\n"
    assert shop.post(f"{PATH}:csv", file("SC-5", short)).status_code == 201
    (line,) = read(shop, "SC-5").json()["lines"]
    assert (line["item"], line["ordered"], line["received"], line["line"]) == ("tea-25", "100", "92", None)


def test_every_bad_row_is_named_with_its_column(shop: Shop) -> None:
    """The header is row 1, as a spreadsheet shows it."""
    before = shop.position()
    bad = (
        "order,line,item,ordered,received,arrived_at,excused\n"
        "PO-7,1,,100,9x,2026-03-02T09:10:00+08:00,\n"
        "\n"
        "PO-7,2,,,92,2026-03-02,\n"
        "PO-7,3,,100,100,,\n"
        "PO-7,,,100,100,,\n"
        "PO-7,5,,100,-8,,\n"
        "PO-7,6,,100,100,,,,,\n"
    )
    answer = shop.post(f"{PATH}:csv", file("SC-6", bad))
    problem = problem_of(answer, 422, "not_valid")
    assert [error["pointer"] for error in problem["errors"]] == [
        "/csv/2/received", "/csv/4/ordered", "/csv/4/arrived_at", "/csv/6/line", "/csv/7/received", "/csv/8/excused",
    ]  # fmt: skip
    assert problem["detail"].startswith("row 2, received: send a decimal number as text") and "(and 5 more)" in problem["detail"]
    said = {error["pointer"]: error["message"] for error in problem["errors"]}
    assert said["/csv/4/ordered"] == "row 4, ordered: this field is required"
    assert said["/csv/7/received"].startswith("row 7, received: Scorecard SC-6 version 1: line 5 of order PO-7 has -8 received")
    assert said["/csv/8/excused"] == "row 8, excused: 10 cells are more than the 7 columns"
    assert shop.position() == before


def test_a_correction_below_zero_is_named_with_its_row(shop: Shop) -> None:
    rows = "order,line,ordered,received\nPO-7,1,100,92\nPO-7,1,0,-93\nPO-7,2,100,90\nPO-7,2,0,-90\n"
    problem = problem_of(shop.post(f"{PATH}:csv", file("SC-7", rows, version=2)), 422, "not_valid")
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [
        ("/csv/3/received", "score.corrected_below_zero")
    ]
    good = shop.post(f"{PATH}:csv", file("SC-7", rows.replace("-93", "-92"), version=2))
    assert good.status_code == 201


@pytest.mark.parametrize(
    ("csv", "pointers"),
    [
        ("order,line,ordered,received,price\nPO-7,1,1,1,1\n", ["/csv/1/price"]),
        ("order,line,ordered,line\nPO-7,1,1,1\n", ["/csv/1/line", "/csv/1/line", "/csv/1/received"]),
        ("order,ordered,received\nPO-7,1,1\n", ["/csv/1/line"]),
        ('order,line,ordered,received\nPO-7,"1,1,1\n', ["/csv/2/order"]),
        ("\n", ["/csv/1/order", "/csv/1/ordered", "/csv/1/received", "/csv/1/line"]),
        ("order,line,ordered,received\nPO-7,\0,1,1\n", ["/csv/2/line"]),
        ("order,line,ordered,received\nPO-7,1," + "1" * 200_000 + ",1\n", ["/csv/2/order"]),
    ],
)  # fmt: skip
def test_a_file_of_another_form_is_refused(shop: Shop, csv: str, pointers: list[str]) -> None:
    problem = problem_of(shop.post(f"{PATH}:csv", file("SC-8", csv)), 422, "not_valid")
    assert [error["pointer"] for error in problem["errors"]] == pointers


def test_a_file_of_bad_rows_alone_is_answered_in_bounds(shop: Shop) -> None:
    csv = "order,line,ordered,received\n" + "PO-7,1,x,1\n" * (ERRORS_SHOWN + 500)
    problem = problem_of(shop.post(f"{PATH}:csv", file("SC-8", csv)), 422, "not_valid")
    assert len(problem["errors"]) == ERRORS_SHOWN
    assert problem["detail"].endswith("(and 1499 more); the first 1000 are listed")


def test_a_file_of_its_header_alone_needs_a_figure(shop: Shop) -> None:
    header = "order,line,ordered,received\n"
    assert shop.post(f"{PATH}:csv", file("SC-9", header)).status_code == 201
    bare = shop.post(f"{PATH}:csv", file("SC-10", header, numerator=None, denominator=None))
    problem_of(bare, 422, "score.nothing_reported")


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"partner": "nobody"}, "not_known", "There is no partner nobody"),
        ({"calendar": "LUNAR"}, "score.calendar_unknown", "counts its period by LUNAR"),
        ({"period": "2026-W10"}, "fill_rate.period_unknown", "2026-W10 is no period of the calendar GREGORIAN_MONTH"),
        ({"numerator": "1/0"}, "not_valid", "/numerator: send an exact figure as text"),
        ({"denominator": "0", "numerator": "1"}, "score.denominator_zero", "states 1 of 0"),
        ({"metric": "SPEED"}, "not_valid", "/metric: must be one of 'FILL', 'ON_TIME' or 'OTIF'"),
        ({"lines": [{**LINES[0], "received": 92}]}, "not_valid", "/lines/0/received: send a decimal number as text"),
        ({"lines": [{**LINES[0], "received": "-8"}]}, "score.nothing_to_correct", "line 1 of order PO-7 has -8 received"),
    ],
)
def test_what_is_wrong_is_said(shop: Shop, fields: dict[str, Any], code: str, says: str) -> None:
    assert says in problem_of(shop.post(PATH, card("SC-11", **fields)), 422, code)["detail"]
    if "lines" not in fields:
        assert says in problem_of(shop.post(f"{PATH}:csv", file("SC-11", CSV, **fields)), 422, code)["detail"]


def test_a_key_repeats_the_answer_of_a_file(shop: Shop) -> None:
    headers = {"Idempotency-Key": "score-12"}
    first = shop.post(f"{PATH}:csv", file("SC-12", CSV), headers=headers)
    again = shop.post(f"{PATH}:csv", file("SC-12", CSV), headers=headers)
    assert (first.status_code, again.status_code, again.headers.get("idempotency-replayed")) == (201, 201, "true")
    problem_of(shop.post(f"{PATH}:csv", file("SC-12", CSV + "PO-8,1,,1,1,,,\r\n"), headers=headers), 422, "key_reused")


def test_a_scorecard_of_any_period_is_a_fact(shop: Shop) -> None:
    """Long past or yet to come, whether we have closed the period or not."""
    for number, period in (("SC-13", "2019-01"), ("SC-14", "2031-12")):
        assert shop.post(PATH, card(number, period=period, numerator=None, denominator=None, rate="0.9467")).status_code == 201
        assert read(shop, number).json()["rate"] == "0.9467"


def test_who_may_record_and_read(shop: Shop) -> None:
    for role, status in (("integration", 201), ("auditor", 403), ("planner", 403), ("administrator", 403)):
        for path, body in ((PATH, card(f"SC-{role}")), (f"{PATH}:csv", file(f"SC-{role}-csv", CSV))):
            assert shop.post(path, body, role).status_code == status, role
        assert shop.get(PATH, role).status_code == (403 if role == "administrator" else 200)
    problem_of(shop.get(f"{PATH}/kaufmarkt/SC-none"), 404, "not_known")
