"""Use-cases: lock, ask the domain, write, record in the outbox, commit."""
