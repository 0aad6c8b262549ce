"use strict";

// Two runs side by side. The data are in the page: `texts` holds every text once, all else points into it.
const data = document.getElementById("data") && JSON.parse(document.getElementById("data").textContent);
const form = document.getElementById("choice");
const WIDTH = 220, HEIGHT = 80;

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function drawn(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function pairsOf(run, section) {
  return new Map((data.runs[run]?.sections[section] ?? []).map(([name, value]) => [data.texts[name], data.texts[value]]));
}

// Numbers of a column, padded so that their points stand under each other.
function aligned(texts) {
  const parts = texts.map((text) => /^(-?\d*)(\D.*)?$/s.exec(text));
  if (!parts.every((part, i) => texts[i] === undefined || texts[i] === "" || (part && part[1]))) return texts;
  const width = Math.max(...parts.map((part) => part[1].length));
  return texts.map((text, i) => "\u2007".repeat(width - parts[i][1].length) + text);
}

function section(name, a, b, onlyDifferent) {
  const [first, second] = [pairsOf(a, name), pairsOf(b, name)];
  const names = [...new Set([...first.keys(), ...second.keys()])];
  const differs = (key) => a && b && first.get(key) !== second.get(key);
  const shown = names.filter((key) => !onlyDifferent || differs(key));
  const numeric = name === "Measured";
  const of = (values) => { const texts = shown.map((key) => values.get(key) ?? ""); return numeric ? aligned(texts) : texts; };
  const [left, right] = [of(first), of(second)];
  const head = element("tr", {}, element("td", { className: "mark" }), ...[name, "A", "B", ...(numeric ? ["B − A"] : [])].map(
    (text) => element("th", { scope: "col", textContent: text })));
  const body = shown.map((key, i) => element("tr", { className: differs(key) ? "differs" : "" },
    element("td", { className: "mark", textContent: differs(key) ? "≠" : "" }), element("th", { scope: "row", textContent: key }),
    element("td", { textContent: left[i] }), element("td", { textContent: right[i] }),
    ...(numeric ? [element("td", { textContent: gap(first.get(key), second.get(key)) })] : [])));
  const table = element("table", { className: "versus" }, element("thead", {}, head), element("tbody", {}, ...body));
  const said = shown.length ? element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: name }, table)
    : element("p", { className: "hint", textContent: onlyDifferent && a && b ? "No difference." : "Nothing." });
  return element("section", {}, element("h2", { textContent: name }), said);
}

function gap(first, second) {
  if (first === undefined || second === undefined) return "";
  const found = Number(second) - Number(first);
  return `${found > 0 ? "+" : ""}${Number(found.toPrecision(4))}`.replace("-", "−");
}

function curve(name, a, b) {
  const lines = [["a", a], ["b", b]].map(([side, run]) => [side, data.runs[run]?.curves[name] ?? []]);
  const points = lines.flatMap(([, line]) => line);
  const [xs, ys] = [points.map((point) => point[0]), points.map((point) => point[1])];
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const place = ([x, y]) => `${((x - left) / (right - left || 1) * WIDTH).toFixed(1)},${(HEIGHT - (y - low) / (high - low || 1) * HEIGHT).toFixed(1)}`;
  const shown = lines.filter(([, line]) => line.length).map(([side, line]) =>
    drawn("g", { class: side }, drawn("polyline", { points: line.map(place).join(" ") })));
  const range = `${Number(low.toPrecision(4))} to ${Number(high.toPrecision(4))}, steps ${left} to ${right}`;
  return element("figure", {}, drawn("svg", { class: "curve", viewBox: `-2 -2 ${WIDTH + 4} ${HEIGHT + 4}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `${name} over steps` }, ...shown), element("figcaption", {}, element("b", { textContent: name }), ` ${range}`));
}

function curves(a, b) {
  const names = [...new Set([a, b].flatMap((run) => Object.keys(data.runs[run]?.curves ?? {})))];
  if (!names.length) return [];
  const legend = element("p", { className: "hint" }, "The scale is common: ", element("span", { className: "key-a", textContent: "A, drawn through" }),
    ", ", element("span", { className: "key-b", textContent: "B, dashed" }));
  return [element("section", {}, element("h2", { textContent: "Learning curves" }), legend,
    element("div", { className: "pair" }, ...names.map((name) => curve(name, a, b))))];
}

function title(side, run) {
  const { name, file } = data.runs[run];
  return element("p", {}, element("b", { className: `key-${side}`, textContent: `${side.toUpperCase()} ` }),
    element("a", { href: file, textContent: name }));
}

function show() {
  const [a, b] = [form.elements.a.value, form.elements.b.value];
  const chosen = [["a", a], ["b", b]].filter(([, run]) => run);
  document.getElementById("said").textContent = chosen.length === 2 ? "" : "Choose two runs.";
  const names = [...new Set(chosen.flatMap(([, run]) => Object.keys(data.runs[run].sections)))];
  const result = document.getElementById("result");
  result.replaceChildren(...chosen.map(([side, run]) => title(side, run)));
  if (chosen.length) {
    const [measured, ...others] = names.map((name) => section(name, a, b, form.elements.different.checked));
    result.append(measured, ...curves(a, b), ...others);
  }
}

function recall() {
  const state = new URLSearchParams(location.hash.slice(1));
  for (const side of ["a", "b"]) form.elements[side].value = state.get(side) in data.runs ? state.get(side) : "";
  form.elements.different.checked = state.has("different");
  show();
}

function remember() {
  history.replaceState(null, "", `#${new URLSearchParams([...new FormData(form)].filter(([, value]) => value))}`);
  show();
}

if (form) {
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", remember);
  document.getElementById("swap").addEventListener("click", () => {
    const { a, b } = form.elements;
    [a.value, b.value] = [b.value, a.value];
    remember();
  });
  addEventListener("hashchange", recall);
  recall();
}
