// What is as it should be is accepted, taken back and prolonged: first it is asked what that covers, then it is done.
import { $, $$ } from "./page.js";
import { make, send, view } from "./wire.js";
import { ticks } from "./ticks.js";

const many = n => n.toLocaleString() + (n === 1 ? " discrepancy" : " discrepancies");
const named = list => list.slice(0, 12).map(a => a.sku + " " + a.what).join(", ");
const show = () => new URL(location).searchParams.get("show") || "all";

// unsure has a form ask again what it would cover.
function unsure(form) {
  delete form.dataset.sure;
  const said = $(".said", form), button = $("button:not([type])", form);
  button.textContent = form.dataset.verb + "…";
  said.textContent = "";
  said.classList.remove("no");
  $(".by-hand", form)?.remove();
}

// byHand offers what somebody has to add to a file that the server may not change.
function byHand(form, block) {
  const box = make("div", { className: "by-hand" }), text = make("pre", { tabIndex: 0, textContent: block }), copy = make("button", { type: "button", className: "btn", textContent: "Copy" });
  copy.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(block); copy.textContent = "Copied"; } catch { getSelection().selectAllChildren(text); copy.textContent = "Marked: press Ctrl C"; }
  });
  text.setAttribute("aria-label", "To be added");
  text.setAttribute("role", "region");
  box.append(text, copy);
  $(".said", form).after(box);
  box.scrollIntoView({ block: "nearest" });
}

// seen has all of a form be in sight, to its button.
const seen = form => form.scrollIntoView({ block: "nearest" });

// ask sends what a form says: the first time to hear what that covers, the second time to do it.
async function ask(form, address, body, covers, done) {
  const told = $(".said", form), button = $("button:not([type])", form);
  button.disabled = true;
  try {
    const sure = form.dataset.sure, answer = await send(address, { ...body, ...(sure ? {} : { try: true }) });
    told.classList.remove("no");
    if (sure) { done(answer); return; }
    const said = covers(answer);
    form.dataset.sure = said.count || 1;
    told.textContent = said.text;
    button.textContent = said.button;
    seen(form);
  } catch (err) {
    unsure(form);
    told.textContent = err.message;
    told.classList.add("no");
    if (err.block) byHand(form, err.block);
  } finally { button.disabled = false; }
}

// finished puts what was done in the place of a form.
function finished(at, text) {
  const done = make("p", { textContent: text, className: "accepted", tabIndex: -1 });
  done.setAttribute("role", "status");
  at.replaceWith(done);
  done.focus();
}

function accept(form, body) {
  const address = form.dataset.accept || `/api/v1/runs/${encodeURIComponent(new URLSearchParams(view.grid.of).get("run"))}/accept`;
  return ask(form, address, { ...body, reason: form.elements.reason.value, expires: form.elements.expires.value || undefined, count: +form.dataset.sure || undefined }, answer => {
    const n = answer.accepted.length;
    return { text: `This covers ${named(answer.accepted)}${n > 12 ? ` and ${(n - 12).toLocaleString()} others` : ""}. It is kept in ${answer.file}.` + (answer.already ? ` ${answer.already.toLocaleString()} of them are accepted already.` : ""), button: `Accept ${many(n)}`, count: n };
  }, answer => {
    const n = answer.accepted.length;
    const listed = named(answer.accepted) + (n > 12 ? ` and ${(n - 12).toLocaleString()} others` : "");
    const dialog = form.closest("dialog");
    finished(dialog ? form : form.closest(".accept"), `Accepted: ${listed}. Press Import Skus to see it.`);
    if (dialog) ticks.clear();
  });
}

// One cell, from where a row says why
document.addEventListener("toggle", ev => { // who opens a form is in its first field
  const form = ev.target.open && ev.target.matches(".accept") && ev.target.contains(document.activeElement) && $("form", ev.target);
  if (!form) return;
  $("input:not([type=hidden])", form)?.focus({ preventScroll: true });
  seen(form);
}, true);
document.addEventListener("toggle", ev => { // the whole filter can be accepted where all of it is of this cause
  const form = ev.target.matches(".accept") && $("form[data-accept]", ev.target);
  if (!form) return;
  const rule = form.dataset.rule, is = show();
  $(".also", form).hidden = view.grid.total < 2 || (rule ? is !== "rule." + rule : !/^(pos_only|store_only)$/.test(is));
  $(".also span", form).textContent = `All ${view.grid.total.toLocaleString()} that are filtered`;
}, true);
function one(form) {
  const d = form.dataset, u = new URL(location);
  if (form.elements.all.checked && !$(".also", form).hidden) return { show: show(), q: u.searchParams.get("q") || undefined, rule: d.rule || undefined };
  return { items: [{ sku: d.sku, position: +d.at, rule: d.rule || undefined }] };
}

// Those that are ticked
const causes = () => new Map($$('#rail a[data-rule]').map(a => [a.dataset.rule, $("span", a).textContent]));
function open() {
  const dialog = $("#accept-many"), form = $("form", dialog) || dialog.appendChild($("template", dialog).content.firstElementChild.cloneNode(true)), choice = $(".choice", form), of = causes();
  $(".accepted", dialog)?.remove();
  form.reset();
  form.dataset.verb = "Accept";
  unsure(form);
  const entry = (value, text, n) => {
    const label = make("label", { className: "pick" }), box = make("input", { type: ticks.all ? "radio" : "checkbox", name: "cause", value });
    label.append(box, make("span", { textContent: text }));
    if (n) label.append(make("span", { className: "n", textContent: n.toLocaleString() }));
    return label;
  };
  const entries = [];
  if (ticks.all) {
    const rule = ticks.all.show.startsWith("rule.") ? ticks.all.show.slice(5) : "";
    for (const [code, title] of of) if (!rule || rule === code) entries.push(entry(code, `${title} (${code})`));
    if (!rule) entries.push(entry("", "On one side alone"));
  } else {
    const counts = new Map(), alone = [...ticks.list.values()].filter(t => t.one).length;
    for (const t of ticks.list.values()) for (const code of t.red) counts.set(code, (counts.get(code) || 0) + 1);
    for (const [code, n] of counts) entries.push(entry(code, `${of.get(code) || code} (${code})`, n));
    if (alone) entries.push(entry("", "On one side alone", alone));
  }
  choice.replaceChildren(...entries);
  const boxes = $$("input", choice), filtered = show().startsWith("rule.") && boxes.find(b => b.value === show().slice(5));
  if (filtered) filtered.checked = true; else if (boxes.length === 1) boxes[0].checked = true;
  $("h2", dialog).textContent = ticks.all ? `Accept discrepancies of all ${ticks.all.total.toLocaleString()} that are filtered` : ticks.list.size === 1 ? "Accept discrepancies of 1 item" : `Accept discrepancies of ${ticks.list.size.toLocaleString()} items`;
  $(".nothing", form).hidden = boxes.length > 0;
  $(".rest", form).hidden = !boxes.length;
  dialog.showModal();
}
function ticked(form) {
  const chosen = $$("[name=cause]:checked", form).map(b => b.value);
  if (!chosen.length) throw new Error("Choose what is to be accepted.");
  if (ticks.all) return { show: ticks.all.show, q: ticks.all.q || undefined, rule: chosen[0] || undefined };
  const items = [];
  for (const [position, t] of ticks.list) for (const rule of chosen) if (rule ? t.red.includes(rule) : t.one) items.push({ sku: t.sku, position, rule: rule || undefined });
  return { items };
}

// What was accepted: taken back, or given another last day
async function amend(form) {
  const d = form.dataset, body = { reconciliation: d.reconciliation };
  if (d.sku) body.items = [{ sku: d.sku, rule: d.rule || undefined, status: d.status || undefined }]; else body.block = d.block;
  if (d.amend === "until") body.expires = form.elements.expires.value;
  return ask(form, "/api/v1/acceptances/" + d.amend, body, answer => {
    const n = answer.covers?.count, day = form.elements.expires?.value;
    const covers = n ? ` In the last import it made ${many(n)} intentional: ${named(answer.covers.first)}${n > 12 ? " and others" : ""}.` : "";
    if (d.amend === "until") return { text: (day ? `It holds until ${day}.` : "It holds for ever.") + covers, button: day ? `Let it hold until ${day}` : "Let it hold for ever" };
    return { text: `It is taken out of ${answer.file}.` + covers, button: "Take it back" };
  }, () => {
    const card = form.closest(".one"), details = form.closest("details");
    if (d.amend === "until") { finished(details, "It has another last day now."); return; }
    for (const other of $$("details", details.parentElement)) if (other !== details) other.remove(); // there is nothing left to change
    const state = card && $(".state", card);
    if (state) { state.textContent = "Taken back"; state.className = "state"; }
    finished(details, "It was taken back. Press Import Skus to see what it reads then.");
  });
}

document.addEventListener("click", ev => {
  if (ev.target.id === "ticked-accept") open();
  if (ev.target.closest("[data-dismiss]")) ev.target.closest("dialog").close();
});
document.addEventListener("input", ev => { const form = ev.target.closest("[data-verb]"); if (form) unsure(form); });
document.addEventListener("submit", async ev => {
  const form = ev.target;
  if (!form.matches("[data-verb]")) return;
  ev.preventDefault();
  if (form.matches("[data-amend]")) { amend(form); return; }
  try { await accept(form, form.dataset.accept ? one(form) : ticked(form)); } catch (err) { const said = $(".said", form); said.textContent = err.message; said.classList.add("no"); }
});
