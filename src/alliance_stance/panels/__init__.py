"""From scored triples to a state x alliance x period table with intervals, and change points."""
