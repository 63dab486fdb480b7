"""The figures that Gigaviz has to reach, each measured beside its floor in the same run."""
