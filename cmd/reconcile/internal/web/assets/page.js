// What every page has: light or dark, times in the browser's place and language, menus. Pages work without it.
export const $ = (q, at = document) => at.querySelector(q), $$ = (q, at = document) => [...at.querySelectorAll(q)];
const root = document.documentElement;
root.classList.add("scripted");

// Light or dark
const theme = $("#theme");
const chosen = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
if (chosen) root.dataset.theme = chosen;
if (theme) {
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const dark = (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* it is not kept then */ }
  });
}

// Times in the browser's place and language
const span = ms => {
  const min = Math.round(Math.abs(ms) / 60000), said = new Intl.NumberFormat();
  const unit = (n, u) => new Intl.NumberFormat(undefined, { style: "unit", unit: u, unitDisplay: u === "day" ? "long" : "short" }).format(n);
  return min < 60 ? unit(min, "minute") : min < 48 * 60 ? unit(Math.round(min / 60), "hour") : unit(Math.round(min / 1440), "day");
};
export function times(at) {
  for (const t of $$("time[datetime]", at)) {
    const when = new Date(t.dateTime), ago = Date.now() - when, today = when.toDateString() === new Date().toDateString();
    const clock = when.toLocaleString(undefined, today ? { hour: "2-digit", minute: "2-digit" } : { dateStyle: "medium", timeStyle: "short" });
    t.title = when.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
    if ("day" in t.dataset) { t.textContent = new Date(t.dateTime + "T12:00").toLocaleDateString(undefined, { dateStyle: "medium" }); t.title = ""; continue; }
    if ("since" in t.dataset) t.textContent = ago < 60000 ? "now" : span(ago);
    else if ("for" in t.dataset) t.textContent = ago < 60000 ? "since now" : "for " + span(ago);
    else t.textContent = clock + ("age" in t.dataset ? ago < -60000 ? ` (${span(ago)} ahead of this clock)` : ago < 60000 ? ", just now" : `, ${span(ago)} ago` : "");
  }
}
times(document);
setInterval(() => times(document), 60000);

// Menus, with arrows
const enter = menu => $("[role=menuitem]", menu)?.focus();
document.addEventListener("toggle", ev => { if (ev.newState === "open" && ev.target.matches(".menu")) enter(ev.target); }, true);
$$(".menu:popover-open").forEach(enter); // one that was opened before this was loaded
document.addEventListener("keydown", ev => {
  const menu = ev.target.closest?.(".menu");
  if (!menu) return;
  const list = $$("[role=menuitem]", menu), at = list.indexOf(document.activeElement);
  const to = { ArrowDown: (at + 1) % list.length, ArrowUp: (at - 1 + list.length) % list.length, Home: 0, End: list.length - 1 }[ev.key];
  if (to !== undefined && list.length) { ev.preventDefault(); list[to].focus(); }
  if (ev.key === "Tab") menu.hidePopover();
});
document.addEventListener("click", ev => { if (ev.target.matches("a[role=menuitem]")) ev.target.closest(".menu").hidePopover(); });

// F6 goes from part to part of a page, Shift F6 back. From the last part on the browser has that key: it leads to its own bars.
const parts = ".top, .sides, #rail, #tools, #items, #ticked.some, #foot, #why, main:not(.work)";
const stops = "a[href], button:not([disabled]), input:not([disabled], [type=hidden]), select, summary, [tabindex='0']";
const first = part => $("#rows a[tabindex='0'], a[aria-current]", part) || $$(stops, part).find(e => e.tabIndex >= 0 && e.checkVisibility()) || (part.matches("[tabindex]") ? part : null);
document.addEventListener("keydown", ev => {
  if (ev.key !== "F6" || ev.ctrlKey || ev.altKey || ev.metaKey || $("dialog[open], .menu:popover-open")) return;
  const list = $$(parts).filter(p => p.checkVisibility() && first(p)), at = list.findLastIndex(p => p.contains(document.activeElement));
  const to = ev.shiftKey ? list[at - 1] : list[at + 1];
  if (to) { ev.preventDefault(); first(to).focus(); }
});
