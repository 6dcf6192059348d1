"""``python -m searchsvc`` is the ``searchsvc`` command."""

from searchsvc.cli import main

if __name__ == "__main__":
    main()
