"""Progress: scores over time, what an estimate allows to be said, own views, shared links."""
