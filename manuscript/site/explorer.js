/* What the explorers share: elements, sorted tables, state in the address, files to save. */
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";

  function add(element, children) {
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  }

  function made(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value === true) element.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
    }
    return add(element, children);
  }

  function drawn(name, attributes = {}, ...children) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return add(element, children);
  }

  /* A labelled select; options are [value, words], or [words, options] for a group of them. Its `refill` gives it other
     options and another value and keeps the element, so that it keeps the focus too. */
  function choice(words, options, value, change, kind = "control") {
    const select = made("select", {});
    select.addEventListener("change", () => change(select.value));
    const option = ([key, text]) => (Array.isArray(text) ? made("optgroup", { label: key }, text.map(option)) : made("option", { value: key }, text));
    const label = made("label", { class: kind }, made("span", {}, words), select);
    let held = "";
    label.refill = (given, chosen) => {
      const wanted = JSON.stringify(given);
      if (wanted !== held) select.replaceChildren(...given.map(option));
      held = wanted;
      select.value = String(chosen);
    };
    label.refill(options, value);
    return label;
  }

  /* A labelled field for words; its `refill` sets them unless they are just being typed. */
  function field(words, value, change) {
    const input = made("input", { type: "search", value, autocomplete: "off" });
    input.addEventListener("input", () => change(input.value));
    const label = made("label", { class: "control" }, made("span", {}, words), input);
    label.refill = (text) => { if (input.value !== text) input.value = text; };
    return label;
  }

  function form(...controls) {
    const element = made("form", { class: "controls" }, controls);
    element.addEventListener("submit", (event) => event.preventDefault());
    return element;
  }

  /* Copies the address of what is shown, and says so. Storage and clipboard may be closed to a page read from a disk. */
  function copyLink() {
    const said = made("span", { class: "said", role: "status" });
    const old = (text) => {
      const box = made("textarea", { readonly: true, class: "hidden-words" });
      box.value = text;
      document.body.append(box);
      box.select();
      const done = document.execCommand("copy");
      box.remove();
      return done;
    };
    const button = made("button", { type: "button", class: "copy-link", onclick: async () => {
      const text = location.href;
      const done = await navigator.clipboard?.writeText(text).then(() => true, () => false);
      said.textContent = done || old(text) ? "Copied" : "Copy it from the address bar";
      button.focus();
      setTimeout(() => { said.textContent = ""; }, 4000);
    } }, "Copy link");
    return made("div", { class: "copying" }, button, said);
  }

  /* State lives behind the #, for a page read from a disk may change nothing else of its address. */
  function readState(defaults) {
    const given = new URLSearchParams(location.hash.slice(1));
    const state = { ...defaults };
    for (const key of Object.keys(defaults)) if (given.has(key)) state[key] = given.get(key);
    return state;
  }

  /* Each choice is a step of the browser's history, so that Back undoes it; words being typed and a slider are not. */
  function writeState(state, defaults, passing = false) {
    const before = location.hash.slice(1);
    const kept = new URLSearchParams(before.includes("=") ? before : "");
    for (const [key, value] of Object.entries(state)) {
      if (key in defaults) kept.delete(key); /* what else stands there is of another explorer of the page */
      if (key in defaults && String(value) !== String(defaults[key])) kept.set(key, value);
    }
    const text = kept.toString().replaceAll("%2C", ",");
    if (text === before) return;
    history[passing ? "replaceState" : "pushState"](null, "", text ? `#${text}` : location.pathname.split("/").pop() + location.search);
  }

  const collator = new Intl.Collator("en-GB", { numeric: true });

  /* A table whose headings sort it. columns: {key, title, value(row), cell(row), number}; `below` gives what opens
     under a row, or nothing. */
  function sortedTable(label, columns, rows, sort, change, attributes = () => ({}), below = () => null) {
    const [key, direction] = sort.split(":");
    const column = columns.find((item) => item.key === key) ?? columns[0];
    const sign = direction === "down" ? -1 : 1;
    const ordered = [...rows].sort((a, b) => {
      const [x, y] = [column.value(a), column.value(b)];
      return sign * (typeof x === "number" && typeof y === "number" ? x - y : collator.compare(String(x), String(y)));
    });
    const heads = columns.map((item) => {
      const active = item === column;
      const next = active ? (sign > 0 ? "down" : "up") : item.number ? "down" : "up";
      const button = made("button", { type: "button", class: "sort", onclick: () => change(`${item.key}:${next}`, item.key) }, item.title,
        made("span", { "aria-hidden": "true", class: "arrow" }, active ? (sign > 0 ? " ▲" : " ▼") : ""));
      button.dataset.key = item.key;
      const order = active ? (sign > 0 ? "ascending" : "descending") : null;
      return made("th", { scope: "col", "aria-sort": order, class: item.number ? "number" : null }, button);
    });
    const body = ordered.flatMap((row) => {
      const cells = columns.map((item, place) => {
        const content = item.cell ? item.cell(row) : String(item.value(row));
        return made(place === 0 ? "th" : "td", { scope: place === 0 ? "row" : null, class: item.number ? "number" : null }, content);
      });
      const more = below(row);
      return [made("tr", attributes(row), cells), ...(more ? [made("tr", { class: "opened" }, made("td", { colspan: columns.length }, more))] : [])];
    });
    const table = made("table", { class: "records sortable", "aria-label": label }, made("thead", {}, made("tr", {}, heads)), made("tbody", {}, body));
    return made("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": `${label}, scrolls sideways` }, table);
  }

  /* A small table that stands as blocks, one field below another, on a narrow screen. rows: [first, ...cells]; a cell is
     what it holds or {number, content}. */
  function plainTable(label, heads, rows) {
    const numbers = heads.map((_, i) => rows.some((row) => row.cells[i]?.number));
    const cell = (item, i) => made(i ? "td" : "th", { scope: i ? null : "row", class: item?.number ? "number" : null, "data-label": i ? heads[i] : null }, item?.content ?? item);
    return made("table", { class: "records stacked plain", "aria-label": label }, made("thead", {}, made("tr", {}, heads.map((head, i) => made("th", { scope: "col", class: numbers[i] ? "number" : null }, head)))),
      made("tbody", {}, rows.map((row) => made("tr", { class: row.kind ?? null }, row.cells.map(cell)))));
  }

  function csv(rows) {
    const cell = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
    return rows.map((row) => row.map(cell).join(",")).join("\n") + "\n";
  }

  function save(name, text, type = "text/csv") {
    const address = URL.createObjectURL(new Blob([text], { type }));
    const link = made("a", { href: address, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  /* Start an explorer, or say in its place why it cannot start: the page keeps its tables either way. */
  function start(identifier, name, run) {
    const place = document.getElementById(identifier);
    if (!place) return;
    const refuse = (why) => place.replaceChildren(made("p", { class: "problem", role: "alert" }, `${why} The tables below hold the same facts.`));
    const data = window.compendium?.[name];
    if (!data) {
      refuse("The explorer's data file is missing or damaged in this copy of the website.");
      return;
    }
    try {
      land(run(place, data));
    } catch (error) {
      refuse(`The explorer could not start (${error.message}).`);
    }
  }

  /* What a script puts on the page pushes the target of a link down: go there again, or where the explorer shows it.
     Until the page has loaded, the browser itself keeps going to the element that the address names. */
  function land(target = document.getElementById(decodeURIComponent(location.hash.slice(1)))) {
    if (!target) return;
    target.closest("details")?.setAttribute("open", "");
    const go = () => {
      target.scrollIntoView();
      if (target.hasAttribute("tabindex")) target.focus({ preventScroll: true });
    };
    go();
    if (document.readyState !== "complete") addEventListener("load", () => requestAnimationFrame(go), { once: true });
  }

  window.explorer = { land, made, drawn, choice, field, form, copyLink, readState, writeState, sortedTable, plainTable, csv, save, start };
})();
