// The chat page in the browser: what is kept there, the clause beside the answer, copying, feedback, the newest turn in view.
"use strict";
(() => {
  const root = document.documentElement;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // Inside the widget the page is a frame of another site, named in the address; only that site is spoken to.
  const host = window.parent === window ? "" : new URLSearchParams(location.search).get("embed") || "";
  root.classList.toggle("embedded", Boolean(host));
  const tellHost = (message) => { if (host) window.parent.postMessage({ gazette: message }, host); };
  tellHost({ ready: true }); // the browser's own page for a failure says nothing

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

  // One question at a time: of two under way, one that failed could no longer be given back.
  const underWay = () => document.querySelector("#live .turn");
  document.addEventListener("click", (event) => {
    if (underWay() && event.target.closest?.("#send, [data-ask]")) event.stopPropagation();
  }, true);
  // An input method's Enter picks a word; it must not send the half-written question.
  document.addEventListener("keydown", (event) => {
    const inBox = event.target.matches?.("#question textarea");
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    if (event.key === "Enter" && !event.shiftKey && inBox && underWay()) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (event.key === "Escape" && !closeBeside() && !event.isComposing) tellHost({ close: true });
  }, true);
  if (host) window.addEventListener("message", (event) => {
    if (event.source === window.parent && event.origin === host && event.data?.gazette?.opened) document.querySelector("#question textarea")?.focus();
  });

  // The clause has an entry in the history, so that Back closes it. A frame leaves the history of its host's page alone.
  history.scrollRestoration = "manual"; // closing must not scroll the conversation
  window.addEventListener("popstate", () => removeBeside());
  const closeBeside = () => {
    const closed = removeBeside();
    if (closed && history.state?.beside) history.back();
    return closed;
  };
  let opener = null;
  const removeBeside = () => {
    const panel = document.getElementById("beside");
    if (!panel) return false;
    panel.remove();
    root.classList.remove("with-beside");
    document.querySelector("gradio-app, .gradio-container").inert = false;
    if (opener && opener.isConnected) opener.focus();
    return true;
  };
  const openBeside = (link) => {
    if (!removeBeside() && !host) history.pushState({ beside: true }, "");
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

  const TOLD = 4000; // milliseconds that a button says what came of it
  const toClipboard = async (text, button) => {
    const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false) || copiedTheOldWay(text);
    button.focus();
    button.dataset.label ??= button.textContent;
    button.textContent = copied ? button.dataset.done : button.dataset.failed;
    clearTimeout(button.told);
    button.told = setTimeout(() => { button.textContent = button.dataset.label; }, TOLD);
  };
  // Without https, or where it is denied, a browser gives no clipboard; the old way needs a field with the text selected.
  const copiedTheOldWay = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  };
  // The question, the answer with its markers as [1], and the sources with the same numbers.
  const asText = (turn) => {
    const answer = turn.querySelector(".answer").cloneNode(true);
    for (const marker of answer.querySelectorAll("a.marker")) marker.textContent = `[${marker.textContent}]`;
    answer.querySelectorAll(".sources li > a").forEach((source, place) => source.prepend(`[${place + 1}] `));
    const pieces = [".back, .said p", ".validity", ".sources li > a"].flatMap((part) => [...answer.querySelectorAll(part)]);
    return [turn.querySelector(".asked [lang]"), ...pieces].map((piece) => piece.textContent.trim()).join("\n");
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
    if (copy) toClipboard(asText(copy.closest(".turn")), copy);
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
    if (forgetting || target.closest("[data-ask]")) goesAway = true;
  });
  document.addEventListener("submit", async (event) => {
    if (!event.target.matches(".why")) return;
    event.preventDefault();
    if (await judge(event.target.closest(".feedback"), event.target.elements.words.value)) event.target.hidden = true;
  });

  // "draft" is what stands in the box, "sent" the question under way. Both outlast a reload, as after a lost connection.
  const note = (name, value) => { memory[name] = value; try { sessionStorage.setItem(name, value); } catch { /* kept while the page is open */ } };
  const noted = (name) => { try { return sessionStorage.getItem(name) || ""; } catch { return memory[name] || ""; } };
  const unanswered = noted("sent");
  note("sent", "");
  let box = null;
  document.addEventListener("input", (event) => { if (event.target === box) note("draft", box.value); });
  const joined = (...texts) => texts.filter((text) => text.trim()).join("\n");
  const write = (value) => {
    box.value = value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };
  window.gazetteSent = (question, tapped = false) => {
    if (!question.trim()) return;
    // A tapped question that fails stands on its button still: it does not push itself between words half typed.
    note("sent", tapped && box?.value.trim() ? "" : question);
    if (!tapped) write("");
    const shape = document.createElement("template");
    shape.innerHTML = document.getElementById("words")?.dataset.sending || "";
    shape.content.querySelector(".asked [lang]")?.append(question);
    window.gazetteLive?.(shape.innerHTML);
  };
  window.gazetteSettled = () => note("sent", "");
  window.gazetteGiveBack = () => {
    window.gazetteLive?.("");
    const sent = noted("sent");
    note("sent", "");
    if (sent) write(joined(sent, box.value));
  };
  const restore = () => {
    const found = document.querySelector("#question textarea");
    if (!found || found === box) return;
    box = found;
    const text = joined(unanswered, noted("draft"));
    if (text && !box.value) write(text);
  };

  // Gradio's own messages, and the titles of all, are in English whatever the page's language.
  const translate = () => {
    const words = document.getElementById("words")?.dataset;
    for (const toast of words ? document.querySelectorAll("[data-testid=toast-body]") : []) {
      const texts = [...toast.querySelectorAll("[data-testid=toast-text]")], title = toast.querySelector(".toast-title");
      const failure = toast.classList.contains("error");
      for (const text of failure ? texts : []) {
        if ([words.lost, words.failed].includes(text.textContent.trim())) continue;
        const lost = text.textContent.startsWith("Connection");
        text.textContent = lost ? words.lost : words.failed;
        if (lost) window.gazetteGiveBack(); // Gradio tells of no failure here, but waits to load the page anew
      }
      const lost = texts.some((text) => text.textContent === words.lost);
      const wanted = !failure ? words.forgottenTitle : lost ? words.lostTitle : words.failedTitle;
      if (title && title.textContent !== wanted) title.textContent = wanted;
    }
  };

  // Gradio fills the page after it has loaded, and the conversation anew with every turn.
  let shown = 0;
  let answered = 0;
  let goesAway = false; // the button pressed last goes away with what it does, and the focus with it
  const refocus = (place) => {
    goesAway = false;
    if (document.activeElement !== document.body) return;
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  };
  new MutationObserver(() => {
    larger(root.classList.contains("larger"));
    restore();
    translate();
    root.lang = document.getElementById("words")?.dataset.language || root.lang;
    const conversation = document.getElementById("kept")?.dataset.conversation;
    if (conversation && conversation !== kept("conversation")) keep("conversation", conversation);
    const answers = document.querySelectorAll("#conversation .turn").length;
    const turns = document.querySelectorAll("#conversation .turn, #live .turn");
    // A new question moves to the top; so does its answer, which alone may be long enough for that.
    const moves = turns.length && (turns.length !== shown || answers > answered);
    if (goesAway && answers > answered) refocus(turns[answers - 1]);
    if (goesAway && answered && !answers) refocus(document.querySelector("#conversation h1"));
    answered = answers;
    shown = turns.length;
    if (moves) turns[shown - 1].scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }).observe(root, { childList: true, subtree: true });
})();
