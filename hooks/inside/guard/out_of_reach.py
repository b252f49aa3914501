"""Let the Linux kernel keep this process, and all that it starts from now on, from connecting to databases.

TCP             connections to the given ports, or to all, are refused with EACCES; Landlock's ABI 4, Linux 6.7
Socket files    stream sockets of that family are refused, whoever listens; those of datagrams, which logs are sent through, are
                not. On x86-64 and ARM. Where all ports are refused, abstract sockets are, too; ABI 6, Linux 6.12
"""

from __future__ import annotations

import errno
import platform
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Tuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..base.types import Module


# What databases are connected to: the ports of the servers, of poolers and of those that run beside another.
PORTS = frozenset([3306, 3307, 5432, 5433, 6432, 26257])
NAMES_PORT = re.compile(r"(?=.*(DB|DATABASE|SQL|PG|POSTGRES|MARIA)).*PORT", re.IGNORECASE)

PORT, CONNECT_TCP, ABSTRACT_SOCKETS = 2, 1 << 1, 1 << 0  # https://docs.kernel.org/userspace-api/landlock.html
SOCKET = {"x86_64": 41, "aarch64": 198, "arm64": 198}  # the number of that system call
FAMILY, TYPE = 16, 24  # where the arguments are
TYPES = 0xF  # the rest are flags


@dataclass(frozen=True)
class Refused:
    """What is refused from now on; `ports` are ("all",) for every one, `files` is whether none is written, truncated or removed."""

    ports: Tuple[object, ...] = ()
    socket_files: bool = False
    files: bool = False

    def has(self, ports: Collection[int]) -> bool:
        """Whether a server that has only these ports could not be connected to, in either way."""
        return self.socket_files and set(ports) <= set(self.ports)


def ports_of_databases(environ: Mapping[str, str]) -> Collection[int]:
    """The usual ones, and those that environment variables name."""
    return PORTS | {int(value) for name, value in environ.items() if NAMES_PORT.match(name) and value.isdigit()}


def refuse(landlock: Module, ports: Collection[int] | str) -> Refused:
    """Refuse them for good, `ports` being numbers or "all"; never raises, the answer says what is refused.

    `landlock` is that module of adopt/, which has restricted this process before.
    """
    try:
        kernel = landlock.Kernel()
        abi = kernel.abi()
        refused = _refuse_ports(landlock, kernel, abi, ports) if abi >= 4 else ()
    except (ImportError, OSError, AttributeError, ValueError):
        return Refused()
    return Refused(refused, platform.machine() in SOCKET and kernel.filter(_without_socket_files(landlock)))


def _refuse_ports(landlock: Module, kernel: Any, abi: int, ports: Collection[int] | str) -> tuple[object, ...]:
    is_all = ports == "all"
    scopes = ABSTRACT_SOCKETS if is_all and abi >= 6 else 0
    kernel.enforce(abi, (0, CONNECT_TCP, scopes), lambda rules: None if is_all else _allow_ports(landlock.ADD, rules, set(ports)))  # type: ignore[arg-type]  # numbers
    return ("all",) if is_all else tuple(sorted(ports))


def _allow_ports(add_rule: int, rules: int, refused: Collection[int]) -> None:
    import ctypes

    rule, number = (ctypes.c_uint64 * 2)(CONNECT_TCP, 0), ctypes.c_long
    address = ctypes.c_void_p(ctypes.addressof(rule))
    add, *given = ctypes.PyDLL(None).syscall, number(add_rule), number(rules), number(PORT), address, number(0)
    for port in range(1, 65536):  # each is a call: nothing is converted, and no lock is given back, for one
        if port not in refused:
            rule[1] = port
            if add(*given):
                raise OSError("a port cannot be allowed")


def _without_socket_files(landlock: Module) -> list[tuple[int, ...]]:
    load, equal, leave = landlock.LOAD, landlock.EQUAL, (landlock.RETURN, 0, 0, landlock.ALLOW)
    return [
        (equal, 1, 0, SOCKET[platform.machine()]),
        leave,
        (load, 0, 0, FAMILY),
        (equal, 1, 0, int(socket.AF_UNIX)),
        leave,
        (load, 0, 0, TYPE),
        (landlock.AND, 0, 0, TYPES),
        (equal, 0, 1, int(socket.SOCK_STREAM)),
        (landlock.RETURN, 0, 0, landlock.ERROR + errno.EACCES),
    ]
