"""The contract check: what we ask of Graph, and what the simulator answers and sends, against Meta's own description.

    python -m contract --openapi business-messaging-api_v23.0.yaml

Meta publishes the file in the public repository facebook/openapi; it is not part of this one. Where the live API is
known to differ, `deviations` says how, why and by whose word. What the file lacks is written down in `shapes`.
"""
