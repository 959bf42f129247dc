"""The whole database as one checksummed stream, and such a stream as a database.

Backup, restore and copying from one engine to the other are these two functions; both take the
engine, so that it need not be the one of the settings.
"""

from mockint.services.archive.reading import restore
from mockint.services.archive.text import Damaged, NoArchive
from mockint.services.archive.writing import Contents, write

__all__ = ["Contents", "Damaged", "NoArchive", "restore", "write"]
