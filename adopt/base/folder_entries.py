"""What `os.scandir` gives for a folder of which a part is elsewhere."""

import os
import stat


class Entry:
    """What `os.scandir` gives for one name, which may be in the mirror."""

    def __init__(self, name, folder, found):
        is_bytes = isinstance(folder, bytes)
        self.name = os.fsencode(name) if is_bytes else name
        self.path = os.path.join(os.fspath(folder), self.name)
        self._found = found

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return f"<DirEntry {self.name!r}>"

    def inode(self):
        return self.stat(follow_symlinks=False).st_ino

    def stat(self, *, follow_symlinks=True):
        return os.stat(self._found, follow_symlinks=follow_symlinks)

    def is_symlink(self):
        return self._is(stat.S_ISLNK, False)

    def is_dir(self, *, follow_symlinks=True):
        return self._is(stat.S_ISDIR, follow_symlinks)

    def is_file(self, *, follow_symlinks=True):
        return self._is(stat.S_ISREG, follow_symlinks)

    def is_junction(self):
        return False

    def _is(self, kind, follow_symlinks):
        try:
            return kind(self.stat(follow_symlinks=follow_symlinks).st_mode)
        except FileNotFoundError:
            return False


class Entries:
    """What `os.scandir` gives: an iterator that is closed."""

    def __init__(self, entries):
        self._entries = iter(entries)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._entries)

    def close(self):
        self._entries = iter(())

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()
