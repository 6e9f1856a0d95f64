"use strict";
/*
 * The page's only script. It reads one JSON value (docs/reports.md tells its keys), in which every
 * triple is a row of three numbers, and shows what the filters leave. Texts go into the page as text
 * nodes only, never as markup. The numbers are computed as in pair_numbers.py and movers.py.
 */
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const SMALL = 5;        // documents below which a cell has half a colour, and a stretch is too short
const PRINTED = 16, PRINTED_ROWS = 40;   // columns and rows that go on paper
const MOST_MOVERS = 25;
const AT_ONCE = 10;     // sentences, until a reader wants more
const EDGES = [0.05, 0.2, 0.4, 0.6];

/* ---- Columns ---- */

const unstep = (steps) => { let at = 0; return Int32Array.from(steps, (step) => (at += step)); };
const rowDocument = unstep(data.rows.document);
const rowAct = Uint8Array.from(data.rows.act);
const rowScore = Float64Array.from(data.rows.score, (score) => score / 1000);
const pairCount = data.pairs.triples.length;
const pairStart = new Int32Array(pairCount + 1);
data.pairs.triples.forEach((count, pair) => { pairStart[pair + 1] = pairStart[pair] + count; });
const stateOf = data.pairs.state, allianceOf = data.pairs.alliance;
const periodOf = data.documents.period;                      // -1: no date, or not exact enough
const nameOf = (pair) => `${data.states[stateOf[pair]][1]}, ${data.alliances[allianceOf[pair]][1]}`;
const keyOf = (pair) => `${data.states[stateOf[pair]][0]}-${data.alliances[allianceOf[pair]][0]}`;
const pairOfKey = new Map(Array.from({ length: pairCount }, (_, pair) => [keyOf(pair), pair]));
const groupBy = (values) => {
  const groups = new Map();
  values.forEach((value, place) => groups.get(value)?.push(place) ?? groups.set(value, [place]));
  return groups;
};
const pairOfRow = (row) => {                                  // the last pair that starts at or before it
  let low = 0, high = pairCount;
  while (high - low > 1) { const middle = (low + high) >> 1; if (pairStart[middle] <= row) low = middle; else high = middle; }
  return low;
};
const shownOfPair = groupBy(data.shown.row.map(pairOfRow));
const pointsOfPair = groupBy([...unstep(data.curves.pair)]);

/* ---- Numbers ---- */

const quantile = (freedom) => freedom < 1 ? NaN
  : freedom <= data.t.length ? data.t[Math.floor(freedom) - 1] : 1.95996 + 2.37227 / Math.floor(freedom);

/* Mean of documents, each {sum, count}, with its interval; NaN bounds with fewer than two. */
function meanOf(documents) {
  let triples = 0, sum = 0, spread = 0;
  for (const own of documents) { triples += own.count; sum += own.sum; }
  const value = sum / triples, size = documents.length;
  for (const own of documents) spread += (own.sum - value * own.count) ** 2;
  const error = size > 1 ? Math.sqrt(size / (size - 1) * spread) / triples : NaN;
  const reach = quantile(size - 1) * error;
  return { value, error, triples, documents: size, low: Math.max(-1, value - reach), high: Math.min(1, value + reach) };
}

/* The documents of a pair that a test leaves, in order of time. */
function documentsOf(pair, fits) {
  const found = [];
  let last = null;
  for (let row = pairStart[pair]; row < pairStart[pair + 1]; row += 1) {
    if (!fits(row)) continue;
    const document = rowDocument[row];
    if (last?.document !== document) found.push(last = { document, period: periodOf[document], sum: 0, count: 0 });
    last.sum += rowScore[row];
    last.count += 1;
  }
  return found;
}

/* How far a pair moved from the first third of its documents to the last; null if that cannot be said. */
function moverOf(pair, fits) {
  const documents = documentsOf(pair, fits).filter((own) => own.period >= 0);
  if (documents.length < 2 * SMALL) return null;
  const wanted = Math.max(SMALL, Math.ceil(documents.length / 3));
  const cut = documents[wanted - 1].period, resumed = documents[documents.length - wanted].period;
  if (cut >= resumed) return null;
  const parts = [documents.filter((own) => own.period <= cut), documents.filter((own) => own.period >= resumed)];
  const [before, after] = parts.map((part) => ({ ...meanOf(part), first: part[0].period, last: part.at(-1).period }));
  const change = after.value - before.value;
  const [x, y] = [before.error ** 2, after.error ** 2];
  const scatter = x * x / (before.documents - 1) + y * y / (after.documents - 1);
  const freedom = scatter ? Math.floor((x + y) ** 2 / scatter) : Math.min(before.documents, after.documents) - 1;
  const reach = quantile(freedom) * Math.sqrt(x + y);
  return { pair, before, after, change, low: change - reach, high: change + reach, sure: Math.max(change - reach, -change - reach, 0) };
}

/* ---- Filters ---- */

const FILTERS = ["state", "alliance", "act", "from", "to", "source"];
const filter = {};
let openedPair = -1;
let headSort = null;    // {of: "a" or "s", code, sign}: sorted by a column's or a row's head

function rowTest() {
  const acts = data.acts.map(([act, stance]) => !filter.act || filter.act === act || filter.act === `all-${stance}`);
  const from = filter.from ? data.periods.indexOf(filter.from) : -1;
  const to = filter.to ? data.periods.indexOf(filter.to) : Infinity;
  const dated = filter.from || filter.to ? 0 : -1;
  const source = filter.source ? data.sources.indexOf(filter.source) : -1;
  const documents = periodOf.map((period, own) =>
    period >= dated && period >= from && period <= to && (source < 0 || data.documents.source[own] === source));
  return (row) => acts[rowAct[row]] && documents[rowDocument[row]];
}
const pairFits = (pair) => (!filter.state || data.states[stateOf[pair]][0] === filter.state)
  && (!filter.alliance || data.alliances[allianceOf[pair]][0] === filter.alliance);
const isNarrowed = () => Boolean(filter.act || filter.from || filter.to || filter.source);

function fillFilters() {
  const option = (value, text) => element("option", { value }, text);
  const fill = (id, any, options) => byId(id).append(option("", any), ...options);
  fill("state", "all states", data.states.map(([code, name]) => option(code, name)).sort((a, b) => a.text.localeCompare(b.text)));
  fill("alliance", "all alliances", data.alliances.map(([id, name]) => option(id, name)));
  fill("act", "all acts", ["favor", "neutral", "against"].map((stance) => element("optgroup", { label: stance },
    option(`all-${stance}`, `all ${stance} acts`),
    ...data.acts.filter((act) => act[1] === stance).map(([act]) => option(act, act)))));
  fill("from", "the beginning", data.periods.map((period) => option(period, period)));
  fill("to", "the end", data.periods.map((period) => option(period, period)));
  fill("source", "all sources", data.sources.map((source) => option(source, source || "(unnamed)")));
  if (data.sources.length < 2) byId("source").parentElement.hidden = true;
}

/* The address tells what is shown, so that a view can be bookmarked and sent. */
function readAddress() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  for (const name of FILTERS) {
    const select = byId(name);
    select.value = wanted.get(name) ?? "";
    if (select.selectedIndex < 0) select.value = "";
    filter[name] = select.value;
  }
  return pairOfKey.get(wanted.get("pair")) ?? -1;
}
function writeAddress() {
  const shown = new URLSearchParams(FILTERS.filter((name) => filter[name]).map((name) => [name, filter[name]]));
  if (openedPair >= 0) shown.set("pair", keyOf(openedPair));
  history.replaceState(null, "", `#${shown}`);
}

/* ---- Building ---- */

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== false) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
function drawn(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
const number = (value) => {
  const text = Math.abs(value).toFixed(2);
  return Number.isNaN(value) ? "\u2013" : text === "0.00" ? text : (value > 0 ? "+" : "\u2212") + text;
};
const interval = (own) => Number.isNaN(own.low) ? "none: one document" : `${number(own.low)} to ${number(own.high)}`;
const counted = (count, what) => `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
const wayOf = (value) => value > 0 ? "favor" : value < 0 ? "against" : "neutral";
function shade(value) {
  const step = EDGES.filter((edge) => Math.abs(value) >= edge).length;
  return step ? (value > 0 ? "f" : "a") + step : "z";
}
const span = (first, last) => first === last ? data.periods[first] : `${data.periods[first]}\u2013${data.periods[last]}`;

/* ---- Matrix ---- */

let cells = new Map();  // of pairs that the filters leave: {sum, triples, documents, value}
const grid = byId("grid");

function countCells(fits) {
  cells = new Map();
  for (let pair = 0; pair < pairCount; pair += 1) {
    if (!pairFits(pair)) continue;
    let sum = 0, triples = 0, documents = 0, last = -1;
    for (let row = pairStart[pair]; row < pairStart[pair + 1]; row += 1) {
      if (!fits(row)) continue;
      sum += rowScore[row];
      triples += 1;
      if (rowDocument[row] !== last) { documents += 1; last = rowDocument[row]; }
    }
    if (triples) cells.set(pair, { sum, triples, documents, value: sum / triples });
  }
}

/* Codes of the states (or alliances) that are left, in the chosen order. */
function ordered(codes, names, sortedBy) {
  const totals = new Map();
  for (const [pair, own] of cells) {
    const total = totals.get(codes[pair]) ?? { sum: 0, triples: 0, value: null };
    total.sum += own.sum;
    total.triples += own.triples;
    if (sortedBy(pair)) total.value = own.value;
    totals.set(codes[pair], total);
  }
  const order = byId("order").value;
  const key = {
    triples: (code) => -totals.get(code).triples,
    mean: (code) => -totals.get(code).sum / totals.get(code).triples,
    name: () => 0,
  }[order];
  const alphabet = (a, b) => order === "name" ? names[a][1].localeCompare(names[b][1]) : a - b;
  const found = [...totals.keys()].sort((a, b) => key(a) - key(b) || alphabet(a, b));
  const first = (code) => totals.get(code).value;
  return found.every((code) => first(code) === null) ? found
    : found.sort((a, b) => (first(a) === null) - (first(b) === null) || headSort.sign * (first(a) - first(b)));
}

function drawMatrix() {
  const sortedBy = (of, codes) => (pair) => headSort?.of === of && headSort.code === codes[pair];
  const states = ordered(stateOf, data.states, sortedBy("a", allianceOf));
  const alliances = ordered(allianceOf, data.alliances, sortedBy("s", stateOf));
  const pairs = new Map([...cells.keys()].map((pair) => [`${stateOf[pair]} ${allianceOf[pair]}`, pair]));
  const sortState = (of, code) => headSort?.of === of && headSort.code === code ? (headSort.sign > 0 ? "ascending" : "descending") : null;
  const head = element("tr", {}, element("td", { class: "corner" }, `${counted(states.length, "state")}, ${counted(alliances.length, "alliance")}`),
    ...alliances.map((code, place) => element("th", { scope: "col", class: place >= PRINTED && "beyond", "aria-sort": sortState("a", code) },
      element("button", { type: "button", "data-a": code }, data.alliances[code][1]),
      element("span", { class: "printed" }, data.alliances[code][1]))));
  const rows = states.map((state, line) => element("tr", { class: line >= PRINTED_ROWS && "beyond" },
    element("th", { scope: "row", "aria-sort": sortState("s", state) }, element("button", { type: "button", "data-s": state },
      element("span", { class: "name" }, data.states[state][1]), element("span", { class: "code" }, data.states[state][0]))),
    ...alliances.map((alliance, place) => drawCell(pairs.get(`${state} ${alliance}`), place >= PRINTED))));
  grid.tHead.replaceChildren(head);
  grid.tBodies[0].replaceChildren(...rows);
  makeFocusable();
}
function drawCell(pair, isBeyond) {
  if (pair === undefined) return element("td", { class: isBeyond && "beyond" });
  const own = cells.get(pair);
  const classes = shade(own.value) + (own.documents < SMALL ? " few" : "") + (isBeyond ? " beyond" : "");
  return element("td", { class: classes, "data-p": pair }, element("b", {}, number(own.value)), element("i", {}, String(own.triples)));
}

/* One stop of the Tab key; arrow keys move between the cells that hold something. */
let current = null;
const target = (cell) => cell?.querySelector("button") ?? (cell?.dataset.p === undefined ? null : cell);
function makeFocusable() {
  grid.setAttribute("role", "grid");
  for (const cell of grid.querySelectorAll("button, [data-p]")) cell.tabIndex = -1;
  for (const cell of grid.querySelectorAll("[data-p]")) cell.setAttribute("aria-selected", String(Number(cell.dataset.p) === openedPair));
  const first = cellOf(openedPair) ?? grid.querySelector("[data-p]") ?? grid.querySelector("button");
  setCurrent(first);
}
function setCurrent(next) {
  if (!next) return;
  if (current) current.tabIndex = -1;
  current = next;
  current.tabIndex = 0;
}
const cellOf = (pair) => grid.querySelector(`[data-p="${pair}"]`);

function moved(from, down, across) {
  let row = from.parentElement.rowIndex + down, column = from.cellIndex + across;
  for (; grid.rows[row]?.cells[column]; row += down, column += across) {
    const found = target(grid.rows[row].cells[column]);
    if (found) return found;
  }
  return null;
}
const firstOf = (list) => { for (const cell of list) { const found = target(cell); if (found) return found; } return null; };
const KEYS = {
  ArrowUp: (cell) => moved(cell, -1, 0), ArrowDown: (cell) => moved(cell, 1, 0),
  ArrowLeft: (cell) => moved(cell, 0, -1), ArrowRight: (cell) => moved(cell, 0, 1),
  Home: (cell, event) => firstOf((event.ctrlKey ? grid.rows[0] : cell.parentElement).cells),
  End: (cell, event) => firstOf([...(event.ctrlKey ? [...grid.rows].at(-1) : cell.parentElement).cells].reverse()),
  PageUp: (cell) => target(grid.rows[Math.max(0, cell.parentElement.rowIndex - 10)].cells[cell.cellIndex]) ?? moved(cell, -1, 0),
  PageDown: (cell) => target(grid.rows[Math.min(grid.rows.length - 1, cell.parentElement.rowIndex + 10)].cells[cell.cellIndex]) ?? moved(cell, 1, 0),
};
grid.addEventListener("keydown", (event) => {
  if (event.altKey || event.metaKey) return;
  const cell = event.target.closest("th, td");
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    choose(cell);
  } else if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key](cell, event)?.focus();
  }
});
grid.addEventListener("focusin", (event) => { setCurrent(event.target); describe(event.target); });
grid.addEventListener("mouseover", (event) => describe(event.target.closest("[data-p]")));
grid.addEventListener("click", (event) => choose(event.target.closest("th, td")));

/* What a cell says when it is read out or pointed at; interval included. */
function describe(cell) {
  if (!cell?.dataset.p || cell.title) return;
  const pair = Number(cell.dataset.p), own = meanOf(documentsOf(pair, rowTest()));
  cell.title = `${nameOf(pair)}: mean ${number(own.value)}, 95 % interval ${interval(own)}, ${counted(own.triples, "triple")} in ${counted(own.documents, "document")}`;
  cell.setAttribute("aria-label", cell.title);
}
function choose(cell) {
  const chosen = target(cell);
  if (!chosen) return;
  if (chosen.dataset.p !== undefined) {
    openPair(Number(chosen.dataset.p), true);
    return;
  }
  const of = chosen.dataset.a === undefined ? "s" : "a", code = Number(chosen.dataset[of]);
  const same = headSort?.of === of && headSort.code === code;
  headSort = !same ? { of, code, sign: -1 } : headSort.sign < 0 ? { of, code, sign: 1 } : null;
  drawMatrix();
  const again = grid.querySelector(`[data-${of}="${code}"]`);
  setCurrent(again);
  again.focus();
}

/* ---- Pair ---- */

function openPair(pair, isFocused) {
  openedPair = pair;
  byId("pair").hidden = pair < 0;
  byId("columns").classList.toggle("open", pair >= 0);
  for (const cell of grid.querySelectorAll("[aria-selected=true]")) cell.setAttribute("aria-selected", "false");
  cellOf(pair)?.setAttribute("aria-selected", "true");
  if (pair >= 0) drawPair();
  writeAddress();
  if (!isFocused) return;
  byId("pair-title").focus({ preventScroll: true });
  byId("pair").scrollIntoView({ block: "nearest" });
  if (byId("pair").getBoundingClientRect().top > innerHeight / 2 || byId("pair").getBoundingClientRect().top < 0) byId("pair").scrollIntoView();
}

function drawPair() {
  const pair = openedPair, fits = rowTest(), documents = documentsOf(pair, fits), own = meanOf(documents);
  byId("pair-title").textContent = nameOf(pair);
  const periods = documents.map((one) => one.period).filter((period) => period >= 0);
  byId("pair-mean").textContent = !own.triples ? "No triple of this pair fits the filters."
    : `Mean score ${number(own.value)}, 95 % interval ${interval(own)}; ${counted(own.triples, "triple")} in ${counted(own.documents, "document")}`
      + (periods.length ? `, ${span(periods[0], periods.at(-1))}.` : ", undated.");
  const acts = new Array(data.acts.length).fill(0);
  for (let row = pairStart[pair]; row < pairStart[pair + 1]; row += 1) if (fits(row)) acts[rowAct[row]] += 1;
  drawBars(byId("pair-stances"), ["favor", "neutral", "against"].map((stance) =>
    [stance, stance, data.acts.reduce((sum, act, place) => sum + (act[1] === stance ? acts[place] : 0), 0)]), own.triples);
  drawBars(byId("pair-acts"), data.acts.map(([act, stance], place) => [act, stance, acts[place]])
    .filter((bar) => bar[2]).sort((a, b) => b[2] - a[2]), own.triples);
  drawCurve(pair, documents);
  drawSentences(pair, fits, own.triples);
}
function drawBars(list, bars, total) {
  list.replaceChildren(...bars.map(([name, stance, count]) => {
    const bar = element("span", { class: `bar ${stance}`, "aria-hidden": "true" });
    bar.style.width = `${total ? 100 * count / total : 0}%`;
    return element("li", {}, element("span", { class: `stance ${stance}` }, name),
      element("span", {}, `${count.toLocaleString("en")} (${total ? Math.round(100 * count / total) : 0} %)`), bar);
  }));
}

/* Points of the curve: the page's own bands where nothing is filtered, else computed anew. */
function pointsOf(pair, documents) {
  const byPeriod = [...groupBy(documents.map((own) => own.period))].filter(([period]) => period >= 0)
    .map(([period, places]) => ({ period, ...meanOf(places.map((place) => documents[place])) }));
  if (isNarrowed()) return byPeriod;
  const given = new Map((pointsOfPair.get(pair) ?? []).map((place) => [data.curves.period[place], place]));
  const part = (name, place) => data.curves[name][place] / 10000;
  return byPeriod.map((own) => given.has(own.period)
    ? { ...own, value: part("value", given.get(own.period)), low: part("low", given.get(own.period)), high: part("high", given.get(own.period)) } : own);
}

function drawCurve(pair, documents) {
  const points = pointsOf(pair, documents), box = byId("chart");
  const changes = isNarrowed() ? [] : data.changes.filter((change) => change[0] === pair);
  byId("points").hidden = !points.length;
  byId("points").querySelector("tbody").replaceChildren(...points.map((own) => element("tr", {},
    element("th", { scope: "row" }, data.periods[own.period]), ...[number(own.value), interval(own), own.documents, own.triples].map((text) => element("td", {}, String(text))))));
  const looked = points.length < data.least ? `Change points are looked for in pairs of ${data.least} ${data.by}s or more.` : "No change point found.";
  byId("chart-note").textContent = !points.length ? "No dated document." : (isNarrowed()
    ? "Bands are 95 % intervals of sampling, by document, of what the filters leave; change points are looked for in unfiltered pairs only."
    : `${data.note} ${changes.length ? `Change points (each document counts once): ${changes.map(told).join("; ")}.` : looked}`);
  box.replaceChildren(...(points.length ? [curve(points, changes, Math.max(300, box.clientWidth), nameOf(pair))] : []));
}

/* A change point lies between two periods; one that does not hold for all pairs together may be chance. */
const when = ([, before, since]) => since - before > 1 ? `${data.periods[before]}\u2013${data.periods[since]}` : data.periods[since];
const told = (change) => `${when(change)} (${number(change[3])} to ${number(change[4])}, p ${pValue(change[5])}, for all pairs ${pValue(change[6])}${isSure(change) ? "" : ": may be chance"})`;
const pValue = (value) => value < 0.001 ? "<0.001" : value.toFixed(value < 0.1 ? 3 : 2);
const isSure = (change) => change[6] <= 0.05;

const TICKS = { "1": "\u25B2 +1", "0.5": "+0.5", "0": "0", "-0.5": "\u22120.5", "-1": "\u25BC \u22121" };
function curve(points, changes, width, title) {
  const height = 250, left = 42, right = 14, top = 22, bottom = 28;
  const first = points[0].period, last = Math.max(points.at(-1).period, first + 1);
  const x = (period) => left + (period - first + 0.5) * (width - left - right) / (last - first + 1);
  const y = (value) => top + (1 - value) / 2 * (height - top - bottom);
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}: mean score by ${data.by}, with 95 % intervals; the table below has the numbers` });
  for (const value of [-1, -0.5, 0, 0.5, 1]) {
    svg.append(drawn("line", { class: value ? "rule" : "zero", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      drawn("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, TICKS[value]));
  }
  const step = Math.max(1, Math.ceil((last - first + 1) * (data.by === "year" ? 48 : 72) / (width - left - right)));
  for (let period = first; period <= last; period += step) {
    if (data.periods[period]) svg.append(drawn("text", { x: x(period), y: height - 8, "text-anchor": "middle" }, data.periods[period]));
  }
  // neighbours are joined; over a longer gap nothing is drawn
  const runs = [];
  for (const own of points) {
    if (runs.length && own.period - runs.at(-1).at(-1).period <= 2) runs.at(-1).push(own);
    else runs.push([own]);
  }
  for (const run of runs) {
    const known = run.filter((own) => !Number.isNaN(own.low));
    if (known.length > 1) {
      const edge = [...known.map((own) => `${x(own.period)},${y(own.high)}`), ...known.map((own) => `${x(own.period)},${y(own.low)}`).reverse()];
      svg.append(drawn("polygon", { class: "band", points: edge.join(" ") }));
    } else for (const own of known) svg.append(drawn("line", { class: "whisker", x1: x(own.period), x2: x(own.period), y1: y(own.low), y2: y(own.high) }));
    svg.append(drawn("polyline", { class: "line", points: run.map((own) => `${x(own.period)},${y(own.value)}`).join(" ") }));
  }
  const middle = ([, before, since]) => (before + since) / 2;
  const bounds = [first - 0.5, ...changes.map(middle), last + 0.5];
  const levels = changes.length ? [changes[0][3], ...changes.map((change) => change[4])] : [];
  levels.forEach((level, place) => svg.append(drawn("line", { class: "level", x1: x(bounds[place]), x2: x(bounds[place + 1]), y1: y(level), y2: y(level) })));
  for (const change of changes) {
    const at = x(middle(change)), arrow = change[4] > change[3] ? "\u2197" : "\u2198";
    svg.append(drawn("line", { class: isSure(change) ? "change" : "change unsure", x1: at, x2: at, y1: top - 6, y2: height - bottom }),
      drawn("text", { class: "label", x: at, y: 12, "text-anchor": at > width - 60 ? "end" : "middle" }, `${arrow} ${data.periods[change[2]]}${isSure(change) ? "" : "?"}`));
  }
  const most = Math.max(...points.map((own) => own.documents));
  for (const own of points) {
    const classes = wayOf(own.value) + (Number.isNaN(own.low) ? " hollow" : "");
    svg.append(drawn("circle", { class: classes, cx: x(own.period), cy: y(own.value), r: 2.5 + 3 * Math.sqrt(own.documents / most) },
      drawn("title", {}, `${data.periods[own.period]}: ${number(own.value)}, interval ${interval(own)}; ${counted(own.triples, "triple")} in ${counted(own.documents, "document")}`)));
  }
  return svg;
}

/* ---- Sentences ---- */

function drawSentences(pair, fits, total) {
  const all = shownOfPair.get(pair) ?? [], places = all.filter((place) => fits(data.shown.row[place]));
  const order = byId("telling").value, date = (place) => data.papers[data.shown.paper[place]][2];
  if (order !== "telling") places.sort((a, b) => (order === "old" ? 1 : -1) * (date(a) < date(b) ? -1 : date(a) > date(b) ? 1 : 0));
  byId("sentence-count").textContent = `Shown: ${places.length} of ${total.toLocaleString("en")}. The numbers count all ${total.toLocaleString("en")}; of the sentences the page holds the most telling ones of each act and time. `
    + "Single underline: the state; double: the alliance" + (Object.keys(data.deciding).length ? "; shaded: words that decided." : ".");
  byId("sentences").replaceChildren(...places.slice(0, AT_ONCE).map(drawSentence));
  const left = places.slice(AT_ONCE), more = byId("more");
  more.hidden = !left.length;
  more.textContent = `Show ${left.length} more`;
  more.onclick = () => {
    const added = left.map(drawSentence);
    byId("sentences").append(...added);
    more.hidden = true;
    added[0].tabIndex = -1;
    added[0].focus();
  };
}
function drawSentence(place) {
  const { shown } = data, row = shown.row[place], [act, stance] = data.acts[rowAct[row]];
  const [name, title, date, speaker, link] = data.papers[shown.paper[place]];
  const marks = [[shown.state[place], "state"], [shown.alliance[place], "alliance"], ...(data.deciding[place] ?? []).map((words) => [words, "deciding"])];
  const quotation = element("blockquote", {}, ...marked(data.texts[shown.text[place]], marks.filter((mark) => mark[0])));
  const label = title || name;
  const facts = [element("span", { class: `stance ${stance}` }, `${stance}, ${act}`), `${shown.probability[place]} % sure`, `score ${number(rowScore[row])}`,
    date, speaker && `speaker ${speaker}`, !shown.state[place] && data.hows[shown.how[place]] && `state not named here: ${data.hows[shown.how[place]]}`];
  return element("li", { class: stance }, quotation, element("div", { class: "facts" },
    ...facts.filter(Boolean).map((fact) => element("span", {}, fact)),
    link ? element("a", { href: link, rel: "noopener noreferrer" }, label) : element("span", {}, label)));
}
/* A text cut at the ends of its marks; where marks lie over one another a piece has both classes. */
function marked(text, marks) {
  const ends = [...new Set([0, text.length, ...marks.flatMap((mark) => mark[0])])].sort((a, b) => a - b);
  return ends.slice(1).map((end, place) => {
    const start = ends[place], classes = marks.filter(([[from, to]]) => from <= start && end <= to).map((mark) => mark[1]);
    const piece = text.slice(start, end);
    return classes.length ? element("mark", { class: classes.join(" ") }, piece) : piece;
  });
}

/* ---- Change points ---- */

/* They are those of all triples of a pair; filters only choose the pairs. */
function drawChanges() {
  for (const row of byId("change-rows").children) row.hidden = !pairFits(Number(row.dataset.pair));
  byId("change-note").textContent = isNarrowed() ? "They are of all triples, whatever the act, period or source that is filtered by." : "";
}

/* ---- Movers ---- */

function drawMovers(fits) {
  const found = [...cells.keys()].sort((a, b) => a - b).map((pair) => moverOf(pair, fits)).filter(Boolean);
  found.sort((a, b) => b.sure - a.sure || Math.abs(b.change) - Math.abs(a.change) || a.pair - b.pair);
  byId("mover-rows").replaceChildren(...found.slice(0, MOST_MOVERS).map(drawMover));
  byId("mover-count").textContent = moverCount(found.length, found.filter((own) => own.sure > 0).length);
}
const moverCount = (compared, sure) =>
  `Shown: ${Math.min(MOST_MOVERS, compared)} of ${counted(compared, "pair")} with enough dated documents; ${sure} of the intervals leave zero out, where chance alone would let about ${Math.round(compared / 20)} do so.`;
function drawMover(own) {
  const way = wayOf(own.change), place = (value) => (60 + 52 * value).toFixed(1);
  const picture = drawn("svg", { class: "mover", width: 120, height: 16, viewBox: "0 0 120 16", "aria-hidden": "true" },
    drawn("line", { class: "zero", x1: 60, x2: 60, y1: 0, y2: 16 }), drawn("line", { x1: place(own.before.value), x2: place(own.after.value), y1: 8, y2: 8 }),
    drawn("circle", { class: `${way} hollow`, cx: place(own.before.value), cy: 8, r: 4 }), drawn("circle", { class: way, cx: place(own.after.value), cy: 8, r: 4 }));
  const cell = (...content) => element("td", {}, ...content);
  return element("tr", {}, element("th", { scope: "row" }, element("a", { href: `#pair=${keyOf(own.pair)}` }, nameOf(own.pair))),
    cell(element("span", { class: `stance ${way}` }, number(own.change))), cell(`${number(own.low)} to ${number(own.high)}`),
    cell(`${number(own.before.value)} (${span(own.before.first, own.before.last)})`), cell(`${number(own.after.value)} (${span(own.after.first, own.after.last)})`),
    cell(`${own.before.documents}, ${own.after.documents}`), cell(picture));
}

/* ---- All together ---- */

function tellStatus() {
  const triples = [...cells.values()].reduce((sum, own) => sum + own.triples, 0);
  const words = { state: (code) => data.states.find((own) => own[0] === code)[1], act: (act) => act.replace("all-", "all "), from: (period) => `from ${period}`, to: (period) => `to ${period}` };
  const active = FILTERS.filter((name) => filter[name]).map((name) => (words[name] ?? String)(filter[name]));
  byId("status").textContent = !triples ? "No triple fits these filters."
    : active.length ? `Filtered by ${active.join(", ")}: ${triples.toLocaleString("en")} of ${counted(rowAct.length, "triple")}.`
    : `${counted(triples, "triple")}, ${counted(cells.size, "pair")}; nothing filtered.`;
}
function refresh() {
  const fits = rowTest();
  countCells(fits);
  drawMatrix();
  drawMovers(fits);
  drawChanges();
  tellStatus();
  if (openedPair >= 0) drawPair();
  writeAddress();
}
function start() {
  fillFilters();
  for (const id of ["filters", "orders"]) byId(id).hidden = false;
  byId("box").removeAttribute("tabindex");
  const pair = readAddress();
  countCells(rowTest());
  if (FILTERS.some((name) => filter[name])) { drawMatrix(); drawMovers(rowTest()); drawChanges(); } else makeFocusable();
  tellStatus();
  openPair(pair >= 0 ? pair : firstPair(), false);
}
/* What is open at first: the pair that moved most, else the one with the most triples. */
function firstPair() {
  const link = byId("mover-rows").querySelector("a");
  if (link) return pairOfKey.get(new URLSearchParams(link.hash.slice(1)).get("pair"));
  return [...cells].reduce((most, own) => own[1].triples > (most?.[1].triples ?? 0) ? own : most, null)?.[0] ?? -1;
}
byId("filters").addEventListener("change", (event) => { filter[event.target.id] = event.target.value; refresh(); });
byId("filters").addEventListener("reset", (event) => {
  event.preventDefault();
  for (const name of FILTERS) byId(name).value = filter[name] = "";
  refresh();
});
byId("order").addEventListener("change", () => { headSort = null; drawMatrix(); });
byId("telling").addEventListener("change", drawPair);
byId("back").addEventListener("click", () => (cellOf(openedPair) ?? current).focus());
byId("pair").addEventListener("keydown", (event) => { if (event.key === "Escape") (cellOf(openedPair) ?? current).focus(); });
for (const id of ["changes", "movers"]) byId(id).addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  openPair(pairOfKey.get(new URLSearchParams(link.hash.slice(1)).get("pair")), true);
});
addEventListener("hashchange", () => {
  if (!location.hash.includes("=")) return;   // the skip link
  const pair = readAddress();
  refresh();
  openPair(pair, false);
});
/* Only the curve depends on the width; phones also tell of a new height while one scrolls. */
let resizing = 0, width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  clearTimeout(resizing);
  resizing = setTimeout(() => { if (openedPair >= 0) drawCurve(openedPair, documentsOf(openedPair, rowTest())); }, 100);
});
start();
