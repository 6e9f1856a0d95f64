"""Who and what can be mentioned: states, alliances and offices, as plain tables with dates."""
