/* The explorer of the 42 ICSs: cut any printed measure into groups, and see classes, map and subgroup change. */
(() => {
  "use strict";
  const { land, made, drawn, choice, field, form, copyLink, readState, writeState, sortedTable, plainTable, csv, save, start } = window.explorer;
  const { RAMPS, shown, short, tileMap, stacked } = window.explorer.drawings;
  const compare = window.explorer.compare;

  const TYPES = [
    [7, "Linear (type 7; gives the printed classes)"], [1, "Type 1: inverted distribution"], [2, "Type 2: averaged at steps"],
    [3, "Type 3: nearest observation"], [4, "Type 4: interpolated steps"], [5, "Type 5: Hazen"], [6, "Type 6: Weibull"],
    [8, "Type 8: median-unbiased"], [9, "Type 9: normal-unbiased"],
  ];
  const PLOTTING = { 4: [0, 24], 5: [12, 12], 6: [0, 0], 7: [24, 24], 8: [8, 8], 9: [9, 9] };
  const DEFAULTS = { measure: "most_deprived_fifth_percent", groups: 3, type: 7, above: "", region: "", group: "", name: "", sort: "value:down", show: "", compare: "" };
  const PUBLISHED = { groups: 3, type: 7 }; /* the rule that gives back every printed class */
  const CHANGES = { same: "stays in", gained: "enters", lost: "leaves", "": "–" };
  const PAGES = "../../build/pages/systems/";

  /* Where the cut above `part` of `groups` equal groups lies among n ordered values: [place, numerator, denominator of what
     is beyond it]. Hyndman and Fan's nine sample quantiles (Am Stat 1996;50:361-5) in whole numbers: no rounding moves a tie. */
  function place(n, part, groups, type) {
    const below = Math.floor((n * part) / groups);
    const rest = n * part - below * groups;
    const within = (at, over = 0, of = 1) => (at < 1 ? [1, 0, 1] : at >= n ? [n, 0, 1] : [at, over, of]);
    if (type === 1) return within(below + (rest > 0));
    if (type === 2) return rest ? within(below + 1) : within(below, 1, 2);
    if (type === 3) return within(below + (2 * rest > groups || (2 * rest === groups && below % 2 === 1)));
    const [a, b] = PLOTTING[type]; /* in twenty-fourths */
    const [of, beyond] = [24 * groups, 24 * rest + a * groups + (24 - a - b) * part];
    return within(below + Math.floor(beyond / of), beyond % of, of);
  }

  function cuts(values, groups, type) {
    const x = [...values].sort((a, b) => a - b);
    return Array.from({ length: groups - 1 }, (_, i) => {
      const [at, over, of] = place(x.length, i + 1, groups, type);
      return over ? x[at - 1] + (over / of) * (x[at] - x[at - 1]) : x[at - 1];
    });
  }

  /* Ties go towards the middle group, as in the thesis: below the lower cut is low, above the upper cut is high. */
  function group(value, edges) {
    let reached = 0;
    for (const [i, edge] of edges.entries()) {
      if (i < (edges.length - 1) / 2 ? value < edge : value <= edge) break;
      reached += 1;
    }
    return reached;
  }

  const names = (groups) => ({ 2: ["low", "high"], 3: ["low", "medium", "high"] })[groups] ?? Array.from({ length: groups }, (_, i) => `group ${i + 1} of ${groups}`);
  const named = (measure) => (/^(LSOA|NHS)/.test(measure.title) ? measure.title : measure.title.toLowerCase());

  function strip(rows, view) {
    const [width, height, margin, radius] = [640, 170, 14, 7];
    const value = (row) => row.printed[view.measure.column];
    const [least, most] = [Math.min(...rows.map(value)), Math.max(...rows.map(value))];
    const x = (at) => margin + ((at - least) / (most - least || 1)) * (width - 2 * margin);
    const base = height - 34;
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, class: "strip", role: "img", "aria-label": `Distribution of ${named(view.measure)} over the systems, from ${shown(least, view.measure)} to ${shown(most, view.measure)}` });
    svg.append(drawn("line", { x1: margin, x2: width - margin, y1: base + 8, y2: base + 8, class: "axis" }));
    view.edges.forEach((edge) => svg.append(drawn("line", { x1: x(edge), x2: x(edge), y1: 16, y2: base + 8, class: "cut" })));
    if (view.threshold <= most) {
      const end = x(Math.max(view.threshold, least));
      svg.append(drawn("line", { x1: end, x2: end, y1: 4, y2: base + 8, class: "threshold" }));
      const right = end > width * 0.7;
      svg.append(drawn("text", { x: end + (right ? -5 : 5), y: 12, class: "threshold-name", "text-anchor": right ? "end" : "start" }, `above ${shown(view.threshold, view.measure)}`));
    }
    for (const { row, x: place, level } of stacked(rows, value, x, radius)) {
      const dot = drawn("circle", { cx: place, cy: base - level * radius * 2, r: radius, fill: view.ramp[view.groupOf(row)], "data-code": row.code, class: `dot${view.faded(row) ? " faded" : ""}${row.code === view.state.show ? " selected" : ""}` },
        drawn("title", {}, `${row.name}: ${shown(value(row), view.measure)}`));
      dot.addEventListener("click", () => view.open(row, "dot"));
      svg.append(dot);
    }
    for (const [at, anchor] of [[least, "start"], [(least + most) / 2, "middle"], [most, "end"]]) {
      svg.append(drawn("text", { x: anchor === "start" ? margin - 6 : anchor === "end" ? width - margin + 6 : x(at), y: height - 6, class: "tick", "text-anchor": anchor }, short(at, view.measure)));
    }
    return svg;
  }

  /* Ties at a cut below the middle belong to the upper group, at a cut above it to the lower. */
  function bounds(view, i) {
    const low = (place) => place < (view.edges.length - 1) / 2;
    const [from, to] = [view.edges[i - 1], view.edges[i]].map((edge) => (edge === undefined ? "" : shown(edge, view.measure)));
    const start = from && (low(i - 1) ? from : `above ${from}`);
    const end = to && (low(i) ? `below ${to}` : `${from ? "to" : "up to"} ${to}`);
    return start && end ? `${start} ${end.startsWith("to") ? end : `to ${end}`}` : start || end;
  }

  function legend(view, counts) {
    return made("ul", { class: "legend", "aria-label": "Colours" }, view.names.map((name, i) => {
      const range = bounds(view, i);
      return made("li", {}, made("span", { class: "swatch", style: `background:${view.ramp[i]}`, "aria-hidden": "true" }), ` ${name} `, made("small", {}, `${range} · ${counts[i]} ICSs`));
    }));
  }

  /* What a state shows of the systems. One measure at a time chooses, with region and name: never two characteristics
     together, for two of them could narrow the systems down to those that an anonymous site's profile fits. So the
     published rule that a group is set against is that of the same measure. */
  function seen(data, state) {
    const measure = data.measures.find((item) => item.column === state.measure) ?? data.measures[0];
    const groups = RAMPS[state.groups] ? Number(state.groups) : DEFAULTS.groups;
    const type = TYPES.some(([key]) => key === Number(state.type)) ? Number(state.type) : DEFAULTS.type;
    const values = data.rows.map((row) => row.printed[measure.column]);
    const edges = cuts(values, groups, type);
    const given = state.above === "" || Number.isNaN(Number(state.above)) ? null : Number(state.above);
    const threshold = given ?? edges.at(-1);
    const published = cuts(values, PUBLISHED.groups, PUBLISHED.type).at(-1);
    const groupOf = (row) => group(row.printed[measure.column], edges);
    const above = (row) => row.printed[measure.column] > threshold;
    const before = (row) => row.printed[measure.column] > published;
    const change = (row) => (above(row) ? (before(row) ? "same" : "gained") : before(row) ? "lost" : "");
    const kept = (row) => (!state.region || row.region === state.region) && (state.group === "" || groupOf(row) === Number(state.group)) && row.name.toLowerCase().includes(state.name.toLowerCase());
    const inside = data.rows.filter(above).length;
    const summary = `${inside} of ${data.rows.length} systems lie above ${shown(threshold, measure)} (${named(measure)}).`;
    return { measure, groups, type, edges, threshold, published, names: names(groups), ramp: RAMPS[groups], groupOf, above, change, kept, faded: (row) => !kept(row), summary };
  }

  /* Which systems a rule takes into the group and which it drops, against the published rule for the same measure. */
  function changes(data, view) {
    const by = (kind) => data.rows.filter((row) => view.change(row) === kind).map((row) => row.name);
    const [same, gained, lost] = ["same", "gained", "lost"].map(by);
    const against = `Against the published rule (above ${shown(view.published, view.measure)}): ${same.length} the same`;
    const told = (verb, found) => (found.length ? `${found.length} ${verb}${found.length === 1 ? "s" : ""} (${found.join("; ")})` : `none ${verb}s`);
    return gained.length || lost.length ? `${against}, ${told("enter", gained)}, ${told("leave", lost)}.` : `${against}, none enters or leaves.`;
  }

  function run(place, data) {
    let state = readState(DEFAULTS);
    let at = "tile"; /* where the system shown was opened: a tile, a dot or a row */
    const map = made("div", { class: "map-and-strip" });
    const status = made("p", { class: "summary", role: "status" });
    const against = made("p", { class: "against", role: "status" });
    const side = made("div", {});
    const head = made("div", { class: "table-head" });
    const list = made("div", {});
    const foot = made("div", { class: "tray-place" });
    const told = made("p", { class: "hidden-words", role: "status" });
    const code = (row) => `[data-code="${row.code}"]`;
    const chosen = () => compare.asked(state.compare, data);
    const look = () => ({ ...seen(data, state), state, open });

    function open(row, where) {
      at = where;
      const shut = state.show === row.code;
      update({ show: shut ? "" : row.code }, shut ? `${where === "row" ? "#name-" + row.code : `.${where}${code(row)}`}` : where === "row" ? `#name-${row.code}` : ".system-card");
    }

    function toggle(row, focus) {
      const now = chosen();
      const full = now.length === compare.MOST && !now.includes(row.code);
      if (full) told.textContent = `Only ${compare.MOST} systems fit side by side.`;
      else update({ compare: (now.includes(row.code) ? now.filter((item) => item !== row.code) : [...now, row.code]).join(",") }, focus);
      if (!full) told.textContent = `${chosen().length} systems to compare.`;
    }

    /* One system where it was chosen: printed values, what was recomputed and why. No class labels. */
    function card(row, view, close) {
      const rows = data.measures.map((measure) => {
        const [again, why] = compare.audited(row, measure);
        return { kind: measure === view.measure ? "current" : null, cells: [measure.title, { number: true, content: shown(row.printed[measure.column], measure) }, { number: true, content: again }, why] };
      });
      const already = chosen().includes(row.code);
      return [
        made("div", { class: "card-head" }, made("h3", {}, row.name), made("button", { type: "button", class: "close", "aria-label": `Close ${row.name}`, onclick: close }, "×")),
        made("p", { class: "facts" }, `${row.region} · ODS code ${row.ods}`),
        plainTable(`Values of ${row.name}`, ["Measure", "Printed", "Recomputed", "Audit"], rows),
        made("p", { class: "ways" }, made("a", { href: `${PAGES}${row.page}.html` }, "Its own page"), " ", made("button", { type: "button", class: "add", "aria-pressed": String(already), onclick: () => toggle(row, at === "row" ? `.opened .add` : ".system-card .add") }, already ? "Do not compare" : "Compare")),
      ];
    }

    /* The card stands beside the tile or dot that opened it. */
    function floating(row, view) {
      const close = () => update({ show: "" }, `.${at}${code(row)}`);
      const box = made("div", { class: "system-card", role: "dialog", "aria-label": row.name, tabindex: "-1" }, card(row, view, close));
      box.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
      map.append(box);
      const [mark, around] = [map.querySelector(`.${at}${code(row)}`).getBoundingClientRect(), map.getBoundingClientRect()];
      box.style.left = `${Math.max(0, Math.min(mark.left - around.left, around.width - box.offsetWidth))}px`;
      box.style.top = `${mark.bottom - around.top + 6}px`;
      return box;
    }

    function table(view) {
      const { measure } = view;
      const audit = (row) => row.audit[measure.column];
      const differs = (row) => audit(row)?.verdict === "differs";
      const other = (row) => audit(row) && audit(row).value !== row.printed[measure.column];
      const now = chosen();
      const shownNow = at === "row" ? state.show : "";
      const columns = [
        { key: "name", title: "System", value: (row) => row.name, cell: (row) => made("button", { type: "button", class: "name", "aria-expanded": String(row.code === shownNow), onclick: () => open(row, "row"), id: `name-${row.code}` }, row.name) },
        { key: "value", title: "Printed value", number: true, value: (row) => row.printed[measure.column], cell: (row) => shown(row.printed[measure.column], measure) },
        { key: "group", title: "Group", number: true, value: (row) => view.groupOf(row), cell: (row) => view.names[view.groupOf(row)] },
        { key: "class", title: "Printed class", value: (row) => row.classes[measure.column] },
        { key: "change", title: "Against the published rule", value: (row) => view.change(row), cell: (row) => CHANGES[view.change(row)] },
        { key: "again", title: "Recomputed", number: true, value: (row) => audit(row)?.value ?? -1, cell: (row) => [audit(row) ? shown(audit(row).value, measure) : "–", differs(row) ? made("strong", { class: "differs" }, " differs") : ""] },
        { key: "why", title: "What the audit says", value: (row) => compare.audited(row, measure)[1], cell: (row) => made("small", { class: other(row) ? "other" : null }, compare.audited(row, measure)[1]) },
        { key: "region", title: "NHS region", value: (row) => row.region },
        { key: "compare", title: "Compare", value: (row) => (now.includes(row.code) ? 0 : 1), cell: (row) => {
          const box = made("input", { type: "checkbox", id: `compare-${row.code}`, "aria-label": `Compare ${row.name}` });
          box.checked = now.includes(row.code);
          box.addEventListener("change", () => { toggle(row, `#compare-${row.code}`); box.checked = chosen().includes(row.code); });
          return box;
        } },
      ];
      const kept = data.rows.filter(view.kept);
      const file = () => save(`ics-${measure.column}.csv`, csv([["stp21_code", "ics_name", "nhs_region", measure.column, "group", "printed_class", "against_published_rule", "recomputed", "verdict", "reason"], ...kept.map((row) => [row.code, row.name, row.region, row.printed[measure.column], view.names[view.groupOf(row)], row.classes[measure.column], view.change(row), audit(row)?.value ?? "", audit(row)?.verdict ?? "", audit(row)?.reason ?? ""])]));
      const tested = data.rows.filter((row) => ["agrees", "differs"].includes(audit(row)?.verdict));
      const agree = tested.filter((row) => !differs(row)).length;
      const audited = tested.length ? ` Recomputed from raw open data, ${agree} of ${tested.length} printed values come out the same.` : " Open data cannot test these printed values.";
      head.replaceChildren(made("p", {}, `${kept.length} of ${data.rows.length} systems.`, data.rows.some(audit) ? `${audited} ${measure.basis}.` : ""), made("button", { type: "button", class: "save", onclick: file }, "Save as CSV"));
      const close = (row) => () => update({ show: "" }, `#name-${row.code}`);
      return sortedTable(`Systems by ${named(measure)}`, columns, kept, state.sort, (sort, key) => update({ sort }, `[data-key="${key}"]`),
        (row) => ({ class: [view.above(row) ? "in" : "", row.code === state.show ? "selected" : ""].join(" ") }),
        (row) => (row.code === shownNow ? made("div", { class: "details" }, card(row, view, close(row))) : null));
    }

    function show() {
      const view = look();
      status.textContent = view.summary;
      against.textContent = changes(data, view);
      const counts = view.names.map((_, i) => data.rows.filter((row) => view.groupOf(row) === i).length);
      const tiles = tileMap(data.rows, {
        label: view.summary, current: state.show, colour: (row) => view.ramp[view.groupOf(row)], value: (row) => short(row.printed[view.measure.column], view.measure),
        tip: (row) => `${row.name}: ${shown(row.printed[view.measure.column], view.measure)}, ${view.names[view.groupOf(row)]}${view.change(row) && view.change(row) !== "same" ? `, ${CHANGES[view.change(row)]} the group` : ""}`,
        kind: (row) => [view.above(row) ? "in" : "out", view.change(row), view.faded(row) ? "faded" : "", row.code === state.show ? "selected" : ""].join(" "),
        mark: (row) => ({ gained: "+", lost: "−" })[view.change(row)], choose: (row) => open(row, "tile"),
      });
      map.replaceChildren(made("div", {}, tiles), made("div", {}, legend(view, counts), strip(data.rows, view), made("p", { class: "hint" }, "Choose a system on the map, on the strip or in the table to see the values printed for it.")));
      const row = data.rows.find((item) => item.code === state.show);
      if (row && at !== "row") floating(row, view);
      const codes = chosen();
      side.replaceChildren(...(codes.length ? [compare.panel(data, codes)] : []));
      foot.replaceChildren(...(codes.length ? [compare.tray(data, codes, {
        remove: (gone) => toggle(data.rows.find((item) => item.code === gone), ".tray button"), clear: () => update({ compare: "" }, "button.name"),
        see: () => { land(place.querySelector("#comparison")); },
      })] : []));
      list.replaceChildren(table(view));
      refill(view);
    }

    /* Redrawing replaces the element that had the focus: give it back. */
    function update(change, focus, passing) {
      state = { ...state, ...change };
      writeState(state, DEFAULTS, passing);
      show();
      if (focus) place.querySelector(focus)?.focus({ preventScroll: !focus.includes("card") });
    }

    const range = made("input", { type: "range", step: "any" });
    const words = made("output", {});
    const top = made("button", { type: "button", onclick: () => update({ above: "" }) }, "Use the top group");
    range.addEventListener("input", () => update({ above: String(Math.round(Number(range.value) * 10) / 10) }, null, true));
    const regions = [...new Set(data.rows.map((row) => row.region))].sort();
    const controls = {
      measure: choice("Measure", data.measures.map((item) => [item.column, item.title]), "", (measure) => update({ measure, above: "", group: "" }), "control broad"),
      groups: choice("Groups", [2, 3, 4, 5, 6].map((n) => [n, `${n} equal groups`]), "", (groups) => update({ groups, above: "", group: "" })),
      type: choice("Quantile rule", TYPES, "", (type) => update({ type, above: "" }), "control broad"),
      threshold: made("div", { class: "control threshold-control" }, made("label", {}, made("span", {}, "Subgroup: ", words), range), top),
      region: choice("Region", [["", "All regions"], ...regions.map((name) => [name, name])], "", (region) => update({ region })),
      group: choice("Group shown", [], "", (part) => update({ group: part })),
      name: field("Name", "", (name) => update({ name }, null, true)),
    };

    function refill(view) {
      controls.measure.refill(data.measures.map((item) => [item.column, item.title]), view.measure.column);
      controls.groups.refill([2, 3, 4, 5, 6].map((n) => [n, `${n} equal groups`]), view.groups);
      controls.type.refill(TYPES, view.type);
      controls.region.refill([["", "All regions"], ...regions.map((name) => [name, name])], state.region);
      controls.group.refill([["", "All groups"], ...view.names.map((name, i) => [i, name])], state.group);
      controls.name.refill(state.name);
      const values = data.rows.map((row) => row.printed[view.measure.column]);
      Object.assign(range, { min: Math.min(...values), max: Math.max(...values), step: view.measure.unit === "people" ? 10000 : 0.5 });
      range.value = view.threshold;
      words.textContent = `above ${shown(view.threshold, view.measure)}`;
      range.setAttribute("aria-valuetext", words.textContent);
      top.hidden = state.above === "";
    }

    place.replaceChildren(
      form(...Object.values(controls), made("button", { type: "button", class: "reset", onclick: () => update(DEFAULTS) }, "Reset"), copyLink()),
      made("div", { class: "explorer-output" }, status, against, map, side, head, list, told, foot));
    show();
    addEventListener("hashchange", () => { state = readState(DEFAULTS); show(); });
    return state.compare && chosen().length > 1 ? place.querySelector("#comparison") : undefined;
  }

  window.explorer.quantiles = { place, cuts, group };
  window.explorer.seen = seen;
  start("ics-explorer", "ics", run);
})();
