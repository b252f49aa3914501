from setuptools import find_packages, setup

setup(
    name="journal",
    version="0.3.0",
    packages=find_packages(),
    include_package_data=True,
    zip_safe=False,
    install_requires=[
        "flask>=2.3",
        "Flask-SQLAlchemy>=3.0",
        "click",
    ],
    extras_require={"test": ["pytest", "coverage"]},
    entry_points={"console_scripts": ["journal=journal.__main__:main"]},
)
