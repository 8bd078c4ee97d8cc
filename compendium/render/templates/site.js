/* The bar's tools: light and dark, search over an index that loads when it is first needed. Nothing leaves the machine. */
(() => {
  "use strict";
  const root = document.currentScript.dataset.root;
  const page = document.documentElement;

  const stored = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("theme");
      localStorage.setItem("theme", value);
    } catch { /* storage may be closed to a page read from a disk */ }
    return null;
  };
  if (stored()) page.dataset.theme = stored();

  const made = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const dark = () => (page.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

  function themeButton() {
    const button = made("button", { type: "button", className: "theme" });
    const show = () => {
      button.textContent = dark() ? "Light" : "Dark";
      button.setAttribute("aria-label", dark() ? "Use light colours" : "Use dark colours");
    };
    button.addEventListener("click", () => {
      page.dataset.theme = dark() ? "light" : "dark";
      stored(page.dataset.theme);
      show();
    });
    show();
    return button;
  }

  /* Sections that hold every word, best first: words in the heading weigh more than words in the text. */
  function matches(index, query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    return index
      .map((entry) => {
        const title = `${entry.title} ${entry.heading}`.toLowerCase();
        const text = entry.text.toLowerCase();
        let score = 0;
        for (const word of words) {
          if (title.includes(word)) score += 10;
          else if (text.includes(word)) score += 1;
          else return null;
        }
        return { entry, score };
      })
      .filter(Boolean)
      .sort((a, b) => b.score - a.score)
      .slice(0, 30)
      .map((found) => found.entry);
  }

  function excerpt(text, query) {
    const word = query.toLowerCase().split(/\s+/).filter(Boolean).find((item) => text.toLowerCase().includes(item));
    if (!word) return [text.slice(0, 140)];
    const at = text.toLowerCase().indexOf(word);
    const start = Math.max(0, at - 60);
    return [
      (start ? "…" : "") + text.slice(start, at),
      made("mark", { textContent: text.slice(at, at + word.length) }),
      text.slice(at + word.length, at + word.length + 90) + "…",
    ];
  }

  function searchPanel() {
    const input = made("input", { type: "search", name: "q", autocomplete: "off", placeholder: "Search all pages" });
    input.setAttribute("aria-label", "Search all pages");
    const status = made("p", { className: "status" });
    status.setAttribute("role", "status");
    const list = made("ol", {});
    const form = made("form", { role: "search" }, input, status, list);
    const panel = made("dialog", { className: "search-panel" }, form);
    panel.setAttribute("aria-label", "Search");
    const show = () => {
      const index = window.compendiumSearch;
      if (!index) return;
      const found = matches(index, input.value);
      const none = input.value.trim() ? "Nothing found." : "Type a word.";
      status.textContent = found.length ? `${found.length} ${found.length === 1 ? "place" : "places"}` : none;
      list.replaceChildren(...found.map((entry) => {
        const where = entry.heading && entry.heading !== entry.title ? ` › ${entry.heading}` : "";
        const link = made("a", { href: root + entry.address }, made("strong", { textContent: entry.title }), where,
          made("small", {}, ...excerpt(entry.text, input.value)));
        link.addEventListener("click", () => panel.close());
        return made("li", {}, link);
      }));
    };
    input.addEventListener("input", show);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      list.querySelector("a")?.click();
    });
    panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
    panel.open_ = () => {
      if (!panel.open) panel.showModal();
      input.select();
      if (window.compendiumSearch) return show();
      status.textContent = "Loading the index …";
      const script = made("script", { src: `${root}search-index.js`, onload: show });
      script.onerror = () => { status.textContent = "The search index is missing from this copy of the website."; };
      document.head.append(script);
    };
    return panel;
  }

  /* A box that scrolls must be reachable from the keyboard. */
  function reachable() {
    for (const box of document.querySelectorAll(".table-scroll, pre, figure")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const tools = document.querySelector(".tools");
    if (tools) {
      const panel = searchPanel();
      const button = made("button", { type: "button", className: "search-open", textContent: "Search" });
      button.addEventListener("click", panel.open_);
      tools.append(button, themeButton());
      document.body.append(panel);
      document.addEventListener("keydown", (event) => {
        if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
          event.preventDefault();
          panel.open_();
        }
      });
    }
    reachable();
    addEventListener("resize", reachable);
    addEventListener("toggle", reachable, true);
    addEventListener("contentvisibilityautostatechange", reachable, true);
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    target?.querySelector("details.code-fold")?.setAttribute("open", "");
  });
})();
