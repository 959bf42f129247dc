"""Every form of the app with a body that works, and from each field what must be refused.

The rules the cases stand for:

- What a person types is refused, not mended, when it is too long or holds characters that cannot
  be shown: control characters, characters that turn the direction of writing (U+202E and its kin)
  and line separators other than a line feed (U+2028). A line break is one of them where one line
  is asked for. Only spaces at the ends, CRLF and tabs are mended, as people expect.
- Passwords are the exception: they count as typed, whatever is in them but NUL.
- Where one value is meant and several are sent, the first counts; a bad one is never skipped.
- What only says where to go next (`next`, `back`, `of`) is ignored when it cannot be used.
"""
