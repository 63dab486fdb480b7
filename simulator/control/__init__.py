"""The control API under /_sim/, by which tests, the demo and the phone page direct what happens."""
