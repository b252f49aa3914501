from flask import Flask

from parcels import commands, config
from parcels.database import db


def create_app(config_object=config.Config):
    app = Flask("parcels")
    app.config.from_object(config_object)
    db.init_app(app)
    app.cli.add_command(commands.parcels)

    @app.get("/health")
    def health():
        return {"ok": True}

    return app
