"""Run one attack: alone, through the retrofit, and through `python -m migrations.adopt status`; judge what is there afterwards.

The retrofit is what Copier runs after rendering, with the arguments that it gives: Copier renders once, which takes half of the
time of a `copier copy`, and its tasks are then run again for each attack.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import warm
from tests.attacks.attack import NOTHING, Attack
from tests.attacks.supervision import Ended, supervised
from tests.attacks.world import Seen, World, changed_files, differences, new_world, template_database
from tests.end_to_end.tools import commit_all, heads, make_template
from tests.servers import engine_for, execute

RECORDER = """\
import json, os, sys
with open(os.environ["ATTACKS_RECORD"], "a") as f:
    f.write(json.dumps(sys.argv[1:]) + "\\n")
"""
ALONE = """\
from shop import create_app
app = create_app()
from shop.extensions import db
with app.app_context():
    try:
        db.session.execute(db.text("SELECT count(*) FROM users")).scalar()
        db.session.commit()
        with db.engine.connect() as connection:
            connection.execute(db.text("SELECT count(*) FROM users"))
            connection.rollback()
    finally:
        db.session.remove()
        db.engine.dispose()
"""
STAMP = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
    "INSERT INTO alembic_version (version_num) VALUES ('{}')",
)
COMMANDS = {  # what is run in a retrofitted project, and whether its database is stamped before
    "status": ("status",),
    "adopt": ("adopt",),
    "fleet": ("adopt", "--urls-from", "../databases.txt"),
    "check": ("check",),
    "deploy": ("deploy",),
}
STAMPING = ("adopt", "fleet")
WAYS = ("retrofit", *COMMANDS)
TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n((?: .*\n)*)")
OURS = re.compile(r"migrations/adopt\.py|/hooks/\w")
NO_REVISION = "no-revision-at-all"
TO_DO = 3  # the exit status of `adopt status` where something is to be done and nothing is wrong


@dataclass(frozen=True)
class Outcome:
    """How one run ended. `verdict` is one of

    held     nothing is another one, and the run did its work
    refused  nothing is another one, and the run ended with an error
    named    something was changed; the run ended with an error that names it, stamped nothing, and the tree is as it was
    open     anything else; `problems` say what
    """

    attack: Attack
    server: str
    way: str
    verdict: str
    problems: tuple[str, ...]
    ended: Ended

    @property
    def reference(self) -> str:
        """The error's, "" for none."""
        found = re.search(r"^error: ([\w-]+)", self.ended.output, re.M)
        return found[1] if found else ""


@dataclass(frozen=True)
class Reference:
    """What a run does to the same project without an attack."""

    tree: Path  # the project's folder afterwards
    world: World
    changed: dict[str, str]  # by path below the world, "<revision>" in it
    revision: str


@dataclass(frozen=True)
class Bench:
    """All that is made once; `rendered` is what Copier has put into the project, `tasks` the arguments of its tasks."""

    base: Path
    python: Path
    template: Path
    rendered: Path
    tasks: tuple[tuple[str, ...], ...]
    templates: Mapping[str, str]
    references: dict[str, Reference]

    def reference(self, server: str) -> Reference:
        """The run without an attack, made when it is first asked for."""
        if server not in self.references:
            self.references[server] = self._refer(server)
        return self.references[server]

    def _refer(self, server: str) -> Reference:
        with self.world(NOTHING, server) as world:
            commit_all(world.root)
            before = world.look()
            ended = self.run_retrofit(world)
            assert ended.returncode == 0, ended.output
            kept = self.base / f"retrofitted-{server}"
            found = Reference(kept, world, {}, heads(world.root)[0])
            for path, change in changed_files(before, world.look()).items():
                found.changed[path.replace(found.revision, "<revision>")] = change
            subprocess.run(
                [self.python, "-m", "compileall", "-q", world.root / "migrations"], check=True, stdout=subprocess.DEVNULL
            )
            shutil.copytree(world.root, kept, symlinks=True, ignore=shutil.ignore_patterns("instance"))
            return found

    @contextmanager
    def world(self, attack: Attack, server: str, tree: Path | None = None) -> Iterator[World]:
        """A world of its own."""
        with new_world(self.base, attack, server, self.templates.get(server, ""), tree) as world:
            yield world

    def run_retrofit(self, world: World) -> Ended:
        """What Copier does after it has rendered."""
        shutil.copytree(self.rendered, world.root, dirs_exist_ok=True)
        ended = Ended(None, "", (), 0)
        for task in self.tasks:
            command = [warm.python(), str(self.template / "hooks/__main__.py"), *task]
            ended = supervised(command, world.root, world.variables)
            if ended.returncode:
                break
        return ended

    def alone(self, attack: Attack, server: str) -> tuple[list[str], str]:
        """What the attack changes where nothing is in its way, and what it said; a change shows that it is one."""
        with self.world(attack, server) as world:
            commit_all(world.root)
            before = world.look()
            environ = {**world.variables, "ALONE": "1"}
            ended = supervised([str(self.python), "-c", ALONE], world.root, environ, wait_for_rest_s=8)
            after = world.look()
            files = [f"{path}: {change}" for path, change in changed_files(before, after).items()]
            return [*differences(before, after), *files, *(f"process: {one}" for one in ended.left)], ended.output

    def retrofit(self, attack: Attack, server: str) -> Outcome:
        """Run the retrofit on a project with this attack."""
        reference = self.reference(server)
        with self.world(attack, server) as world:
            commit_all(world.root)
            before = world.look()
            ended = self.run_retrofit(world)
            world.wait_for_server()
            after = world.look()
            problems, changes = [], []
            if ended.returncode == 0:
                if not attack.has("login"):  # there is no scratch database, so that less is done
                    problems += against_reference(world, reference, before, after)
                problems += [one for one in differences(before, after) if not one.startswith("stamp: None -> ")]
                stamp = tuple(heads(world.root)) if (world.root / "migrations/versions").exists() else ()
                if after.stamp != stamp and not (attack.has("login") and after.stamp is None):
                    problems.append(f"stamp: {after.stamp}, the baseline is {stamp}")
            else:
                changes = self._changes(world, before, after)
            return judged(attack, server, "retrofit", ended, problems, changes)

    def command(self, attack: Attack, server: str, way: str) -> Outcome:
        """Run a command of `python -m migrations.adopt` in a retrofitted project with this attack."""
        reference = self.reference(server)
        with self.world(attack, server, reference.tree) as world:
            as_retrofitted(world, reference)
            (world.folder / "databases.txt").write_text(f"shop = {world.url}\n")
            if way not in STAMPING:
                execute(world.url, *(statement.format(reference.revision) for statement in STAMP))
                engine_for(world.url).dispose()  # or this process would be one of the others who may have written
            before = world.look()
            ended = supervised([str(self.python), "-m", "migrations.adopt", *COMMANDS[way]], world.root, world.variables)
            world.wait_for_server()
            changes = self._changes(world, before, world.look())
            if way in STAMPING and ended.returncode == 0:
                changes = [one for one in changes if one != world.database_file + ": another content"]
                stamped = f"stamp: None -> {(reference.revision,)}"
                changes = [one for one in changes if one != stamped] + [f"not {stamped}"] * (stamped not in changes)
            return judged(attack, server, way, ended, [], changes)

    def _changes(self, world: World, before: Seen, after: Seen) -> list[str]:
        files = [f"{path}: {change}" for path, change in changed_files(before, after).items()]
        return [*differences(before, after), *files]


def against_reference(world: World, reference: Reference, before: Seen, after: Seen) -> list[str]:
    """Changes that a run without an attack does not make, and those that it makes and this one did not."""
    revision = (*heads(world.root), NO_REVISION)[0]
    changed = {path.replace(revision, "<revision>"): change for path, change in changed_files(before, after).items()}
    changed.pop(world.database_file, None)
    touched = world.attack.options.get("touches", "").split()
    own = {f"project/{path}" for path in (*world.attack.files, *touched)} | {"project/.env.example", "project/config.py"}
    if world.attack.files:  # the configuration is another one, and the page says how
        own.add("project/migrations/SCHEMA.md")
    wanted = {path: change for path, change in reference.changed.items() if path != reference.world.database_file}
    found = [f"{path}: {changed.get(path, 'as before')}" for path in sorted(changed.keys() | wanted.keys()) if path not in own
             and changed.get(path) != wanted.get(path)]  # fmt: skip
    for path in sorted(changed.keys() & wanted.keys() - own):
        ours = world.folder / path.replace("<revision>", revision)
        theirs = reference.tree / path.removeprefix("project/").replace("<revision>", reference.revision)
        if ours.is_file() and plain(ours.read_text(), world, revision) != plain(
            theirs.read_text(), reference.world, reference.revision
        ):
            found.append(f"{path}: not what a run without the attack writes")
    return found


def plain(text: str, world: World, revision: str) -> str:
    """The text of a file without what differs from run to run."""
    text = text.replace(revision, "<revision>").replace(str(world.folder), "<folder>").replace(world.token, "<token>")
    text = re.sub(r"^_(commit|src_path): .*\n", "", text, flags=re.M)  # in the answers file
    return re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?", "<date>", text)


def as_retrofitted(world: World, reference: Reference) -> None:
    """Make the world's project what a retrofit of it would have made: its own literals, the edited files of the reference."""
    own = {"shop/place.py", "shop/attack.py", "shop/early.py", *world.attack.files}
    for path in reference.tree.rglob("*"):
        name = path.relative_to(reference.tree).as_posix()
        if path.is_file() and name not in own and not name.startswith((".git/", "instance/")) and path.suffix != ".pyc":
            text = path.read_text()
            mine = (
                text.replace(reference.world.url, world.url)
                .replace(str(reference.world.folder), str(world.folder))
                .replace(reference.world.token, world.token)
            )
            if mine != (world.root / name).read_text():
                (world.root / name).write_text(mine)
                shutil.copystat(path, world.root / name)


def judged(attack: Attack, server: str, way: str, ended: Ended, problems: list[str], changes: list[str]) -> Outcome:
    """The verdict. `problems` are never right; `changes` only where an error names them, and never in the tree."""
    problems = [*problems, *(f"process left: {one}" for one in ended.left)]
    problems += [f"it said {text}" for text in attack.options.get("hides", "").split() if text in ended.output]
    if ended.returncode is None:
        problems.append("it did not come to an end")
    if any(OURS.search(block) for block in TRACEBACK.findall(ended.output)):  # others are what the application itself prints
        problems.append("a bare traceback")
    is_error = ended.returncode != 0 and not (way == "status" and ended.returncode == TO_DO)
    message = r"^(error: |[a-z-]+ +shop +\S)" if way == "fleet" else r"^error: "  # of a list, a line for each database
    if is_error and not re.search(message, ended.output, re.M):
        problems.append(f"exit status {ended.returncode} without a message")
    in_tree = [one for one in changes if one.startswith("project/") and not re.match(r"project/instance/shop\.d", one)]
    stamps = [
        one
        for one in changes
        if one.startswith("stamp: ")
        and not one.endswith("-> None")
        and not attack.has("stamps")
        and attack.names != "alembic_version"
    ]
    problems += [*in_tree, *stamps]
    elsewhere = [one for one in changes if one not in in_tree and one not in stamps]
    is_named = is_error and attack.names in ended.output and "othing was changed" not in ended.output
    if (elsewhere and not is_named) or (way == "retrofit" and attack.has("redirected")):
        problems += elsewhere
    verdict = "open" if problems else "named" if elsewhere else "refused" if is_error else "held"
    return Outcome(attack, server, way, verdict, tuple(problems), ended)


def shortened(problems: tuple[str, ...], most: int = 8) -> list[str]:
    """The first of them, and how many there are."""
    return [*problems[:most], *([f"and {len(problems) - most} more"] if problems[most:] else [])]


@contextmanager
def bench(base: Path, python: Path, servers: tuple[str, ...]) -> Iterator[Bench]:
    """Make all that is made once."""
    with ExitStack() as stack:
        templates = {server: stack.enter_context(template_database(server)) for server in servers}
        template = make_template(Path(tempfile.mkdtemp(prefix="attacked-", dir=warm.kept())))
        subprocess.run([sys.executable, "-m", "compileall", "-q", template / "hooks"], check=True)
        recording = make_template(base / "recording", edits={"hooks/__main__.py": RECORDER})
        record = base / "tasks"
        with new_world(base, NOTHING, "sqlite") as world:
            commit_all(world.root)
            before = {path for path in world.root.rglob("*") if ".git" not in path.parts}
            command = [
                sys.executable,
                "-m",
                "copier",
                "copy",
                "--trust",
                "--defaults",
                "-d",
                f"python={python}",
                recording,
                ".",
            ]
            subprocess.run(
                command, cwd=world.root, env={**world.variables, "ATTACKS_RECORD": str(record)}, check=True, capture_output=True
            )
            for path in world.root.rglob("*"):
                if path not in before and ".git" not in path.parts and path.is_file():
                    target = base / "rendered" / path.relative_to(world.root)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(path, target)
        tasks = tuple(tuple(json.loads(line)) for line in record.read_text().splitlines())
        yield Bench(base, python, template, base / "rendered", tasks, templates, {})
