/* Two to four systems side by side: values, places on each strip, what the audit says. Never their class labels: the
   profiles of the anonymous sites print those together. Systems are numbered, for letters are those sites' names. */
(() => {
  "use strict";
  const { made, drawn, plainTable, csv, save } = window.explorer;
  const { shown, stacked } = window.explorer.drawings;
  const MOST = 4;

  /* A value's place among all, from the highest, and whether others share it. */
  function place(row, rows, column) {
    const value = row.printed[column];
    const above = rows.filter((other) => other.printed[column] > value).length + 1;
    const joint = rows.filter((other) => other.printed[column] === value).length > 1 ? "joint " : "";
    const ending = [11, 12, 13].includes(above % 100) ? "th" : ({ 1: "st", 2: "nd", 3: "rd" })[above % 10] ?? "th";
    return `${joint}${above}${ending} of ${rows.length}`;
  }

  function strip(rows, measure, chosen) {
    const [width, margin, radius] = [640, 14, 7];
    const value = (row) => row.printed[measure.column];
    const [least, most] = [Math.min(...rows.map(value)), Math.max(...rows.map(value))];
    const dots = stacked(rows, value, (at) => margin + ((at - least) / (most - least || 1)) * (width - 2 * margin), radius);
    const base = 20 + 2 * radius * Math.max(2, ...dots.map((dot) => dot.level));
    const height = base + 14;
    const words = chosen.map((row, i) => `${i + 1}, ${row.name}: ${shown(value(row), measure)}`).join("; ");
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, class: "strip", role: "img", "aria-label": `Place among all systems by ${measure.title}. ${words}` });
    svg.append(drawn("line", { x1: 0, x2: width, y1: base + 8, y2: base + 8, class: "axis" }));
    const last = dots.filter((dot) => chosen.includes(dot.row));
    for (const dot of [...dots.filter((item) => !last.includes(item)), ...last]) {
      const at = chosen.indexOf(dot.row);
      const y = base - dot.level * radius * 2;
      svg.append(drawn("circle", { cx: dot.x, cy: y, r: at < 0 ? radius : radius + 5, class: at < 0 ? "dot" : `dot compared mark-${at + 1}` }));
      if (at >= 0) svg.append(drawn("text", { x: dot.x, y: y + 6, class: "dot-number", "text-anchor": "middle" }, String(at + 1)));
    }
    return svg;
  }

  /* What the audit says of one printed value: [recomputed, why]. */
  function audited(row, measure) {
    const found = row.audit[measure.column];
    if (!found) return ["–", "not audited in this build"];
    return [shown(found.value, measure), [found.verdict, found.reason].filter(Boolean).join(": ")];
  }

  function block(measure, rows, chosen) {
    const lines = chosen.map((row, i) => {
      const [again, why] = audited(row, measure);
      const name = made("span", {}, made("span", { class: `mark mark-${i + 1}`, "aria-hidden": "true" }, String(i + 1)), ` ${row.name}`);
      return { cells: [name, { number: true, content: made("strong", {}, shown(row.printed[measure.column], measure)) }, place(row, rows, measure.column), { number: true, content: again }, why] };
    });
    return made("section", { class: "compared-measure" }, made("h4", {}, measure.title), strip(rows, measure, chosen), made("p", { class: "hint" }, `${measure.basis}.`),
      made("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": `${measure.title}, scrolls sideways` }, plainTable(`${measure.title} of the systems compared`, ["System", "Printed", "Position, from the highest", "Recomputed", "What the audit says"], lines)));
  }

  function panel(data, codes) {
    const chosen = codes.map((code) => data.rows.find((row) => row.code === code));
    const title = made("h3", { tabindex: "-1", id: "comparison" }, "Side by side");
    if (chosen.length < 2) return made("section", { class: "comparison" }, title, made("p", { class: "hint" }, `${chosen[0].name} is chosen. Choose one to three more in the table below.`));
    const file = () => save("ics-compared.csv", csv([["stp21_code", "ics_name", "measure", "printed", "position", "recomputed", "verdict", "reason"], ...data.measures.flatMap((measure) => chosen.map((row) => [row.code, row.name, measure.title, row.printed[measure.column], place(row, data.rows, measure.column), row.audit[measure.column]?.value ?? "", row.audit[measure.column]?.verdict ?? "", row.audit[measure.column]?.reason ?? ""]))]));
    return made("section", { class: "comparison", "aria-labelledby": "comparison" },
      made("div", { class: "table-head" }, title, made("button", { type: "button", class: "save", onclick: file }, "Save as CSV")),
      data.measures.map((measure) => block(measure, data.rows, chosen)));
  }

  /* What is chosen, at the foot of the window while one chooses. act: {remove(code), clear(), see()}. */
  function tray(data, codes, act) {
    const names = codes.map((code) => {
      const { name } = data.rows.find((row) => row.code === code);
      return made("button", { type: "button", class: "chosen-name", "aria-label": `Remove ${name} from the comparison`, onclick: () => act.remove(code) }, name, made("span", { "aria-hidden": "true" }, " ×"));
    });
    return made("div", { class: "tray", role: "region", "aria-label": "Comparison" }, made("span", {}, `${codes.length} of ${MOST} to compare`), names,
      codes.length > 1 ? made("button", { type: "button", class: "see", onclick: act.see }, "See side by side") : null,
      made("button", { type: "button", onclick: act.clear }, "Clear"));
  }

  /* The codes that an address asks to compare: known ones, each once, at most four. */
  function asked(text, data) {
    const known = new Set(data.rows.map((row) => row.code));
    return [...new Set(text.split(","))].filter((code) => known.has(code)).slice(0, MOST);
  }

  window.explorer.compare = { MOST, asked, audited, panel, place, tray };
})();
