"""What can go wrong with a source or a declaration, named by what to do about it.

IocError
├── DeclarationError      a file under data/ is wrong: correct it (file, table, key, expected)
├── QuestionError         a question that cannot be answered: ask it differently (HTTP 422)
├── StoreError            the store cannot be used
│   └── FencedError       another collector holds the lease now: stop writing
└── SourceError           a source did not deliver
    ├── UnreachableError  no usable answer: the next cycle tries again, backing off
    ├── RefusedError      the source refused us: retrying alone cannot help
    └── ContractError     an answer came that is not what was agreed: somebody must look
"""


class IocError(Exception):
    """Any fault that this product names itself."""


class DeclarationError(IocError):
    """A declaration is wrong.

    file, table and key say where; expected says what would be right, in a sentence.
    """

    def __init__(self, file: str, table: str, key: str, expected: str) -> None:
        self.file, self.table, self.key, self.expected = file, table, key, expected
        where = ".".join(part for part in (table, key) if part)
        super().__init__(f"{file}: [{where}] {expected}" if where else f"{file}: {expected}")


class QuestionError(IocError):
    """A question about the data cannot be answered as asked; the text says how to ask it."""


class StoreError(IocError):
    """The store cannot be used; the text says why."""


class FencedError(StoreError):
    """The lease moved on while a page was in hand: nothing of that page may land."""


class SourceError(IocError):
    """A source did not deliver.

    retry_after_s: seconds that the source asked us to wait, or None.
    status: HTTP status of the answer, or None where none came.
    """

    def __init__(
        self, sentence: str, *, retry_after_s: float | None = None, status: int | None = None
    ) -> None:
        self.retry_after_s, self.status = retry_after_s, status
        super().__init__(sentence)


class UnreachableError(SourceError):
    """No usable answer came (network, time limit, 5xx, 429): the next cycle is the retry."""


class RefusedError(SourceError):
    """The source refused us (401, 403, unknown host key, undeclared redirect): somebody must act."""


class ContractError(SourceError):
    """An answer came that is not what was agreed; the text names what was expected and what came."""
