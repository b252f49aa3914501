"""A process that has imported libraries, and forks a Python program from itself for each connection.

    python tests/warm/server.py SOCKET LIBRARY...

A connection brings one JSON line, with the program's three streams as file descriptors:

    {"arguments": ["-m", "flask", "db", "check"], "cwd": "/tmp/shop", "environ": {...}, "executable": "/bin/python", "prepare": []}

It gets two lines back: the number of the process, and at its end the status as os.waitpid gives it. A connection that is closed
before ends the program and all that it has started. A program that could not be as if started from nothing gets no line.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LARGEST = 1 << 20
RARELY = 20_000, 20, 20  # a tenth of what a program does would be looking for garbage
# Python looks at these only when it starts, but for the ones that `run` gives their effect.
AT_START = ("PYTHON", "LC_", "LANG")
CHANGEABLE = ("PYTHONDONTWRITEBYTECODE",)


def at_start(variables: Mapping[str, str]) -> dict[str, str]:
    """Those environment variables that decide how a Python starts."""
    return {name: value for name, value in variables.items() if name.startswith(AT_START) and name not in CHANGEABLE}


def serve(path: str, libraries: list[str]) -> None:
    """Listen at `path` until this process is ended, or the one that has started it is gone."""
    del sys.path[0]  # tests/warm itself
    for name in libraries:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)
    parent = os.getppid()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(64)
        listening.settimeout(5)
        while os.getppid() == parent:
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:  # so that their time counts as this process's
                    pass
            try:
                connection = listening.accept()[0]
            except TimeoutError:
                continue
            if os.fork() == 0:
                listening.close()
                connection.settimeout(None)
                watch(connection)
            connection.close()


def watch(connection: socket.socket) -> None:
    """Start the program of this connection and tell how it ended; leaves the process."""
    text, streams = b"", []
    while not text.endswith(b"\n"):
        part, fds, _, _ = socket.recv_fds(connection, LARGEST, 3)
        if not part:
            os._exit(0)
        text += part
        streams += fds
    request = json.loads(text)
    if at_start(request["environ"]) != at_start(os.environ):
        os._exit(0)
    child = os.fork()
    if child == 0:
        connection.close()
        run(request, streams)
    for stream in streams:
        os.close(stream)
    connection.sendall(b"%d\n" % child)
    ended = os.pidfd_open(child)
    while True:
        ready, _, _ = select.select([ended, connection], [], [])
        if ended in ready:
            with contextlib.suppress(OSError):
                connection.sendall(b"%d\n" % os.waitpid(child, 0)[1])
            os._exit(0)
        if not connection.recv(1):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            os._exit(0)


def run(request: dict[str, Any], streams: list[int]) -> None:
    """Be `python <arguments>` from here on; leaves the process as Python does."""
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environ"])
    time.tzset()
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    sys.executable = request["executable"]
    status = 1
    try:
        for module, function, arguments in request["prepare"]:
            sys.path.insert(0, str(Path(__file__).parent))
            importlib.import_module(module)
            del sys.path[0]
            getattr(sys.modules[module], function)(*arguments)
        execute(request["arguments"])
        status = 0
    except SystemExit as ending:
        status = exit_status(ending)
    except BaseException as error:  # noqa: BLE001  whatever ends a program
        trace = own_frames_left_out(error)
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        status = 1
    leave(status)


def execute(arguments: list[str]) -> None:
    """What `python <arguments>` does, for `-m module ...`, `-c code ...` and `script ...`."""
    first, *rest = arguments
    if first == "-m":
        sys.argv = rest
        sys.path.insert(0, str(Path.cwd()))
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.argv = ["-c", *rest[1:]]
        sys.path.insert(0, "")
        main = type(sys)("__main__")
        main.__builtins__ = __builtins__
        sys.modules["__main__"] = main
        exec(compile(rest[0], "<string>", "exec"), main.__dict__)
    else:
        sys.argv = arguments
        sys.path.insert(0, str(Path(first).resolve().parent))
        runpy.run_path(first, run_name="__main__")


def exit_status(ending: SystemExit) -> int:
    """The status that Python leaves with; a text is printed."""
    if ending.code is None or isinstance(ending.code, int):
        return int(ending.code or 0) & 0xFF
    print(ending.code, file=sys.stderr)
    return 1


def own_frames_left_out(error: BaseException) -> Any:
    """The traceback from where the program's own code begins."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename in (__file__, runpy.__file__, "<frozen runpy>"):
        trace = trace.tb_next
    return trace


def leave(status: int) -> None:
    """Do what Python does at its end."""
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except BaseException:  # noqa: BLE001  whatever its own last words do
        traceback.print_exc()
        status = status or 120
    finally:
        os._exit(status)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2:])
