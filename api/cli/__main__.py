"""`python -m api.cli` is `oneshelf`, where nothing has been installed."""

from api.cli import main

if __name__ == "__main__":
    main()
