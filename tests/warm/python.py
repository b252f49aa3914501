"""Stands in for a Python: runs hooks/__main__.py, hooks/inside/run.py and one-liners as forks of a warm process, all else as ever.

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


def libraries(arguments):
    """Whose libraries the program is forked with; "" where it is started from nothing."""
    if arguments[:1] == ["-c"] or (arguments and arguments[0].endswith("/hooks/inside/run.py")):
        return "flask"
    return "copier" if arguments and arguments[0].endswith("/hooks/__main__.py") else ""


def prepared(name, arguments):
    """What is done before it runs, see preparing.py."""
    return [("preparing", "keep_bundle", [os.path.join(FOLDER, "kept"), arguments[0]])] if name == "copier" else []


def run(connection, name, arguments):
    """Be that program, as far as a caller sees, if the server takes it; the streams are this process's own.

    What stands between the two may be killed by the program, as its parent; then this process is.
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
        said += part
    status = int(said.split()[1])
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


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
