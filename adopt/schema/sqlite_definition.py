"""A table of SQLite in parts, so that a new CREATE TABLE can have the old one's words where nothing was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .normal import check_text
from .sqlite_statement import OF_TABLE, TOKEN, clauses, split, tokens_of, unquoted

if TYPE_CHECKING:
    import re
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from .sqlite_statement import Token


class Part:
    """A constraint: `key` is what it is about, `text` its words, `column` the column that it stands in, None in the table."""

    def __init__(self, tokens: Sequence[Token], text: str, column: str | None = None) -> None:
        self.name: str | None
        self.text, self.column, self.name, self.start = text, column, None, 0
        if tokens[0].upper() == "CONSTRAINT":
            self.start = tokens[2].start - tokens[0].start  # of what follows the name
            self.name, tokens = unquoted(tokens[1]).lower(), tokens[2:]
        # of what is no constraint of the table, NOT NULL, DEFAULT, COLLATE, it is None; nobody looks into that
        self.key: Any
        kind, here = tokens[0].upper(), (column,)
        self.words = " ".join(tokens)
        self.key = None
        if kind == "CHECK":
            self.key = (kind, self.name or check_text(tokens[1][1:-1]))
        elif kind in ("PRIMARY", "UNIQUE"):
            self.key = (kind, here if column else names(next(one for one in tokens if one.startswith("("))))
        elif kind == "FOREIGN":
            self.key = (kind, names(tokens[2]), unquoted(tokens[4]).lower())
        elif kind == "REFERENCES":
            self.key = ("FOREIGN", here, unquoted(tokens[1]).lower())

    def is_same(self, other: Part) -> bool:
        """Whether it says the same; a name counts where the other one has one."""
        return self.words == other.words and other.name in (None, self.name)

    def is_about(self, columns: Collection[str]) -> bool:
        """Whether it cannot be without one of these."""
        if self.key[0] == "CHECK":
            return self.column in columns or mentions(self.text, columns)
        return not set(columns).isdisjoint(self.key[1])

    def of_table(self, quoted: str, text: str) -> str | None:
        """`text`, which is that of the part, where it stands by itself; None for what only a column can have."""
        if self.column is None or self.key[0] == "CHECK":
            return text
        head, words = text[: self.start], text[self.start :]  # a name has no brackets, so that it is as it was
        if self.key[0] == "FOREIGN":
            return f"{head}FOREIGN KEY ({quoted}) {words}"
        kind = "PRIMARY KEY" if self.key[0] == "PRIMARY" else "UNIQUE"
        return None if "AUTOINCREMENT" in words.upper() else f"{head}{kind} ({quoted}){words[len(kind) :]}"


class Column:
    """`bare` are its words without constraints of the table, which are in `parts`."""

    def __init__(self, tokens: Sequence[Token], text: str) -> None:
        self.quoted, self.name = str(tokens[0]), unquoted(tokens[0]).lower()
        every = clauses(tokens[1:])
        for number in range(len(every) - 1, 0, -1):
            if [word.upper() for word in every[number][:2]] == ["NOT", "DEFERRABLE"]:
                every[number - 1] += every.pop(number)
        end = every[0][0].start if every else tokens[-1].end
        self.parts: list[Part]
        self.conflict: str | None
        self.parts, self.is_generated, self.conflict = [], False, None
        kept = [text[tokens[0].start : end].strip()]
        for tokens in every:
            part = Part(tokens, text[tokens[0].start : tokens[-1].end], self.name)
            first = part.words.split()[0].upper()
            self.is_generated = self.is_generated or first in ("GENERATED", "AS")
            self.conflict = part.text if " ON CONFLICT " in part.words.upper() and first == "NOT" else self.conflict
            if part.key is None:
                kept.append(part.text)
            else:
                self.parts.append(part)
        self.bare = " ".join(kept)

    def is_same(self, other: Column) -> bool:
        return " ".join(tokens_of(self.bare)) == " ".join(tokens_of(other.bare))


class Definition:
    """`columns` are {name: Column}, `parts` all constraints, `options` what follows the brackets."""

    def __init__(self, statement: str) -> None:
        body = next(token for token in tokens_of(statement) if token.startswith("("))
        inner, self.options = body[1:-1], statement[body.end :].strip().rstrip(";")
        self.columns: dict[str, Column]
        self.parts: list[Part]
        self.columns, self.parts = {}, []
        for tokens in split(tokens_of(inner)):
            if tokens and tokens[0].upper() in OF_TABLE:
                self.parts.append(Part(tokens, inner[tokens[0].start : tokens[-1].end]))
            elif tokens:
                column = Column(tokens, inner)
                self.columns[column.name] = column
                self.parts += column.parts

    def part(self, key: Any) -> Part | None:
        return next((one for one in self.parts if one.key == key), None)


def rebuilt(original: Definition, reflected: Definition, emitted: Definition, olds: dict[str, str]) -> tuple[str, set[str]]:
    """(columns, constraints and options of the new CREATE TABLE in brackets, the names of its generated columns).

    `original` is what there is, `reflected` what SQLAlchemy sees of it, `emitted` what a batch wants; `olds` are {column: the one
    that it was}. What the last two say alike is as in the first; what only the first has stays, but for what is about a column
    that goes.
    """
    column: Any  # one of a table, then the name of one
    seen: Any  # a column, then a part
    renamed = {old: emitted.columns[new].quoted for new, old in olds.items() if new != old and new in emitted.columns}
    gone = set(original.columns) & set(reflected.columns) - set(olds.values())
    texts: dict[str, str]
    used: set[Part | None]
    texts, unchanged = {}, set()
    for name, column in emitted.columns.items():
        old = original.columns.get(olds.get(name))  # type: ignore[arg-type]  # None is in none
        seen = reflected.columns.get(olds.get(name))  # type: ignore[arg-type]  # None is in none
        if old and seen and old.name == name and column.is_same(seen):
            unchanged.add(name)
            column = old
        texts[name] = column.bare
        if old and old.conflict and column is not old:
            texts[name] = column.bare.replace("NOT NULL", old.conflict, 1)
    for name, column in original.columns.items():
        if name not in reflected.columns and name not in texts and not mentions(column.bare, gone):
            texts[name], emitted.columns[name] = with_names(column.bare, renamed), column
            unchanged.add(name)
    news: dict[str | None, str]
    constraints, used, news = [], set(), {old: new for new, old in olds.items()}
    for part in original.parts:
        key, seen = renamed_key(part.key, renamed), reflected.part(part.key)
        if part.key[0] == "CHECK" and not part.name:
            seen = None  # batch mode never takes such a one along
        wanted = emitted.part(key)
        if wanted is None or wanted in used:
            is_kept = seen is None
        else:
            is_kept = seen is None or wanted.is_same(seen) or key != part.key and key[0] != "FOREIGN"
        if part.is_about(gone):
            used.add(wanted)
            continue
        if is_kept:
            used.add(wanted)
            text, column = with_names(part.text, renamed), news.get(part.column, part.column)
            alone = None if column in unchanged else part.of_table(emitted.columns[column].quoted if column else "", text)
            if alone is None:
                texts[column] += " " + text
            else:
                constraints.append(alone)
    for part in emitted.parts:
        seen = reflected.part(part.key)
        is_misread = part.key[0] == "CHECK" and seen is not None and part.is_same(seen) and original.part(part.key) is None
        if part not in used and not is_misread:
            if part.column is None:
                constraints.append(part.text)
            else:
                texts[part.column] += " " + part.text
    options = original.options if emitted.options == reflected.options else emitted.options
    generated = {name for name in texts if emitted.columns[name].is_generated}
    return "(\n\t{}\n) {}".format(",\n\t".join([*texts.values(), *constraints]), options).rstrip(), generated


def names(bracket: Token) -> tuple[str, ...]:
    """The columns that a pair of brackets lists."""
    return tuple(unquoted(part[0]).lower() for part in split(tokens_of(bracket[1:-1])) if part)


def renamed_key(key: Any, renamed: Mapping[Any, Any]) -> Any:
    if key[0] == "CHECK" or not renamed:
        return key
    return (key[0], tuple(unquoted(renamed.get(name, name)).lower() for name in key[1])) + key[2:]


def mentions(text: str, names_: Iterable[str]) -> bool:
    """Whether a word of SQL is one of these names."""
    return any(unquoted(one).lower() in names_ for one in TOKEN.findall(text) if not one.startswith(("'", "--", "/*")))


def with_names(text: str, renamed: Mapping[str, str]) -> str:
    """SQL with other names for columns: those in brackets."""
    if not renamed:
        return text

    def name(match: re.Match[str]) -> str:
        token = match.group()
        return token if token.startswith("'") else renamed.get(unquoted(token).lower(), token)

    start = text.find("(")
    return text[:start] + TOKEN.sub(name, text[start:]) if start >= 0 else text
