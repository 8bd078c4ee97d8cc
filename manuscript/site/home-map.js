/* The map on the home page comes alive: each tile says its value and leads to the page of its system. Without a script, or
   without its data, the drawn figure stays. */
(() => {
  "use strict";
  const picture = document.getElementById("fig-ics-map")?.querySelector("img");
  const data = window.compendium?.ics;
  if (!picture || !data || !window.explorer?.drawings) return;
  const { made } = window.explorer;
  const { RAMPS, shown, short, tileMap } = window.explorer.drawings;
  const [measure] = data.measures;
  const names = ["low", "medium", "high"];
  const value = (row) => row.printed[measure.column];
  const of = (row) => names.indexOf(row.classes[measure.column]);
  if (data.rows.some((row) => of(row) < 0)) return;
  const frame = tileMap(data.rows, {
    label: `${measure.title}, one tile for each system; choose one for its page.`, href: (row) => `build/pages/systems/${row.page}.html`,
    colour: (row) => RAMPS[3][of(row)], value: (row) => short(value(row), measure), tip: (row) => `${row.name}: ${shown(value(row), measure)}`,
  });
  const key = made("ul", { class: "legend", "aria-label": "Colours" }, names.map((name, i) => {
    const values = data.rows.filter((row) => of(row) === i).map(value);
    return made("li", {}, made("span", { class: "swatch", style: `background:${RAMPS[3][i]}`, "aria-hidden": "true" }), ` ${name} `, made("small", {}, `${shown(Math.min(...values), measure)} to ${shown(Math.max(...values), measure)} · ${values.length} ICSs`));
  }).reverse());
  const place = picture.closest("p, .quarto-figure p") ?? picture;
  place.replaceWith(made("div", { class: "explorer live-map" }, frame, key));
})();
