"""The calendar feed: its page, and what programs poll."""
