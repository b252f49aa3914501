"""Let the Linux kernel keep this process, and all that it starts from now on, from writing files and from connecting.

Landlock needs neither root nor a package: https://docs.kernel.org/userspace-api/landlock.html

Files       are written, truncated, made, removed, renamed and linked below the given folders only. What stays writable besides: the
            null, zero and full devices, the terminal, what is standard input, output and error already, and shared memory
            (/dev/shm), where `multiprocessing.Lock()` makes its semaphores
TCP         connections to the given ports, or to all, are refused with EACCES; ABI 4, Linux 6.7
Signals     reach what this process has started, and nothing else; ABI 6, Linux 6.12

It does not reach: what is open already, files and connections; the mode, owner and times of a file; a server's socket file (only
"all" refuses abstract sockets); threads that run already, before ABI 8.
"""

import errno
import os
import platform
import sys
from dataclasses import dataclass
from typing import Tuple

CREATE, ADD, RESTRICT = 444, 445, 446  # one number on every machine below
MACHINES = ("x86_64", "aarch64", "arm64", "ppc64le", "riscv64", "s390x")
ASK_VERSION = 1
BENEATH, PORT = 1, 2  # kinds of rules
PR_SET_NO_NEW_PRIVS = 38

WRITE_FILE, REFER, TRUNCATE = 1 << 1, 1 << 13, 1 << 14
REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))  # remove_dir, remove_file, make_char, dir, reg, sock, fifo, block, sym
REMOVE_FILE, MAKE_REG = 1 << 5, 1 << 8
CONNECT_TCP = 1 << 1
ABSTRACT_SOCKETS, SIGNALS = 1 << 0, 1 << 1
ALL_THREADS = 1 << 3

ALWAYS = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty")
SHARED_MEMORY = "/dev/shm"


@dataclass(frozen=True)
class Restriction:
    """What the kernel keeps to from now on; `why_not` says why it is nothing.

    `ports` are those that are refused, ("all",) for every one. `other_threads` is how many threads are not restricted.
    """

    abi: int = 0
    files: bool = False
    ports: Tuple = ()
    signals: bool = False
    other_threads: int = 0
    why_not: str = ""

    @property
    def had(self):
        """What is restricted, in words; "" where nothing is."""
        parts = ["files"] if self.files else []
        parts += ["TCP to port " + ", ".join(map(str, self.ports))] if self.ports else []
        parts += ["signals"] if self.signals else []
        words = "Landlock ABI %d: %s" % (self.abi, ", ".join(parts)) if parts else ""
        return words + (" (not in %d threads that ran before)" % self.other_threads if words and self.other_threads else "")

    def data(self):
        """The same for a report as JSON."""
        return {
            "abi": self.abi,
            "files": self.files,
            "ports": list(self.ports),
            "signals": self.signals,
            "other_threads": self.other_threads,
            "why_not": self.why_not,
        }


def restrict(writable, ports_denied=None, protected=()):
    """Restrict this process for good; never raises, the Restriction says what there is.

    `writable` are folders, `ports_denied` is None, "all" or a set of ports. `protected` are the files of databases: where one of
    them is in shared memory, that is not writable either. Call it before any thread is started.
    """
    try:
        kernel = Kernel()
        abi = kernel.abi()
    except (ImportError, OSError, AttributeError, ValueError) as error:
        return Restriction(why_not=str(error) or type(error).__name__)
    try:
        return kernel.restrict(abi, writable, ports_denied, protected)
    except OSError as error:
        return Restriction(abi=abi, why_not=str(error))


class Kernel:
    """The three system calls.

    Raises:
        OSError: the kernel, the machine or a container does not have them.
    """

    def __init__(self):
        if platform.system() != "Linux" or platform.machine() not in MACHINES:
            raise OSError(errno.ENOSYS, f"no Landlock on {platform.system()} {platform.machine()}")
        import ctypes

        self._c = ctypes
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.syscall.restype = ctypes.c_long
        self._libc.syscall.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long]
        self._libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4

    def call(self, number, first, second=None, third=None, fourth=0):
        result = self._libc.syscall(number, first, second, third, fourth)
        if result < 0:
            code = self._c.get_errno()
            raise OSError(code, os.strerror(code))
        return result

    def abi(self):
        return self.call(CREATE, 0, None, ASK_VERSION)

    def restrict(self, abi, writable, ports_denied, protected):
        rights = WRITE_FILE | REMOVE_AND_MAKE | (REFER if abi >= 2 else 0) | (TRUNCATE if abi >= 3 else 0)
        has_tcp, has_signals = ports_denied is not None and abi >= 4, abi >= 6
        scopes = (SIGNALS | (ABSTRACT_SOCKETS if ports_denied == "all" else 0)) if has_signals else 0
        attributes = (self._c.c_uint64 * 3)(rights, CONNECT_TCP if has_tcp else 0, scopes)
        size = 24 if abi >= 6 else 16 if abi >= 4 else 8
        rules = self.call(CREATE, self._c.addressof(attributes), size)
        try:
            self._allow_files(rules, rights, writable, protected)
            if has_tcp and ports_denied != "all":
                self._allow_ports(rules, set(ports_denied))
            if self._libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
                raise OSError(self._c.get_errno(), "no_new_privs was refused")
            self.call(RESTRICT, rules, ALL_THREADS if abi >= 8 else None)
        finally:
            os.close(rules)
        ports = (("all",) if ports_denied == "all" else tuple(sorted(ports_denied))) if has_tcp else ()
        others = threads() - 1 if abi < 8 else 0
        return Restriction(abi=abi, files=True, ports=ports, signals=has_signals, other_threads=others)

    def _allow_files(self, rules, rights, writable, protected):
        for folder in writable:
            self._allow_path(rules, rights, folder)
        writing = rights & (WRITE_FILE | TRUNCATE)
        for path in ALWAYS:
            self._allow_path(rules, writing, path)
        for stream in (0, 1, 2):  # by the names /dev/stdout and /dev/stderr, which log files are given
            self._allow(rules, rights & WRITE_FILE, stream)
        shared = os.path.realpath(SHARED_MEMORY)
        if not any((os.path.realpath(path) + os.sep).startswith(shared + os.sep) for path in protected):
            self._allow_path(rules, writing | (rights & (REMOVE_FILE | MAKE_REG)), shared)

    def _allow_path(self, rules, rights, path):
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            return  # what is not there cannot be written to
        try:
            self._allow(rules, rights, descriptor)
        finally:
            os.close(descriptor)

    def _allow(self, rules, rights, descriptor):
        rule = (self._c.c_char * 12)()  # packed: rights, then the descriptor
        rule.raw = rights.to_bytes(8, sys.byteorder) + descriptor.to_bytes(4, sys.byteorder)
        try:
            self.call(ADD, rules, BENEATH, self._c.addressof(rule))
        except OSError:
            pass  # a pipe or a closed stream, which Landlock does not look at

    def _allow_ports(self, rules, denied):
        rule, number = (self._c.c_uint64 * 2)(CONNECT_TCP, 0), self._c.c_long
        address = self._c.c_void_p(self._c.addressof(rule))
        add, *given = self._c.PyDLL(None).syscall, number(ADD), number(rules), number(PORT), address, number(0)
        for port in range(1, 65536):  # each is a call: nothing is converted, and no lock is given back, for one
            if port not in denied:
                rule[1] = port
                if add(*given):
                    raise OSError("a port cannot be allowed")


def threads():
    """How many threads this process has, those of libraries among them."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1
