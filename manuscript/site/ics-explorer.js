/* The explorer of the 42 ICSs: cut any printed measure into groups, and see classes, map and subgroup change. */
(() => {
  "use strict";
  const { made, drawn, choice, readState, writeState, sortedTable, csv, save, start } = window.explorer;

  const RAMPS = {
    2: ["#d9e7f2", "#12436d"],
    3: ["#d9e7f2", "#679fc9", "#12436d"],
    4: ["#d9e7f2", "#9cc1de", "#4a86b5", "#12436d"],
    5: ["#e4eef6", "#b4d0e6", "#679fc9", "#35719f", "#12436d"],
    6: ["#e9f1f8", "#c4daeb", "#94bcda", "#5c97c3", "#2f6b99", "#0f3a60"],
  };
  const TYPES = [
    [7, "Linear (type 7; gives the printed classes)"], [1, "Type 1: inverted distribution"], [2, "Type 2: averaged at steps"],
    [3, "Type 3: nearest observation"], [4, "Type 4: interpolated steps"], [5, "Type 5: Hazen"], [6, "Type 6: Weibull"],
    [8, "Type 8: median-unbiased"], [9, "Type 9: normal-unbiased"],
  ];
  const PLOTTING = { 4: [0, 24], 5: [12, 12], 6: [0, 0], 7: [24, 24], 8: [8, 8], 9: [9, 9] };
  const DEFAULTS = { measure: "most_deprived_fifth_percent", groups: 3, type: 7, above: "", region: "", group: "", name: "", sort: "value:down", show: "" };

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

  const number = (value) => value.toLocaleString("en-GB", { maximumFractionDigits: 1 });
  const shown = (value, measure) => number(value) + (measure.unit === "%" ? "%" : "");
  const short = (value, measure) => (measure.unit === "people" ? `${(value / 1e6).toFixed(1)}m` : shown(value, measure));

  const named = (measure) => (/^(LSOA|NHS)/.test(measure.title) ? measure.title : measure.title.toLowerCase());

  function light(colour) {
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18;
  }

  function lines(text, most = 13) {
    const words = text.split(" ");
    const found = [""];
    for (const word of words) {
      if (found.at(-1) && (found.at(-1) + " " + word).length > most) found.push(word);
      else found[found.length - 1] = (found.at(-1) + " " + word).trim();
    }
    return found;
  }

  function tileMap(rows, view) {
    const [width, height, gap] = [104, 74, 4];
    const columns = Math.max(...rows.map((row) => row.column)) - Math.min(...rows.map((row) => row.column)) + 1;
    const [left, top] = [Math.min(...rows.map((row) => row.column)), Math.min(...rows.map((row) => row.row))];
    const deep = Math.max(...rows.map((row) => row.row)) - top + 1;
    const svg = drawn("svg", { viewBox: `-3 -3 ${columns * width + 6} ${deep * height + 6}`, class: "tile-map", role: "img", "aria-label": view.summary });
    for (const row of rows) {
      const [x, y] = [(row.column - left) * width, (row.row - top) * height];
      const colour = view.ramp[view.groupOf(row)];
      const words = lines(row.short);
      const ink = light(colour) ? "#1b2733" : "#ffffff";
      const classes = ["tile", view.above(row) ? "in" : "out", view.faded(row) ? "faded" : "", row.code === view.state.show ? "selected" : ""].join(" ");
      const tile = drawn("g", { class: classes, transform: `translate(${x} ${y})`, "data-code": row.code },
        drawn("title", {}, `${row.name}: ${shown(row.printed[view.measure.column], view.measure)}, ${view.names[view.groupOf(row)]}`),
        drawn("rect", { width: width - gap, height: height - gap, fill: colour, rx: 2 }),
        words.map((word, i) => drawn("text", { x: (width - gap) / 2, y: (words.length > 2 ? 15 : 20) + i * 14, class: "tile-name", fill: ink }, word)),
        drawn("text", { x: (width - gap) / 2, y: height - 11, class: "tile-value", fill: ink }, short(row.printed[view.measure.column], view.measure)));
      tile.addEventListener("click", () => view.update({ show: row.code === view.state.show ? "" : row.code }));
      svg.append(tile);
    }
    return svg;
  }

  function strip(rows, view) {
    const [width, height, margin, radius] = [640, 170, 14, 7];
    const values = rows.map((row) => row.printed[view.measure.column]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const x = (value) => margin + ((value - least) / (most - least || 1)) * (width - 2 * margin);
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
    const taken = [];
    for (const row of [...rows].sort((a, b) => a.printed[view.measure.column] - b.printed[view.measure.column])) {
      const place = x(row.printed[view.measure.column]);
      let level = 0;
      while (taken.some((dot) => dot.level === level && Math.abs(dot.place - place) < radius * 2)) level += 1;
      taken.push({ place, level });
      const dot = drawn("circle", { cx: place, cy: base - level * radius * 2, r: radius, fill: view.ramp[view.groupOf(row)], class: `dot${view.faded(row) ? " faded" : ""}${row.code === view.state.show ? " selected" : ""}` },
        drawn("title", {}, `${row.name}: ${shown(row.printed[view.measure.column], view.measure)}`));
      dot.addEventListener("click", () => view.update({ show: row.code }));
      svg.append(dot);
    }
    for (const [value, anchor] of [[least, "start"], [(least + most) / 2, "middle"], [most, "end"]]) {
      svg.append(drawn("text", { x: anchor === "start" ? margin - 6 : anchor === "end" ? width - margin + 6 : x(value), y: height - 6, class: "tick", "text-anchor": anchor }, short(value, view.measure)));
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

  function details(row, data) {
    if (!row) return made("p", { class: "hint" }, "Choose a system on the map, on the strip or in the table to see the values printed for it.");
    return made("div", { class: "details" }, made("h3", {}, row.name), made("p", {}, `${row.region} · ODS code ${row.ods} · ICS wave ${row.ics_wave}`),
      made("dl", {}, data.measures.map((measure) => made("div", {}, made("dt", {}, measure.title), made("dd", {}, `${shown(row.printed[measure.column], measure)}, ${row.classes[measure.column]}`)))));
  }

  /* What a state shows of the systems. One measure at a time chooses, with region and name: never two characteristics
     together, for two of them could narrow the systems down to those that an anonymous site's profile fits. */
  function seen(data, state) {
    const measure = data.measures.find((item) => item.column === state.measure) ?? data.measures[0];
    const groups = RAMPS[state.groups] ? Number(state.groups) : DEFAULTS.groups;
    const type = TYPES.some(([key]) => key === Number(state.type)) ? Number(state.type) : DEFAULTS.type;
    const edges = cuts(data.rows.map((row) => row.printed[measure.column]), groups, type);
    const given = state.above === "" || Number.isNaN(Number(state.above)) ? null : Number(state.above);
    const threshold = given ?? edges.at(-1);
    const groupOf = (row) => group(row.printed[measure.column], edges);
    const above = (row) => row.printed[measure.column] > threshold;
    const kept = (row) => (!state.region || row.region === state.region) && (state.group === "" || groupOf(row) === Number(state.group)) && row.name.toLowerCase().includes(state.name.toLowerCase());
    const inside = data.rows.filter(above).length;
    const summary = `${inside} of ${data.rows.length} systems lie above ${shown(threshold, measure)} (${named(measure)}).`;
    return { measure, groups, type, edges, threshold, names: names(groups), ramp: RAMPS[groups], groupOf, above, kept, faded: (row) => !kept(row), summary };
  }

  function run(place, data) {
    let state = readState(DEFAULTS);
    const controls = made("form", { class: "controls" });
    controls.addEventListener("submit", (event) => event.preventDefault());
    const output = made("div", { class: "explorer-output" });
    const status = made("p", { class: "summary", role: "status" });
    place.replaceChildren(controls, status, output);
    const hasAudit = data.rows.some((row) => Object.keys(row.recomputed).length);

    const look = () => ({ ...seen(data, state), state, update });

    function table(view) {
      const { measure } = view;
      const again = (row) => row.recomputed[measure.column];
      const differs = (row) => again(row) !== undefined && again(row) !== row.printed[measure.column];
      const columns = [
        { key: "name", title: "System", value: (row) => row.name, cell: (row) => made("button", { type: "button", class: "name", "aria-pressed": String(row.code === state.show), onclick: () => update({ show: row.code === state.show ? "" : row.code }, `name-${row.code}`), id: `name-${row.code}` }, row.name) },
        { key: "value", title: "Printed value", number: true, value: (row) => row.printed[measure.column], cell: (row) => shown(row.printed[measure.column], measure) },
        { key: "group", title: "Group", number: true, value: (row) => view.groupOf(row), cell: (row) => view.names[view.groupOf(row)] },
        { key: "class", title: "Printed class", value: (row) => row.classes[measure.column] },
      ];
      if (hasAudit) {
        columns.push({ key: "again", title: "Recomputed", number: true, value: (row) => again(row) ?? -1, cell: (row) => [again(row) === undefined ? "–" : shown(again(row), measure), differs(row) ? made("strong", { class: "differs" }, " differs") : ""] });
      }
      columns.push({ key: "region", title: "NHS region", value: (row) => row.region });
      const kept = data.rows.filter(view.kept);
      const file = () => save(`ics-${measure.column}.csv`, csv([["stp21_code", "ics_name", "nhs_region", measure.column, "group", "printed_class", "recomputed"], ...kept.map((row) => [row.code, row.name, row.region, row.printed[measure.column], view.names[view.groupOf(row)], row.classes[measure.column], again(row) ?? ""])]));
      const tested = data.rows.filter((row) => again(row) !== undefined);
      const agree = tested.filter((row) => !differs(row)).length;
      const audited = tested.length ? `. Recomputed from raw open data, ${agree} of ${tested.length} printed values come out the same.` : ". Open data cannot test these printed values.";
      return [
        made("div", { class: "table-head" }, made("p", {}, `${kept.length} of ${data.rows.length} systems`, hasAudit ? audited : "."), made("button", { type: "button", class: "save", onclick: file }, "Save as CSV")),
        sortedTable(`Systems by ${named(measure)}`, columns, kept, state.sort, (sort, key) => update({ sort }, `[data-key="${key}"]`), (row) => ({ class: [view.above(row) ? "in" : "", row.code === state.show ? "selected" : ""].join(" ") })),
      ];
    }

    function show() {
      const view = look();
      status.textContent = view.summary;
      const counts = view.names.map((_, i) => data.rows.filter((row) => view.groupOf(row) === i).length);
      output.replaceChildren(
        made("div", { class: "map-and-strip" }, made("div", {}, tileMap(data.rows, view)), made("div", {}, legend(view, counts), strip(data.rows, view), details(data.rows.find((row) => row.code === state.show), data))),
        ...table(view));
      slider.refresh(view);
    }

    /* Redrawing replaces the element that had the focus: give it back. */
    function update(change, focus) {
      state = { ...state, ...change };
      writeState(state, DEFAULTS);
      show();
      if (focus) (output.querySelector(focus.startsWith("[") ? focus : `#${focus}`))?.focus();
    }

    const slider = (() => {
      const range = made("input", { type: "range", step: "any" });
      const words = made("output", {});
      const reset = made("button", { type: "button", onclick: () => update({ above: "" }) }, "Use the top group");
      range.addEventListener("input", () => update({ above: String(Math.round(Number(range.value) * 10) / 10) }));
      const refresh = (view) => {
        const values = data.rows.map((row) => row.printed[view.measure.column]);
        Object.assign(range, { min: Math.min(...values), max: Math.max(...values), step: view.measure.unit === "people" ? 10000 : 0.5 });
        range.value = view.threshold;
        range.setAttribute("aria-valuetext", `above ${shown(view.threshold, view.measure)}`);
        words.textContent = `above ${shown(view.threshold, view.measure)}`;
        reset.hidden = state.above === "";
      };
      return { element: made("div", { class: "control threshold-control" }, made("label", {}, made("span", {}, "Subgroup: ", words), range), reset), refresh };
    })();

    function build() {
      const regions = [...new Set(data.rows.map((row) => row.region))].sort();
      const view = look();
      const search = made("input", { type: "search", value: state.name });
      search.addEventListener("input", () => update({ name: search.value }));
      controls.replaceChildren(
        choice("Measure", data.measures.map((item) => [item.column, item.title]), view.measure.column, (measure) => { update({ measure, above: "", group: "" }); build(); }, "control broad"),
        choice("Groups", [2, 3, 4, 5, 6].map((n) => [n, `${n} equal groups`]), view.groups, (groups) => { update({ groups, above: "", group: "" }); build(); }),
        choice("Quantile rule", TYPES, view.type, (type) => update({ type, above: "" }), "control broad"),
        slider.element,
        choice("Region", [["", "All regions"], ...regions.map((name) => [name, name])], state.region, (region) => update({ region })),
        choice("Group shown", [["", "All groups"], ...view.names.map((name, i) => [i, name])], state.group, (chosen) => update({ group: chosen })),
        made("label", { class: "control" }, made("span", {}, "Name"), search),
        made("button", { type: "button", class: "reset", onclick: () => { update(DEFAULTS); build(); } }, "Reset"));
    }

    build();
    show();
    addEventListener("hashchange", () => { state = readState(DEFAULTS); build(); show(); });
  }

  window.explorer.quantiles = { place, cuts, group };
  window.explorer.seen = seen;
  start("ics-explorer", "ics", run);
})();
