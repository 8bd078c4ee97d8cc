/* The explorer of the coded evidence: filters, the segments that fit, and beside them the codebook and codes that meet. */
(() => {
  "use strict";
  const { land, made, choice, field, form, copyLink, readState, writeState, csv, save, start } = window.explorer;
  const DEFAULTS = { study: "", site: "", sector: "", kind: "", code: "", with: "", words: "", shown: 20 };
  const MATRIX = 12;
  const PAGES = "../../build/pages/codes/";

  function run(place, data) {
    let state = readState(DEFAULTS);
    let chosen = null;
    const studies = new Map(data.studies.map((study) => [study.id, study.title]));
    const sectors = new Map(data.sectors.map((sector) => [sector.id, sector.title]));
    const groups = new Map((data.groups ?? []).map((group) => [`all-${group.id}`, group]));
    const codes = new Map();
    for (const code of data.codes) {
      const known = codes.get(code.id);
      if (known) known.studies.add(code.study);
      else codes.set(code.id, { ...code, studies: new Set([code.study]) });
    }
    /* A segment carries the code of its section; the codes above follow from the parents. */
    const lineage = (id) => {
      const found = [];
      for (let code = codes.get(id); code && !found.includes(code.id); code = codes.get(code.parent)) found.push(code.id);
      return found;
    };
    for (const segment of data.segments) {
      segment.all = new Set(segment.codes.flatMap(lineage));
      const named = [...segment.all].flatMap((id) => [codes.get(id)?.title, codes.get(id)?.about]);
      segment.searched = [segment.summary, segment.label, segment.speaker, ...named].join(" ").toLowerCase();
    }
    const pairs = [...new Set(data.segments.filter((s) => s.site).map((s) => `${s.study}:${s.site}`))].sort();
    const present = [...sectors].filter(([id]) => data.segments.some((s) => s.sector === id));

    const status = made("p", { class: "summary", role: "status" });
    const about = made("div", { class: "code-about" });
    const tree = made("div", { class: "code-tree" });
    const matrix = made("div", { class: "matrix" });
    const list = made("div", { class: "segment-list" });

    const inSector = (segment) => !state.sector || segment.sector === state.sector || Boolean(groups.get(state.sector)?.sectors.includes(segment.sector));
    const fits = (segment, but = "") =>
      (!state.study || segment.study === state.study) && (!state.site || `${segment.study}:${segment.site}` === state.site) &&
      inSector(segment) && (!state.kind || segment.kind === state.kind) &&
      (but === "code" || !state.code || segment.all.has(state.code)) && (but === "code" || !state.with || segment.all.has(state.with)) &&
      state.words.toLowerCase().split(/\s+/).every((word) => segment.searched.includes(word));

    function update(change, focus, passing) {
      state = { ...state, shown: DEFAULTS.shown, ...change };
      chosen = null;
      writeState(state, DEFAULTS, passing);
      show();
      if (focus) place.querySelector(focus)?.focus();
    }

    const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

    /* The codebook in its branches: our codes first, then the themes of each study. */
    const children = (parent) => [...codes.values()].filter((code) => (code.parent || "") === parent);
    const own = (code) => code.origin === "inductive";
    const tops = children("");
    const ours = (code) => own(code) || children(code.id).some(own);
    const branches = [["Our codes, shared by all studies", tops.filter(ours)], ...data.studies.map((study) => [`Themes of ${study.title}`, tops.filter((code) => !ours(code) && code.studies.has(study.id))])].filter(([, found]) => found.length);

    function codeOptions() {
      const flat = (found, depth) => found.flatMap((code) => [[code.id, "\u2003".repeat(depth) + code.title], ...flat(children(code.id), depth + 1)]);
      return [["", "All codes"], ...branches.map(([title, found]) => [title, flat(found, 0)])];
    }

    function codeButton(code, count) {
      const pressed = state.code === code.id || state.with === code.id;
      return made("button", { type: "button", class: "code-name", "aria-pressed": String(pressed), title: code.about, "data-code": code.id, onclick: () => update(state.code === code.id ? { code: state.with, with: "" } : { code: code.id, with: "" }, `.code-tree [data-code="${code.id}"]`) }, code.title, made("span", { class: "count" }, ` ${count}`));
    }

    function showTree(pool) {
      const count = (id) => pool.filter((segment) => segment.all.has(id)).length;
      const branch = (found) => {
        const kept = found.filter((code) => count(code.id));
        return kept.length ? made("ul", {}, kept.map((code) => made("li", {}, codeButton(code, count(code.id)), branch(children(code.id))))) : null;
      };
      const folded = new Map([...tree.querySelectorAll("details")].map((box) => [box.firstChild.textContent, box.open]));
      const picked = new Set([state.code, state.with].filter(Boolean).flatMap(lineage));
      tree.replaceChildren(...branches.filter(([, found]) => found.some((code) => count(code.id))).map(([title, found], i) =>
        made("details", { open: (folded.get(title) ?? (i === 0 && innerWidth >= 960)) || found.some((code) => picked.has(code.id)) }, made("summary", {}, title), branch(found))));
    }

    function showMatrix(pool) {
      const leaves = [...codes.values()].filter((code) => own(code) && code.parent);
      const counts = new Map(leaves.map((code) => [code.id, pool.filter((segment) => segment.all.has(code.id)).length]));
      const top = leaves.filter((code) => counts.get(code.id)).sort((a, b) => counts.get(b.id) - counts.get(a.id)).slice(0, MATRIX);
      const both = (a, b) => pool.filter((segment) => segment.all.has(a) && segment.all.has(b)).length;
      const most = Math.max(1, ...top.flatMap((a) => top.map((b) => (a === b ? 0 : both(a.id, b.id)))));
      const cell = (a, b) => {
        if (a === b) return made("td", { class: "self" }, String(counts.get(a.id)));
        const count = both(a.id, b.id);
        if (!count) return made("td", {}, "");
        const picked = state.code === a.id && state.with === b.id;
        return made("td", { style: `--share:${Math.round((100 * count) / most)}%`, class: count / most > 0.5 ? "dark" : "light" }, made("button", { type: "button", class: "cell", "aria-pressed": String(picked), "aria-label": `${plural(count, "segment")} with ${a.title} and ${b.title}`, "data-pair": `${a.id}+${b.id}`, onclick: () => update(picked ? { code: "", with: "" } : { code: a.id, with: b.id }, `[data-pair="${a.id}+${b.id}"]`) }, String(count)));
      };
      const rows = top.map((a, i) => made("tr", {}, made("th", { scope: "row" }, made("span", { class: "rank", "aria-hidden": "true" }, `${i + 1} `), a.title), top.map((b) => cell(a, b))));
      const head = made("tr", {}, made("td", {}), top.map((code, i) => made("th", { scope: "col", title: code.title }, made("span", { "aria-hidden": "true" }, String(i + 1)), made("span", { class: "hidden-words" }, code.title))));
      matrix.replaceChildren(made("details", { open: matrix.querySelector("details")?.open ?? false }, made("summary", {}, "Codes that occur together"),
        made("p", { class: "hint" }, `The ${top.length} most frequent of our codes. A number counts the segments that carry both; choose it to see them.`),
        made("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Codes that occur together" }, made("table", { class: "heat" }, made("thead", {}, head), made("tbody", {}, rows)))));
    }

    /* What a code means, once it is chosen, and the way to its page. */
    function showAbout() {
      const picked = [state.code, state.with].map((id) => codes.get(id)).filter(Boolean);
      about.replaceChildren(...picked.map((code) => made("p", {}, made("strong", {}, `${code.title}: `), `${code.about} `, made("a", { href: `${PAGES}${code.id}.html` }, "This code's page"))));
    }

    /* The page's own table says where paper and thesis rest on a segment, when they stand beside this website. */
    function cited(segment) {
      const links = document.querySelectorAll(`[id="segment-${segment.id}"] .cited a`);
      return links.length ? made("p", { class: "facts cited" }, "Cited in ", [...links].flatMap((link, i) => [i ? ", " : "", link.cloneNode(true)])) : null;
    }

    function card(segment) {
      const where = [sectors.get(segment.sector) ?? segment.sector, segment.site ? `site ${segment.site} of this study` : "", segment.kind === "displayed" ? "displayed quotation" : "inline quotation", plural(segment.words, "word")];
      const here = segment === chosen;
      return made("article", { class: here ? "segment chosen" : "segment", tabindex: here ? "-1" : null, "aria-label": here ? `Segment ${segment.id}` : null },
        made("p", { class: "said" }, segment.summary),
        segment.label ? made("p", { class: "in-vivo" }, `“${segment.label}”`) : null,
        made("p", { class: "codes" }, segment.codes.map((id) => codeButton(codes.get(id) ?? { id, title: id, about: "" }, ""))),
        made("p", { class: "facts" }, `${segment.speaker} · ${where.filter(Boolean).join(" · ")}`),
        made("p", { class: "facts" }, `${studies.get(segment.study)}: ${segment.place} · `, made("a", { href: `#segment-${segment.id}`, "aria-current": here ? "true" : null }, segment.id)),
        cited(segment),
        here ? made("p", { class: "ways" }, document.querySelector(`[id="segment-${segment.id}"] .cited`) ? "The links above lead back to the text. " : "", made("button", { type: "button", class: "reset", onclick: reset }, "Show all segments")) : null);
    }

    function show() {
      const found = data.segments.filter((segment) => fits(segment));
      const pool = data.segments.filter((segment) => fits(segment, "code"));
      const speakers = new Set(found.filter((segment) => segment.speaker).map((segment) => `${segment.study}:${segment.speaker}`)).size;
      const sites = new Set(found.filter((segment) => segment.site).map((segment) => segment.site + (segment.study.startsWith("alderwick") ? "" : segment.study))).size;
      const named = [state.code, state.with].filter(Boolean).map((id) => codes.get(id)?.title ?? id);
      status.textContent = `${plural(found.length, "segment")}${named.length ? ` with ${named.join(" and ")}` : ""}, ${plural(speakers, "speaker label")}, ${plural(sites, "named site")}.`;
      for (const [name, control] of Object.entries(filters)) control.refill(...(typeof options[name] === "function" ? [options[name](), state[name]] : [state[name]]));
      showAbout();
      showTree(pool);
      showMatrix(pool);
      const file = () => save("segments.csv", csv([["segment_id", "study", "place", "speaker", "sector", "site", "kind", "words", "codes", "summary", "label"], ...found.map((s) => [s.id, s.study, s.place, s.speaker, s.sector, s.site, s.kind, s.words, s.codes.join(";"), s.summary, s.label])]));
      const shown = Math.max(Number(state.shown) || DEFAULTS.shown, found.indexOf(chosen) + 1);
      list.replaceChildren(
        made("div", { class: "table-head" }, made("p", {}, found.length > shown ? `The first ${shown} of ${found.length} segments` : plural(found.length, "segment")), made("button", { type: "button", class: "save", onclick: file }, "Save as CSV")),
        ...found.slice(0, shown).map(card),
        ...(found.length > shown ? [made("button", { type: "button", class: "more", onclick: () => update({ shown: shown + 50 }, ".more", true) }, "Show more")] : []));
    }

    function reset() {
      update(DEFAULTS);
    }

    const options = {
      code: codeOptions,
      sector: () => [["", "All sectors"], ...(groups.size ? [["Groups", [...groups].map(([id, group]) => [id, group.title])], ["Sectors", present]] : present)],
      study: () => [["", "All documents"], ...studies],
      site: () => [["", "All sites"], ...pairs.filter((pair) => !state.study || pair.startsWith(`${state.study}:`)).map((pair) => [pair, `${pair.split(":")[1]} (${studies.get(pair.split(":")[0])})`])],
      kind: () => [["", "All kinds"], ["displayed", "displayed"], ["inline", "inline"]],
    };
    const filters = {
      code: choice("Code", [], "", (code) => update({ code, with: "" }), "control broad"),
      sector: choice("Sector", [], "", (sector) => update({ sector })),
      study: choice("Document", [], "", (study) => update({ study, site: "" })),
      site: choice("Site", [], "", (site) => update({ site })),
      kind: choice("Kind", [], "", (kind) => update({ kind })),
      words: field("Words", state.words, (words) => update({ words }, null, true)),
    };
    place.replaceChildren(
      form(...Object.values(filters), made("button", { type: "button", class: "reset", onclick: reset }, "Reset"), copyLink()),
      status, about,
      made("div", { class: "evidence-columns" }, list, made("div", { class: "beside" }, made("h2", { class: "panel-title" }, "Codebook"), tree)), matrix);

    /* The address names a state of the filters, or one segment: then the filters show it among those of its section. */
    function arrive() {
      chosen = data.segments.find((segment) => location.hash === `#segment-${segment.id}`) ?? null;
      state = chosen ? { ...DEFAULTS, study: chosen.study, code: chosen.codes[0] ?? "" } : readState(DEFAULTS);
      show();
      return list.querySelector(".chosen") ?? undefined;
    }

    if (!data.segments.length) throw new Error("there are no segments");
    addEventListener("hashchange", () => land(arrive()));
    return arrive();
  }

  start("evidence-explorer", "evidence", run);
})();
