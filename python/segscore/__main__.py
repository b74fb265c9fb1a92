"""`python -m segscore` is the command line."""

from segscore.cli import main

if __name__ == "__main__":
    main()
