"""The words of ALTER TABLE for what Alembic has no operation for: options of tables, and how sequences count.

Options are as snapshots have them: "ENGINE=InnoDB CHARSET=utf8mb4", "UNLOGGED fillfactor=70", "START 100 INCREMENT 10".
"""

from __future__ import annotations

import re

from ..server.connecting import literal

OPTION = re.compile(r"(START|INCREMENT|MINVALUE|MAXVALUE|CACHE) (-?\d+)")


def numbers(said: str) -> dict[str, str]:
    """{option of a sequence: its value}."""
    found = dict({"INCREMENT": "1", "MINVALUE": "1", "CACHE": "1"}, **dict(OPTION.findall(said)))
    return dict({"START": found["MINVALUE"]}, **found)


def renumbered(sequence: str, place: str, set_: str, there: str, wanted: str) -> list[str]:
    """The statements that let a sequence, which `place` alters, count as wanted: no number comes twice."""
    old, new = numbers(there), numbers(wanted)
    is_turned = (int(old["INCREMENT"]) < 0) != (int(new["INCREMENT"]) < 0)
    limit = "MAXVALUE " + new["MAXVALUE"] if "MAXVALUE" in new else "NO MAXVALUE"
    forms = ["INCREMENT BY {INCREMENT}", "MINVALUE {MINVALUE}", limit, "START WITH {START}", "CACHE {CACHE}"]
    forms = [set_ + form.format(**new) for form in forms] + [set_ + "NO " * (" CYCLE" not in " " + wanted) + "CYCLE"]
    statements = [place + " ".join(forms + ["RESTART WITH " + new["START"]] * is_turned)]
    if int(new["MINVALUE"]) > int(old["MINVALUE"]) and not is_turned:
        words = "SELECT setval({0}, greatest(last_value, {1}), is_called AND last_value >= {1}) FROM {2}"
        statements.insert(0, words.format(literal(sequence), new["MINVALUE"], sequence))
    return statements


def options_mysql(there: str, wanted: str) -> tuple[list[str], list[str]]:
    """(the words that make the options of a table `wanted`, those for a statement of their own)."""
    old, new = (dict(word.split("=", 1) for word in words.split() if "=" in word) for words in (there, wanted))
    names = [name for name in sorted({**old, **new}) if name not in ("CHARSET", "COLLATE") and old.get(name) != new.get(name)]
    usual = ["DEFAULT" if re.match("ROW_|STATS_|PAGE_|TRANS", name) else "0" for name in names]
    parts = [f"{name}={new.get(name, no)}" for name, no in zip(names, usual) if name != "PAGE_CHECKSUM"]  # noqa: B905 -- as many
    if any(new.get(name) != old.get(name) for name in ("CHARSET", "COLLATE")):
        parts += [f"{name}={new[name]}" for name in ("CHARSET", "COLLATE") if name in new]
    return parts, ["PAGE_CHECKSUM=DEFAULT"] * ("PAGE_CHECKSUM" in names)  # Aria's own, which another engine keeps


def options_postgresql(there: str, wanted: str) -> list[str]:
    """The words that make the options of a table `wanted`."""
    old, new = (dict(re.findall(r"(\w+)=([^,\s]+)", words)) for words in (there, wanted))
    parts = ["SET ({})".format(", ".join("{}={}".format(*one) for one in sorted(new.items())))] if new and new != old else []
    gone = sorted(set(old) - set(new))
    parts += ["RESET ({})".format(", ".join(gone))] if gone else []
    if ("UNLOGGED" in there) != ("UNLOGGED" in wanted):
        parts.append("SET UNLOGGED" if "UNLOGGED" in wanted else "SET LOGGED")
    return [", ".join(parts)] if parts else []
