"""Labelling rules: small claims about a scene, each a vote for one act (`table.RULES`)."""
