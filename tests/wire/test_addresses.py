"""Which addresses are the APIs'."""

from matricula.foundation.addresses import is_api
from matricula.rest.urls import ADDRESSES


def test_every_address_of_the_apis_reaches_them() -> None:
    """A path that isn't known as theirs would be a page's, whose answer is that there is none."""
    assert [address.template for address in ADDRESSES if not is_api(address.template)] == []
