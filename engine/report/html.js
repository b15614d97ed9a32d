(() => {
  const table = document.querySelector(".items");
  if (!table) return;
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells], rows = [...body.rows];
  const words = new Map();
  const find = document.createElement("div");
  find.className = "find";
  const field = (name, control) => {
    const label = document.createElement("label");
    label.append(name, control);
    find.append(label);
    return control;
  };
  const choice = (name, texts) => {
    const select = field(name, document.createElement("select"));
    for (const [value, text] of texts) select.add(new Option(text, value));
    return select;
  };
  const search = field("Search", document.createElement("input"));
  search.type = "search";
  const seen = [...new Set(rows.map(row => row.cells[2].textContent))];
  const status = choice("Status", [["", "any"], ...seen.map(s => [s, s])]);
  const results = [...new Set(rows.map(row => row.cells[3].textContent))].filter(s => s);
  const result = choice("Result", [["", "any"], ["problem", "all to look at"], ...results.map(s => ["is " + s, s])]);
  const rules = heads.map((head, at) => [at, head]).filter(([, head]) => head.dataset.rule !== undefined);
  const rule = choice("N or I in", [["", "any rule"], ...rules.map(([at, head]) => [String(at), head.textContent + ": " + head.title])]);
  const count = document.createElement("output");
  find.append(count);
  table.before(find);
  const textOf = row => {
    let text = words.get(row);
    if (text === undefined) words.set(row, text = row.textContent.toLowerCase());
    return text;
  };
  const show = () => {
    const wanted = search.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const cell = rule.value && row.cells[rule.value].textContent;
      const what = row.cells[3];
      const hit = (!result.value || (result.value === "problem" ? "problem" in what.dataset : result.value === "is " + what.textContent)) &&
        (!status.value || row.cells[2].textContent === status.value) &&
        (!rule.value || cell === "N" || cell === "I") && (!wanted || textOf(row).includes(wanted));
      row.hidden = !hit;
      if (hit) shown++;
    }
    count.textContent = shown.toLocaleString() + " of " + rows.length.toLocaleString();
  };
  for (const control of [search, status, result, rule]) control.addEventListener("input", show);
  const order = new Intl.Collator(undefined, { numeric: true });
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keys = new Map(rows.map(row => [row, row.cells[at].textContent]));
      rows.sort((a, b) => (down ? -1 : 1) * order.compare(keys.get(a), keys.get(b)));
      body.append(...rows);
    });
  });
  show();
})();
