"""The store: what was received, when it was known, and what is counted ahead of a question."""

from ioc.store.store import Commit, Store, open_store

__all__ = ["Commit", "Store", "open_store"]
