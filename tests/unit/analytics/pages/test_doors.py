"""The links that change a viewer's choice lead back to this site and to no other."""

import pytest
from starlette.requests import Request

from services.analytics.pages.doors import back


def asked(referer: str) -> Request:
    headers = [(b"host", b"maple.example:8080"), (b"referer", referer.encode())]
    return Request({"type": "http", "scheme": "http", "method": "GET", "path": "/speak/en", "headers": headers})


@pytest.mark.parametrize(
    ("referer", "target"),
    [
        ("http://maple.example:8080/map?item=3", "/map?item=3"),
        ("http://maple.example:8080/", "/"),
        ("http://maple.example:8080//evil.example/", "/"),
        ("http://maple.example:8080/\\evil.example/", "/"),
        ("http://maple.example:8080", "/"),
        ("http://maple.example:8080.evil.example/map", "/"),
        ("https://evil.example/map", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_stays_on_this_site(referer, target):
    assert back(asked(referer), "/").headers["location"] == target
