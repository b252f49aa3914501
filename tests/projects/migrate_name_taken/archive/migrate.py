import csv


def migrate(path):
    """The rows of the old archive's file, in the form of the new one."""
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            yield row["Title"].strip(), int(row["Year"])
