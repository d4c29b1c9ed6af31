"""``python -m services.runtime.cli`` is ``maplebridge``."""

from services.runtime.cli import main

if __name__ == "__main__":  # a process that is spawned imports this module too
    main()
