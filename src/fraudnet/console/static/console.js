// Keys and drafts. Everything here also works without it, by links and forms.
"use strict";
(() => {
  const body = document.body;
  const rows = () => Array.from(document.querySelectorAll("[data-row] a[data-open]"));
  const press = (name) => { const found = document.querySelector(`[data-key="${name}"]`); if (found) { found.click(); } };
  const move = (step) => {
    const all = rows();
    const at = all.indexOf(document.activeElement);
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    if (next) { next.focus(); }
  };
  const typing = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  let going = false;
  document.addEventListener("keydown", (event) => {
    if (!body.dataset.keys || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) { return; }
    const key = event.key.toLowerCase();
    if (going) {
      going = false;
      const place = { q: "/queue", c: "/cases", s: "/search", r: "/campaign" }[key];
      if (place) { location.assign(place); }
      return;
    }
    if (key === "g") { going = true; return; }
    const act = {
      n: () => press("next"), j: () => move(1), k: () => move(-1), d: () => press("decide"), s: () => press("skip"),
      "/": () => { const field = document.querySelector("[data-search]"); if (field) { field.focus(); } else { location.assign("/search"); } },
      "?": () => location.assign("/me#keys"),
      1: () => choose(0), 2: () => choose(1), 3: () => choose(2),
    }[key];
    if (act) { event.preventDefault(); act(); }
  });
  const choose = (place) => { const found = document.querySelectorAll("[name=outcome]")[place]; if (found) { found.focus(); } };
  const said = document.querySelector("[data-said]");
  if (said) { said.focus(); }
  const ending = document.getElementById("ending");
  if (ending) {
    const warn = () => { ending.hidden = false; ending.focus(); };
    let timer = setTimeout(warn, (Number(ending.dataset.idle) - 120) * 1000);
    document.addEventListener("keydown", () => {
      if (ending.hidden) { return; }
      ending.hidden = true;
      clearTimeout(timer);
      fetch("/me").then(() => { timer = setTimeout(warn, (Number(ending.dataset.idle) - 120) * 1000); });
    });
  }
  const print = document.querySelector("[data-print]");
  if (print) { print.addEventListener("click", () => window.print()); }
  document.querySelectorAll("[data-count]").forEach((field) => {
    const shown = document.getElementById(field.dataset.count);
    const tell = () => { shown.textContent = String(field.maxLength - field.value.length); };
    field.addEventListener("input", tell);
    tell();
  });
})();
