"""A double of Meta's WhatsApp Cloud API, with the customers' phones: one process, in memory, that speaks only HTTP.

    python -m simulator --port 8801 --callback-url http://127.0.0.1:8000/webhooks/meta/…/

It imports nothing of the product, so any client of the Cloud API can be pointed at it. It has no sign-in: it is for
demos and tests, on loopback.
"""
