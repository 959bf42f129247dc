"""Pure rules, one module per station of the path; standard library only."""
