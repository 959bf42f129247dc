"""Sign up, log in, one-time links, account page, roles, volunteering."""
