/* The specification curve: pick out one level of one choice and see where on the curve its specifications lie. */
(() => {
  "use strict";
  const { made, drawn, choice, form, copyLink, readState, writeState, start } = window.explorer;
  const DEFAULTS = { choice: "", level: "" };
  const [WIDTH, HEIGHT, LEFT, BOTTOM] = [720, 300, 46, 34];

  function curve(data, level, words) {
    const step = (WIDTH - LEFT) / data.bins.length;
    const y = (value) => 8 + (1 - value) * (HEIGHT - BOTTOM - 8);
    const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "strip curve", role: "img", "aria-label": words });
    for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
      svg.append(drawn("line", { x1: LEFT, x2: WIDTH, y1: y(tick), y2: y(tick), class: "grid" }), drawn("text", { x: LEFT - 8, y: y(tick) + 5, "text-anchor": "end" }, tick.toFixed(2)));
    }
    data.bins.forEach(([lowest, median, highest], i) => {
      const share = level ? level.shares[i] : 1;
      const x = LEFT + i * step;
      svg.append(drawn("rect", { x, y: y(highest), width: step, height: Math.max(y(lowest) - y(highest), 1), class: "range" }),
        drawn("rect", { x, y: y(median), width: step + 0.3, height: y(0) - y(median), class: "share", style: `fill-opacity:${(0.08 + 0.92 * share).toFixed(3)}` }),
        drawn("line", { x1: x, x2: x + step, y1: y(median), y2: y(median), class: "median" }));
    });
    svg.append(drawn("text", { x: LEFT, y: HEIGHT - 8 }, "least like the study's subgroup"), drawn("text", { x: WIDTH, y: HEIGHT - 8, "text-anchor": "end" }, "most like it"));
    return svg;
  }

  /* The mean similarity of a level's specifications, from the bins that hold them. */
  function mean(data, level) {
    const weights = level ? level.shares : data.bins.map(() => 1);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return total ? weights.reduce((sum, weight, i) => sum + weight * data.bins[i][1], 0) / total : NaN;
  }

  function run(place, data) {
    let state = readState(DEFAULTS);
    const choices = [...new Set(data.levels.map((level) => level.choice))];
    const which = choice("Choice", [["", "All choices together"], ...choices.map((name) => [name, name])], state.choice, (name) => update({ choice: name, level: data.levels.find((item) => item.choice === name)?.level ?? "" }));
    const level = choice("Level", [["", "All"]], "", (name) => update({ level: name }));
    const controls = form(which, level, copyLink());
    const status = made("p", { class: "summary", role: "status" });
    const picture = made("div", {});
    place.replaceChildren(controls, status, picture);

    function update(change) {
      state = { ...state, ...change };
      writeState(state, DEFAULTS);
      show();
    }

    function show() {
      const levels = data.levels.filter((level) => level.choice === state.choice);
      const chosen = levels.find((item) => item.level === state.level);
      const about = mean(data, chosen).toFixed(2);
      status.textContent = chosen ? `${state.choice}: ${state.level}. Mean similarity about ${about}.` : `All specifications. Mean similarity about ${about}.`;
      which.refill([["", "All choices together"], ...choices.map((name) => [name, name])], state.choice);
      level.refill(levels.length ? levels.map((item) => [item.level, item.level]) : [["", "All"]], state.level);
      level.hidden = !levels.length;
      picture.replaceChildren(curve(data, chosen, `Similarity to the study's subgroup over all specifications in order; ${status.textContent}`),
        made("p", { class: "hint" }, "Each column holds an equal number of specifications, in order of similarity. The darker a column, the more of them take the level chosen."));
    }

    if (!data.bins.length) throw new Error("this build holds no specification curve");
    show();
    addEventListener("hashchange", () => { state = readState(DEFAULTS); show(); });
  }

  start("curve-explorer", "curve", run);
})();
