"""Pieces of patterns over skeletons that several files of rules share.

A pattern over what follows a deed begins where the verb ends. `FREE` passes words but no other
state or alliance, so that "supports Ukraine and criticizes NATO" does not support NATO.
"""

import re

FREE = r"(?:(?![@.;])\S+ |@[OB] (?:and|or|,) (?:and )?)"
"""One word that is no sign, or another state or alliance named beside."""
STRICT = r"(?:(?![@.;,]|and\b|or\b)\S+ )"
"""One word that is no sign and joins nothing."""
OWN = r"(?:(?!@[OB]|[.;])\S+ )"
"""One word that is no other state or alliance."""


def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern; ``FREE``, ``STRICT`` and ``OWN`` are written in capitals inside it.

    Examples
    --------
    >>> compiled("^FREE{0,2}@A").search("closely with @A .") is not None
    True
    """
    return re.compile(pattern.replace("FREE", FREE).replace("STRICT", STRICT).replace("OWN", OWN))


NEAR = compiled("^FREE{0,4}@A")
"""The alliance is named within four words of the verb."""
REACHES = compiled("^OWN{0,14}@A")
"""The alliance is named in the rest of the clause, before any other state or alliance."""

WORKS = (
    r"(?:decisions?|proposals?|initiatives?|efforts?|resolutions?|declarations?|positions?|plans?|"
    r"statements?|recommendations?|calls?|drafts?|framework|actions?|measures?|mediation|appeals?|"
    r"ideas?|agreements?|agenda|programmes?|programs?|work|roadmap|road map|summit|conference|"
    r"mission|operations?|treaty|convention|protocols?|communiqu[eé]s?|strategy|charter|mandate|"
    r"principles|approach|involvement|presence|steps?|moratorium|concept|view|stand|outcomes?|"
    r"activities|role|contributions?|commitments?|leadership|engagement|deployment|intervention|"
    r"demand|consensus|peace process|process|peace plan|solutions?|sanctions)"
)
"""What an alliance does or says."""

GOOD = (
    r"(?:important|vital|positive|constructive|valuable|invaluable|commendable|"
    r"decisive|crucial|essential|"
    r"effective|effectively|successful|successfully|pillar|cornerstone|indispensable|"
    r"strongest|stronger|"
    r"noble|untiring|tireless|remarkable|outstanding|key|significant|strategic|best|"
    r"useful|great|praiseworthy|"
    r"laudable|historic|unique|powerful|united|admirable|leading|bulwark|guarantor|"
    r"guarantee|bedrock|"
    r"foundation|appropriate|credible|excellent|solid|promising|encouraging|timely|prominent|"
    r"fundamental|central|force for|model|linchpin|mainstay|authoritative|legitimate)"
)
"""Praise of an alliance."""
