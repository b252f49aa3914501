"""Stands in for a Python: runs what the product starts and one-liners as forks of a warm process, all else as ever.

tests/warm/__init__.py writes it, with a first line that names a Python, into the folder that has the sockets of the servers. The
Python that it stands for is named by the file `stands_for` there.
"""

import json
import os
import signal
import socket
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(FOLDER, "stands_for")) as stream:
    REAL = stream.read()
MODULES = {"copier": "copier", "flask": "flask", "migrations.adopt": "flask", "alembic": "flask"}
SCRIPTS = {"/hooks/__main__.py": "copier", "/hooks/inside/run.py": "flask", "/migrations/adopt.py": "flask"}


def libraries(arguments):
    """Whose libraries the program is forked with; "" where it is started from nothing."""
    first, second, *_ = [*arguments, "", ""]
    if first == "-m":
        return MODULES.get(second, "")
    return "flask" if first == "-c" else next((SCRIPTS[one] for one in SCRIPTS if first.endswith(one)), "")


def prepared(name, arguments):
    """What is done before it runs, see preparing.py."""
    kept = os.path.join(FOLDER, "kept")
    if name == "flask":
        return [("preparing", "keep_code", [kept])]
    return [("preparing", "keep_clones", [kept]) if arguments[0] == "-m" else ("preparing", "keep_bundle", [kept, arguments[0]])]


def run(connection, name, arguments):
    """Be that program, as far as a caller sees, if the server takes it; the streams are this process's own.

    What stands between the two may be killed by the program, as its parent; then this process is. What asks this process to end is
    handed on.
    """
    request = {"arguments": arguments, "cwd": os.getcwd(), "environ": dict(os.environ), "executable": sys.argv[0]}
    request["prepare"] = prepared(name, arguments)
    text = json.dumps(request).encode() + b"\n"
    try:
        sent = socket.send_fds(connection, [text], [0, 1, 2])
        connection.sendall(text[sent:])
    except (BrokenPipeError, ConnectionResetError):  # it has closed the connection, which is its way to say no
        return
    said = b""
    while said.count(b"\n") < 2:
        part = connection.recv(100)
        if not part and not said:
            return
        if not part:
            os.kill(os.getpid(), signal.SIGKILL)
        if not said and part:
            hand_on(int((said + part).split()[0]))
        said += part
    status = int(said.split()[1])
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def hand_on(program):
    """Let it have the signals by which people and supervisors end a program."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: os.kill(program, number))


def main(arguments):
    """Fork it or start it; a warm process has done already what -S leaves out."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    without = arguments[arguments[:1] == ["-S"] :]
    name = libraries(without)
    if name:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(os.path.join(FOLDER, name))
            run(connection, name, without)
    os.execv(REAL, [REAL, *arguments])


main(sys.argv[1:])
