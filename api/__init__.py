"""The read API: every number, record and source of the product as JSON, for screens, tests and other systems."""

from api.addresses import blueprint

__all__ = ["blueprint"]
