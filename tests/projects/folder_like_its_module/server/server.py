import settings
import commands
from app import app

if __name__ == "__main__":
    app.run(port=8000)
