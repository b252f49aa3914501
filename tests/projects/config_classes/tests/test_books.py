import unittest

from library import create_app
from library.extensions import db
from library.models import Author, Book


class BooksTestCase(unittest.TestCase):
    def setUp(self):
        self.app = create_app("testing")
        self.context = self.app.app_context()
        self.context.push()
        db.create_all()

    def tearDown(self):
        db.drop_all()
        self.context.pop()

    def test_index(self):
        db.session.add(Book(title="Emil", author=Author(name="Astrid Lindgren")))
        db.session.commit()
        self.assertEqual(self.app.test_client().get("/books/").get_json()[0]["title"], "Emil")
