"""Hold, confirm, move and cancel; the booked page and its calendar object."""
