"""The only HTTP door to Meta's Graph API: its addresses, its version, its errors and what they mean.

`client` makes calls, `errors` is what they raise, `retry` says when a machine may try again, and `catalogue` turns a
code into words. Nothing here reads or writes the database.
"""
