"""``python -m analysis`` is the ``compendium`` command."""

from analysis.cli import main

raise SystemExit(main())
