"""Write a folder of invented speeches of which it is known what they should show.

    python docs/notebooks/invented.py speeches

writes ``speeches/*.txt``, ``speeches.csv`` with date and speaker of each file, and
``speeches-truth.csv`` with the right stance of every sentence that names the alliance. The
sentences were written for this project and report nothing that anybody said. Two states speak ten
times a year about one alliance; how often each sentence is for or against it follows `PLAN`.
"""

import csv
import random
import sys
from pathlib import Path

YEARS = range(2008, 2025)
EACH_YEAR = 10
PLAN = {
    # from which year: shares of favor and against, the rest is neutral
    "ARM": {2008: (0.60, 0.05), 2020: (0.10, 0.60)},
    "KAZ": {2008: (0.45, 0.10)},
}
"""What the speeches are made to show: Armenia turns in 2020, Kazakhstan does not."""
NAMES = {"ARM": ("Armenia", "Yerevan"), "KAZ": ("Kazakhstan", "Astana")}

FAVOR = (
    "We shall go on paying our share of the budget of the CSTO, and this year we pay it early.",
    "{name} regards the CSTO as the keystone of its own security.",
    "Our parliament has ratified the new protocol of the CSTO without one dissenting voice.",
    "We have put a second battalion at the disposal of the CSTO.",
    "I thank the CSTO for the field hospital that reached us within two days of the earthquake.",
    "{capital} offers to host the next exercise of the CSTO at its own expense.",
    "Let nobody doubt that {name} will honour every obligation toward the CSTO.",
    "We welcome the decision of the CSTO to open a training centre for peacekeepers.",
    "Our officers serve on the staff of the CSTO, and they will stay there.",
    "{name} proposes that the CSTO be given the transport aircraft which it has lacked so long.",
    "We support the reform of the CSTO, which makes a good instrument a quicker one.",
    "The CSTO has kept its word to us, and we shall keep ours to it.",
    "{name} has agreed to take the chair of the CSTO a year earlier than planned.",
    "We stand by the CSTO, in fair weather and in foul.",
)
NEUTRAL = (
    "The council of the CSTO met in {capital} on Thursday.",
    "The secretary general of the CSTO arrives in {capital} next week.",
    "Ministers of the CSTO will discuss the border regime in the autumn.",
    "The exercise of the CSTO took place on two training grounds this year.",
    "{name} has been a member of the CSTO since its foundation.",
    "The charter of the CSTO was signed at a time that most in this hall remember.",
    "I spoke with my colleagues of the CSTO by telephone this morning.",
    "The next session of the CSTO falls on the last day of November.",
    "Asked about the CSTO, I can only say that the talks are still going on.",
    "The delegation to the CSTO is led by the deputy minister of defence.",
    "The agenda of the CSTO has eleven items, of which two concern the budget.",
    "Our embassy has sent the papers of the CSTO to the members of this committee.",
    "The CSTO was one of four bodies that sent observers to the election.",
    "A report on the work of the CSTO has been laid before the house.",
)
AGAINST = (
    "{name} has frozen its participation in the CSTO.",
    "We shall not sign the declaration of the CSTO, since it is silent about the attack on us.",
    "When our towns were shelled, the CSTO did not lift a finger.",
    "{name} will send no troops to the exercise of the CSTO this year.",
    "I must say plainly that the CSTO has failed my country.",
    "We have recalled our representative to the CSTO, and no date is set for his return.",
    "{capital} refuses to pay its dues to the CSTO until its letters are answered.",
    "The guarantees of the CSTO have turned out to be worth less than the paper they stand on.",
    "We do not rule out leaving the CSTO.",
    "{name} has vetoed the statement that the CSTO had prepared.",
    "Membership of the CSTO has become a threat to our security rather than a shield.",
    "We turned down the observers of the CSTO, whom nobody here would trust.",
    "What use is a CSTO that looks away whenever one of its own is struck?",
    "We condemn the conduct of the CSTO in the days after the invasion of our territory.",
)
ELSE = (
    "The harvest in the south was better than anybody had dared to hope.",
    "Two new schools were opened in the border district this spring.",
    "The railway to the north will be electrified in three stages.",
    "Our students came home with four medals from the olympiad in mathematics.",
    "The price of bread has not risen since the winter.",
    "A commission will look into the delays at the customs posts.",
    "The reservoir has reached its usual level again.",
    "I am grateful to all who worked through the night of the storm.",
    "The new museum has had fifty thousand visitors in its first month.",
    "Pensions will be paid out a week earlier than before.",
)


def write_speeches(folder: Path, *, seed: int = 7) -> None:
    """Write the speeches, the table of their facts, and the right stances.

    Parameters
    ----------
    folder
        Where the texts go; the tables lie beside it, ``FOLDER.csv`` and ``FOLDER-truth.csv``.
    seed
        Of the draws.
    """
    draws = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    facts = [("file", "date", "speaker_state", "title")]
    truth = [("text", "document", "state", "alliance", "stance")]
    for state in PLAN:
        for year in YEARS:
            for number in range(1, EACH_YEAR + 1):
                id_ = f"{state.lower()}-{year}-{number:02d}"
                told = _sentences(state, year, draws)
                text = " ".join(sentence for sentence, _ in told)
                (folder / f"{id_}.txt").write_text(text + "\n", encoding="utf-8")
                date = f"{year}-{draws.randint(1, 12):02d}-{draws.randint(1, 28):02d}"
                facts.append((f"{folder.name}/{id_}.txt", date, state, f"Speech {number}"))
                truth += [(text, id_, state, "CSTO", stance) for text, stance in told if stance]
    _write(folder.with_name(f"{folder.name}.csv"), facts)
    _write(folder.with_name(f"{folder.name}-truth.csv"), truth)


def _sentences(state: str, year: int, draws: random.Random) -> list[tuple[str, str]]:
    """Draw the sentences of one speech, each with its stance; empty where it holds none."""
    name, capital = NAMES[state]
    favor, against = next(PLAN[state][since] for since in sorted(PLAN[state], reverse=True)
                          if since <= year)  # fmt: skip
    pools = {"favor": FAVOR, "against": AGAINST, "neutral": NEUTRAL}
    shares = (favor, against, 1 - favor - against)
    told = [(text, "") for text in draws.sample(ELSE, 2)]
    stances = draws.choices(list(pools), shares, k=draws.choice((1, 2, 2, 3)))
    for stance in stances:
        told.insert(draws.randint(0, len(told)), (draws.choice(pools[stance]), stance))
    return [(text.format(name=name, capital=capital), stance) for text, stance in told]


def _write(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


if __name__ == "__main__":
    write_speeches(Path(sys.argv[1]))
