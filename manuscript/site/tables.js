/* Long tables gain a filter for their words, one for each column of few different entries, sorted columns and pages; what
   is chosen stands in the address. Tables that share a `data-set` are one table in groups: they fold rather than page. */
(() => {
  "use strict";
  const { land, made, choice, field, form, copyLink, readState, writeState } = window.explorer;
  const collator = new Intl.Collator("en-GB", { numeric: true });
  const MOST = 12; /* different entries of a column that a reader chooses among */
  const PAGE = 50;

  const slug = (words) => words.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

  function enhance(tables, prefix, page) {
    const heads = [...tables[0].tHead.rows[0].cells];
    const names = heads.map((head) => head.textContent.trim());
    const keys = names.map((name, i) => prefix + (slug(name) || `column-${i + 1}`));
    const text = (row, i) => row.cells[i]?.textContent.trim() ?? "";
    const rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
    const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const grouped = tables.length > 1;
    const paged = !grouped && rows.length > PAGE * 1.2;
    const defaults = { [`${prefix}words`]: "", [`${prefix}sort`]: "", [`${prefix}page`]: "1" };
    const status = made("p", { class: "hint", role: "status", tabindex: "-1" });
    const pages = made("nav", { class: "table-pages", "aria-label": "Pages of the table" });
    const box = tables[0].closest(".table-scroll") ?? tables[0];
    const frame = made("div", { class: "explorer" });

    const search = field("Words", "", (value) => page.update({ [`${prefix}words`]: value, [`${prefix}page`]: "1" }, true));
    const filters = [];
    names.forEach((name, i) => {
      const entries = [...new Set(rows.map((row) => text(row, i)))].filter(Boolean).sort(collator.compare);
      const worded = entries.some((entry) => !/^[\d.,%–-]+$/.test(entry));
      if (!worded || entries.length < 2 || entries.length > MOST || entries.length >= rows.length / 2) return;
      defaults[keys[i]] = "";
      const options = [["", "All"], ...entries.map((entry) => [entry, entry])];
      filters.push({ i, key: keys[i], options, control: choice(name, options, "", (value) => page.update({ [keys[i]]: value, [`${prefix}page`]: "1" })) });
    });
    for (const table of tables) {
      [...table.tHead.rows[0].cells].forEach((head, i) => {
        const button = made("button", { type: "button", class: "sort", onclick: () => page.update({ [`${prefix}sort`]: `${keys[i].slice(prefix.length)}:${page.state[`${prefix}sort`] === `${keys[i].slice(prefix.length)}:up` ? "down" : "up"}` }) }, names[i]);
        head.replaceChildren(button);
      });
      for (const row of table.tBodies[0].rows) [...row.cells].slice(1).forEach((cell, i) => { cell.dataset.label = names[i + 1]; });
      table.classList.add("sortable", "stacked");
    }

    function sorted(key, direction) {
      const at = keys.indexOf(prefix + key);
      if (at < 0) return rows;
      const sign = direction === "down" ? -1 : 1;
      return [...rows].sort((a, b) => sign * collator.compare(text(a, at), text(b, at)));
    }

    function turn(to) {
      page.update({ [`${prefix}page`]: to });
      land(status);
    }

    let held = "";
    function show(state) {
      const asked = state[`${prefix}words`].toLowerCase().split(/\s+/);
      const chosen = filters.filter((filter) => state[filter.key]);
      const fits = (row) => asked.every((word) => words.get(row).includes(word)) && chosen.every((filter) => text(row, filter.i) === state[filter.key]);
      const [key, direction] = state[`${prefix}sort`].split(":");
      const ordered = sorted(key, direction);
      if (held !== state[`${prefix}sort`]) {
        for (const table of tables) {
          table.tBodies[0].append(...ordered.filter((row) => row.parentElement === table.tBodies[0]));
          [...table.tHead.rows[0].cells].forEach((head, i) => {
            if (prefix + key === keys[i]) head.setAttribute("aria-sort", direction === "down" ? "descending" : "ascending");
            else head.removeAttribute("aria-sort");
          });
        }
      }
      held = state[`${prefix}sort`];
      const found = ordered.filter(fits);
      const last = Math.max(1, Math.ceil(found.length / PAGE));
      const now = Math.min(Math.max(1, Number(state[`${prefix}page`]) || 1), last);
      const all = !paged || state[`${prefix}page`] === "all";
      const [from, to] = all ? [0, found.length] : [(now - 1) * PAGE, now * PAGE];
      const kept = new Set(found);
      const on = new Set(found.slice(from, to));
      for (const row of rows) {
        row.hidden = !kept.has(row);
        row.classList.toggle("off-page", kept.has(row) && !on.has(row));
      }
      const narrowed = chosen.length > 0 || asked.some(Boolean);
      if (grouped) fold(kept, narrowed);
      status.textContent = `${found.length} of ${rows.length} rows${all || last === 1 ? "" : `; here ${from + 1} to ${Math.min(to, found.length)}`}`;
      const button = (label, target, off) => made("button", { type: "button", disabled: off, onclick: () => turn(String(target)) }, label);
      pages.hidden = !paged || found.length <= PAGE;
      pages.replaceChildren(...(all ? [button("In pages", 1, false)] : [button("← Previous", now - 1, now === 1), made("span", {}, `Page ${now} of ${last}`), button("Next →", now + 1, now === last), button("All rows", "all", false)]));
      search.refill(state[`${prefix}words`]);
      for (const filter of filters) filter.control.refill(filter.options, state[filter.key]);
    }

    /* Groups that hold what was asked for open, the others go; without a question all are there, folded as they were. */
    const before = new Map();
    function fold(kept, narrowed) {
      for (const table of tables) {
        const group = table.closest("details");
        const part = group?.closest("section");
        const some = [...table.tBodies[0].rows].some((row) => kept.has(row));
        if (part) part.hidden = !some;
        if (!group) continue;
        if (narrowed && !before.has(group)) before.set(group, group.open);
        if (narrowed) group.open = some;
        else if (before.has(group)) group.open = before.get(group);
        if (!narrowed) before.delete(group);
      }
    }

    const outer = grouped ? (tables[0].closest("section") ?? box) : box;
    outer.before(frame);
    frame.append(form(search, ...filters.map((filter) => filter.control), ...(page.sets.length ? [] : [copyLink()])), status);
    if (!grouped) frame.append(box, pages);
    const set = { defaults, show, rows, keyOfPage: `${prefix}page`, pageOf: (row) => (paged ? String(Math.floor(sorted(...page.state[`${prefix}sort`].split(":")).indexOf(row) / PAGE) + 1) : "1") };
    page.sets.push(set);
  }

  /* The page's tables share one state, which is the address. */
  const page = {
    sets: [], defaults: {}, state: {},
    update(change, passing) {
      page.state = { ...page.state, ...change };
      writeState(page.state, page.defaults, passing);
      page.show();
    },
    show() { for (const set of page.sets) set.show(page.state); },
    /* The row that the address names is shown whatever the filters were. */
    arrive() {
      page.state = readState(page.defaults);
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const row = target?.closest("tr");
      const set = page.sets.find((item) => item.rows.includes(row));
      if (set) page.state = { ...page.state, [set.keyOfPage]: set.pageOf(row) };
      page.show();
      if (target) land(target);
    },
  };

  const found = [...document.querySelectorAll("table.filterable, .filterable table, table[data-set]")];
  const groups = new Map();
  for (const table of found) groups.set(table.dataset.set ?? table, [...(groups.get(table.dataset.set ?? table) ?? []), table]);
  [...groups.values()].forEach((tables, i) => {
    const near = tables[0].dataset.set ?? tables[0].closest("section[id]")?.id ?? `table-${i + 1}`;
    page.state = {};
    enhance(tables, groups.size > 1 ? `${near.replace(/[^a-z0-9-]/gi, "")}.` : "", page);
  });
  page.defaults = Object.assign({}, ...page.sets.map((set) => set.defaults));
  if (page.sets.length) {
    page.arrive();
    addEventListener("hashchange", () => page.arrive());
  }
})();
