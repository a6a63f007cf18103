"Packaging. All that the package says of itself stands in settings.ini."
from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup

here = Path(__file__).parent
parser = ConfigParser(delimiters=["="])
parser.read(here/"settings.ini", encoding="utf-8")
settings = parser["DEFAULT"]

stages = ["1 - Planning", "2 - Pre-Alpha", "3 - Alpha", "4 - Beta", "5 - Production/Stable"]
minor_versions = range(int(settings["min_python"].split(".")[1]), 15)
lib_name, lib_path = settings["lib_name"], settings["lib_path"]

setup(
    name=lib_name,
    version=settings["version"],
    description=settings["description"],
    long_description=(here/"README.md").read_text(encoding="utf-8") if (here/"README.md").exists() else "",
    long_description_content_type="text/markdown",
    url=settings["git_url"],
    author=settings["author"],
    author_email=settings["author_email"],
    license="Apache-2.0",
    keywords=settings["keywords"],
    classifiers=[
        f"Development Status :: {stages[int(settings['status']) - 1]}",
        f"Intended Audience :: {settings['audience']}",
        f"Natural Language :: {settings['language']}",
        *[f"Programming Language :: Python :: 3.{minor}" for minor in minor_versions],
    ],
    packages=find_packages(include=[lib_path, f"{lib_path}.*"]),
    package_data={lib_path: ["data/*.csv", "pictures/*.js"]},
    python_requires=f">={settings['min_python']}",
    install_requires=settings["requirements"].split(),
    extras_require={extra: settings[f"{extra}_requirements"].split() for extra in ("dask", "onnx", "viewer", "lab", "browser", "dev")},
    entry_points={
        "console_scripts": settings.get("console_scripts", "").split(),
        "nbdev": [f"{lib_name}={lib_path}._modidx:d"],
    },
    zip_safe=False,
)
