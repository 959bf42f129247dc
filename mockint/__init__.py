"""mockint: mock interviews for a community, from availability to progress."""

import zoneinfo

__version__ = "0.1.0"

# The pinned tzdata package is the only source of zone rules: the operating system's copy may be
# years older, and two processes must never disagree about an hour.
zoneinfo.reset_tzpath(to=())
