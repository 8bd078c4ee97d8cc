/* Beside the text: where a value comes from and what a term means, without leaving the page; links, files and code to
   take away. The browser's own popover does what is hard (the top layer, Escape, a click outside); what is left is a place. */
(() => {
  "use strict";
  const script = document.currentScript;
  const root = script.dataset.root;
  const PROVENANCE = "manuscript/site/provenance.html";

  const made = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  /* The page's own address: where the website stands, if it says so, else where it is read. */
  const canonical = document.querySelector("link[rel=canonical]")?.href ?? location.href.replace(/#.*/, "");

  // --- the card

  let card = null;
  let from = null;

  function panel() {
    if (card) return card;
    card = made("div", { class: "reader-card", popover: "auto", role: "dialog", tabindex: "-1" });
    card.addEventListener("toggle", (event) => {
      if (event.newState === "open") return;
      if (card.contains(document.activeElement) || document.activeElement === document.body) from?.focus({ preventScroll: true });
      from?.removeAttribute("aria-expanded");
      from = null;
    });
    document.body.append(card);
    return card;
  }

  function placed(link) {
    const [near, box] = [link.getClientRects()[0], card.getBoundingClientRect()];
    if (innerWidth < 640 || !near) { // a sheet at the foot of a small screen, and what it is about above it
      card.removeAttribute("style");
      const hidden = near ? near.bottom + 16 - (innerHeight - box.height) : 0;
      if (hidden > 0) scrollBy({ top: hidden, behavior: "instant" });
      return;
    }
    const below = near.bottom + 8 + box.height <= innerHeight || near.top < box.height + 8;
    card.style.left = `${Math.max(8, Math.min(near.left, document.documentElement.clientWidth - box.width - 8))}px`;
    card.style.top = `${Math.max(8, below ? Math.min(near.bottom + 8, innerHeight - box.height - 8) : near.top - box.height - 8)}px`;
  }

  function show(link, label, content, { focused = true } = {}) {
    panel();
    if (from && from !== link) card.hidePopover();
    const close = made("button", { type: "button", class: "close", "aria-label": "Close" }, "×");
    close.addEventListener("click", () => card.hidePopover());
    card.setAttribute("aria-label", label);
    card.replaceChildren(...content, close);
    from = link;
    link.setAttribute("aria-expanded", "true");
    if (!card.matches(":popover-open")) card.showPopover();
    card.scrollTop = 0;
    placed(link);
    if (focused) card.focus({ preventScroll: true });
  }

  async function copied(text, button) {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // a page read from a disk may have no clipboard
      const area = made("textarea", { class: "aside" });
      area.value = text;
      (card?.contains(button) ? card : document.body).append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus({ preventScroll: true });
    }
    const words = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = words; }, 1500);
  }

  const copyButton = (words, text) => {
    const button = made("button", { type: "button" }, words);
    button.addEventListener("click", () => copied(typeof text === "function" ? text() : text, button));
    return button;
  };

  // --- values

  let loading = null;
  const cards = () => {
    loading ??= new Promise((done, failed) => {
      if (window.compendium?.cards) return done(window.compendium.cards);
      const loaded = made("script", { src: `${root}build/pages/values.js` });
      loaded.addEventListener("load", () => done(window.compendium.cards));
      loaded.addEventListener("error", failed);
      document.head.append(loaded);
    });
    return loading;
  };

  const row = (head, ...content) => made("div", {}, made("dt", {}, head), made("dd", {}, ...content));

  function shownInputs(set, run) {
    const parts = [];
    const names = set.files.slice(0, 6);
    names.forEach((name, i) => parts.push(i ? ", " : "", made("code", {}, name)));
    if (set.files.length > names.length) parts.push(` and ${set.files.length - names.length} more files`);
    if (set.values) parts.push(`${parts.length ? ", and " : ""}${set.values} ${set.values === 1 ? "value" : "values"} of earlier notebooks`);
    return parts.length ? [made("a", { href: `${root}${PROVENANCE}#${run}` }, ...parts)] : ["none"];
  }

  function valueCard(data, key) {
    const [display, unit, about, place, run, full] = data.values[key];
    const [notebook, title, number, code] = data.cells[place];
    const set = data.sets[run];
    const given = Object.entries(set.parameters).map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(", ");
    const cell = made("a", { href: `${root}build/pages/notebooks/${notebook}.html${place.slice(notebook.length)}` }, number ? `${title}, cell ${number}` : title);
    const found = (data.claims[key] ?? []).map(([id, document_, where, printed, verdict]) =>
      made("li", {}, made("a", { href: `${root}manuscript/site/ledger.html#claim-${id}` }, `${document_}, ${where}`), ` prints ${printed}: ${verdict}`));
    const facts = made("dl", {}, row("Computed in", cell), row("Parameters", given || "none"), row("Inputs", ...shownInputs(set, run)));
    if (found.length) {
      const more = found.length > 4 ? [made("li", {}, `and ${found.length - 4} more claims`)] : [];
      facts.append(row("The documents", made("ul", {}, ...found.slice(0, 4), ...more)));
    }
    const content = [
      made("p", { class: "figure" }, made("strong", {}, display), unit ? ` ${unit}` : "", full ? made("small", {}, ` exactly ${full}`) : ""),
      made("p", {}, about),
      facts,
    ];
    if (code) content.push(made("details", {}, made("summary", {}, "The code of this cell"), made("pre", { tabindex: "0" }, made("code", {}, code))));
    const address = new URL(`${root}${PROVENANCE}#value-${key}`, canonical).href;
    content.push(made("p", { class: "ways" }, made("a", { href: `${root}${PROVENANCE}#value-${key}` }, "On the page of provenance"), copyButton("Copy link", address)));
    return content;
  }

  function opened(link) {
    if (from === link && card.matches(":popover-open")) return card.hidePopover();
    const key = decodeURIComponent(link.hash.slice("#value-".length));
    cards().then((data) => {
      if (!data.values[key]) throw new Error(key);
      show(link, `Where ${data.values[key][0]} comes from`, valueCard(data, key));
    }).catch(() => { location.href = link.href; });
  }

  // --- terms

  const shownTerm = (link, options) => show(link, link.textContent, [
    made("p", {}, made("strong", {}, link.textContent)),
    made("p", {}, link.dataset.definition),
    made("p", { class: "ways" }, made("a", { href: link.getAttribute("href") }, "All terms")),
  ], options);

  let waiting = 0;
  document.addEventListener("pointerover", (event) => {
    const link = event.target.closest?.("a.term");
    if (!link || event.pointerType !== "mouse" || from === link) return;
    waiting = setTimeout(() => shownTerm(link, { focused: false }), 200);
    link.addEventListener("pointerleave", () => clearTimeout(waiting), { once: true });
  });
  document.addEventListener("focusin", (event) => {
    const link = event.target.closest?.("a.term");
    if (link && link.matches(":focus-visible") && from !== link) shownTerm(link, { focused: false });
    else if (from?.matches("a.term") && card && !card.contains(event.target) && event.target !== from) card.hidePopover();
  });

  // --- figures, tables and code

  function block(tool) {
    for (let before = tool.closest(".result-links"); before; before = before.previousElementSibling ?? before.parentElement) {
      const found = before.matches("[id^='fig-'], [id^='tbl-']") ? before : before.querySelector("[id^='fig-'], [id^='tbl-']");
      if (found && !before.contains(tool)) return found;
    }
    return null;
  }

  function snippet(target) {
    const address = `${canonical}#${target.id}`;
    const source = made("p", {}, "Source: ", made("a", { href: address }, document.title));
    const image = target.querySelector("img") ?? (target.matches("img") ? target : null);
    const caption = target.querySelector("figcaption, caption")?.textContent.trim() ?? "";
    if (image) {
      const shown = made("img", { src: new URL(image.getAttribute("src").replace(".screen.svg", ".svg"), canonical).href, alt: image.alt, style: "max-width: 100%" });
      return made("figure", {}, shown, made("figcaption", {}, caption), source).outerHTML;
    }
    const table = target.querySelector("table") ?? target.closest("table");
    const kept = table.cloneNode(true);
    for (const part of [kept, ...kept.querySelectorAll("*")]) for (const { name } of [...part.attributes]) if (!/^(?:scope|colspan|rowspan)$/.test(name)) part.removeAttribute(name);
    return kept.outerHTML + source.outerHTML;
  }

  function acted(button) {
    if (button.dataset.act === "open-all") {
      const all = [...document.querySelectorAll("main details")].filter((item) => !item.matches(".page-toc-small"));
      const open = button.getAttribute("aria-pressed") !== "true";
      for (const item of all) item.open = open;
      button.setAttribute("aria-pressed", String(open));
      return;
    }
    const target = block(button);
    if (!target) return;
    if (button.dataset.act === "copy-link") return copied(`${canonical}#${target.id}`, button);
    const text = snippet(target);
    const area = made("textarea", { readonly: "", rows: "5", "aria-label": "HTML to put on another page" });
    area.value = text;
    show(button, "Embed", [made("p", {}, made("strong", {}, "Embed")), made("p", {}, "Put this on a page of your own."), area, made("p", { class: "ways" }, copyButton("Copy", text))]);
  }

  document.addEventListener("click", (event) => {
    const tool = event.target.closest("button.reader-tool");
    if (tool) return acted(tool);
    const link = event.target.closest("a[href]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || card?.contains(link)) return;
    if (link.matches("a.term")) {
      event.preventDefault();
      shownTerm(link);
    } else if (link.getAttribute("href").includes("provenance.html#value-")) {
      event.preventDefault();
      opened(link);
    }
  });

  /* A box that scrolls must be reachable from the keyboard. */
  function reachable() {
    for (const image of document.querySelectorAll("main :is(figure, .cell-output) img")) {
      for (let box = image.parentElement; box && !box.matches("main"); box = box.parentElement) {
        if (getComputedStyle(box).overflowX !== "visible" && box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      }
    }
  }

  function ready() {
    reachable();
    addEventListener("load", reachable);
    addEventListener("resize", reachable);
    for (const pre of document.querySelectorAll("main pre")) {
      if (pre.matches(".cell-output, .cell-output *") || !pre.textContent.trim() || pre.closest(".code-copy-outer-scaffold")) continue;
      const button = copyButton("Copy", () => pre.textContent.replace(/\n$/, ""));
      button.className = "copy-code";
      const holder = pre.parentElement.matches("div.sourceCode") ? pre.parentElement : made("div", { class: "code-holder" });
      if (holder !== pre.parentElement) {
        pre.replaceWith(holder);
        holder.append(pre);
      }
      holder.append(button);
    }
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
  else ready();
})();
