"""Pages: parse, call one service, redirect or render."""
