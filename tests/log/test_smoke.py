from tests.conftest import asking
def test_one(wired, master):
    a = wired.applications["orders"].handle(master.order("PO-1"), asking("clerk", "k1"))
    assert a.status == 201
    assert wired.settle()
    from domain.order import Order
    assert wired.applications["orders"].look(Order, master.stream("PO-1")).state.credit == "RELEASED"
