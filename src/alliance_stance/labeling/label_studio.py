"""Tasks for Label Studio, and the labels that it exports.

The formats are those of Label Studio's own guide: tasks as a list of ``{"data": {...}}``, results
in the standard JSON export, the labelling interface as XML. All that an annotator reads is one
piece of HTML, made here from escaped text, so that a corpus cannot bring markup of its own.
"""

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import quoteattr

from alliance_stance.corpus.readers.decoding import read_text
from alliance_stance.errors import InputError
from alliance_stance.labeling.annotations import ABSENT
from alliance_stance.labeling.judgements import Judgement
from alliance_stance.labeling.tasks import SHOWN_COLUMNS, Task
from alliance_stance.schema import STANCE_OF_ACT, Act, Stance

ACT_MEANINGS: Mapping[Act, str] = MappingProxyType(
    {
        Act.JOIN: "applies for, ratifies, enters or re-enters membership",
        Act.AFFIRM: "praises or defends it, declares commitment",
        Act.CONTRIBUTE: (
            "gives troops, bases, money or work; takes part in operations; deepens a partnership"
        ),
        Act.APPEAL: "asks it for help, protection or a greater role",
        Act.ENDORSE: "backs a decision of it, its enlargement, or another's membership",
        Act.DESCRIBE: "is mentioned, and no more",
        Act.DELIBERATE: "weighs both sides, is undecided, or asks for reform without blame",
        Act.CRITICIZE: "blames, condemns or doubts it",
        Act.OBSTRUCT: "vetoes, blocks, boycotts, skips, withholds",
        Act.REFUSE: "declines to join, to take part or to host",
        Act.THREATEN: "threatens or openly contemplates leaving or freezing its membership",
        Act.SUSPEND: "freezes membership, participation or a treaty duty",
        Act.LEAVE: "withdraws, denounces the treaty, expels the alliance from its soil",
        Act.CONFRONT: "threatens, sanctions, arms against or attacks it",
    }
)
"""What the state does, in the words of the codebook's table of acts."""
_ABSENT_MEANING = "the sentence does not hold this state and this alliance"
_GROUPS = (
    (Stance.FAVOR, "favor: the state supports the alliance, or its own place in it"),
    (Stance.NEUTRAL, "neutral: no position of the state can be read here"),
    (Stance.AGAINST, "against: the state opposes the alliance, or its own place in it"),
)
_UNKNOWN = "Title, date and speaker are not known."
_SPACE = "margin:0 0 0.8em"
_STATE_STYLE = "background:#ffe08a;color:#000;font-weight:bold"
_ALLIANCE_STYLE = "background:#a9d5ff;color:#000;font-weight:bold"


def studio_tasks(tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """Give tasks in Label Studio's import format, without any prediction."""
    return [
        {
            "data": {
                "task": task.id,
                "document": task.document,
                "start": task.start,
                "end": task.end,
                "checksum": task.checksum,
                "title": task.title,
                "date": task.date,
                "speaker_state": task.speaker_state or "",
                "speaker_name": task.speaker_name,
                "context": task.context,
                "sentence": task.sentence,
                "state": task.state,
                "state_name": task.state_name,
                "alliance": task.alliance,
                "alliance_name": task.alliance_name,
                "html": task_html(task),
            }
        }
        for task in tasks
    ]


def task_html(task: Task) -> str:
    """Give what an annotator reads: facts, question, context, and the sentence, its pair marked.

    Every piece of text is escaped; the only markup is that of this function.
    """
    speaker = f"{task.speaker_name} ({task.speaker_state})" if task.speaker_state else ""
    facts = (("Title", task.title), ("Date", task.date), ("Speaker", speaker))
    about = "; ".join(f"{name}: {html.escape(value)}" for name, value in facts if value)
    state = _marked(f"{task.state_name} ({task.state})", _STATE_STYLE)
    alliance = _marked(f"{task.alliance_name} ({task.alliance})", _ALLIANCE_STYLE)
    context = html.escape(task.context) if task.context else "(none)"
    return "\n".join(
        [
            f'<p style="{_SPACE}"><small>{about or _UNKNOWN}</small></p>',
            f'<p style="{_SPACE}">What position does the government of {state} take toward '
            f"{alliance}, as far as the sentence shows?</p>",
            f'<p style="{_SPACE};color:#777">Before it: {context}</p>',
            f'<p style="{_SPACE};font-size:120%">{_marked_sentence(task)}</p>',
        ]
    )


def labeling_config() -> str:
    """Give Label Studio's labelling configuration: one of the fourteen acts or `none`; a note."""
    groups = "\n".join(
        f'      <View>\n        <Header value={quoteattr(title)} size="5" />\n'
        + "".join(
            _choice(act, meaning)
            for act, meaning in ACT_MEANINGS.items()
            if STANCE_OF_ACT[act] is stance
        )
        + "      </View>"
        for stance, title in _GROUPS
    )
    return f"""<View>
  <HyperText name="shown" value="$html" inline="true" selectionEnabled="false" />
  <Header value="What the state does toward the alliance" size="4" />
  <Choices name="act" toName="shown" choice="single" required="true"
           requiredMessage="Choose one act, or none.">
{groups}
      <View>
        <Header value="No such pair" size="5" />
{_choice(ABSENT, _ABSENT_MEANING)}      </View>
  </Choices>
  <TextArea name="note" toName="shown" placeholder="Note (may stay empty)" rows="2"
            maxSubmissions="1" editable="true" />
</View>
"""


def read_studio_export(path: Path) -> Iterator[Judgement]:
    """Yield the annotations of a standard JSON export.

    A cancelled annotation, and one without an act, have an empty `act`.

    Raises
    ------
    InputError
        If the file is no such export.
    """
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        problem = str(error).splitlines()[0]
        raise InputError(
            str(path), f"no JSON ({problem})", "a JSON export", "export again"
        ) from None
    if not isinstance(content, list):
        raise InputError(
            str(path), f"a JSON {type(content).__name__}", "a list of tasks", "export as JSON"
        )
    for number, entry in enumerate(content, start=1):
        own_id = entry.get("id", "?") if isinstance(entry, dict) else "?"
        yield from _judgements(entry, f"{path}, task {number} (id {own_id})")


def _judgements(entry: Any, where: str) -> Iterator[Judgement]:  # noqa: ANN401 - whatever JSON holds
    annotations = entry.get("annotations") if isinstance(entry, dict) else None
    data = entry.get("data") if isinstance(entry, dict) else None
    if not isinstance(annotations, list) or not isinstance(data, dict):
        raise InputError(
            where,
            "no 'data' and 'annotations'",
            "tasks of the standard JSON export",
            "export as JSON, not as JSON-MIN or another format",
        )
    shown = {name: str(data[name]) for name in SHOWN_COLUMNS if data.get(name) is not None}
    for annotation in annotations:
        if not isinstance(annotation, dict):
            raise InputError(where, "an annotation that is no object", "an object", "export again")
        acts, notes = _answers(annotation, where)
        is_cancelled = bool(annotation.get("was_cancelled"))
        yield Judgement(
            where=where,
            task=str(data.get("task") or ""),
            worker=_worker(annotation.get("completed_by")),
            act=acts[0] if acts and not is_cancelled else "",
            note=" ".join(notes),
            shown=shown,
            problem=f"{len(acts)} acts ({', '.join(acts)})" if len(acts) > 1 else "",
        )


def _answers(annotation: dict[str, Any], where: str) -> tuple[list[str], list[str]]:
    """Give the acts that were chosen, and the notes; alias and full wording both count."""
    acts: list[str] = []
    notes: list[str] = []
    for result in _listed(annotation, "result", where):
        value = result.get("value") if isinstance(result, dict) else None
        if not isinstance(value, dict):
            continue
        if result.get("from_name") == "act":
            chosen = _listed(value, "choices", where)
            acts += [str(choice).partition(":")[0] for choice in chosen]
        elif result.get("from_name") == "note":
            text = value.get("text")
            own = [text] if isinstance(text, str) else _listed(value, "text", where)
            notes += [str(line) for line in own]
    return acts, notes


def _listed(holder: dict[str, Any], key: str, where: str) -> list[Any]:
    """Give a list, empty where there is none.

    Raises
    ------
    InputError
        If something else stands there.
    """
    found = holder.get(key) or []
    if not isinstance(found, list):
        raise InputError(where, f"{key!r} {str(found)[:40]!r}", "a list", "export again")
    return found


def _worker(completed_by: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Give the annotator's e-mail address, else the number of the account."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email") or completed_by.get("id")
    return "" if completed_by is None else str(completed_by)


def _choice(label: str, meaning: str) -> str:
    shown = quoteattr(f"{label}: {meaning}")
    return f"        <Choice alias={quoteattr(label)} value={shown} />\n"


def _marked(text: str, style: str) -> str:
    return f'<mark style="{style}">{html.escape(text)}</mark>'


def _marked_sentence(task: Task) -> str:
    spans = sorted(
        [
            *((span, _STATE_STYLE) for span in task.state_spans),
            *((span, _ALLIANCE_STYLE) for span in task.alliance_spans),
        ]
    )
    pieces = []
    end = 0
    for (start, stop), style in spans:
        if start < end:
            continue
        pieces += [html.escape(task.sentence[end:start]), _marked(task.sentence[start:stop], style)]
        end = stop
    return "".join([*pieces, html.escape(task.sentence[end:])])
