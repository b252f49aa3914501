"""What the application gives its driver beside the URL, on its way to the keeper as data.

Numbers, text, and lists of them go as they are, a TLS context as the certificates that it trusts. Classes of the application's or
of the driver's (rows as dictionaries, factories of connections) stay behind: the keeper reads rows in the usual way.
"""

from __future__ import annotations

import base64
import ssl
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def packed(value: Any) -> Any:
    """`value` as JSON has it."""
    if isinstance(value, dict):
        return {str(name): packed(one) for name, one in value.items() if is_data(one)}
    if isinstance(value, (list, tuple)):
        return [packed(one) for one in value if is_data(one)]
    if isinstance(value, ssl.SSLContext):
        certificates = [base64.b64encode(one).decode("ascii") for one in value.get_ca_certs(binary_form=True)]
        return {"tls": [value.check_hostname, int(value.verify_mode), certificates]}
    return value


def is_data(value: object) -> bool:
    """Whether it can be packed."""
    return value is None or isinstance(value, (str, int, float, dict, list, tuple, ssl.SSLContext))


def unpacked(value: Any) -> Any:
    """What was packed."""
    if isinstance(value, dict) and set(value) == {"tls"} and isinstance(value["tls"], list):
        return tls_context(*value["tls"])
    if isinstance(value, dict):
        return {name: unpacked(one) for name, one in value.items()}
    return value


def tls_context(check_hostname: bool, verify_mode: int, certificates: Iterable[str]) -> ssl.SSLContext:
    """A context for clients that trusts the same certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = check_hostname
    context.verify_mode = ssl.VerifyMode(verify_mode)
    for one in certificates:
        context.load_verify_locations(cadata=base64.b64decode(one))
    return context
