/* Long tables gain a filter for their words, one for each column of few different entries, and sorted columns. */
(() => {
  "use strict";
  const { land, made } = window.explorer;
  const collator = new Intl.Collator("en-GB", { numeric: true });
  const MOST = 12;

  function enhance(table) {
    const rows = [...table.tBodies[0].rows];
    const heads = [...table.tHead.rows[0].cells];
    const text = (row, i) => row.cells[i]?.textContent.trim() ?? "";
    const chosen = new Map();
    let words = "";
    const status = made("p", { class: "hint", role: "status" });

    function show() {
      let count = 0;
      for (const row of rows) {
        const fits = row.textContent.toLowerCase().includes(words) && [...chosen].every(([i, value]) => text(row, i) === value);
        row.hidden = !fits;
        count += fits;
      }
      status.textContent = `${count} of ${rows.length} rows`;
    }

    const search = made("input", { type: "search" });
    search.addEventListener("input", () => { words = search.value.toLowerCase(); show(); });
    const controls = made("form", { class: "controls" }, made("label", { class: "control" }, made("span", {}, "Words"), search));
    controls.addEventListener("submit", (event) => event.preventDefault());
    heads.forEach((head, i) => {
      const entries = [...new Set(rows.map((row) => text(row, i)))].filter(Boolean).sort(collator.compare);
      const words = entries.some((entry) => !/^[\d.,%–-]+$/.test(entry));
      if (words && entries.length > 1 && entries.length <= MOST && entries.length < rows.length / 2) {
        const select = made("select", {}, made("option", { value: "" }, "All"), entries.map((entry) => made("option", { value: entry }, entry)));
        select.addEventListener("change", () => { if (select.value) chosen.set(i, select.value); else chosen.delete(i); show(); });
        controls.append(made("label", { class: "control" }, made("span", {}, head.textContent), select));
      }
      const button = made("button", { type: "button", class: "sort" }, head.textContent);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        rows.sort((a, b) => (down ? -1 : 1) * collator.compare(text(a, i), text(b, i)));
        table.tBodies[0].append(...rows);
      });
      head.replaceChildren(button);
    });
    const names = heads.map((head) => head.textContent);
    for (const row of rows) [...row.cells].slice(1).forEach((cell, i) => { cell.dataset.label = names[i + 1]; });
    table.classList.add("sortable", "stacked");
    const box = table.closest(".table-scroll") ?? table;
    const frame = made("div", { class: "explorer" });
    box.before(frame);
    frame.append(controls, status, box);
    show();
  }

  for (const table of document.querySelectorAll("table.filterable, .filterable table")) enhance(table);
  land();
})();
