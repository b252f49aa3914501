# -*- coding: utf-8 -*-
import datetime

from library import db

authorship = db.Table(
    "authorship",
    db.Column("author_id", db.Integer, db.ForeignKey("author.id"), primary_key=True),
    db.Column("book_id", db.Integer, db.ForeignKey("book.id", ondelete="CASCADE"), primary_key=True),
)


class Author(db.Model):
    __table_args__ = (db.UniqueConstraint("name", "born", name="uq_author_name_born"),)

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.Unicode(120), nullable=False)
    born = db.Column(db.Date)


class Book(db.Model):
    __table_args__ = (db.CheckConstraint("pages > 0", name="ck_book_pages"),)

    id = db.Column(db.Integer, primary_key=True)
    isbn = db.Column(db.String(13), unique=True, index=True, nullable=False)
    title = db.Column(db.Unicode(200), nullable=False)
    pages = db.Column(db.SmallInteger)
    price = db.Column(db.Numeric(8, 2), nullable=False)
    rating = db.Column(db.Float)
    condition = db.Column(db.Enum("new", "used", "worn", name="book_condition"), nullable=False)
    language = db.Column(db.String(2), nullable=False, server_default="en")
    is_lent = db.Column(db.Boolean, nullable=False, default=False)
    cover = db.Column(db.LargeBinary)
    summary = db.Column(db.Text)
    added = db.Column(db.DateTime, default=datetime.datetime.now, index=True)
    sequel_of_id = db.Column(db.Integer, db.ForeignKey("book.id", ondelete="SET NULL"))

    authors = db.relationship("Author", secondary=authorship, backref=db.backref("books", lazy="dynamic"))
    sequel_of = db.relationship("Book", remote_side=[id])
    loans = db.relationship("Loan", backref="book", cascade="all, delete-orphan", lazy="dynamic")


class Loan(db.Model):
    __tablename__ = "loans"
    __table_args__ = (db.Index("ix_loans_reader_due", "reader", "due"), {"sqlite_autoincrement": True})

    id = db.Column(db.Integer, primary_key=True)
    book_id = db.Column(db.Integer, db.ForeignKey("book.id"), nullable=False)
    reader = db.Column(db.String(80), nullable=False)
    due = db.Column(db.Date, nullable=False)
    returned_at = db.Column(db.Time)
