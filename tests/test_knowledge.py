import csv
import shutil

import pytest

from alliance_stance.errors import KnowledgeError
from alliance_stance.knowledge.alliances import MEMBERS
from alliance_stance.knowledge.knowledge import TABLES, load_knowledge, write_snapshot
from alliance_stance.knowledge.tables import Period, read_period

_MEMBERS = """
AFG AGO ALB AND ARE ARG ARM ATG AUS AUT AZE BDI BEL BEN BFA BGD BGR BHR BHS BIH BLR BLZ BOL BRA
BRB BRN BTN BWA CAF CAN CHE CHL CHN CIV CMR COD COG COL COM CPV CRI CUB CYP CZE DEU DJI DMA DNK
DOM DZA ECU EGY ERI ESP EST ETH FIN FJI FRA FSM GAB GBR GEO GHA GIN GMB GNB GNQ GRC GRD GTM GUY
HND HRV HTI HUN IDN IND IRL IRN IRQ ISL ISR ITA JAM JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO
LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MOZ
MRT MUS MWI MYS NAM NER NGA NIC NLD NOR NPL NRU NZL OMN PAK PAN PER PHL PLW PNG POL PRK PRT PRY
QAT ROU RUS RWA SAU SDN SEN SGP SLB SLE SLV SMR SOM SRB SSD STP SUR SVK SVN SWE SWZ SYC SYR TCD
TGO THA TJK TKM TLS TON TTO TUN TUR TUV TZA UGA UKR URY USA UZB VCT VEN VNM VUT WSM YEM ZAF ZMB
ZWE
"""
UN_MEMBERS = _MEMBERS.split()
OTHERS = ["PSE", "VAT", "TWN", "XKX"]
FORMER = ["SUN", "YUG", "CSK", "DDR", "VDR", "YMD", "SCG"]


def test_list_of_members_is_complete():
    assert len(UN_MEMBERS) == len(set(UN_MEMBERS)) == 193


@pytest.mark.parametrize("code", [*UN_MEMBERS, *OTHERS, *FORMER])
def test_state_is_known_by_name(knowledge, code):
    assert code in knowledge.states
    assert any(n.target == code and n.kind == "name" for n in knowledge.state_names)


# "Dominican" is the Dominican Republic's; Dominica is found by its name and capital
@pytest.mark.parametrize("code", [code for code in UN_MEMBERS if code != "DMA"])
def test_every_member_has_an_adjective_or_demonym(knowledge, code):
    kinds = {name.kind for name in knowledge.state_names if name.target == code}
    assert kinds & {"adjective", "demonym"}


def test_every_listed_alliance_is_known_by_acronym_or_name(knowledge, shared):
    with (shared / "alliance-ids.csv").open(encoding="utf-8") as file:
        ids = {row["id"] for row in csv.DictReader(file)}
    named = {n.target for n in knowledge.alliance_names if n.kind in ("acronym", "name")}
    assert ids - knowledge.alliances.keys() == set()
    assert ids - named == set()


def test_every_alliance_has_a_name(knowledge):
    kinds = ("acronym", "name", "treaty")
    named = {n.target for n in knowledge.alliance_names if n.kind in kinds}
    assert knowledge.alliances.keys() - named == set()


@pytest.mark.parametrize("pair", [("QQQ", "NATO"), ("PER", "HANSA")])
def test_what_a_models_own_tables_lack_is_not_added_to_those_here_alone(knowledge, tmp_path, pair):
    with pytest.raises(KnowledgeError) as here:
        knowledge.check_pair("line 7", *pair)
    assert "--tables" not in here.value.next_step
    write_snapshot(knowledge, tmp_path)
    with pytest.raises(KnowledgeError) as kept:
        load_knowledge(tmp_path, is_snapshot=True).check_pair("line 7", *pair)
    assert "alliance-stance export MODEL NEW --tables" in kept.value.next_step


def test_unknown_state_is_answered_with_near_codes(knowledge):
    with pytest.raises(KnowledgeError) as caught:
        knowledge.check_pair("line 7", "FRX", "NATO")
    assert caught.value.where == "line 7"
    assert "FRA" in caught.value.expected


def test_unknown_alliance_is_answered_with_near_ids(knowledge):
    with pytest.raises(KnowledgeError, match="NATO"):
        knowledge.check_pair("line 7", "FRA", "NATOO")


def test_snapshot_reads_back_equal(knowledge, tmp_path):
    write_snapshot(knowledge, tmp_path)
    copy = load_knowledge(tmp_path, is_snapshot=True)
    assert copy.fingerprint == knowledge.fingerprint
    assert copy.states == knowledge.states


@pytest.fixture
def tables(knowledge, tmp_path):
    for name in TABLES:
        shutil.copy(knowledge.folder / name, tmp_path / name)
    return tmp_path


BAD_ROWS = {
    "open mark": ("not_states.csv", 'New Peru,"other place\nNew Chad,another', "a broken row"),
    "short row": ("alliances.csv", "HANSA,Hanse", "another length"),
    "unknown kind of alliance": ("alliances.csv", "HANSA,Hanse,guild,1356,1669,,", "'guild'"),
    "name of no alliance": ("alliance_names.csv", "HANSA,Hanse,name,no,,,,", "'HANSA'"),
    "unknown kind of name": ("alliance_names.csv", "NATO,Otan,nickname,no,,,,", "nickname"),
    "case that is neither": ("alliance_names.csv", "NATO,Otan,name,maybe,,,,", "'maybe'"),
    "unknown list of words": ("alliance_names.csv", "NATO,Otan,name,no,,,@trade,", "'@trade'"),
    "list of words of no name": ("contexts.csv", "members,a|b", "'members'"),
    "code in small letters": ("states.csv", "fra,Gaul,,,,", "'fra'"),
    "other code that is a state": ("states.csv", "ZZG,Gaul,,,,FRA", "'FRA'"),
    "successor that is no state": ("states.csv", "ZZG,Gaul,,1950,QQQ,", "'QQQ'"),
    "name of no state": ("state_names.csv", "QQQ,Gaul,name,,,", "'QQQ'"),
    "unknown kind of state name": ("state_names.csv", "FRA,Gaul,nickname,,,", "'nickname'"),
    "no date": ("state_names.csv", "FRA,Gaul,name,long ago,,", "'long ago'"),
    "end before beginning": (
        "offices.csv", "FRA,Jean Test,Test,president,2001,1999,", "2001 to 1999",
    ),
    "office of no state": ("offices.csv", "QQQ,Jean Test,Test,president,1999,2001,", "'QQQ'"),
    "alone that is neither": ("offices.csv", "FRA,Jean Test,Test,president,1999,,no!", "'no!'"),
    "region of no state": ("regions.csv", "Gaulish country,FRA|QQQ", "'QQQ'"),
    "member of no alliance": ("memberships.csv", "HANSA,DEU,member,1356,1669", "'HANSA'"),
    "member that is no state": ("memberships.csv", "NATO,QQQ,member,1949,", "'QQQ'"),
    "unknown kind of member": ("memberships.csv", "NATO,FRA,fan,1949,", "'fan'"),
    "long phrase row": ("not_states.csv", "New Peru,other place,and more", "another length"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "row", "found"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_bad_row_is_named_by_file_and_line(tables, table, row, found):
    path = tables / table
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], row, *lines[1:]]) + "\n", encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(tables)
    assert caught.value.where == f"{path}:2"
    assert found in caught.value.found


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("alliances.csv", "NATO,Again,military,1949,,,"),
        ("states.csv", "FRA,Again,,,,"),
        ("regions.csv", "Baltic republic,EST"),
        ("contexts.csv", "diplomacy,pact"),
    ],
)
def test_key_that_stands_twice_is_refused(tables, table, row):
    with (tables / table).open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(tables)
    lines = len((tables / table).read_text(encoding="utf-8").splitlines())
    assert caught.value.where == f"{tables / table}:{lines}"


def test_other_columns_are_refused(tables):
    (tables / "not_states.csv").write_text("phrase\nNew Peru\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"not_states\.csv:1: found columns"):
        load_knowledge(tables)


def test_missing_table_is_refused(tables):
    (tables / "offices.csv").unlink()
    with pytest.raises(KnowledgeError, match="no such file"):
        load_knowledge(tables)


def test_other_encoding_is_refused(tables):
    (tables / "not_states.csv").write_bytes("phrase,why\nCôte Bleue,place\n".encode("latin-1"))
    with pytest.raises(KnowledgeError, match="UTF-8"):
        load_knowledge(tables)


def test_changed_fact_changes_the_fingerprint(tables, knowledge):
    assert load_knowledge(tables).fingerprint == knowledge.fingerprint
    with (tables / "not_states.csv").open("a", encoding="utf-8") as file:
        file.write("New Peru,other place\n")
    assert load_knowledge(tables).fingerprint != knowledge.fingerprint


@pytest.mark.parametrize(
    ("period", "date", "is_covered"),
    [
        (Period(), "1066", True),
        (Period("1949"), "", True),
        (Period("1949"), "1948-12-31", False),
        (Period("1949-04-04"), "1949", True),
        (Period("1949-04-04"), "1949-04-03", False),
        (Period("", "1991-12"), "1991-12-26", True),
        (Period("", "1991-12"), "1992", False),
        (Period("1999", "1999"), "1999-06", True),
    ],
)
def test_period_covers_its_bounds(period, date, is_covered):
    assert period.covers(date) is is_covered


def test_period_of_one_day_is_allowed():
    row = {"valid_from": "1999-03-12", "valid_to": "1999-03-12"}
    assert read_period("here", row) == Period("1999-03-12", "1999-03-12")


def test_tables_are_as_broad_as_the_readme_says(knowledge):
    holders = {(office.state, office.person) for office in knowledge.offices}
    assert len(holders) >= 1200
    assert len({state for state, _ in holders}) >= 120
    assert len(knowledge.alliances) >= 90
    with_members = {row.alliance for row in knowledge.memberships.rows}
    assert knowledge.alliances.keys() - with_members == set()


@pytest.mark.parametrize(
    ("state", "alliance", "date", "status"),
    [
        ("FRA", "NATO", "1960", "member"),
        ("FRA", "NATO", "1948-12", "none"),
        ("FIN", "NATO", "2022-06", "applicant"),
        ("FIN", "NATO", "2023-05-01", "member"),
        ("GRC", "NATO", "1951-09", "none"),
        ("GRC", "NATO", "1951-10-17", "signed"),
        ("CUB", "OAS", "1975", "suspended"),
        ("EGY", "ARAB_LEAGUE", "1985", "suspended"),
        ("EGY", "ARAB_LEAGUE", "1990", "member"),
        ("GBR", "EU", "2021", "none"),
        ("GEO", "CSTO", "1996", "member"),
        ("GEO", "CSTO", "2001", "none"),
        ("SUN", "WARSAW_PACT", "1970", "member"),
        ("FRA", "NATO", "", ""),
    ],
)
def test_membership_on_a_date(knowledge, state, alliance, date, status):
    assert knowledge.memberships.status(state, alliance, date) in (
        {status, "withdrew"} if status == "none" else {status}
    )


@pytest.mark.parametrize(
    ("code", "date", "expected"),
    [
        ("RUS", "1975", "SUN"),
        ("RUS", "1995", "RUS"),
        ("RUS", "", "RUS"),
        ("UKR", "1975", "UKR"),
        ("SRB", "1975", "YUG"),
        ("CZE", "1980", "CSK"),
        ("IND", "1946", "IND"),
        ("PER", "1980", "PER"),
    ],
)
def test_state_that_stood_in_its_place(knowledge, code, date, expected):
    assert knowledge.state_on_date(code, date) == expected


def test_every_successor_follows_what_it_succeeds(knowledge):
    for state in knowledge.states.values():
        if state.successors:
            assert state.period.end, state.code


def test_list_of_words_stands_for_its_name(tables):
    with (tables / "alliance_names.csv").open("a", encoding="utf-8") as file:
        file.write("NATO,Ottan,name,no,,,@diplomacy|@members,\n")
    (name,) = [n for n in load_knowledge(tables).alliance_names if n.surface == "Ottan"]
    assert {"summit", MEMBERS} <= set(name.needs)
    assert "@diplomacy" not in name.needs


def test_members_cannot_speak_against_a_name(tables):
    with (tables / "alliance_names.csv").open("a", encoding="utf-8") as file:
        file.write("NATO,Ottan,name,no,,,,@members\n")
    with pytest.raises(KnowledgeError, match="in 'needs' only"):
        load_knowledge(tables)
