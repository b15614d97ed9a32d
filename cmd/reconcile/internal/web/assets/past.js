// What is asked for when it is looked at, or after the table is there: what an item was in the runs that were kept, how many acceptances
// expire soon, and how much money is at risk.
import { $, times } from "./page.js";
import { get, make, parse, path, view } from "./wire.js";

const words = { matched: "linked", duplicate: "key not unique", no_key: "no key", unreadable: "not readable", absent: "on neither side" };
const text = v => v === null || v === undefined ? "unknown" : v === "" ? "none" : Array.isArray(v) ? v.join(", ") : typeof v === "object" ? Object.entries(v).map(([k, x]) => k + ": " + x).join(", ") : String(v);
const letter = c => make("b", { className: "c " + ({ S: "S", N: "N", I: "I" }[c] || "X"), textContent: c || "–" });

function change(...parts) { const li = make("li", {}); li.append(...parts); return li; }

// step says what has changed with a run. names are what the sides are called.
function step(run, names) {
  const status = s => s === "pos_only" ? "only in " + names.pos : s === "store_only" ? "only in " + names.store : words[s] || s;
  const at = make("li", {}), time = make("time", { dateTime: run.made, textContent: run.made }), list = make("ul", {});
  at.append(time);
  if (run.damaged) list.append(change(run.damaged));
  for (const c of run.changed) {
    if (!c.rule) list.append(change(`${status(c.from)} → ${status(c.to)}`));
    else list.append(change(make("span", { textContent: c.rule + " " }), letter(c.from), " → ", letter(c.to)));
  }
  for (const v of run.values) list.append(change(make("span", { className: "quiet", textContent: `${names[v.side]} ${v.field} ` }), make("b", { textContent: text(v.from) }), " → ", make("b", { textContent: text(v.to) })));
  if (run.first && !run.damaged) list.append(change(`The first run that was kept: ${status(run.status)}${Object.entries(run.cells).filter(([, c]) => c === "N").map(([rule]) => ", " + rule + " N").join("")}`));
  at.append(list);
  return at;
}

document.addEventListener("toggle", async ev => {
  const past = ev.target;
  if (!past.matches?.("[data-past]") || !past.open || past.dataset.told) return;
  past.dataset.told = "1";
  const into = $(".past-list", past);
  into.textContent = "…";
  try {
    const answer = await fetch(past.dataset.past, { headers: { Accept: "application/json" } }), said = await answer.json();
    if (!answer.ok) throw new Error(said.error?.text);
    const some = said.runs.filter(r => r.first || r.damaged || r.changed.length || r.values.length), list = make("ol", { className: "steps" });
    list.append(...some.map(r => step(r, past.dataset)));
    const quiet = said.runs.length - some.length;
    into.replaceChildren(list);
    into.append(make("p", { className: "quiet", textContent: `${said.runs.length.toLocaleString()} runs were looked at${quiet ? `; in ${quiet.toLocaleString()} of them nothing of it changed` : ""}.${said.more ? " There are older ones." : ""}` }));
    times(into);
  } catch (err) { delete past.dataset.told; into.textContent = err.message || "The server cannot be reached."; }
}, true);

let known; // what was said of it
// risk says how much money is at risk with a run.
export async function risk() {
  const at = $("#risk"), of = view.grid.of, run = new URLSearchParams(of).get("run");
  if (!at) return;
  if (known?.dataset.run === run) { at.replaceWith(known); return; }
  try {
    const then = parse(await (await get(`${path}/risk?${of}`)).text()).getElementById("risk");
    if (new URLSearchParams(view.grid.of).get("run") === run && then) { then.dataset.run = run; known = then; $("#risk").replaceWith(then); }
  } catch { /* the table says the rest */ }
}

// expiring says beside the filters how many acceptances end within a month.
export async function expiring() {
  const at = $("#expiring");
  if (!at) return;
  try {
    const answer = await fetch(`/api/v1/acceptances?reconciliation=${encodeURIComponent(at.dataset.of)}&state=expiring&limit=1`), said = await answer.json();
    if (!answer.ok || !said.total) return;
    $(".n", at).textContent = said.total.toLocaleString();
    at.hidden = false;
  } catch { /* it is a hint */ }
}
