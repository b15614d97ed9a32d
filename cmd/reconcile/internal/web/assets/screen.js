// The page works without this. With it, filters, search and order change the table in place, and a million rows are a matter of scrolling.
"use strict";
(() => {
  const $ = (q, at = document) => at.querySelector(q), $$ = (q, at = document) => [...at.querySelectorAll(q)];
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
  function times(at) {
    for (const t of $$("time[datetime]", at)) {
      const when = new Date(t.dateTime), ago = Date.now() - when, today = when.toDateString() === new Date().toDateString();
      const clock = when.toLocaleString(undefined, today ? { hour: "2-digit", minute: "2-digit" } : { dateStyle: "medium", timeStyle: "short" });
      t.title = when.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
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

  if (!document.body.classList.contains("inventory")) return;
  const path = location.pathname, inv = () => $("#inv");
  // said has an address say what it shows: the bare one opens on what was chosen last.
  const said = u => {
    const v = u.searchParams;
    if (v.get("show") === "all" && [...v].length > 1) v.delete("show");
    if (![...v].length) v.set("show", "all");
    return u;
  };
  if (!location.search && $("#items")) history.replaceState(null, "", said(new URL(location)));
  let newest = 0; // of the pages that were asked for: older answers are not shown

  // take puts parts of another page in the place of those that are shown.
  function take(page, ids) {
    for (const id of ids) {
      const now = document.getElementById(id), then = page.getElementById(id);
      if (now && then) { const focus = now.contains(document.activeElement); now.replaceWith(then); times(then); if (focus) (then.querySelector("[aria-current]") || then).focus({ preventScroll: true }); }
    }
  }
  async function get(address) {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (answer.redirected || answer.status === 401) { location.reload(); throw new Error("logged out"); }
    if (!answer.ok) throw new Error("the server answers " + answer.status);
    return answer;
  }
  const parse = text => new DOMParser().parseFromString(text, "text/html");

  // go shows another query. how is "push" or "replace"; nothing if the address is the right one already.
  async function go(address, how) {
    const mine = ++newest;
    if (how) history[how + "State"](null, "", address);
    root.setAttribute("aria-busy", "true");
    try {
      const page = parse(await (await get(address)).text());
      if (mine !== newest) return;
      if (!$("#items", page) || !$("#items")) { location.reload(); return; }
      take(page, ["sides", "band", "rail", "items", "foot", "why"]);
      inv().className = page.getElementById("inv").className;
      $("#tick").checked = page.getElementById("tick").checked;
      if (document.activeElement !== $("#q")) $("#q").value = page.getElementById("q").value;
      for (const hidden of $$("#tools [type=hidden]")) { const then = $(`#tools [name="${hidden.name}"]`, page); if (then) hidden.value = then.value; }
      grid = new Grid($("#items"));
      offline(false);
    } catch (err) { if (mine === newest) offline(true); } finally { if (mine === newest) root.removeAttribute("aria-busy"); }
  }
  function offline(is) {
    let told = $("#offline");
    if (!is) { told?.remove(); return; }
    if (told) return;
    told = Object.assign(document.createElement("section"), { id: "offline", className: "band bad", textContent: "The server cannot be reached. What is shown was loaded before." });
    told.setAttribute("role", "alert");
    $("#band").before(told);
  }

  // The table: a window of rows in the page, wherever it is scrolled to
  const blockRows = 100, spare = 12, tallest = 8e6, mostKept = 3000;
  class Grid {
    constructor(scroll) {
      Object.assign(this, { scroll, track: $(".track", scroll), table: $("table", scroll), rows: new Map(), asked: new Set(), drawn: "", told: "" });
      this.total = +scroll.dataset.total; this.of = scroll.dataset.of;
      const body = $("tbody", this.table);
      for (const tr of $$("tr", body)) this.rows.set(+tr.dataset.n - 1, tr);
      scroll.addEventListener("scroll", () => this.scrolled(), { passive: true });
      this.measure();
      this.to(Math.min(+scroll.dataset.row - 1, Math.max(this.total - 1, 0)), true);
      new ResizeObserver(() => { // who was at the end stays there
        const last = this.row > 0 && this.row > this.end - 0.5;
        if (!scroll.isConnected) return;
        this.measure();
        this.drawn = "";
        this.to(last ? this.end : this.row, true);
      }).observe(scroll);
    }
    measure() {
      const first = this.rows.values().next().value, head = $("thead", this.table);
      this.h = first?.getBoundingClientRect().height || this.h || 34;
      this.head = head.getBoundingClientRect().height;
      const whole = this.head + this.total * this.h;
      this.squeezed = whole > tallest;
      if (this.total) this.track.style.height = (this.squeezed ? tallest : whole) + "px";
      this.table.style.position = "absolute";
      this.track.style.width = "100%"; this.track.style.maxWidth = "none"; this.track.style.minWidth = getComputedStyle(this.table).minWidth;
      this.view = this.scroll.clientHeight;
      this.end = Math.max(this.total - (this.view - this.head) / this.h, 0); // the first row in sight at the very end
      this.way = Math.max(this.track.getBoundingClientRect().height - this.view, 1);
    }
    // to has a row be the first in sight.
    to(row, quietly) {
      this.row = Math.min(Math.max(row, 0), this.end);
      this.scroll.scrollTop = this.squeezed ? this.row / this.end * this.way : this.row * this.h;
      this.top = this.scroll.scrollTop;
      this.draw();
      if (!quietly) this.settle();
    }
    scrolled() {
      const top = this.scroll.scrollTop, by = top - this.top;
      if (!by) return;
      this.top = top;
      if (!this.squeezed) this.row = top / this.h;
      else if (Math.abs(by) < 2 * this.view) this.row += by / this.h; // a turn of the wheel is as many rows as anywhere
      else this.row = top / this.way * this.end;
      if (top <= 0) this.row = 0;
      if (top >= this.way - 1) this.row = this.end;
      this.row = Math.min(Math.max(this.row, 0), this.end);
      this.draw();
      clearTimeout(this.later);
      this.later = setTimeout(() => this.settle(), 150);
    }
    // settle puts the thumb where the row is, now that nobody holds it, and the row into the address.
    settle() {
      if (grid !== this) return;
      if (this.squeezed) { this.scroll.scrollTop = this.row / this.end * this.way; this.top = this.scroll.scrollTop; this.place(); }
      const u = new URL(location), row = Math.floor(this.row) + 1;
      if (row > 1) u.searchParams.set("row", row); else u.searchParams.delete("row");
      if (said(u).href !== location.href) history.replaceState(null, "", u);
    }
    place() { this.table.style.top = (this.squeezed ? this.top - (this.row - this.from) * this.h : this.from * this.h) + "px"; }
    draw() {
      const sight = Math.ceil(this.view / this.h) + 1, first = Math.floor(this.row);
      this.from = Math.max(first - spare, 0);
      const to = Math.min(first + sight + spare, this.total), list = [];
      let late = false;
      for (let n = this.from; n < to; n++) { const tr = this.rows.get(n); late ||= !tr; list.push(tr || this.blank(n)); }
      const key = this.from + "-" + to + late + this.rows.size;
      if (key !== this.drawn) {
        this.drawn = key;
        const focus = document.activeElement;
        $("tbody", this.table).replaceChildren(...list);
        if (focus !== document.activeElement && focus.isConnected) focus.focus({ preventScroll: true });
      }
      this.place();
      if (late) for (let b = Math.floor(this.from / blockRows); b * blockRows < to; b++) this.load(b);
      const last = Math.min(Math.floor(this.row + (this.view - this.head) / this.h), this.total), said = this.total ? `Rows ${(first + 1).toLocaleString()}–${Math.max(last, first + 1).toLocaleString()}` : "";
      if (said !== this.told) { this.told = said; $("#range").textContent = said; this.pages(first, sight - 2); }
    }
    pages(first, step) {
      for (const [id, row, there] of [["previous", Math.max(first - step, 0), first > 0], ["next", first + step, this.row < this.end]]) {
        const link = document.getElementById(id);
        link.dataset.row = row;
        if (there) { link.removeAttribute("aria-disabled"); link.href = "#items"; } else { link.setAttribute("aria-disabled", "true"); link.removeAttribute("href"); }
      }
    }
    blank(n) {
      const tr = document.createElement("tr"), th = document.createElement("th"), td = document.createElement("td");
      tr.className = "late"; tr.setAttribute("aria-rowindex", n + 2);
      th.className = "quiet"; th.textContent = (n + 1).toLocaleString(); td.colSpan = 20; td.append(document.createElement("i"));
      tr.append(th, td);
      return tr;
    }
    async load(block) {
      const full = () => { for (let n = block * blockRows; n < Math.min((block + 1) * blockRows, this.total); n++) if (!this.rows.has(n)) return false; return true; };
      if (this.asked.has(block) || this.asked.size > 3 || full()) return;
      this.asked.add(block);
      try {
        const page = parse("<table>" + await (await get(`${path}/rows?${this.of}&row=${block * blockRows + 1}`)).text() + "</table>");
        if (this.rows.size > mostKept) for (const n of [...this.rows.keys()]) if (Math.abs(n - this.row) > 500) this.rows.delete(n);
        times(page);
        for (const tr of $$("tr[data-n]", page)) this.rows.set(+tr.dataset.n - 1, document.adoptNode(tr));
        offline(false);
      } catch { offline(true); } finally { this.asked.delete(block); }
      if (grid === this) { this.mark(); this.draw(); }
    }
    // mark marks the row that is opened.
    mark() { const at = new URL(location).searchParams.get("at"); for (const tr of this.rows.values()) tr.classList.toggle("open", at !== null && new URL($("a", tr).href).searchParams.get("at") === at); }
    // focus gives a row the focus, as soon as it is there.
    focus(n) {
      if (n < 0 || n >= this.total) return;
      const room = Math.floor((this.view - this.head) / this.h) - 1;
      if (n < this.row) this.to(n); else if (n > this.row + room) this.to(n - room);
      const link = this.rows.get(n);
      if (link) $("a", link).focus({ preventScroll: true });
    }
  }
  let grid = $("#items") ? new Grid($("#items")) : null;

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
      if (grid.row >= 1) shown.searchParams.set("row", Math.floor(grid.row) + 1);
      history[how + "State"](null, "", shown);
      take(page, ["why"]);
      inv().classList.add("why");
      grid.mark();
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
    grid.mark();
    for (const tr of $$("tr[data-n]")) if (new URL($("a", tr).href).searchParams.get("at") === at) $("a", tr).focus({ preventScroll: true });
  }

  // Accept: first it is asked what that covers, then it is done.
  const many = n => n.toLocaleString() + (n === 1 ? " discrepancy" : " discrepancies");
  function unsure(form) { delete form.dataset.sure; $(".btn", form).textContent = "Accept…"; $(".said", form).textContent = ""; $(".said", form).classList.remove("no"); }
  document.addEventListener("toggle", ev => { // the whole filter can be accepted where all of it is of this cause
    const form = ev.target.matches(".accept") && $("form", ev.target), show = new URL(location).searchParams.get("show");
    if (!form) return;
    $(".also", form).hidden = grid.total < 2 || show !== (form.dataset.rule ? "rule." + form.dataset.rule : new URL(location).searchParams.get("show")) || !/^(rule[.]|pos_only$|store_only$)/.test(show) || !form.dataset.rule !== !show.startsWith("rule.");
    $(".also span", form).textContent = `All ${grid.total.toLocaleString()} that are filtered`;
  }, true);
  document.addEventListener("input", ev => { const form = ev.target.closest("[data-accept]"); if (form) unsure(form); });
  async function accept(form) {
    const u = new URL(location), told = $(".said", form), button = $(".btn", form), d = form.dataset, body = { reason: form.elements.reason.value, expires: form.elements.expires.value || undefined, try: !d.sure };
    if (form.elements.all.checked && !$(".also", form).hidden) Object.assign(body, { show: u.searchParams.get("show"), q: u.searchParams.get("q") || undefined, rule: d.rule || undefined });
    else body.items = [{ sku: d.sku, position: +d.at, rule: d.rule || undefined }];
    button.disabled = true;
    try {
      const answer = await fetch(d.accept, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body) }), said = await answer.json();
      told.classList.toggle("no", !answer.ok);
      if (!answer.ok) { told.textContent = said.error?.text || said.text || "It was not accepted."; delete d.sure; return; }
      const list = said.accepted.slice(0, 12).map(a => a.sku + " " + a.what).join(", ") + (said.accepted.length > 12 ? " and others" : "");
      if (!d.sure) { d.sure = "1"; button.textContent = `Accept ${many(said.accepted.length)}`; told.textContent = `This covers ${list}, in ${said.file}.`; return; }
      const done = Object.assign(document.createElement("p"), { textContent: `Accepted: ${list}. The next import shows it.`, className: "accepted", tabIndex: -1 });
      done.setAttribute("role", "status");
      form.closest(".accept").replaceWith(done);
      done.focus();
    } catch { told.textContent = "The server cannot be reached: it was not accepted, or nobody knows."; told.classList.add("no"); delete d.sure; } finally { button.disabled = false; if (!d.sure) button.textContent = "Accept…"; }
  }

  document.addEventListener("click", ev => {
    if (ev.ctrlKey || ev.metaKey || ev.shiftKey || ev.button) return;
    const link = ev.target.closest("a"), row = ev.target.closest("tr[data-n]");
    if (link?.id === "previous" || link?.id === "next") { ev.preventDefault(); if (link.href) grid.to(+link.dataset.row); return; }
    if (link && "go" in link.dataset) { ev.preventDefault(); go(link.href, "push"); return; }
    if (link && "close" in link.dataset) { ev.preventDefault(); close(); return; }
    if (link && "cell" in link.dataset) { ev.preventDefault(); const u = new URL(location); u.searchParams.set("rule", link.dataset.cell); why(u, "replace"); return; }
    if (row && !getSelection().toString()) {
      ev.preventDefault();
      const u = new URL($("a", row).href), cell = ev.target.closest("[data-rule]");
      if (cell) u.searchParams.set("rule", cell.dataset.rule);
      why(u, "push", !!link);
    }
  });
  document.addEventListener("keydown", ev => {
    const typing = ev.target.matches("input, textarea, select");
    if (ev.key === "Escape" && !typing) close();
    if (ev.key === "/" && !typing && !ev.ctrlKey && !ev.metaKey) { ev.preventDefault(); $("#q")?.focus(); }
    const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key], row = ev.target.closest?.("tr[data-n]");
    if (step && row) { ev.preventDefault(); grid.focus(+row.dataset.n - 1 + step); }
    else if (step > 0 && ev.target.id === "q") { ev.preventDefault(); grid.focus(Math.ceil(grid.row)); }
  });
  const address = () => { const u = new URL(path, location); for (const [k, v] of new FormData($("#tools"))) if (v) u.searchParams.set(k, v); return said(u); };
  $("#tick")?.addEventListener("change", () => { const u = new URL(location); if ($("#tick").checked) u.searchParams.set("details", "1"); else u.searchParams.delete("details"); go(said(u), "push"); });
  $("#q")?.addEventListener("input", () => { clearTimeout(typed); typed = setTimeout(() => go(address(), "replace"), 150); });
  document.addEventListener("submit", ev => {
    if (ev.target.id === "tools") { ev.preventDefault(); clearTimeout(typed); go(address(), "replace"); }
    if (ev.target.matches("[data-accept]")) { ev.preventDefault(); accept(ev.target); }
    if (ev.target.id === "jump") { ev.preventDefault(); grid.to(+$("#row").value - 1); }
  });
  addEventListener("popstate", () => go(location.href));

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
      if (!busy && last && last !== band.dataset.run && !new URL(location).searchParams.has("run")) fresh();
      else if (!busy && "busy" in band.dataset && !grid) location.reload();
    } catch { offline(true); }
    clearTimeout(asking);
    asking = setTimeout(watch, "busy" in $("#band").dataset ? 1000 : 30000);
  }
  document.addEventListener("visibilitychange", watch);
  // fresh shows new results, or says that there are some to whom they would move the list.
  function fresh() {
    if (!grid || !grid.total) { location.reload(); return; }
    if (grid.row < 1 && !inv().classList.contains("why") && document.activeElement !== $("#q")) { go(location.href); return; }
    if ($("#fresh")) return;
    const told = Object.assign(document.createElement("section"), { className: "band", id: "fresh" }), link = Object.assign(document.createElement("a"), { href: location.href, textContent: "Show them" });
    told.setAttribute("role", "status");
    told.append("There are new results. ", link);
    $("#band").replaceChildren(told);
  }
  if ("busy" in $("#band").dataset) watch(); else asking = setTimeout(watch, 30000);
})();
