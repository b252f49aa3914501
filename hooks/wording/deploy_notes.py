"""What to change by hand where the repository runs its application elsewhere: the sentences, each with its file and line.

These files are left as they are: what runs in production is changed by those who run it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

from hooks.base.deploy_facts import Does, Place, Step
from hooks.base.facts import Project
from hooks.base.location import Location
from hooks.detect.deploy.above import COMPOSE
from hooks.detect.deploy.dockerfile import is_dockerfile
from hooks.detect.deploy.image import is_copied, left_out, opened_folder
from hooks.edit.files.dotenv import PATH as FLASKENV
from hooks.planning.plan import Plan, concerns

UPGRADE = "flask db upgrade"
DEPLOY = "python -m migrations.adopt deploy"  # takes turns where several processes start at once
INSTEAD = "in its place where it does nothing else"
FIRST = f"before it, or {INSTEAD}"  # after an upgrade there is nothing left to create
WITHOUT_IMAGE = ("procfile", "render.yaml")
DEPLOYING = (Place.IMAGE, Place.START, Place.RELEASE)
# entrypoint.prod.sh, Dockerfile-production, compose.dev.yml
PRODUCTION = re.compile(r"(?:^|[._-])(?:prod|production)(?=[._-]|$)")
DEVELOPMENT = re.compile(r"(?:^|[._-])(?:dev|development|local)(?=[._-]|$)")
# How the platform is told what to run once for each deployment; the first of these files that is there.
RELEASES = {
    "Procfile": f"add the line  release: {UPGRADE}",
    "heroku.yml": f"have its release phase run  {UPGRADE}",
    "fly.toml": f'add to [deploy] in fly.toml  release_command = "{UPGRADE}"',
    "render.yaml": f"add to render.yaml  preDeployCommand: {UPGRADE}",
    "railway.toml": f'add to [deploy] in railway.toml  preDeployCommand = "{UPGRADE}"',
    "railway.json": f'add to "deploy" in railway.json  "preDeployCommand": "{UPGRADE}"',
}


def deploy_notes(project: Project, plan: Plan, *, made_tables: bool = False) -> list[str]:
    """One sentence for each place, what is deployed before what people ask for, and that before what they read.

    `made_tables` is whether a start made the tables before the run, and does not after it.
    """
    steps = [step for step in project.deploy.steps if is_of(step, project, plan) and not is_of_another(step, project)]
    order = list(Place)
    blocks: dict[tuple[Place, str], list[Step]] = {}
    for step in steps:
        blocks.setdefault((step.place, step.block), []).append(step)
    found = [
        note
        for (place, _), block in sorted(blocks.items(), key=lambda item: (order.index(item[0][0]), item[1][0].where))
        for note in own_migrations(place, block)
    ]
    found += moved(steps)
    found += own_tables(steps)
    found += [stamped(step) for step in steps if step.does is Does.STAMP and step.place is not Place.PAGE]
    found += not_in_image(project, plan)
    found += nothing_upgrades(project, steps)
    if made_tables:
        found += [*image_of_scripts(project, plan, steps), *started_by_hand(steps), *installed_as_package(project, plan)]
    return found


def is_of(step: Step, project: Project, plan: Plan) -> bool:
    """Whether it concerns the application that gets migrations, and not another one of the same repository."""
    if step.folder and not any(is_within(path, step.folder) for path in (plan.app.where.path, plan.database.where.path)):
        return False
    return concerns(step.where.path, plan.app, plan.database, project)


def is_of_another(step: Step, project: Project) -> bool:
    """Whether it upgrades by migrations that are there, in another directory."""
    folder = posixpath.normpath(posixpath.join(step.folder, step.command.rpartition(" ")[2]))
    return step.does is Does.UPGRADE_ELSEWHERE and f"{folder}/env.py" in project.files


def moved(steps: Iterable[Step]) -> Iterator[str]:
    """Upgrades by a directory that is not there any more."""
    for step in steps:
        if step.does is Does.UPGRADE_ELSEWHERE:
            yield f"{spoken([step.where])} runs `{step.command}`, and the migrations are in migrations/ now; run  {UPGRADE}"


def is_within(path: str, folder: str) -> bool:
    """Whether the file is in the folder, or the folder is that of all files."""
    return path.startswith(folder.rstrip("/") + "/")


def own_migrations(place: Place, block: Sequence[Step]) -> Iterator[str]:
    """A block that makes migrations of its own. `flask db migrate` is a daily command where somebody asks for it."""
    made = {does: [step for step in block if step.does is does] for does in (Does.INIT, Does.MIGRATE)}
    init, migrate = made[Does.INIT], made[Does.MIGRATE]
    if not init and (place in (Place.TASK, Place.PAGE) or not migrate):
        return
    lines, s = spoken_with_s([step.where for step in (*init, *migrate)])
    commands = " and ".join(f"`{step.command}`" for step in (*init[:1], *migrate[:1]))
    if place is Place.PAGE:
        yield f"{lines} tell{s} people to run {commands}; migrations/ is in the repository now, so it is  {UPGRADE}"
    elif not migrate:
        yield f"{lines} run{s} {commands}, which fails now that migrations/ is there; take it out"
    elif not init:
        yield f"{lines} run{s} {commands}, which writes a revision that nobody reads and no commit has; take it out, {keeps(block)}"
    else:
        why = "the first fails now that migrations/ is there, the second writes a revision that nobody reads and no commit has"
        yield f"{lines} run{s} {commands}: {why}; take them out, {keeps(block)}"


def keeps(block: Iterable[Step]) -> str:
    """What remains to be run."""
    there = next((step.command for step in block if step.does is Does.UPGRADE), "")
    return f"and keep  {there}" if there else f"and run  {UPGRADE}"


def own_tables(steps: Sequence[Step]) -> Iterator[str]:
    """Where the tables are made by create_all(), one sentence for each command; in CI it does no harm."""
    made: dict[tuple[bool, str], list[Step]] = {}
    for step in steps:
        if step.does is Does.CREATE_ALL and step.place is not Place.CI and not upgraded(step, steps):
            made.setdefault((step.place not in DEPLOYING, step.command), []).append(step)
    for (is_asked_for, command), same in sorted(made.items()):
        lines, s = spoken_with_s([step.where for step in same])
        creator = same[0].creator
        by = f"`{command}`" + (f" ({creator.path}:{creator.line})" if creator else "")
        how = "" if "create_all" in command else " by create_all()"  # the command says so itself
        there = [step.command for step in steps if step.does is Does.UPGRADE and step.block in {one.block for one in same}]
        if same[0].drops:
            upgrade = UPGRADE if is_asked_for else there[0] if there else DEPLOY
            uses = f"use{s}" if is_asked_for else f"run{s}"
            yield f"{lines} {uses} {by}, which drops all tables and makes new ones{how}; run  {upgrade}  {INSTEAD}"
        elif is_asked_for:
            yield f"{lines} use{s} {by}, which makes the tables{how}; run  {UPGRADE}  {FIRST}"
        else:
            upgrade = there[0] if there else DEPLOY
            yield f"{lines} run{s} {by}, which makes new tables{how} before a migration can; run  {upgrade}  {FIRST}"


def upgraded(step: Step, steps: Iterable[Step]) -> bool:
    """Whether the same block upgrades the database before the step, which leaves nothing to create."""
    return not step.drops and any(one.does is Does.UPGRADE and one.block == step.block and one.where < step.where for one in steps)


def stamped(step: Step) -> str:
    """A stamp that nobody has verified hides the migrations that were not run."""
    return (
        f"{spoken([step.where])} runs `{step.command}`, which compares nothing; take it out: `{UPGRADE}` stamps a database that it"
        " has found equal to a revision"
    )


def not_in_image(project: Project, plan: Plan) -> Iterator[str]:
    """What keeps migrations/ out of what is deployed."""
    for where in project.deploy.kept_out:
        yield f"{spoken([where])} keeps migrations/ out of what is deployed ({where.text}); add below it  !migrations"
    partly = list(left_out(project.deploy.copied, plan.app.where.path))
    spec = said_by_flaskenv(plan)
    if spec and not partly and not any("FLASK_APP" in hint.where.text for hint in project.hints if hint.where.path != FLASKENV):
        for where in project.deploy.without_flaskenv:
            yield f"{spoken([where])} keeps .flaskenv out of what is deployed ({where.text}); set there  FLASK_APP={spec}"
    for copy, line in partly:
        folder = opened_folder(copy, plan.app.where.path)
        spec = unsaid_in_image(project, plan, copy.where.path).removeprefix(folder and f"{folder}/")
        which = f"  and  ENV FLASK_APP={spec}" if spec else ""
        yield f"{spoken([copy.where])} copies the application into an image, but nothing copies migrations/; add  {line}{which}"


def said_by_flaskenv(plan: Plan) -> str:
    """The FLASK_APP that `.flaskenv` says, or is going to; "" where it need not."""
    said = plan.said_flask_app
    return (said.spec if said and said.where.path == FLASKENV else plan.flask_app) or ""


def unsaid_in_image(project: Project, plan: Plan, dockerfile: str) -> str:
    """The FLASK_APP that `.flaskenv` says, where the image gets no `.flaskenv` and is told nothing of it; "" where it knows."""
    spec = said_by_flaskenv(plan)
    telling = [hint.where.path for hint in project.hints if "FLASK_APP" in hint.where.text]
    is_told = any(path == dockerfile or is_compose(path) for path in telling)
    copies = [copy for copy in project.deploy.copied if copy.where.path == dockerfile]
    return "" if not spec or is_told or any(is_copied(copy, FLASKENV) for copy in copies) else spec


def is_compose(path: str) -> bool:
    """Whether a file is one of Docker Compose's, which sets the variables of its containers."""
    return COMPOSE.match(posixpath.basename(path)) is not None


def nothing_upgrades(project: Project, steps: Sequence[Step]) -> Iterator[str]:
    """The server starts, and no step of a deployment upgrades the database, or would once it is changed as said above."""
    deploying = [step for step in steps if step.place in DEPLOYING]
    servers = [step for step in deploying if step.does is Does.SERVE and step.place is not Place.IMAGE]
    upgrades_nothing = (Does.SERVE, Does.INIT)  # the second only makes a directory
    others = [step for step in deploying if step.does not in upgrades_nothing]
    production = [step for step in servers if PRODUCTION.search(posixpath.basename(step.where.path))]
    if others and production:
        servers, others = production, of_production(others, project.files)
    if others and all(is_dockerfile(step.where.path) for step in others):  # they are no part of a deployment without an image
        servers = [step for step in servers if posixpath.basename(step.where.path).lower() in WITHOUT_IMAGE]
    elif others:
        servers = []
    if not servers:
        return
    release = next((name for name in RELEASES if name in project.files), "")
    server = min(servers, key=lambda step: (step.where.path != release, posixpath.basename(step.where.path).lower() != "procfile"))
    how = RELEASES.get(release, f"run  {DEPLOY}  before it")
    there = [where for where in project.deploy.releases if where.path == release]
    if there:
        how = f"have {spoken(there)} run  {UPGRADE}  before what it runs on each release"
    images = {step.where.path: step.where for step in reversed(servers) if is_dockerfile(step.where.path)}
    lines, s = spoken_with_s(sorted(images.values()) if server.where.path in images else [server.where])
    yield f"{lines} start{s} the application, and nothing upgrades its database before that; {how}"


def of_production(steps: Iterable[Step], files: Iterable[str]) -> list[Step]:
    """Those in files that are not for development, and of which production has none of its own."""
    names = [posixpath.split(path) for path in files]
    theirs = {(folder, PRODUCTION.sub("", name)) for folder, name in names if PRODUCTION.search(name)}
    found = [(step, *posixpath.split(step.where.path)) for step in steps]
    return [step for step, folder, name in found if not DEVELOPMENT.search(name) and (folder, name) not in theirs]


def image_of_scripts(project: Project, plan: Plan, steps: Iterable[Step]) -> Iterator[str]:
    """The application is in an image, and what is run there is no server and no step of a deployment that is known."""
    if not any(step.place in DEPLOYING for step in steps):
        images = {copy.where.path for copy in project.deploy.copied if is_copied(copy, plan.app.where.path)}
        for path in sorted(images)[:1]:
            yield f"{path} makes an image of the application, which makes no tables any more; run  {DEPLOY}  before what needs them"


def started_by_hand(steps: Sequence[Step]) -> Iterator[str]:
    """People start the application on a new database, whose tables it does not make any more."""
    by_hand = [step for step in steps if step.place in (Place.TASK, Place.PAGE)]
    told = {step.where.path for step in by_hand if step.does in (Does.UPGRADE, Does.CREATE_ALL)}
    servers = [step.where for step in by_hand if step.does is Does.SERVE and step.where.path not in told]
    if servers:
        lines, s = spoken_with_s(servers)
        yield f"{lines} start{s} the application, which makes no tables any more; for a new database run  {UPGRADE}  before it"


def installed_as_package(project: Project, plan: Plan) -> Iterator[str]:
    """A console script of the application's package, of which a wheel has no migrations/."""
    package = plan.database.where.path.removeprefix("src/").partition("/")[0]
    scripts = [where for where in project.deploy.scripts if re.search(rf"\b{re.escape(package)}[.:]", where.text)]
    if scripts:
        yield (
            f"{spoken(scripts[:1])} starts the application; from a wheel it makes no tables any more: in a checkout run  {UPGRADE}"
            "  for its database"
        )


def spoken(places: Iterable[Location]) -> str:
    """ "Dockerfile:6, 7 and README.md:4"."""
    by_path: dict[str, list[str]] = {}
    for place in sorted(set(places)):
        by_path.setdefault(place.path, []).append(str(place.line))
    return " and ".join(f"{path}:{', '.join(lines)}" for path, lines in by_path.items())


def spoken_with_s(places: Sequence[Location]) -> tuple[str, str]:
    """The places, and the "s" of the verb that follows where there is one only."""
    return spoken(places), "s" if len(set(places)) == 1 else ""
