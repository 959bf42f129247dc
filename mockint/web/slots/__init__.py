"""Finding a time: the picker, public profiles of interviewers, requests to be told."""
