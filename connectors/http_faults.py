"""What went wrong with a request, named by what to do about it; sentences carry no address' query and no secret."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import requests
import urllib3

from connectors import wire
from ioc.errors import ContractError, RefusedError, SourceError, UnreachableError
from ioc.model import Source

if TYPE_CHECKING:
    from connectors.answer import Answer


@contextmanager
def named(host: str, source: Source) -> Iterator[None]:
    """Turn what the network raises while a host is asked into a SourceError; nothing of it is chained."""
    late = UnreachableError(
        f"Nguồn không trả lời xong trong {f'{source.deadline:g}'.replace('.', ',')} giây."
    )
    try:
        yield
    except wire.TooLargeError:
        most = f"{source.max_bytes / 1e6:g}".replace(".", ",")
        raise ContractError(f"Câu trả lời lớn hơn giới hạn {most} MB đã khai báo.") from None
    except wire.CodingError as error:
        raise ContractError(f"Câu trả lời không giải nén được ({error!s:.80}).") from None
    except wire.CutError as error:
        raise UnreachableError(f"Câu trả lời đứt sau {error.received} byte.") from None
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError):
        raise RefusedError(f"Không có kết nối TLS tin cậy với {host}: chứng thư không được công nhận, hoặc phiên bản "
                           "khác.") from None  # fmt: skip
    except requests.exceptions.ConnectTimeout:
        raise UnreachableError(f"Không kết nối được tới {host}: hết thời gian chờ.") from None
    except (requests.exceptions.ConnectionError, urllib3.exceptions.HTTPError, OSError) as error:
        if _is_timeout(error):
            raise late from None
        if isinstance(error, requests.exceptions.RequestException | ValueError) and not isinstance(
            error, requests.exceptions.ConnectionError
        ):
            raise ContractError(f"Không hỏi được {host}: địa chỉ hoặc tiêu đề không hợp lệ.") from None
        raise UnreachableError(f"Không kết nối được tới {host}, hoặc kết nối bị đứt.") from None
    except ValueError:
        raise ContractError(f"Không hỏi được {host}: địa chỉ không hợp lệ.") from None


def of_status(answer: Answer, path: str, took: float | None, now: float) -> SourceError:
    """Return the error that an answer's status stands for; took: seconds, where they are worth telling."""
    status, words = answer.status, answer.said()
    after = retry_after(answer.headers.get("Retry-After", ""), now)
    if status == 429:
        again = f"{after:.0f} giây nữa" if after is not None else "ở chu kỳ sau"
        told = f"Nguồn đang hạn chế lượt hỏi (HTTP 429{words}); sẽ hỏi lại {again}."
        return UnreachableError(told, retry_after_s=after, status=status)
    if status >= 500 or status in (408, 425):
        lasted = "" if took is None else f" sau {f'{took:.1f}'.replace('.', ',')} giây"
        told = f"Nguồn trả lời HTTP {status}{lasted}{words}; sẽ hỏi lại ở chu kỳ sau."
        return UnreachableError(told, retry_after_s=after, status=status)
    if status in (401, 403, 407, 451):
        told = f"Nguồn từ chối chúng ta (HTTP {status}{words}); cần kiểm tra quyền truy cập."
        return RefusedError(told, status=status)
    told = f"Nguồn trả lời HTTP {status} cho {path}{words}; địa chỉ hoặc tham số không còn như đã thỏa thuận."
    return ContractError(told, status=status)


def retry_after(header: str, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for (a number, or an HTTP date); None where it says none."""
    header = header.strip()
    if header.isdecimal():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return None


def _is_timeout(error: BaseException | None) -> bool:
    for _ in range(10):
        if error is None or isinstance(error, urllib3.exceptions.NewConnectionError):
            return False  # refused at once, which urllib3 calls a kind of timeout
        if isinstance(error, TimeoutError | requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
            return True
        reason = error.args[0] if error.args and isinstance(error.args[0], BaseException) else None
        error = reason or error.__cause__ or error.__context__
    return False
