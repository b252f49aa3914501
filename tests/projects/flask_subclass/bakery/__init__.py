"""A bakery that knows what it has in its oven."""

from .server import Bakery


def create_app() -> Bakery:
    return Bakery()
