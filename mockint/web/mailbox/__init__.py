"""Demo and development only: the mails as people see them, and the movable clock."""
