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

function filter() {
  const wanted = Object.fromEntries(new FormData(form));
  const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of index.tBodies[0].rows) {
    const { paper, task, status, text } = row.dataset;
    const fits = (!wanted.paper || paper === wanted.paper) && (!wanted.task || task === wanted.task)
      && (!wanted.status || status.split("|").includes(wanted.status)) && words.every((word) => text.includes(word));
    row.hidden = !fits;
    shown += fits;
  }
  document.getElementById("shown").textContent = `${shown} of ${index.tBodies[0].rows.length} tables`;
}

function remember() {
  const state = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  if (sorted.order !== "none") state.set("sort", `${sorted.column} ${sorted.order}`);
  history.replaceState(null, "", `#${state}`);
}

function recall() {
  const state = new URLSearchParams(location.hash.slice(1));
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
  form.addEventListener("reset", () => setTimeout(() => { filter(); remember(); }));
  addEventListener("hashchange", recall);
  recall();
}
