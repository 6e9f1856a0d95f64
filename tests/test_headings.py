import pytest

from alliance_stance.schema import Document


@pytest.fixture(scope="module")
def found(finder):
    def find(title: str, text: str, date: str = "2022-05-01", **facts: str) -> set[tuple[str, str]]:
        """Give the pairs of a text below a title."""
        document = Document("d", text, title=title, date=date, **facts)
        return {(c.state, c.alliance) for c in finder.find_candidates(document)}

    return find


@pytest.mark.parametrize(
    ("opening", "is_found"),
    [
        ("Foreign minister said", True),
        ("President said", True),
        ("Foreign Minister Ann Lee said", False),
        ("Prime Minister Ann Lee said", False),
        ("President Ann Lee said", False),
    ],
)
def test_office_with_a_name_is_not_that_of_the_headline(found, opening, is_found):
    pairs = found("Peru protests to Chile", f"{opening} NATO should stay away.")
    assert pairs == ({("PER", "NATO")} if is_found else set())
