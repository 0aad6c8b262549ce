"use strict";

// Sorting: every `table.sortable` whose headers say `data-sort="text|number"`. Each tbody is sorted by itself, below its
// group heading. A header's button goes through ascending, descending and the original order.
const sorted = { column: -1, order: "none" }; // of the index, kept in the address

function valueOf(row, column) {
  const cell = row.cells[column];
  return cell ? (cell.dataset.value ?? cell.textContent).trim() : "";
}

function numberOf(text) {
  const found = text.replace(/−/g, "-").replace(/,(?=\d{3})/g, "").match(/[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/i);
  return found ? Number(found[0]) : NaN;
}

function compared(kind, first, second) {
  if (kind === "text") return first === "" || second === "" ? 0 : first.localeCompare(second, "en", { numeric: true });
  return numberOf(first) - numberOf(second);
}

function isEmpty(kind, text) {
  return kind === "text" ? text === "" : Number.isNaN(numberOf(text));
}

function sortTable(table, column, order) {
  const headers = [...table.tHead.rows[0].cells];
  const kind = headers[column]?.dataset.sort;
  if (!kind) return;
  headers.forEach((header, i) => header.setAttribute("aria-sort", i === column ? order : "none"));
  for (const body of table.tBodies) {
    const rows = [...body.rows];
    rows.forEach((row, i) => { row.dataset.place ??= i; });
    const heads = rows.filter((row) => row.querySelector("th.group"));
    const rest = rows.filter((row) => !heads.includes(row)).sort((a, b) => a.dataset.place - b.dataset.place);
    if (order !== "none") {
      const sign = order === "ascending" ? 1 : -1;
      rest.sort((a, b) => {
        const [first, second] = [valueOf(a, column), valueOf(b, column)];
        const empty = isEmpty(kind, first) - isEmpty(kind, second); // what has no value is last either way
        return empty || (isEmpty(kind, first) ? 0 : sign * compared(kind, first, second));
      });
    }
    body.append(...heads, ...rest);
  }
}

const NEXT = { none: "ascending", ascending: "descending", descending: "none" };

for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    if (!header.dataset.sort) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    header.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const order = NEXT[header.getAttribute("aria-sort")];
      sortTable(table, column, order);
      if (table.id === "index") { Object.assign(sorted, { column, order }); remember(); }
    });
  });
}

// The filter of the index. What it is set to stands in the address, so that a view can be sent to somebody.
const form = document.getElementById("filter");
const index = document.getElementById("index");
const PLACES = 6;
let everything = false; // with nothing asked for, all tables or, as it opens, what was measured

function filter() {
  const wanted = Object.fromEntries(new FormData(form));
  const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
  const opening = !everything && !Object.values(wanted).some(Boolean) && anyMeasured();
  let shown = 0;
  for (const row of index.tBodies[0].rows) {
    const { paper, task, status, text } = row.dataset;
    const fits = (!wanted.paper || paper === wanted.paper) && (!wanted.task || task === wanted.task)
      && (!wanted.status || status.split("|").includes(wanted.status))
      && (!opening || status.split("|").includes("measured")) && words.every((word) => text.includes(word));
    row.hidden = !fits;
    shown += fits;
    if (fits) showPlaces(row.cells[0], words);
  }
  document.getElementById("shown").textContent = `${shown} of ${index.tBodies[0].rows.length} tables${opening ? ": what was measured" : ""}`;
}

// Below a table that is found, the first of its rows that have the words which its own name and title lack, as links.
function showPlaces(head, words) {
  const list = head.querySelector(".places");
  const named = [...head.children].filter((part) => part !== list).map((part) => part.textContent).join(" ").toLowerCase();
  let found = 0;
  for (const item of list.children) {
    const text = item.textContent.toLowerCase();
    const fits = words.some((word) => text.includes(word))
      && words.every((word) => text.includes(word) || named.includes(word));
    item.hidden = !fits || found === PLACES;
    found += !item.hidden;
  }
  list.hidden = !found;
}

function remember() {
  const state = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  if (sorted.order !== "none") state.set("sort", `${sorted.column} ${sorted.order}`);
  if (everything) state.set("all", "");
  const said = `${state}`.replace(/=(?=&|$)/, ""); // `all` has no value
  history.replaceState(null, "", said ? `#${said}` : location.pathname);
}

function anyMeasured() {
  return [...form.elements.status.options].some((option) => option.value === "measured");
}

function recall() {
  const state = new URLSearchParams(location.hash.slice(1));
  everything = state.has("all");
  for (const field of form.elements) if (field.name) field.value = state.get(field.name) ?? "";
  for (const field of form.querySelectorAll("select")) if (field.selectedIndex < 0) field.value = "";
  const [column, order] = (state.get("sort") ?? "").split(" ");
  Object.assign(sorted, order in NEXT ? { column: Number(column), order } : { column: 0, order: "none" });
  sortTable(index, sorted.column, sorted.order);
  filter();
}

if (form) {
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { filter(); remember(); });
  form.addEventListener("reset", () => setTimeout(() => { everything = true; filter(); remember(); }));
  addEventListener("hashchange", recall);
  recall();
}
