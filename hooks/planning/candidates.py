"""Which application, and under which names it can be had: the candidates that are tried in the project's own Python, best first.

What the repository itself tells `flask` to run comes before what its source looks like.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from hooks.base.errors import ApplicationNeedsArguments, NoApplication, TwoApplications, UnknownApplication
from hooks.base.facts import Answers, App, AppKind, Attachment, Project
from hooks.planning.flask_app import found_by_flask

# What a module that only makes and runs the application is called; any other may do more when it is imported.
ENTRIES = ("wsgi", "app", "application", "main", "run", "server", "autoapp", "asgi")
MOST = 5  # each costs a start of the application


def candidate_apps(project: Project, answers: Answers, attachments: Sequence[Attachment]) -> tuple[App, ...]:
    """The named application; or the one that the repository tells `flask` to run and then the other names that lead to the one
    beside the database.

    Raises:
        NoApplication, UnknownApplication, ApplicationNeedsArguments: there is none that could be loaded.
        TwoApplications: several are equally likely.
    """
    everything = [app for app in likely_apps(project, answers) if not app.in_tests]
    if answers.app != "auto":
        return (named_app(answers.app, everything) if everything else made_elsewhere(answers.app, attachments),)
    if not everything:
        names = [f"{one.module}:{one.app}" for one in attachments if one.function is None and one.app.isidentifier()]
        if not names or project.not_flask_sqlalchemy or project.unparsable:
            raise NoApplication(project.not_flask_sqlalchemy, project.unparsable)
        return tuple(made_elsewhere(name, attachments) for name in dict.fromkeys(names))[:MOST]
    hinted = hinted_apps(everything, project)
    families = related(everything, attachments)
    if hinted:
        mates = [app for app in everything if identity(app) == identity(hinted[0])]
        families = [
            [*hinted[:1], *sorted(mates, key=lambda app: preference(app, project))],
            *(families if len(families) == 1 else ()),
        ]
    elif len(families) > 1:
        raise TwoApplications([family[0] for family in families])
    else:
        families = [sorted(families[0], key=lambda app: preference(app, project))]
    ready: dict[str, App] = {}
    for app in (app for family in families for app in family if not app.required):
        for name in (app, *aliases_of(app)):
            ready.setdefault(name.spec, name)
    if not ready:
        raise ApplicationNeedsArguments(families[0][0])
    return tuple(ready.values())[:MOST]


def likely_apps(project: Project, answers: Answers) -> tuple[App, ...]:
    """The applications without those that only a database uses, unless `flask` finds just that or one is named."""
    if answers.app != "auto":
        return project.apps
    named = {app.spec for app in hinted_apps(project.apps, project)}
    ones = [app for app in project.apps if not app.is_bare or app.spec in named or found_by_flask(app, project)]
    return tuple(ones) if any(not app.in_tests for app in ones) else project.apps


def settled_apps(project: Project, answers: Answers) -> list[App]:
    """The applications that `-d app=` or the repository itself names, whatever their database."""
    everything = [app for app in project.apps if not app.in_tests]
    if answers.app != "auto":
        return [app for app in everything if is_named_by(app, answers.app)]
    return hinted_apps(everything, project)


def hinted_apps(candidates: Sequence[App], project: Project) -> list[App]:
    """The applications that the repository names for `flask` or its server, the most trusted place first."""
    return [
        with_arguments_of(as_named_by(app, hint.spec), hint.spec)
        for hint in project.hints
        for app in candidates
        if is_named_by(app, hint.spec)
    ]


def aliases_of(app: App) -> Iterable[App]:
    """The same application under the other names that it goes by."""
    for module, name in app.aliases:
        others = tuple(one for one in ((app.module, app.name), *app.aliases) if one != (module, name))
        yield replace(app, module=module, name=name, aliases=others)


def named_app(answer: str, candidates: Sequence[App]) -> App:
    """The candidate that `-d app=` names, with the arguments given there."""
    for app in candidates:
        if is_named_by(app, answer):
            return with_arguments_of(as_named_by(app, answer), answer)
    raise UnknownApplication(answer, candidates)


def made_elsewhere(answer: str, attachments: Sequence[Attachment]) -> App:
    """What `-d app=` names where the source makes no application: another package does, and loading it tells the rest."""
    module, _, name = answer.partition("(")[0].partition(":")
    is_factory = "(" in answer or name.rpartition(".")[2].startswith(("create_", "make_"))
    kind = AppKind.FACTORY if is_factory else AppKind.OBJECT
    return with_arguments_of(App(module, name or "app", kind, attachments[0].where), answer)


def is_named_by(app: App, spec: str) -> bool:
    """Whether `flask --app spec` would mean `app`; a file stands for its module, a bare module for the names flask tries."""
    module, name = parts_of(spec, app)
    if app.module != module and (app.module, app.name) != (module + ".__init__", name):
        return (module, name) in app.aliases if name else any(alias[0] == module for alias in app.aliases)
    return app.name == name if name else app.name in ("app", "application", "create_app", "make_app")


def parts_of(spec: str, app: App) -> tuple[str, str]:
    """The module and the name in a `spec`, as the source of `app` calls them."""
    module, _, name = spec.partition(":")
    module = module.strip().removesuffix(".py").replace("/", ".").strip(".").removeprefix(app.folder and f"{app.folder}.")
    return module, name.partition("(")[0].strip()


def as_named_by(app: App, spec: str) -> App:
    """`app` under that of its names which `spec` uses: another module may prepare more before it imports the application."""
    module, name = parts_of(spec, app)
    if module in (app.module, app.module.removesuffix(".__init__")):
        return app
    return next((one for one in aliases_of(app) if one.module == module and name in ("", one.name)), app)


def with_arguments_of(app: App, spec: str) -> App:
    """`app` with the arguments that `spec` passes: none, where it passes none and none is needed, whatever another entry passes."""
    _, paren, rest = spec.partition("(")
    if not paren:
        return replace(app, arguments="") if app.is_plain else app
    return replace(app, arguments=rest.rstrip().removesuffix(")"), required=())


def related(apps: Sequence[App], attachments: Sequence[Attachment]) -> list[list[App]]:
    """Group the candidates into those that are one application under several names, nearest to the database first.

    A factory and the objects made by calling it are one. Of several groups, those that share a folder with an attachment remain,
    if any.
    """
    groups: dict[str, list[App]] = {}
    for app in apps:
        groups.setdefault(identity(app), []).append(app)
    families = list(groups.values())
    if len(families) > 1:
        exact = [
            family
            for family in families
            if any(
                app.where.path == place.where.path and (place.function in (None, app.name) or app.kind is not AppKind.FACTORY)
                for app in family
                for place in attachments
            )
        ]
        families = exact or families
    if len(families) > 1:
        homes = {top_folder(place.where.path) for place in attachments}
        families = [family for family in families if any(top_folder(app.where.path) in homes for app in family)] or families
    return families


def preference(app: App, project: Project) -> tuple[object, ...]:
    """Orders one application's several names: what `flask` finds itself, what needs no argument, the short before the long."""
    return (
        bool(app.required),
        not found_by_flask(app, project),
        {AppKind.FACTORY: 1, AppKind.OBJECT: 0 if app.module.rpartition(".")[2] in ENTRIES else 2, AppKind.WRAPPED: 3}[app.kind],
        len(app.module),
        app.spec,
    )


def identity(app: App) -> str:
    """What a factory and the objects made by calling it have in common."""
    return app.made_by or app.spec.partition("(")[0]


def top_folder(path: str) -> str:
    """The first folder of a path, "" for a file at the root; a `src` folder does not count."""
    parts = PurePosixPath(path).parts[:-1]
    if parts and parts[0] == "src":
        parts = parts[1:]
    return parts[0] if parts else ""
