"""Let the Linux kernel keep this process, and all that it starts from now on, from writing files.

Landlock and seccomp need neither root nor a package: https://docs.kernel.org/userspace-api/landlock.html and seccomp_filter.html

Files       are written, truncated, made, removed, renamed and linked below the given folders only. What stays writable besides: the
            null, zero and full devices, the terminal, what is standard input, output and error already, and shared memory
            (/dev/shm), where `multiprocessing.Lock()` makes its semaphores, unless a database is in it. Devices are made nowhere
Modes       owners, times and attributes of files stay as they are: what would change them does nothing, as in our mirror of files
Flags       of files stay; nothing is typed into a terminal
Limits      of other processes stay as they are
Signals     reach what this process has started, and nothing else; ABI 6, Linux 6.12

It does not reach: what is open already; connections; threads that run already, before ABI 8; modes and limits on other machines
than x86-64 and ARM.
"""

from __future__ import annotations

import errno
import os
import platform
import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


CREATE, ADD, RESTRICT = 444, 445, 446  # one number on every machine below
MACHINES = ("x86_64", "aarch64", "arm64", "ppc64le", "riscv64", "s390x")
ASK_VERSION = 1
BENEATH = 1  # a kind of rules
PR_SET_NO_NEW_PRIVS = 38

WRITE_FILE, REFER, TRUNCATE = 1 << 1, 1 << 13, 1 << 14
REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))  # remove_dir, remove_file, make_char, dir, reg, sock, fifo, block, sym
REMOVE_FILE, DEVICES, MAKE_REG = 1 << 5, 1 << 6 | 1 << 11, 1 << 8
SIGNALS = 1 << 1
ALL_THREADS = 1 << 3

PR_SET_SECCOMP, FILTER = 22, 2
# of a machine: its mark, prlimit64, ioctl, and chmod, chown, utime, setxattr and removexattr in all their forms
# https://github.com/torvalds/linux/blob/master/arch/x86/entry/syscalls/syscall_64.tbl, and scripts/syscall.tbl there
MODES = {
    "x86_64": (0xC000003E, 302, 16, (*range(90, 95), 132, 235, 260, 261, 268, 280, *range(188, 191), *range(197, 200))),
    "aarch64": (0xC00000B7, 261, 29, (*range(52, 56), 88, *range(5, 8), *range(14, 17))),
}
MODES["arm64"] = MODES["aarch64"]
IO_URING, LATE_MODES = 425, (452, 463, 466, 469)  # fchmodat2, setxattrat, removexattrat, file_setattr
LOAD, AND, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06  # of Berkeley's packet filter
X32 = 1 << 30  # in the numbers of a second set of system calls, which x86-64 has under the same mark
ALLOW, ERROR = 0x7FFF0000, 0x50000
TIOCSTI, FLAGS = 0x5412, (0x6600, 0x5800, 0x9400)  # kinds of ioctl: FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, those of btrfs

ALWAYS = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty")
SHARED_MEMORY = "/dev/shm"
SQLITE = b"SQLite format 3\0"


def restrict(writable: Iterable[str]) -> int:
    """Restrict this process for good, and say which ABI holds, 0 for none; never raises.

    `writable` are folders. Call it before any thread is started.
    """
    try:
        kernel = Kernel()
        abi = kernel.abi()
        kernel.restrict(abi, writable)
    except (ImportError, OSError, AttributeError, ValueError):
        return 0
    return abi


class Kernel:
    """The system calls.

    Raises:
        OSError: the kernel, the machine or a container does not have them.
    """

    def __init__(self) -> None:
        if platform.system() != "Linux" or platform.machine() not in MACHINES:
            raise OSError(errno.ENOSYS, f"no Landlock on {platform.system()} {platform.machine()}")
        import ctypes

        self._c = ctypes
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.syscall.restype = ctypes.c_long
        self._libc.syscall.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long]
        self._libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4

    def call(self, number: int, first: int, second: int | None = None, third: int | None = None, fourth: int = 0) -> int:
        result: int = self._libc.syscall(number, first, second, third, fourth)
        if result < 0:
            code = self._c.get_errno()
            raise OSError(code, os.strerror(code))
        return result

    def abi(self) -> int:
        return self.call(CREATE, 0, None, ASK_VERSION)

    def restrict(self, abi: int, writable: Iterable[str]) -> None:
        rights = WRITE_FILE | REMOVE_AND_MAKE | (REFER if abi >= 2 else 0) | (TRUNCATE if abi >= 3 else 0)
        self.enforce(abi, (rights, 0, SIGNALS if abi >= 6 else 0), lambda rules: self._allow_files(rules, rights, writable))
        if platform.machine() in MODES:
            _, limits, ioctl, modes = MODES[platform.machine()]
            steps = [(EQUAL, 0, 8, ioctl), (LOAD, 0, 0, 24), (EQUAL, 4, 0, TIOCSTI), (AND, 0, 0, 0xFF00)]
            steps += [(EQUAL, 2 - place, place // 2, kind) for place, kind in enumerate(FLAGS)]
            steps += [(RETURN, 0, 0, ERROR + errno.ENOTTY), (RETURN, 0, 0, ALLOW)]
            for number, code in [(IO_URING, errno.ENOSYS), *((one, 0) for one in (*modes, *LATE_MODES))]:
                steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERROR + code)]
            self.filter([*steps, (EQUAL, 0, 3, limits), (LOAD, 0, 0, 16), (EQUAL, 1, 0, 0), (RETURN, 0, 0, ERROR + errno.EPERM)])

    def enforce(self, abi: int, handled: Sequence[int], allow: Callable[[int], None]) -> None:
        """Refuse what is `handled`, of files, of TCP, and scopes, but for what `allow` adds to the rules, whose number it gets."""
        attributes = (self._c.c_uint64 * 3)(*handled)
        rules = self.call(CREATE, self._c.addressof(attributes), 24 if abi >= 6 else 16 if abi >= 4 else 8)
        try:
            allow(rules)
            if self._libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
                raise OSError(self._c.get_errno(), "no_new_privs was refused")
            self.call(RESTRICT, rules, ALL_THREADS if abi >= 8 else None)
        finally:
            os.close(rules)

    def filter(self, steps: Sequence[tuple[int, ...]]) -> bool:
        """Go through these steps at each system call, whose number is loaded; whether the kernel does so from now on.

        The machine is one of `MODES`.
        """
        no = RETURN, 0, 0, ERROR + errno.EPERM
        steps = [
            (LOAD, 0, 0, 4),
            (EQUAL, 1, 0, MODES[platform.machine()][0]),
            no,
            (LOAD, 0, 0, 0),
            (AT_LEAST, 0, 1, X32),
            no,
            *steps,
        ]
        code = self._c.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in [*steps, (RETURN, 0, 0, ALLOW)]))
        program = self._c.create_string_buffer(struct.pack("HP", len(steps) + 1, self._c.addressof(code)))
        return bool(self._libc.prctl(PR_SET_SECCOMP, FILTER, self._c.addressof(program), 0, 0) == 0)

    def _allow_files(self, rules: int, rights: int, writable: Iterable[str]) -> None:
        for folder in writable:
            self._allow_path(rules, rights & ~DEVICES, folder)
        writing = rights & (WRITE_FILE | TRUNCATE)
        for path in ALWAYS:
            self._allow_path(rules, writing, path)
        for stream in (0, 1, 2):  # by the names /dev/stdout and /dev/stderr, which log files are given
            self._allow(rules, rights & WRITE_FILE, stream)
        if not has_database(SHARED_MEMORY):
            self._allow_path(rules, writing | (rights & (REMOVE_FILE | MAKE_REG)), SHARED_MEMORY)

    def _allow_path(self, rules: int, rights: int, path: str) -> None:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            return  # what is not there cannot be written to
        try:
            self._allow(rules, rights, descriptor)
        finally:
            os.close(descriptor)

    def _allow(self, rules: int, rights: int, descriptor: int) -> None:
        rule = (self._c.c_char * 12)()  # packed: rights, then the descriptor
        rule.raw = rights.to_bytes(8, sys.byteorder) + descriptor.to_bytes(4, sys.byteorder)
        try:
            self.call(ADD, rules, BENEATH, self._c.addressof(rule))
        except OSError:
            pass  # a pipe or a closed stream, which Landlock does not look at


def has_database(folder: str) -> bool:
    """Whether a file of SQLite's is below."""
    for inner, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(inner, name)
            try:
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        if file.read(len(SQLITE)) == SQLITE:
                            return True
            except OSError:
                continue
    return False
