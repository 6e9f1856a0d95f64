"""A name: a string that stands for a state or an alliance, of one kind, for a time."""

from dataclasses import dataclass

from alliance_stance.knowledge.tables import ALWAYS, Period


@dataclass(frozen=True, slots=True)
class Name:
    """One string and what it stands for.

    Parameters
    ----------
    target
        State code or alliance id.
    surface
        The string as English texts write it, without a leading article.
    kind
        ``name``, ``adjective``, ``demonym``, ``capital`` or ``seat`` for a state; ``name``,
        ``acronym``, ``adjective``, ``organ``, ``mission``, ``exercise``, ``summit``, ``treaty``,
        ``metonym`` or ``descriptor`` for an alliance. A descriptor ("the Community") needs a
        context that says which one is meant.
    period
        When the string stood for the target.
    case_sensitive
        True where another spelling of case is another word ("CIS", not "cis").
    needs
        Words of which one must stand in the document for the string to be read in this way ("AES"
        beside "Sahel"); empty where it has no other meaning.
    unless
        Words of which none may stand in the document ("SCO" beside "orchestra").
    """

    target: str
    surface: str
    kind: str
    period: Period = ALWAYS
    case_sensitive: bool = False
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
