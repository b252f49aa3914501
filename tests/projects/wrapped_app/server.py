import config

# Get the application instance
connex_app = config.connex_app

# Read the specification to configure the endpoints
connex_app.add_api("openapi.json")

if __name__ == "__main__":
    connex_app.run(debug=True)
