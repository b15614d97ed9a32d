// The page of a plan: what is under way is asked for each second, and what has come of it is shown.
import { $, times } from "./page.js";
import { get, parse } from "./wire.js";

let asking;
async function watch() {
  clearTimeout(asking);
  const at = $("#state");
  if (!at || !("busy" in at.dataset)) return;
  try {
    const now = parse(await (await get(at.dataset.at)).text()).getElementById("state");
    if (now.dataset.is !== at.dataset.is) { location.reload(); return; }
    const head = $("h3", at), next = $("h3", now);
    if (head && next) next.replaceWith(head); // what a screen reader has said is not said again
    at.replaceWith(now);
    times(now);
    $("#offline")?.remove();
  } catch {
    if (!$("#offline")) {
      const told = Object.assign(document.createElement("p"), { id: "offline", className: "mistake", textContent: "The server cannot be reached. What is shown was loaded before." });
      told.setAttribute("role", "alert");
      at.before(told);
    }
  }
  asking = setTimeout(watch, 1000);
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) watch(); });
asking = setTimeout(watch, 500);
