"""`make demo`: the whole product on one machine, with a simulator in Meta's place. Wiring only."""
