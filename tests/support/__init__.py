"""What the tests stand on: real servers, fresh databases, a failing mail server, a browser."""
