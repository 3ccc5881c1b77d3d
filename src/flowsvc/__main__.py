"""`python -m flowsvc` is the same as `flowsvc`."""

import sys

from flowsvc.cli import main

sys.exit(main())
