# -*- coding: utf-8 -*-
import datetime
import decimal

from library import app, db
from library.models import Author, Book, Loan


@app.cli.command("seed")
def seed():
    """Make the tables and put some books into them."""
    db.create_all()
    ursula = Author(name=u"Ursula K. Le Guin", born=datetime.date(1929, 10, 21))
    karel = Author(name=u"Karel Čapek")
    wizard = Book(
        isbn="9780547773742", title=u"A Wizard of Earthsea", pages=183, price=decimal.Decimal("8.99"), condition="used", authors=[ursula]
    )
    tombs = Book(isbn="9780689845369", title=u"The Tombs of Atuan", price=decimal.Decimal("7.50"), condition="new", authors=[ursula])
    tombs.sequel_of = wizard
    newts = Book(isbn="9788072033409", title=u"Válka s mloky", price=decimal.Decimal("12.00"), condition="worn", cover=b"\x00\xff")
    newts.authors.append(karel)
    wizard.loans.append(Loan(reader="ada", due=datetime.date(2018, 5, 1), returned_at=datetime.time(9, 30)))
    newts.loans.append(Loan(reader="bob", due=datetime.date(2018, 6, 1)))
    db.session.add_all([wizard, tombs, newts])
    db.session.commit()
