from setuptools import find_packages, setup


def read(filename):
    return [req.strip() for req in open(filename).readlines()]


setup(
    name="delivery",
    version="0.1.0",
    packages=find_packages(),
    install_requires=read("requirements.txt"),
    extras_require={"dev": ["pytest"]},
)
