"""The simplest things that could do the work at all: what every figure is measured against."""
