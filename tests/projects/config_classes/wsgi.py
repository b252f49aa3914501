import os

from library import create_app

app = create_app(os.getenv("LIBRARY_CONFIG", "development"))
