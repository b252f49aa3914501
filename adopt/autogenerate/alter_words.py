"""The words of ALTER TABLE for what Alembic has no operation for: options of tables, and how an identity column counts.

Options are as snapshots have them: "ENGINE=InnoDB CHARSET=utf8mb4", "UNLOGGED fillfactor=70", "START 100 INCREMENT 10".
"""

import re

# An option of a sequence, its word in ALTER TABLE, and what says that it is as usual.
NUMBERING = (
    ("START", "START WITH", "START WITH 1"),
    ("INCREMENT", "INCREMENT BY", "INCREMENT BY 1"),
    ("MINVALUE", "MINVALUE", "NO MINVALUE"),
    ("MAXVALUE", "MAXVALUE", "NO MAXVALUE"),
    ("CACHE", "CACHE", "CACHE 1"),
)


def identity_words(there, wanted):
    """The words that change how an identity column counts."""
    old, new = (
        dict(re.findall(r"(START|INCREMENT|MINVALUE|MAXVALUE|CACHE) (-?\d+)", one.get("numbering", ""))) for one in (there, wanted)
    )
    words = ["SET GENERATED " + wanted["identity"]] if there["identity"] != wanted["identity"] else []
    for option, form, usual in NUMBERING:
        if old.get(option) != new.get(option):
            words.append("SET " + (form + " " + new[option] if option in new else usual))
    cycles = ["CYCLE" in one.get("numbering", "") for one in (there, wanted)]
    return " ".join(words + ["SET CYCLE" if cycles[1] else "SET NO CYCLE"] * (cycles[0] != cycles[1]))


def options_mysql(there, wanted):
    """The words that make the options of a table `wanted`: CONVERT changes its columns as well."""
    old, new = (dict(word.split("=", 1) for word in words.split() if "=" in word) for words in (there, wanted))
    parts = ["{}={}".format(name, new[name]) for name in ("ENGINE", "ROW_FORMAT") if name in new and new[name] != old.get(name)]
    if any(new.get(name) != old.get(name) for name in ("CHARSET", "COLLATE")) and "CHARSET" in new:
        collate = " COLLATE {}".format(new["COLLATE"]) if "COLLATE" in new else ""
        parts.append("CONVERT TO CHARACTER SET {}{}".format(new["CHARSET"], collate))
    return [", ".join(parts)] if parts else []


def options_postgresql(there, wanted):
    """The words that make the options of a table `wanted`."""
    old, new = (dict(re.findall(r"(\w+)=([^,\s]+)", words)) for words in (there, wanted))
    parts = ["SET ({})".format(", ".join("{}={}".format(*one) for one in sorted(new.items())))] if new and new != old else []
    gone = sorted(set(old) - set(new))
    parts += ["RESET ({})".format(", ".join(gone))] if gone else []
    if ("UNLOGGED" in there) != ("UNLOGGED" in wanted):
        parts.append("SET UNLOGGED" if "UNLOGGED" in wanted else "SET LOGGED")
    return [", ".join(parts)] if parts else []
