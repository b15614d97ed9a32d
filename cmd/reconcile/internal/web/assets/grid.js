import { $, $$, times } from "./page.js";
import { get, offline, parse, path, said, view } from "./wire.js";
import { ticks } from "./ticks.js";

// The table: a window of rows in the page, wherever it is scrolled to
const blockRows = 100, spare = 12, tallest = 8e6, mostKept = 3000;
export const mostPrinted = 2000; // rows, on about 60 sheets
export class Grid {
  constructor(scroll) {
    Object.assign(this, { scroll, track: $(".track", scroll), table: $("table", scroll), rows: new Map(), asked: new Set(), drawn: "", told: "" });
    this.total = +scroll.dataset.total; this.of = scroll.dataset.of;
    const body = $("tbody", this.table);
    for (const tr of $$("tr", body)) this.rows.set(+tr.dataset.n - 1, tr);
    scroll.addEventListener("scroll", () => this.scrolled(), { passive: true });
    body.addEventListener("focusin", ev => { const tr = ev.target.closest("tr[data-n]"); if (tr) { this.at = +tr.dataset.n - 1; this.rove(); } });
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
    this.table.style.position = this.total ? "absolute" : ""; // where nothing was found, that is said below it
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
    if (view.grid !== this) return;
    clearTimeout(this.later);
    if (this.scroll.scrollTop !== this.top) { this.later = setTimeout(() => this.settle(), 150); return; } // it was scrolled on, and nobody has told yet
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
      this.fill(list);
      this.rove();
    }
    this.place();
    if (late) for (let b = Math.floor(this.from / blockRows); b * blockRows < to; b++) this.load(b);
    const last = Math.min(Math.floor(this.row + (this.view - this.head) / this.h), this.total), said = this.total ? `Rows ${(first + 1).toLocaleString()}–${Math.max(last, first + 1).toLocaleString()}` : "";
    if (said !== this.told) { this.told = said; $("#range").textContent = said; this.pages(first, sight - 2); }
  }
  // fill has the table hold these rows. Those that it holds already stay where they are: a click that is under way on one is not lost.
  fill(list) {
    const body = $("tbody", this.table), wanted = new Set(list);
    for (const tr of [...body.children]) if (!wanted.has(tr)) tr.remove();
    let at = body.firstElementChild;
    for (const tr of list) if (tr === at) at = at.nextElementSibling; else body.insertBefore(tr, at);
  }
  // rove has Tab come to one row alone: the one that had the focus last, or the first in sight. From there arrows go to the others.
  rove() {
    const rows = $$("tbody tr[data-n]", this.table), first = Math.ceil(this.row);
    const one = rows.find(tr => +tr.dataset.n - 1 === this.at) || rows.find(tr => +tr.dataset.n - 1 >= first) || rows[0];
    for (const tr of rows) $("a", tr).tabIndex = tr === one ? 0 : -1;
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
    th.className = "quiet"; th.textContent = (n + 1).toLocaleString(); td.colSpan = $("thead tr", this.table).children.length - 1; // more would be columns of their own
    td.append(document.createElement("i"));
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
    if (view.grid === this) { this.mark(); this.draw(); }
  }
  // mark marks the row that is opened.
  mark() {
    const opened = new URL(location).searchParams.get("at");
    for (const tr of this.rows.values()) { tr.classList.toggle("open", opened !== null && tr.dataset.at === opened); ticks.show(tr); }
  }
  // page is how many rows are in sight.
  page() { return Math.max(Math.floor((this.view - this.head) / this.h) - 1, 1); }
  // whole loads all rows.
  async whole() {
    for (let b = 0; b * blockRows < this.total; b++) {
      while (this.asked.size) await new Promise(done => setTimeout(done, 20));
      await this.load(b);
    }
  }
  // paper has the page hold all rows that are loaded from the first one on, and says which these are.
  paper() {
    const list = [];
    for (let n = 0; n < Math.min(this.total, mostPrinted) && this.rows.has(n); n++) list.push(this.rows.get(n));
    if (list.length) this.fill(list);
    const shown = $$("tr[data-n]", this.table), first = +shown[0]?.dataset.n, last = +shown.at(-1)?.dataset.n;
    $("#printed").textContent = shown.length === this.total ? `All ${this.total.toLocaleString()} items of this filter` : `Rows ${first.toLocaleString()} to ${last.toLocaleString()} of ${this.total.toLocaleString()}. All of them: Download, Page to print or send.`;
  }
  // focus gives a row the focus, as soon as it is there.
  focus(n) {
    if (n < 0 || n >= this.total) return;
    const room = Math.floor((this.view - this.head) / this.h) - 1;
    if (n < this.row) this.to(n); else if (n > this.row + room) this.to(n - room);
    const link = this.rows.get(n);
    if (link) $("a", link).focus({ preventScroll: true });
  }
}
