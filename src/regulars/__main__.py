"""``python -m regulars`` is ``regulars``."""

from regulars.cli import main

if __name__ == "__main__":
    main()
