// Rows that are ticked: one by one, from one to another with Shift, or all that a filter leaves.
import { $, $$ } from "./page.js";
import { get, make, parse, path, view } from "./wire.js";

const list = new Map(); // by the item's place in the run: what of it can be accepted
let all = null, run = "", last = 0; // all: which filter's items, where these are too many to tick each; last: the row that was ticked last
export const mostTicked = 2000;

const what = tr => ({ sku: tr.dataset.sku, red: JSON.parse(tr.dataset.red || "[]"), one: tr.dataset.alone });
const filter = () => new URLSearchParams(view.grid.of);

export const ticks = {
  list,
  get all() { return all; },
  get some() { return !!all || list.size > 0; },
  // show has a row say whether it is ticked.
  show(tr) {
    const box = $("[data-tick]", tr);
    if (!box) return;
    box.checked = !!all || list.has(+tr.dataset.at);
    box.disabled = !!all;
    tr.classList.toggle("ticked", box.checked);
  },
  clear() { list.clear(); all = null; told(); },
  // fit forgets what does not fit the table that is shown now: places are those of one run, and all is what one filter leaves.
  fit() {
    const of = filter();
    if (of.get("run") !== run) { run = of.get("run"); list.clear(); all = null; }
    if (all && all.of !== of.get("show") + "\n" + (of.get("q") || "")) all = null;
    told();
  },
  toggle(tr) { const box = $("[data-tick]", tr); if (box && !box.disabled) { box.checked = !box.checked; tick(tr, box.checked, false); } },
};

// told says how much is ticked.
function told() {
  const bar = $("#ticked");
  if (!bar) return;
  const n = all ? all.total : list.size, head = $("#tick-all");
  bar.classList.toggle("some", n > 0); // its room is always there: rows do not move under who ticks them
  $("#ticked-said").textContent = !n ? bar.dataset.none : all ? `All ${n.toLocaleString()} that are filtered are ticked` : n === 1 ? "1 item is ticked" : `${n.toLocaleString()} items are ticked`;
  head.checked = !!all || n > 0 && view.grid.rows.size >= view.grid.total && [...view.grid.rows.values()].every(tr => list.has(+tr.dataset.at));
  head.indeterminate = !head.checked && n > 0;
  for (const tr of view.grid.rows.values()) ticks.show(tr);
}

// rowsFrom returns rows of the table, also those that are not loaded.
async function rowsFrom(from, to) {
  const rows = [];
  for (let n = from; n < to;) {
    const there = view.grid.rows.get(n);
    if (there) { rows.push(there); n++; continue; }
    const page = parse("<table>" + await (await get(`${path}/rows?${view.grid.of}&row=${n + 1}`)).text() + "</table>"), more = $$("tr[data-n]", page);
    if (!more.length) break;
    for (const tr of more) if (n < to) { rows.push(tr); n++; }
  }
  return rows;
}

function note(tr, on) { if (on) list.set(+tr.dataset.at, what(tr)); else list.delete(+tr.dataset.at); }

async function tick(tr, on, range) {
  const n = +tr.dataset.n - 1, from = Math.min(last, n), to = Math.max(last, n) + 1;
  if (range && to - from <= mostTicked) for (const other of await rowsFrom(from, to)) note(other, on);
  else note(tr, on);
  last = n;
  told();
}

document.addEventListener("click", ev => {
  const box = ev.target.closest("[data-tick]"), cell = ev.target.closest("td.tk");
  if (cell && !box) { ticks.toggle(cell.parentElement); return; }
  if (box) tick(box.closest("tr"), box.checked, ev.shiftKey);
  if (ev.target.id === "ticked-clear") { ticks.clear(); $("#items").focus({ preventScroll: true }); }
});
document.addEventListener("change", async ev => {
  if (ev.target.id !== "tick-all") return;
  const on = ev.target.checked, of = filter();
  list.clear(); all = null;
  if (on && view.grid.total > mostTicked) all = { of: of.get("show") + "\n" + (of.get("q") || ""), show: of.get("show") || "all", q: of.get("q") || "", total: view.grid.total };
  else if (on) for (const tr of await rowsFrom(0, view.grid.total)) note(tr, true);
  told();
});

// What is to be planned goes with the form: rows that are ticked, or what the table shows now.
document.addEventListener("submit", ev => {
  const form = ev.target;
  if (!form.matches("[data-plan]")) return;
  const of = filter(), say = (name, value) => form.append(make("input", { type: "hidden", name, value }));
  for (const old of $$("[type=hidden]", form)) old.remove();
  say("run", of.get("run") || "");
  if (form.dataset.plan === "filter" || all) { say("show", all?.show || of.get("show") || "all"); say("q", all ? all.q : of.get("q") || ""); return; }
  say("show", of.get("show") || "all");
  say("ticked", "1");
  for (const it of list.values()) say("sku", it.sku);
});
