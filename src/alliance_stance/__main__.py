"""Run the command line with ``python -m alliance_stance``."""

import sys

from alliance_stance.cli import main

if __name__ == "__main__":
    sys.exit(main())
