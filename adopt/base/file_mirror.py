"""What an application writes while it is loaded goes to a mirror, and is read back from there; nothing real is changed.

    open("app.log", "a")         a copy in the mirror is opened
    os.makedirs("instance")      the folder is made in the mirror; `os.path.exists`, `os.listdir`, `os.walk` see it in its place
    os.remove("shop.db")         the file is gone in the eyes of the application, and of it alone

The whole file system is mirrored but for the temporary folder of the process, devices and /proc: what is made there is real. What
does not go through Python's functions (databases, extension modules, other programs) is not: Landlock refuses it where it can. So a
file in shared memory is safe from `os.remove`, and a library may make its own there.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import functools
import io
import os
import shutil
import tempfile
import threading
from typing import TYPE_CHECKING, Any

from .folder_entries import Entries, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from .types import Given, Original, StrPath


WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
REAL = ("/dev", "/proc", "/sys")
LONGEST_COPY = 16 * 1024 * 1024  # what is only appended to begins empty beyond: nobody reads his old log


class Files:
    """The mirror of one process; `root` is the project, which is mirrored also where it lies in the temporary folder.

    `ours` is a folder that stays readable where the application has removed it: what we read there is read in the same process.
    """

    _folder: str | None
    _gone: set[str]

    def __init__(self, root: StrPath, ours: StrPath | None = None) -> None:
        self._root = os.path.realpath(root)
        self._ours = os.path.realpath(ours or os.path.join(root, "migrations"))
        self._temporary = os.path.realpath(tempfile.gettempdir())
        self._folder, self._gone = None, set()
        self._busy = threading.local()

    # -- where a path leads

    def _key(self, path: Any) -> str | None:
        """The absolute path of a mirrored file, a link itself and not where it leads; None for what is real."""
        try:
            path = os.fsdecode(path)
        except TypeError:
            return None  # a number, or an argument that the original complains about
        folder, name = os.path.split(os.path.abspath(path))
        key = os.path.join(os.path.realpath(folder), name)
        if is_below(key, self._temporary) and not (is_below(key, self._root) and is_below(self._root, self._temporary)):
            return None
        return None if any(is_below(key, one) for one in REAL) and not is_below(key, "/dev/shm") else key

    def _mirrored(self, key: str) -> str:
        return os.path.join(self._folder or os.devnull, os.path.splitdrive(key)[1].lstrip(os.sep))

    def _is_gone(self, key: str) -> bool:
        """Whether the application has removed it, or a folder above it."""
        while key not in self._gone:
            key, name = os.path.split(key)
            if not name:
                return False
        return True

    def seen(self, key: str) -> str:
        """The path that has what the application would find at `key`; it may be missing there."""
        mirrored = self._mirrored(key)
        is_there = self._folder is not None and os.path.lexists(mirrored)
        return mirrored if is_there or (self._is_gone(key) and not is_below(key, self._ours)) else key

    def _make(self, key: str, given: Given) -> str:
        """The path in the mirror to make something at; its folder is there as it is in the eyes of the application."""
        parent = os.path.dirname(key)
        if not os.path.isdir(self.seen(parent)):
            is_there = os.path.lexists(self.seen(parent))
            raise OSError(*failure(errno.ENOTDIR if is_there else errno.ENOENT, given))
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="files-")
        os.makedirs(os.path.dirname(self._mirrored(key)), exist_ok=True)
        return self._mirrored(key)

    def _copied(self, key: str, given: Given, is_read: bool = True) -> str:
        """The path of a copy in the mirror, made where there is none yet; of a folder with all that is in it."""
        if os.path.isdir(self.seen(key)) and not os.path.islink(self.seen(key)):
            names = self.names(key)
            mirrored = self._make(os.path.join(key, "x"), given)
            for name in names:
                self._copied(os.path.join(key, name), given)
            return os.path.dirname(mirrored)
        if self.seen(key) != key:
            return self.seen(key)
        mirrored = self._make(key, given)
        if os.path.islink(key):
            os.symlink(os.readlink(key), mirrored)
        elif os.path.exists(key) and (is_read or os.stat(key).st_size <= LONGEST_COPY):
            shutil.copyfile(key, mirrored)
        return mirrored

    def _required(self, key: str, given: Given) -> str:
        """Where it is seen.

        Raises:
            FileNotFoundError: it is not there in the eyes of the application.
        """
        found = self.seen(key)
        require(found, given)
        return found

    def _remove(self, key: str) -> None:
        """Let it be gone in the eyes of the application."""
        found = self.seen(key)
        if found != key:
            shutil.rmtree(found) if os.path.isdir(found) and not os.path.islink(found) else os.remove(found)
        if os.path.lexists(key):
            self._gone.add(key)

    # -- what stands for Python's functions; `given` is what the application said

    def opened(
        self, given: Given, is_writing: bool, is_exclusive: bool = False, is_truncating: bool = False, is_read: bool = True
    ) -> Given:
        """The path to open in the place of `given`, which is the same where nothing stands for it."""
        key = self._key(given)
        if key is not None and os.path.islink(self.seen(key)):  # what is opened is where the link leads
            key = self._key(os.path.realpath(self.seen(key)))
        if key is None:
            return given
        found = self.seen(key)
        if not is_writing or (os.path.exists(found) and not os.path.isfile(found)):
            if found != key:
                require(found, given)
            return given if found == key else found
        if is_exclusive and os.path.lexists(found):
            raise FileExistsError(*failure(errno.EEXIST, given))
        if is_truncating or not os.path.lexists(found):
            return self._make(key, given)
        return self._copied(key, given, is_read)

    def mkdir(self, original: Original, key: str, given: Given, mode: int = 0o777) -> None:
        if os.path.lexists(self.seen(key)):
            raise FileExistsError(*failure(errno.EEXIST, given))
        original(self._make(key, given), mode)

    def remove(self, original: Original, key: str, given: Given) -> None:
        found = self._required(key, given)
        if os.path.isdir(found) and not os.path.islink(found):
            raise IsADirectoryError(*failure(errno.EISDIR, given))
        self._remove(key)

    def rmdir(self, original: Original, key: str, given: Given) -> None:
        if not os.path.isdir(self._required(key, given)):
            raise NotADirectoryError(*failure(errno.ENOTDIR, given))
        if self.names(key):
            raise OSError(*failure(errno.ENOTEMPTY, given))
        self._remove(key)

    def rename(self, original: Original, key: str, given: Given, target: Given) -> None:
        self._required(key, given)
        copy, other = self._copied(key, given), self._key(target)
        shutil.move(copy, os.fspath(target)) if other is None else os.replace(copy, self._make(other, target))
        if os.path.lexists(key):
            self._gone.add(key)

    def symlink(self, original: Original, key: str, given: Given, *args: Any, **kwargs: Any) -> None:
        original(self._make(key, given), *args, **kwargs)

    def copied(self, original: Original, key: str, given: Given, *args: Any, **kwargs: Any) -> Any:
        """`os.truncate`: on a copy."""
        self._required(key, given)
        return original(self._copied(key, given), *args, **kwargs)

    def changed(self, original: Original, key: str, given: Given, *args: Any, **kwargs: Any) -> Any:
        """`os.chmod` and its kind: on what is in the mirror; a real file keeps what it has."""
        found = self._required(key, given)
        return None if found == key else original(found, *args, **kwargs)

    def looked_at(self, original: Original, key: str, given: Given, *args: Any, **kwargs: Any) -> Any:
        """`os.stat` and its kind; a missing file has the name that the application gave it."""
        found = self.seen(key)
        if found == key:
            return original(given, *args, **kwargs)
        if original.__name__ != "access":
            require(found, given)
        return original(found, *args, **kwargs)

    def listdir(self, original: Original, key: str, given: Given) -> Sequence[str | bytes]:
        names = self.names(key)
        return [os.fsencode(name) for name in names] if isinstance(given, bytes) else names

    def scandir(self, original: Original, key: str, given: Given) -> Any:
        if self.seen(key) == key and not any(os.path.dirname(one) == key for one in self._gone):
            return original(given)
        return Entries([Entry(name, given, self.seen(os.path.join(key, name))) for name in self.names(key)])

    def names(self, key: str) -> list[str]:
        """The names in a folder, as the application sees them."""
        mirrored = self._mirrored(key)
        if self._folder is None or not os.path.isdir(mirrored):
            inside = set()
            if self._is_gone(key) or not os.path.isdir(key):
                return os.listdir(self._required(key, key))  # raises what it raises
        else:
            inside = set(os.listdir(mirrored))
        if not self._is_gone(key) and os.path.isdir(key):
            inside |= {name for name in os.listdir(key) if os.path.join(key, name) not in self._gone}
        return sorted(inside)

    # -- patching

    PATCHES = {
        "changed": ("chmod", "chown", "lchown", "lchmod", "utime", "setxattr", "removexattr"),
        "looked_at": ("stat", "lstat", "access", "readlink"),
        "copied": ("truncate",),
        "mkdir": ("mkdir",),
        "remove": ("remove", "unlink"),
        "rmdir": ("rmdir",),
        "rename": ("rename", "replace"),
        "listdir": ("listdir",),
        "scandir": ("scandir",),
    }
    LOOKING = ("looked_at", "listdir", "scandir")

    def install(self) -> None:
        """Patch `open`, and what makes, changes, removes and lists files in `os`, for good."""
        before = {name: getattr(os, name) for name in dir(os)}
        for method, names in self.PATCHES.items():
            for name in names:
                if name in before:
                    self._patch(name, functools.partial(self._call, before[name], method))
        self._patch("open", functools.partial(self._os_open, os.open))
        self._patch("symlink", functools.partial(self._call_second, os.symlink, "symlink"))
        self._patch("link", functools.partial(self._link, os.link)) if hasattr(os, "link") else None
        # no plain function: pathlib on Python 3.10 and older keeps it in a class, where a function would become a method
        builtins.open = io.open = functools.partial(self._open, io.open)
        shutil._use_fd_functions = False  # type: ignore[attr-defined]  # `rmtree` by paths, which no stub knows
        import pathlib

        accessor: Any = getattr(pathlib, "_NormalAccessor", None)  # up to Python 3.10
        for name in dir(accessor) if accessor is not None else ():
            if name in before and getattr(accessor, name) is before[name]:
                setattr(accessor, name, getattr(os, name))
        if getattr(accessor, "open", None) is not None and accessor.open is not os.open:
            accessor.open = builtins.open

    @staticmethod
    def _patch(name: str, replacement: Any) -> None:
        original = getattr(os, name)
        replacement.__name__ = name
        for able in (os.supports_dir_fd, os.supports_effective_ids, os.supports_fd, os.supports_follow_symlinks):
            if original in able:
                able.add(replacement)
        setattr(os, name, replacement)

    @contextlib.contextmanager
    def _really(self) -> Iterator[None]:
        """What this thread asks meanwhile is asked of the real file system."""
        self._busy.is_ours = True
        try:
            yield
        finally:
            self._busy.is_ours = False

    def _leaves_alone(self, path: object, kwargs: Mapping[str, Any]) -> bool:
        is_path = isinstance(path, (str, bytes, os.PathLike))
        by_folder = any(kwargs.get(name) is not None for name in ("dir_fd", "src_dir_fd", "dst_dir_fd"))
        return not is_path or by_folder or getattr(self._busy, "is_ours", False)

    def _call(self, original: Original, method: str, path: Given = ".", *args: Any, **kwargs: Any) -> Any:
        is_looking = method in self.LOOKING
        if self._leaves_alone(path, kwargs) or (is_looking and self._folder is None and not self._gone):
            return original(path, *args, **kwargs)
        with self._really():
            key = self._key(path)
            if key is None:
                return original(path, *args, **kwargs)
            return getattr(self, method)(original, key, path, *args, **without_folders(kwargs))

    def _call_second(self, original: Original, method: str, target: Given, path: Given, *args: Any, **kwargs: Any) -> Any:
        return self._call(functools.partial(original, target), method, path, *args, **kwargs)

    def _link(self, original: Original, path: Given, other: Given, **kwargs: Any) -> Any:
        """A hard link is a copy here: a link would let the real file be changed."""
        if self._leaves_alone(path, kwargs):
            return original(path, other, **kwargs)
        shutil.copyfile(path, other)
        return None

    def _os_open(self, original: Callable[..., int], path: Given, flags: int, *args: Any, **kwargs: Any) -> int:
        is_writing = bool(flags & WRITING)
        if self._leaves_alone(path, kwargs) or not (is_writing or self._folder is not None or self._gone):
            return original(path, flags, *args, **kwargs)
        with self._really():
            is_new = flags & os.O_CREAT and flags & os.O_EXCL
            found: Given = self.opened(path, is_writing, bool(is_new), bool(flags & os.O_TRUNC), not flags & os.O_WRONLY)
            if is_writing and not flags & os.O_CREAT:
                require(found, path)
        return original(found, flags, *args, **kwargs)

    def _open(self, original: Original, file: Given, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        is_writing = bool(set(mode) & set("wax+"))
        if self._leaves_alone(file, {}) or not (is_writing or self._folder is not None or self._gone):
            return original(file, mode, *args, **kwargs)
        with self._really():
            found = self.opened(file, is_writing, "x" in mode, "w" in mode, bool(set(mode) & set("r+")))
            if "r" in mode and is_writing:
                require(found, file)
        if found is not file:
            kwargs.pop("opener", None)  # that of pathlib on Python 3.9 and older opens its own path
        return original(found, mode, *args, **kwargs)  # where an opener stays, what it opens is mirrored as well


def is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def require(found: Given, path: Given) -> None:
    """Raise what the system does where `found`, which stands for `path`, is not there."""
    if not os.path.lexists(found):
        raise FileNotFoundError(*failure(errno.ENOENT, path))


def failure(number: int, path: Given) -> tuple[int, str, Given]:
    """The arguments of an OSError as the system raises it."""
    return number, os.strerror(number), path


def without_folders(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kwargs.items() if not name.endswith("dir_fd")}
