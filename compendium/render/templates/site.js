/* The bar's tools: light and dark, and search, which loads when it is first needed. Nothing leaves the machine. */
(() => {
  "use strict";
  const { root, search: searched } = document.currentScript.dataset;
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

  /* Search comes when it is first asked for. */
  function searchButton() {
    const button = made("button", { type: "button", className: "search-open", textContent: "Search" });
    button.addEventListener("click", () => {
      if (window.compendiumSearchPanel) return window.compendiumSearchPanel();
      const script = made("script", { src: `${root}styles/search.js`, onload: () => window.compendiumSearchPanel() });
      script.dataset.root = root;
      document.head.append(script);
      return null;
    });
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
      event.preventDefault();
      button.click();
    });
    return button;
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
      if (searched) tools.append(searchButton());
      tools.append(themeButton());
    }
    reachable();
    addEventListener("resize", reachable);
    addEventListener("toggle", reachable, true);
    addEventListener("contentvisibilityautostatechange", reachable, true);
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    target?.querySelector("details.code-fold")?.setAttribute("open", "");
  });
})();
