// The page works without this. With it, filters, search and order change the table in place, and a million rows are a matter of scrolling.
import { $, $$ } from "./page.js";
import { get, inv, offline, parse, path, said, take, view } from "./wire.js";
import { Grid, mostPrinted } from "./grid.js";
import { ticks } from "./ticks.js";
import { expiring, risk } from "./past.js";
import "./accept.js";

const root = document.documentElement;
if (!location.search && $("#items")) history.replaceState(null, "", said(new URL(location)));
let newest = 0; // of the pages that were asked for: older answers are not shown
const run = () => $("#band").dataset.run;
let shown = run(); // of which results are in sight. The band is asked for on its own, and tells of others before these are

// reach has the filter that is chosen be in sight, where the filters are one line.
function reach() {
  const rail = $("#rail"), now = rail && $("[aria-current]", rail);
  if (now && rail.scrollWidth > rail.clientWidth) rail.scrollLeft += now.getBoundingClientRect().left - rail.getBoundingClientRect().left - 16;
}

// go shows another query. how is "push" or "replace"; nothing if the address is the right one already.
async function go(address, how) {
  const mine = ++newest;
  if (how) history[how + "State"](null, "", address);
  root.setAttribute("aria-busy", "true");
  try {
    const page = parse(await (await get(address)).text());
    if (mine !== newest) return;
    if (!$("#items", page) || !$("#items")) { location.reload(); return; }
    take(page, ["sides", "band", "sum", "rail", "items", "foot", "why"]);
    inv().className = page.getElementById("inv").className;
    $("#tick").checked = page.getElementById("tick").checked;
    if (document.activeElement !== $("#q")) $("#q").value = page.getElementById("q").value;
    for (const hidden of $$("#tools [type=hidden]")) { const then = $(`#tools [name="${hidden.name}"]`, page); if (then) hidden.value = then.value; }
    shown = run();
    view.grid = new Grid($("#items"));
    reach();
    ticks.fit();
    expiring();
    risk();
    offline(false);
  } catch (err) { if (mine === newest) offline(true); } finally { if (mine === newest) root.removeAttribute("aria-busy"); }
}

if ($("#items")) { view.grid = new Grid($("#items")); reach(); ticks.fit(); expiring(); risk(); }

// Why, beside the table
let typed; // waits a moment for the next letter of a search
async function why(address, how, focus) {
  clearTimeout(typed); // the list that was clicked in stays
  const u = new URL(address, location), mine = ++newest;
  u.searchParams.set("run", new URLSearchParams($("#items").dataset.of).get("run"));
  try {
    const page = parse(await (await get(path + "/why" + u.search)).text());
    if (mine !== newest) return;
    const shown = new URL(address, location);
    shown.searchParams.delete("row");
    if (view.grid.row >= 1) shown.searchParams.set("row", Math.floor(view.grid.row) + 1);
    history[how + "State"](null, "", shown);
    take(page, ["why"]);
    inv().classList.add("why");
    view.grid.mark();
    const open = $("#why .opened");
    open?.scrollIntoView({ block: "nearest" });
    if (focus) $("#why").focus({ preventScroll: true });
  } catch { offline(true); }
}
function close() {
  if (!inv().classList.contains("why")) return;
  const at = new URL(location).searchParams.get("at"), u = new URL(location);
  for (const name of ["item", "at", "rule"]) u.searchParams.delete(name);
  history.pushState(null, "", said(u));
  inv().classList.remove("why");
  view.grid.mark();
  for (const tr of $$("tr[data-n]")) if (new URL($("a", tr).href).searchParams.get("at") === at) $("a", tr).focus({ preventScroll: true });
}

document.addEventListener("click", ev => {
  if (ev.ctrlKey || ev.metaKey || ev.shiftKey || ev.button) return;
  const link = ev.target.closest("a"), row = ev.target.closest("tr[data-n]");
  if (link?.id === "previous" || link?.id === "next") { ev.preventDefault(); if (link.href) view.grid.to(+link.dataset.row); return; }
  if (link && "go" in link.dataset) { ev.preventDefault(); go(link.href, "push"); return; }
  if (link && "close" in link.dataset) { ev.preventDefault(); close(); return; }
  if (link && "twin" in link.dataset) { ev.preventDefault(); const u = new URL(location), to = new URL(link.href).searchParams; for (const name of ["item", "at"]) u.searchParams.set(name, to.get(name)); u.searchParams.delete("rule"); why(u, "push", true); return; }
  if (link && "cell" in link.dataset) { ev.preventDefault(); const u = new URL(location); u.searchParams.set("rule", link.dataset.cell); why(u, "replace"); return; }
  if (ev.target.closest(".tk")) return;
  if (row && !getSelection().toString()) {
    ev.preventDefault();
    const u = new URL($("a", row).href), cell = ev.target.closest("[data-rule]");
    if (cell) u.searchParams.set("rule", cell.dataset.rule);
    why(u, "push", !!link);
  }
});
document.addEventListener("keydown", ev => {
  const typing = ev.target.matches("input:not([type=checkbox]), textarea, select"), row = ev.target.closest?.("tr[data-n]");
  if (ev.key === "Escape" && !typing) close();
  if (ev.key === "/" && !typing && !ev.ctrlKey && !ev.metaKey) { ev.preventDefault(); $("#q")?.focus(); }
  if (ev.key === "d" && !typing && !ev.ctrlKey && !ev.metaKey && !ev.altKey && !document.querySelector("dialog[open]")) $("#tick")?.click();
  if (ev.key === "?" && !typing) $("#keys")?.showModal();
  const leap = row && { Home: -Infinity, End: Infinity, PageUp: -view.grid.page(), PageDown: view.grid.page() }[ev.key];
  if (leap) { ev.preventDefault(); view.grid.focus(Math.min(Math.max(+row.dataset.n - 1 + leap, 0), view.grid.total - 1)); }
  if (ev.key === " " && row && ev.target.matches("a")) { ev.preventDefault(); ticks.toggle(row); }
  const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
  if (step && row) { ev.preventDefault(); view.grid.focus(+row.dataset.n - 1 + step); }
  else if (step > 0 && ev.target.id === "q") { ev.preventDefault(); view.grid.focus(Math.ceil(view.grid.row)); }
});
const address = () => { const u = new URL(path, location); for (const [k, v] of new FormData($("#tools"))) if (v) u.searchParams.set(k, v); return said(u); };
$("#tick")?.addEventListener("change", () => { const u = new URL(location); if ($("#tick").checked) u.searchParams.set("details", "1"); else u.searchParams.delete("details"); go(said(u), "push"); });
$("#q")?.addEventListener("input", () => { clearTimeout(typed); typed = setTimeout(() => go(address(), "replace"), 150); });
document.addEventListener("submit", ev => {
  if (ev.target.id === "tools") { ev.preventDefault(); clearTimeout(typed); const to = address(); if (to.href !== location.href || $("#offline")) go(to, "replace"); } // what was typed is looked for already
  const menu = $("#import-menu", ev.target);
  if (menu && new URL(ev.submitter.formAction).pathname === path + "/import") { // what is looked at stays
    $("[name=stay]", ev.target)?.remove();
    menu.after(Object.assign(document.createElement("input"), { type: "hidden", name: "stay", value: location.search.slice(1) }));
  }
  if (ev.target.id === "jump") { ev.preventDefault(); view.grid.to(+$("#row").value - 1); }
});
// On paper is what is in the page. So a list that is not too long is loaded whole first; of another one it is said how much of it there is.
addEventListener("beforeprint", () => view.grid?.paper());
addEventListener("afterprint", () => { if (view.grid) { view.grid.drawn = ""; view.grid.measure(); view.grid.draw(); } });
document.addEventListener("click", async ev => {
  if (ev.target.id === "keys-button") $("#keys").showModal();
  if (ev.target.id !== "print") return;
  $("#download-menu").hidePopover();
  if (view.grid.total <= mostPrinted) await view.grid.whole();
  print();
});
addEventListener("popstate", () => go(location.href));

let begun = "busy" in $("#band").dataset; // who opened the page as an import began waits for its results
// Imports: one that is under way is asked for each second; those that somebody else has made, now and then.
let asking;
async function watch() {
  const band = $("#band");
  clearTimeout(asking);
  if (document.hidden && !("busy" in band.dataset)) return; // asked for when it is looked at again
  try {
    const answer = await get(path + "/band"), page = parse(await answer.text()), last = answer.headers.get("X-Last-Run");
    offline(false);
    const busy = "busy" in page.getElementById("band").dataset;
    if (busy || "busy" in band.dataset) take(page, ["band"]);
    if (!busy && last && last !== shown && !new URL(location).searchParams.has("run")) fresh();
    else if (!busy && "busy" in band.dataset && !view.grid) location.reload();
  } catch { offline(true); }
  clearTimeout(asking);
  asking = setTimeout(watch, "busy" in $("#band").dataset ? 1000 : 30000);
}
document.addEventListener("visibilitychange", watch);
// fresh shows new results, or says that there are some to whom they would move the list.
function fresh() {
  if (!view.grid || !view.grid.total) { location.reload(); return; }
  if (view.grid.row < 1 && !inv().classList.contains("why") && !ticks.some && document.activeElement !== $("#q")) { go(location.href); return; }
  if (begun && !ticks.some && document.activeElement !== $("#q") && !$$("#why input:not([type=hidden], [type=checkbox])").some(i => i.value !== i.defaultValue)) { begun = false; go(location.href); return; }
  if ($("#fresh")) return;
  const told = Object.assign(document.createElement("section"), { className: "band", id: "fresh" }), link = Object.assign(document.createElement("a"), { href: location.href, textContent: "Show them" });
  told.setAttribute("role", "status");
  told.append("There are new results. ", link);
  $("#band").replaceChildren(told);
}
if ("busy" in $("#band").dataset) watch(); else asking = setTimeout(watch, 30000);
