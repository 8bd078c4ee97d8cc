"""``python -m compendium`` is the ``compendium`` command."""

from compendium.cli import main

raise SystemExit(main())
