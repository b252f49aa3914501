from flask import jsonify

from init import app


@app.route('/health')
def health():
    return jsonify(ok=True)


if __name__ == '__main__':
    app.run(port=5001)
