// Larger type on the pages beside the chat, as chosen there or here.
"use strict";
(() => {
  const root = document.documentElement;
  const chosen = () => { try { return localStorage.getItem("larger") === "yes"; } catch { return root.classList.contains("larger"); } };
  const show = (on) => {
    root.classList.toggle("larger", on);
    for (const button of document.querySelectorAll("[data-larger]")) {
      button.hidden = false; // without this script it would do nothing
      button.setAttribute("aria-pressed", String(on));
    }
  };
  show(chosen()); // before anything is drawn
  document.addEventListener("DOMContentLoaded", () => show(chosen()));
  window.addEventListener("storage", () => show(chosen()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-larger]")) return;
    const on = !root.classList.contains("larger");
    try { localStorage.setItem("larger", on ? "yes" : "no"); } catch { /* for this page then */ }
    show(on);
  });
})();
