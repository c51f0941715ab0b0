"""`python -m schoolhelper` is the same as the `schoolhelper` command."""

from schoolhelper.cli.main import run

if __name__ == "__main__":
    run()
