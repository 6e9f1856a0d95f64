"""Documents to candidates: mentions of states and alliances, who speaks, what "the bloc" is."""
