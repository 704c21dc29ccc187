// The chat page in the browser: what is kept there, the clause beside the answer, copying, feedback, the newest turn in view.
"use strict";
(() => {
  const root = document.documentElement;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // Inside the widget the page is a frame of another site, named in the address; only that site is spoken to.
  const host = window.parent === window ? "" : new URLSearchParams(location.search).get("embed") || "";
  root.classList.toggle("embedded", Boolean(host));
  const tellHost = (message) => { if (host) window.parent.postMessage({ gazette: message }, host); };

  // What is kept: in the browser's storage for this site; where that is shut (as in frames of other sites), with the host.
  const memory = {};
  const kept = (name) => { try { return localStorage.getItem(name) || memory[name] || ""; } catch { return memory[name] || ""; } };
  const keep = (name, value) => {
    memory[name] = value;
    try { localStorage.setItem(name, value); } catch { tellHost({ keep: { [name]: value } }); }
  };
  const shut = () => { try { localStorage.getItem("district"); return false; } catch { return true; } };
  const recalled = host && shut() ? new Promise((resolve) => {
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent || event.origin !== host || !event.data?.gazette?.recalled) return;
      for (const [name, value] of Object.entries(event.data.gazette.recalled)) if (typeof value === "string") memory[name] ??= value;
      resolve();
    });
    tellHost({ recall: true });
    setTimeout(resolve, 1000);
  }) : Promise.resolve();
  const asked = new URLSearchParams(location.search);
  const preset = asked.get("district") || "", language = asked.get("language") || "";
  window.gazetteKeep = keep;
  window.gazetteKept = async () => {
    await recalled;
    return JSON.stringify({ conversation: kept("conversation"), district: kept("district") || preset, language, channel: host ? "widget" : "chat" });
  };

  const larger = (on) => {
    root.classList.toggle("larger", on);
    for (const button of document.querySelectorAll("[data-larger]")) button.setAttribute("aria-pressed", String(on));
    document.querySelector("#beside iframe")?.contentDocument?.documentElement?.classList.toggle("larger", on);
  };
  larger(kept("larger") === "yes");

  // An input method's Enter picks a word; it must not send the half-written question.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    if (event.key === "Escape" && !closeBeside() && !event.isComposing) tellHost({ close: true });
  }, true);
  if (host) window.addEventListener("message", (event) => {
    if (event.source === window.parent && event.origin === host && event.data?.gazette?.opened) document.querySelector("#question textarea")?.focus();
  });

  let opener = null;
  const closeBeside = () => {
    const panel = document.getElementById("beside");
    if (!panel) return false;
    panel.remove();
    root.classList.remove("with-beside");
    document.querySelector("gradio-app, .gradio-container").inert = false;
    if (opener && opener.isConnected) opener.focus();
    return true;
  };
  const openBeside = (link) => {
    closeBeside();
    opener = link;
    const text = document.getElementById("words").dataset;
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
    frame.addEventListener("load", () => larger(root.classList.contains("larger")));
    panel.append(bar, frame);
    document.body.append(panel);
    root.classList.add("with-beside");
    // On a narrow screen the clause lies over the conversation, which is then out of reach until it closes.
    if (innerWidth < 1100) document.querySelector("gradio-app, .gradio-container").inert = true;
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

  const judge = async (feedback, words) => {
    const thanks = feedback.querySelector(".thanks");
    const verdict = feedback.querySelector("[data-verdict][aria-pressed=true]").dataset.verdict;
    try {
      const answer = await fetch("/api/v1/feedback", {
        method: "POST", headers: { "content-type": "application/json" },
        body: JSON.stringify({ turn: feedback.dataset.turn, verdict, words }),
      });
      thanks.textContent = answer.ok ? thanks.dataset.thanks : thanks.dataset.failed;
      return answer.ok;
    } catch { thanks.textContent = thanks.dataset.failed; return false; }
  };
  const forget = async (button) => {
    if (!button.classList.contains("sure")) { // pressed twice: deleting cannot be undone
      button.classList.add("sure");
      button.textContent = button.dataset.sure;
      return;
    }
    try {
      const answer = await fetch(`/api/v1/conversations/${encodeURIComponent(kept("conversation"))}`, { method: "DELETE" });
      if (answer.ok) { button.parentElement.dispatchEvent(new CustomEvent("forgotten", { bubbles: true })); return; }
    } catch { /* said below */ }
    button.textContent = button.dataset.failed;
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    if (target.closest("[data-larger]")) {
      const on = !root.classList.contains("larger");
      larger(on); keep("larger", on ? "yes" : "no");
    }
    const link = target.closest("a[data-notice]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
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
    if (target.closest("[data-print]")) window.print();
    const verdict = target.closest("[data-verdict]");
    if (verdict) {
      const feedback = verdict.closest(".feedback");
      for (const other of feedback.querySelectorAll("[data-verdict]")) other.setAttribute("aria-pressed", String(other === verdict));
      feedback.querySelector(".why").hidden = false;
      judge(feedback, feedback.querySelector("[name=words]").value);
    }
    const forgetting = target.closest("[data-forget]");
    if (forgetting) forget(forgetting);
  });
  document.addEventListener("submit", async (event) => {
    if (!event.target.matches(".why")) return;
    event.preventDefault();
    if (await judge(event.target.closest(".feedback"), event.target.elements.words.value)) event.target.hidden = true;
  });

  // After a lost connection Gradio builds the page anew, with an empty box: what was typed and not yet asked comes back.
  const draft = (value) => { try { sessionStorage.setItem("draft", value); } catch { memory.draft = value; } };
  const drafted = () => { try { return sessionStorage.getItem("draft") || ""; } catch { return memory.draft || ""; } };
  let box = null;
  document.addEventListener("input", (event) => { if (event.target === box) draft(box.value); });
  const restoreDraft = () => {
    const found = document.querySelector("#question textarea");
    if (!found || found === box) return;
    box = found;
    if (!drafted() || box.value) return;
    box.value = drafted();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };

  // Gradio says in English that the connection is lost, whatever the page's language.
  const translate = () => {
    const text = document.querySelector("[data-testid=toast-text]");
    const words = document.getElementById("words");
    if (!text || !words || !/^Connection/.test(text.textContent)) return;
    text.textContent = words.dataset.lost;
    const title = text.closest("[data-testid=toast-body]").querySelector(".toast-title");
    if (title) title.textContent = words.dataset.lostTitle;
  };

  // Gradio fills the page after it has loaded, and the conversation anew with every turn.
  let shown = 0;
  let answered = 0;
  new MutationObserver(() => {
    larger(root.classList.contains("larger"));
    restoreDraft();
    translate();
    root.lang = document.getElementById("words")?.dataset.language || root.lang;
    const conversation = document.getElementById("kept")?.dataset.conversation;
    if (conversation && conversation !== kept("conversation")) keep("conversation", conversation);
    const answers = document.querySelectorAll("#conversation .turn").length;
    const turns = document.querySelectorAll("#conversation .turn, #live .turn");
    // A new question moves to the top; so does its answer, which alone may be long enough for that.
    const moves = turns.length && (turns.length !== shown || answers > answered);
    if (answers > answered) draft("");
    answered = answers;
    shown = turns.length;
    if (moves) turns[shown - 1].scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }).observe(root, { childList: true, subtree: true });
})();
