// What the parts of the screen share: where they are, and how they ask the server.
import { $, times } from "./page.js";

export const path = location.pathname, view = { grid: null }; // the table that is shown
export const inv = () => $("#inv");

// said has an address say what it shows: the bare one opens on what was chosen last.
export const said = u => {
  const v = u.searchParams;
  if (v.get("show") === "all" && [...v].length > 1) v.delete("show");
  if (![...v].length) v.set("show", "all");
  return u;
};

// take puts parts of another page in the place of those that are shown.
export function take(page, ids) {
  for (const id of ids) {
    const now = document.getElementById(id), then = page.getElementById(id);
    if (now && then) { const focus = now.contains(document.activeElement); now.replaceWith(then); times(then); if (focus) (then.querySelector("[aria-current]") || then).focus({ preventScroll: true }); }
  }
}
export async function get(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (answer.redirected || answer.status === 401) { location.reload(); throw new Error("logged out"); }
  if (!answer.ok) throw new Error("the server answers " + answer.status);
  return answer;
}
export const parse = text => new DOMParser().parseFromString(text, "text/html");

export function offline(is) {
  let told = $("#offline");
  if (!is) { told?.remove(); return; }
  if (told) return;
  told = Object.assign(document.createElement("section"), { id: "offline", className: "band bad", textContent: "The server cannot be reached. What is shown was loaded before." });
  told.setAttribute("role", "alert");
  $("#band").before(told);
}

// send asks the API to do something, and returns what it says; an error is for people.
export async function send(address, body) {
  let answer, said;
  try {
    answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body) });
    said = await answer.json();
  } catch { throw new Error("The server cannot be reached: it was not done, or nobody knows."); }
  if (!answer.ok) throw Object.assign(new Error(said.error?.text || "It was not done."), { block: said.error?.block });
  return said;
}

// make makes an element.
export const make = (kind, props) => Object.assign(document.createElement(kind), props);
