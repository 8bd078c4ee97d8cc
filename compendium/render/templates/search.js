/* Search over the website, the paper and the thesis. The index and MiniSearch come when search is first opened; the texts
   of a page when one of its sections is among the results. Nothing leaves the machine. */
(() => {
  "use strict";
  const script = document.currentScript;
  const { root } = script.dataset;
  const STEP = 30;
  const ALL = "All";

  const made = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const loaded = (address) => new Promise((done, failed) => {
    document.head.append(made("script", { src: root + address, onload: done, onerror: failed }));
  });

  const slight = (word) => /^(\d{1,3}|.)$/u.test(word); /* as the index has it: small numbers and letters */
  const wordsOf = (text) => text.toLowerCase().match(/\p{N}{1,3}(?:,\p{N}{3})+|[\p{L}\p{N}\p{M}]+/gu) ?? [];

  /* The index says for each word the sections that hold it, as differences in base 36. MiniSearch takes it from there. */
  function built(index) {
    const stop = new Set(index.stop.split(" "));
    const terms = new Map();
    const lengths = index.entries.map(() => [0, 0]);
    const add = (word, field, entry) => {
      const known = terms.get(word) ?? terms.set(word, [{}, {}]).get(word);
      known[field][entry] = 1;
      lengths[entry][field] += 1;
    };
    const places = index.places.split(" ");
    index.words.split(" ").forEach((word, i) => {
      let entry = 0;
      for (const step of places[i].split(",")) add(word, 1, (entry += parseInt(step, 36)));
    });
    index.entries.forEach(([page, , heading], entry) => {
      for (const word of new Set(wordsOf(`${index.pages[page][1]} ${heading}`))) if (!stop.has(word) && !slight(word)) add(word, 0, entry);
    });
    const numbered = (value) => Object.fromEntries(index.entries.map((_, entry) => [entry, value(entry)]));
    const mean = (field) => lengths.reduce((sum, each) => sum + each[field], 0) / (lengths.length || 1);
    const options = { fields: ["title", "text"], tokenize: wordsOf, processTerm: (word) => (stop.has(word) || slight(word) ? null : word) };
    return window.MiniSearch.loadJS({
      documentCount: lengths.length, nextId: lengths.length, documentIds: numbered((entry) => entry), fieldIds: { title: 0, text: 1 },
      fieldLength: numbered((entry) => lengths[entry]), averageFieldLength: [mean(0), mean(1)], storedFields: {}, dirtCount: 0, serializationVersion: 2,
      index: [...terms].map(([word, fields]) => [word, Object.fromEntries(fields.map((held, field) => [field, held]).filter(([, held]) => Object.keys(held).length))]),
    }, options);
  }

  /* Sections that hold every word, best first; what bears the very name that is asked for comes before all. */
  function found(index, engine, query) {
    const asked = wordsOf(query).join(" ");
    if (!asked) return [];
    const named = (entry) => wordsOf(index.entries[entry][2] || index.pages[index.entries[entry][0]][1]).join(" ");
    return engine.search(query, {
      combineWith: "AND", boost: { title: 6 }, prefix: (word) => word.length > 2, fuzzy: (word) => (word.length > 5 ? 0.15 : false),
      boostDocument: (entry) => (named(entry) === asked ? (index.entries[entry][2] ? 20 : 40) : named(entry).startsWith(asked) ? 2 : 1),
    }).map((hit) => ({ entry: hit.id, words: hit.queryTerms.concat(hit.terms) }));
  }

  function excerpt(text, words) {
    const low = text.toLowerCase();
    const word = words.find((item) => low.includes(item));
    if (!word) return [text.length > 140 ? `${text.slice(0, 140)}…` : text];
    const at = low.indexOf(word);
    const start = Math.max(0, at - 60);
    return [(start ? "…" : "") + text.slice(start, at), made("mark", { textContent: text.slice(at, at + word.length) }), text.slice(at + word.length, at + word.length + 90) + (at + word.length + 90 < text.length ? "…" : "")];
  }

  function panel() {
    const input = made("input", { type: "search", name: "q", autocomplete: "off", placeholder: "Search pages, paper and thesis" });
    input.setAttribute("aria-label", "Search pages, paper and thesis");
    const status = made("p", { className: "status" });
    status.setAttribute("role", "status");
    const facets = made("div", { className: "facets" });
    facets.setAttribute("role", "group");
    facets.setAttribute("aria-label", "Show only");
    const list = made("ol", {});
    const more = made("button", { type: "button", className: "more", hidden: true });
    const close = made("button", { type: "button", className: "close", textContent: "Close" });
    const form = made("form", { role: "search" }, made("div", { className: "search-head" }, input, close), facets, status, list, more);
    const dialog = made("dialog", { className: "search-panel" }, form);
    dialog.setAttribute("aria-label", "Search");
    let [engine, facet, shown, first] = [null, ALL, STEP, []];
    const index = () => window.compendiumSearch;

    /* Texts come page by page; until then a result shows its name alone. */
    async function fill(small, entry, words) {
      const [page] = index().entries[entry];
      if (!index().pages[page][3]) return; /* it has no text */
      try {
        if (!window.compendiumTexts?.[page]) await loaded(`search/${page}.js`);
      } catch { return; /* missing from this copy: the name stays */ }
      const text = window.compendiumTexts?.[page]?.[entry - first[page]];
      if (text) small.append(" ", ...excerpt(text, words));
    }

    function item({ entry, words }) {
      const [page, anchor, heading] = index().entries[entry];
      const [address, title, kind] = index().pages[page];
      const small = made("small", {}, heading ? `${title} · ${kind}` : kind);
      const link = made("a", { href: root + address + (anchor ? `#${anchor}` : "") }, made("strong", { textContent: heading || title }), small);
      link.addEventListener("click", () => dialog.close());
      fill(small, entry, words);
      return made("li", {}, link);
    }

    function show() {
      if (!engine) return;
      const hits = found(index(), engine, input.value);
      const kindOf = (hit) => index().pages[index().entries[hit.entry][0]][2];
      const counts = new Map();
      for (const hit of hits) counts.set(kindOf(hit), (counts.get(kindOf(hit)) ?? 0) + 1);
      if (!counts.has(facet)) facet = ALL;
      const kept = facet === ALL ? hits : hits.filter((hit) => kindOf(hit) === facet);
      const focused = document.activeElement?.dataset?.facet;
      facets.replaceChildren(...(counts.size > 1 ? [[ALL, hits.length], ...[...counts].sort()] : []).map(([name, count]) => {
        const button = made("button", { type: "button", textContent: `${name} ${count}`, onclick: () => { facet = name; shown = STEP; show(); } });
        button.dataset.facet = name;
        button.setAttribute("aria-pressed", String(name === facet));
        return button;
      }));
      if (focused) facets.querySelector(`[data-facet="${focused}"]`)?.focus();
      const none = input.value.trim() ? "Nothing found." : "Type a word.";
      status.textContent = kept.length > shown ? `${shown} of ${kept.length} places` : kept.length ? `${kept.length} ${kept.length === 1 ? "place" : "places"}` : none;
      list.replaceChildren(...kept.slice(0, shown).map(item));
      more.hidden = kept.length <= shown;
      more.textContent = `Show ${Math.min(STEP, kept.length - shown)} more`;
    }

    more.addEventListener("click", () => {
      const next = shown;
      shown += STEP;
      show();
      list.querySelectorAll("a")[next]?.focus();
    });
    input.addEventListener("input", () => { shown = STEP; show(); });
    close.addEventListener("click", () => dialog.close());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      list.querySelector("a")?.click();
    });
    /* Arrows walk from the field through the results and back. */
    form.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      const stops = [input, ...list.querySelectorAll("a")];
      const at = stops.indexOf(document.activeElement);
      if (at < 0) return;
      event.preventDefault();
      stops[Math.min(stops.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)))].focus();
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);

    return async () => {
      if (!dialog.open) dialog.showModal();
      input.select();
      if (engine) return show();
      status.textContent = "Loading the index …";
      try {
        await Promise.all([index() ? null : loaded("search-index.js"), window.MiniSearch ? null : loaded("styles/minisearch/minisearch.js")]);
      } catch {
        status.textContent = "The search index is missing from this copy of the website.";
        return null;
      }
      index().entries.forEach(([page], entry) => { first[page] ??= entry; });
      engine ??= built(index());
      return show();
    };
  }

  window.compendiumSearchPanel = panel();
})();
