// The chat page's small helps: larger type, the clause beside the answer, copying, the newest turn in view.
"use strict";
(() => {
  const root = document.documentElement;
  const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window: lasts for the page */ } };
  const larger = (on) => {
    root.classList.toggle("larger", on);
    for (const button of document.querySelectorAll("[data-larger]")) button.setAttribute("aria-pressed", String(on));
  };
  larger(kept("larger") === "yes");

  // An input method's Enter picks a word; it must not send the half-written question.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    if (event.key === "Escape") closeBeside();
  }, true);

  let opener = null;
  const closeBeside = () => {
    const panel = document.getElementById("beside");
    if (!panel) return;
    panel.remove();
    root.classList.remove("with-beside");
    if (opener && opener.isConnected) opener.focus();
  };
  const openBeside = (link) => {
    closeBeside();
    opener = link;
    const text = document.getElementById("beside-texts").dataset;
    const address = new URL(link.href);
    address.searchParams.set("beside", "true");
    const panel = document.createElement("aside");
    panel.id = "beside";
    panel.setAttribute("aria-label", text.title);
    const bar = document.createElement("div");
    const title = document.createElement("strong");
    title.textContent = text.title;
    const whole = document.createElement("a");
    whole.href = link.href; whole.target = "_blank"; whole.rel = "noopener"; whole.textContent = text.whole;
    const close = document.createElement("button");
    close.type = "button"; close.textContent = text.close; close.addEventListener("click", closeBeside);
    bar.append(title, whole, close);
    const frame = document.createElement("iframe");
    frame.title = text.title; frame.src = address.href;
    panel.append(bar, frame);
    document.body.append(panel);
    root.classList.add("with-beside");
    close.focus();
  };

  const toClipboard = (text, button) => {
    const done = () => { button.textContent = button.dataset.done; };
    if (navigator.clipboard) { navigator.clipboard.writeText(text).then(done, () => {}); return; }
    // Without https a browser gives no clipboard; the old way needs a field with the text selected.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    if (document.execCommand("copy")) done();
    field.remove();
    button.focus();
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    if (target.closest("[data-larger]")) {
      const on = !root.classList.contains("larger");
      larger(on); keep("larger", on ? "yes" : "no");
    }
    const link = target.closest("a[data-notice]");
    if (link && window.innerWidth >= 1100 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      openBeside(link);
    }
    const copy = target.closest("[data-copy]");
    if (copy) {
      const answer = copy.closest(".answer");
      const text = [".said p", ".validity", ".sources li > a"].flatMap((part) => [...answer.querySelectorAll(part)].map((piece) => piece.textContent.trim()));
      toClipboard(text.join("\n"), copy);
    }
    const share = target.closest("[data-share]");
    if (share) toClipboard(`${location.origin}/#q=${encodeURIComponent(share.dataset.share)}`, share);
  });

  // After a lost connection Gradio builds the page anew, with an empty box: what was typed and not yet asked comes back.
  let box = null;
  document.addEventListener("input", (event) => { if (event.target === box) sessionStorage.setItem("draft", box.value); });
  const restoreDraft = () => {
    const found = document.querySelector("#question textarea");
    if (!found || found === box) return;
    box = found;
    const draft = sessionStorage.getItem("draft");
    if (!draft || box.value) return;
    box.value = draft;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };

  // Gradio fills the page after it has loaded, and the conversation anew with every turn.
  let shown = 0;
  new MutationObserver(() => {
    larger(root.classList.contains("larger"));
    restoreDraft();
    if (document.querySelector("#conversation .turn:last-child .said")) sessionStorage.removeItem("draft");
    const turns = document.querySelectorAll("#conversation .turn");
    if (turns.length !== shown) {
      shown = turns.length;
      if (shown) turns[shown - 1].scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    }
  }).observe(document.body, { childList: true, subtree: true });
})();
