"""Message templates: what Meta last told of them, the rules they are made by, and the pages that show them.

What is known of a template is computed from the set of what was told (`evidence`): listings that we asked Meta for
(`sync`), the answers to our own acts (`making`), and Meta's webhooks, which the inbox's drain hands over.
"""
