/* Drawings of the systems: a map of tiles that keys and mouse walk over, and a strip of dots. */
(() => {
  "use strict";
  const { made, drawn } = window.explorer;

  const RAMPS = {
    2: ["#d9e7f2", "#12436d"],
    3: ["#d9e7f2", "#679fc9", "#12436d"],
    4: ["#d9e7f2", "#9cc1de", "#4a86b5", "#12436d"],
    5: ["#e4eef6", "#b4d0e6", "#679fc9", "#35719f", "#12436d"],
    6: ["#e9f1f8", "#c4daeb", "#94bcda", "#5c97c3", "#2f6b99", "#0f3a60"],
  };
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  const number = (value) => value.toLocaleString("en-GB", { maximumFractionDigits: 1 });
  const shown = (value, measure) => number(value) + (measure.unit === "%" ? "%" : "");
  const short = (value, measure) => (measure.unit === "people" ? `${(value / 1e6).toFixed(1)}m` : shown(value, measure));

  function light(colour) {
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18;
  }

  function lines(text, most = 13) {
    const found = [""];
    for (const word of text.split(" ")) {
      if (found.at(-1) && (found.at(-1) + " " + word).length > most) found.push(word);
      else found[found.length - 1] = (found.at(-1) + " " + word).trim();
    }
    return found;
  }

  /* The nearest tile in a direction: one that lies further along it, the straightest first. */
  function beside(rows, row, [across, down]) {
    const far = (other) => {
      const along = (other.column - row.column) * across + (other.row - row.row) * down;
      const off = Math.abs((other.column - row.column) * down) + Math.abs((other.row - row.row) * across);
      return along > 0 ? along + 3 * off : Infinity;
    };
    return rows.filter((other) => far(other) < Infinity).sort((a, b) => far(a) - far(b))[0];
  }

  /* One tile per system. look: label of the map; colour, value, tip and kind (classes) of a row; href of a row, or
     choose(row, tile); current, the code that Tab reaches first. Arrow keys walk from tile to tile. */
  function tileMap(rows, look) {
    const [width, height, gap] = [104, 74, 4];
    const columns = Math.max(...rows.map((row) => row.column)) - Math.min(...rows.map((row) => row.column)) + 1;
    const [left, top] = [Math.min(...rows.map((row) => row.column)), Math.min(...rows.map((row) => row.row))];
    const deep = Math.max(...rows.map((row) => row.row)) - top + 1;
    const tip = made("div", { class: "tile-tip", "aria-hidden": "true", hidden: true });
    const svg = drawn("svg", { viewBox: `-3 -3 ${columns * width + 6} ${deep * height + 6}`, class: "tile-map", role: "group", "aria-label": `${look.label} Arrow keys move from system to system.` });
    const frame = made("div", { class: "map-frame" }, svg, tip);
    const first = rows.find((row) => row.code === look.current) ?? rows[0];
    const tiles = new Map();
    const tell = (row) => {
      const [box, around] = [tiles.get(row).getBoundingClientRect(), frame.getBoundingClientRect()];
      tip.textContent = look.tip(row);
      tip.hidden = false;
      tip.style.left = `${Math.max(0, Math.min(box.left - around.left, around.width - tip.offsetWidth))}px`;
      tip.style.top = `${box.bottom - around.top + 4}px`;
    };
    for (const row of rows) {
      const [x, y] = [(row.column - left) * width, (row.row - top) * height];
      const colour = look.colour(row);
      const words = lines(row.short);
      const ink = light(colour) ? "#1b2733" : "#ffffff";
      const role = look.href ? { href: look.href(row) } : { role: "button", "aria-pressed": String(row.code === look.current) };
      const tile = drawn(look.href ? "a" : "g", { class: `tile ${look.kind?.(row) ?? ""}`, transform: `translate(${x} ${y})`, "data-code": row.code, tabindex: row === first ? 0 : -1, "aria-label": look.tip(row), ...role },
        drawn("rect", { width: width - gap, height: height - gap, fill: colour, rx: 2 }),
        words.map((word, i) => drawn("text", { x: (width - gap) / 2, y: (words.length > 2 ? 15 : 20) + i * 14, class: "tile-name", fill: ink }, word)),
        drawn("text", { x: (width - gap) / 2, y: height - 11, class: "tile-value", fill: ink }, look.value(row)),
        look.mark?.(row) ? drawn("text", { x: width - gap - 9, y: 16, class: "tile-mark", fill: ink }, look.mark(row)) : []);
      tile.addEventListener("pointerenter", () => tell(row));
      tile.addEventListener("focus", () => tell(row));
      for (const name of ["pointerleave", "blur"]) tile.addEventListener(name, () => { tip.hidden = true; });
      tile.addEventListener("keydown", (event) => {
        const next = STEPS[event.key] && beside(rows, row, STEPS[event.key]);
        if (next) {
          tile.setAttribute("tabindex", -1);
          tiles.get(next).setAttribute("tabindex", 0);
          tiles.get(next).focus();
        } else if (!look.href && (event.key === "Enter" || event.key === " ")) look.choose(row, tile);
        if (STEPS[event.key] || (!look.href && event.key === " ")) event.preventDefault();
        if (event.key === "Escape") tip.hidden = true;
      });
      if (look.choose) tile.addEventListener("click", () => look.choose(row, tile));
      tiles.set(row, tile);
      svg.append(tile);
    }
    return frame;
  }

  /* Dots at their values on one line, those too near one another above each other: [{row, x, level}]. */
  function stacked(rows, value, x, radius) {
    const taken = [];
    for (const row of [...rows].sort((a, b) => value(a) - value(b))) {
      const place = x(value(row));
      let level = 0;
      while (taken.some((dot) => dot.level === level && Math.abs(dot.x - place) < radius * 2)) level += 1;
      taken.push({ row, x: place, level });
    }
    return taken;
  }

  window.explorer.drawings = { RAMPS, number, shown, short, tileMap, stacked };
})();
