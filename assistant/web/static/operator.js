// The console: search as one types, the answer on Enter, the clause beside it; everything by keyboard.
"use strict";
(() => {
  const main = document.querySelector("main.console"), words = JSON.parse(main.dataset.words);
  const find = (name) => document.getElementById(name);
  const form = main.querySelector("form.search"), box = find("q"), results = find("results"), paper = find("paper"), toast = find("toast");
  const narrow = main.querySelector(".narrow"), wide = find("wide"), note = find("note"), single = find("single");
  const PAUSE = 110; // ms after the last key before a search
  const READ = 140;  // ms a chosen line stands before its notice is fetched
  const SOON = 200;  // ms an answer may take before the clauses are listed in its stead
  const kept = (name) => { try { return sessionStorage.getItem(name) || ""; } catch { return ""; } };
  const keep = (name, value) => { try { sessionStorage.setItem(name, value); } catch { /* private window: lasts for the page */ } };
  const state = { call: kept("call"), count: Number(kept("count")) || 0, shown: null, listed: "", moved: false };

  // One request of a kind at a time: a newer one makes the older moot.
  const running = {};
  const request = async (kind, address, body) => {
    running[kind]?.abort();
    const control = running[kind] = new AbortController();
    const asked = { signal: control.signal, headers: { "x-script": "1" } };
    if (body) Object.assign(asked, { method: "POST", body: new URLSearchParams({ ...body, csrf: main.dataset.csrf }) });
    let answer;
    try {
      answer = await fetch(address, asked);
    } catch (error) {
      if (error.name !== "AbortError") say(words.failed);
      return null;
    }
    if (answer.status === 401) {
      location.assign("/operator/login");
      return null;
    }
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      say(typeof problem.detail === "string" ? problem.detail : words.failed);
      return null;
    }
    return answer;
  };
  const piece = async (...asked) => {
    const answer = await request(...asked);
    return answer && answer.text().catch(() => null); // made moot while it came
  };

  let hush;
  const say = (text) => {
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(hush);
    hush = setTimeout(() => { toast.hidden = true; }, 4000);
  };
  const tell = (text) => { find("told").textContent = text; };

  // The list: one line is the chosen one; its notice stands beside it.
  const hits = () => [...results.querySelectorAll("a.hit")];
  let reading;
  const choose = (hit, { after = READ, jump = false } = {}) => {
    for (const one of hits()) one.removeAttribute("aria-current");
    clearTimeout(reading);
    if (!hit) { close(); return; }
    hit.setAttribute("aria-current", "true");
    reading = setTimeout(() => open(hit.dataset, { jump }), after);
  };
  const step = (by) => {
    const all = hits(), at = all.findIndex((one) => one.hasAttribute("aria-current"));
    const hit = all[Math.max(0, Math.min(all.length - 1, at + by))];
    if (!hit) return;
    state.moved = true;
    choose(hit);
    hit.scrollIntoView({ block: "nearest" });
    tell(hit.querySelector(".where").textContent);
  };

  const open = async ({ key, start, end }, { jump = false } = {}) => {
    const html = await piece("notice", `/operator/notice?${new URLSearchParams({ key, start: start || 0, end: end || 0 })}`);
    if (html === null) return;
    paper.innerHTML = html;
    state.shown = { ...paper.firstElementChild.dataset };
    bring(paper.querySelector("#quoted") || paper.querySelector(`[id="c${state.shown.start}"]`), { jump });
  };
  // Nothing beside that could be copied for a question it does not answer.
  const close = () => {
    running.notice?.abort();
    paper.replaceChildren(Object.assign(document.createElement("p"), { className: "hint", textContent: words.no_notice }));
    state.shown = null;
  };
  // On a desk the notice scrolls in its own pane; on a phone the page does, and only where a person asked for it.
  const bring = (element, { jump = true } = {}) => {
    const text = paper.querySelector(".sheet");
    if (!element) return;
    if (matchMedia("(min-width: 1000px)").matches) {
      text.scrollTop += element.getBoundingClientRect().top - text.getBoundingClientRect().top - text.clientHeight / 3;
    } else if (jump) element.scrollIntoView({ block: "center" });
  };
  const go = async (element) => {
    if (!element || !state.shown) return;
    state.moved = true;
    const answer = await request("clause", `/operator/clause?${new URLSearchParams({ key: state.shown.key, start: element.id.slice(1) })}`);
    const told = answer && await answer.json().catch(() => null); // made moot while it came
    if (!told) return;
    Object.assign(state.shown, told);
    for (const one of paper.querySelectorAll(".now")) one.classList.remove("now");
    for (const one of paper.querySelectorAll("article mark")) one.classList.add("was");
    element.classList.add("now");
    paper.querySelector(".cite output").textContent = state.shown.label;
    bring(element);
  };
  const turnTo = (by) => {
    const all = [...paper.querySelectorAll("article [id^=c]")], at = all.findIndex((one) => one.id === `c${state.shown?.start}`);
    const inside = at < 0 && paper.querySelector("#quoted") ? all.indexOf(paper.querySelector("#quoted").closest("[id^=c]")) : at;
    go(all[inside + by]);
  };

  // Search and answer.
  const filters = () => Object.fromEntries([...form.querySelectorAll("select")].map((one) => [one.name, one.value]).filter(([, value]) => value));
  let waiting;
  const list = async (asked) => {
    if (asked !== state.listed) {
      const coming = piece("results", `/operator/search?${asked}`), mine = running.results;
      const html = await coming;
      if (html === null || mine.signal.aborted) return false;
      const reply = replied(); // stays, to be read on and noted on, until the next answer is there
      results.innerHTML = html;
      if (reply) {
        reply.classList.add("held");
        results.prepend(reply);
      }
      results.scrollTop = 0;
      state.listed = asked;
      if (!state.moved) choose(hits()[0]);
    }
    results.removeAttribute("aria-busy");
    return true;
  };
  const replied = () => results.querySelector(".reply");
  const wanted = (text) => String(new URLSearchParams({ q: text, ...filters() }));
  const search = async () => {
    running.answer?.abort();
    Object.assign(state, { listed: "", moved: false });
    if (!await list(wanted(box.value))) return;
    tell(results.querySelector("h2 small, .hint").textContent);
  };
  // The answer comes as lines of JSON: its paragraphs so far, as often as there are more of them, at last the whole as HTML.
  const answering = async (body, show) => {
    const asked = request("answer", "/operator/ask", body), mine = running.answer, answer = await asked;
    if (!answer) return null;
    const reader = answer.body.getReader(), decoder = new TextDecoder();
    let html = null, problem = words.failed, rest = "";
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const lines = (rest + decoder.decode(part.value, { stream: true })).split("\n");
        rest = lines.pop();
        for (const said of lines.map((line) => JSON.parse(line))) {
          if (said.paragraphs) show(said.paragraphs);
          html = said.html || html;
          problem = said.problem || problem;
        }
      }
    } catch { /* broken off: said below */ }
    if (html === null && !mine.signal.aborted) say(problem);
    return html;
  };
  // The clauses can be read while a language model is still writing, and what it has written; the answer takes their place.
  const ask = async (question) => {
    clearTimeout(waiting);
    if (!question.trim()) return;
    state.moved = false;
    results.setAttribute("aria-busy", "true");
    tell(words.searching);
    const line = document.createElement("section"), text = document.createElement("div");
    line.className = "waiting";
    text.className = "coming said";
    line.append(Object.assign(document.createElement("p"), { className: "state", textContent: words.answering }), text);
    const coming = answering({ question, ...filters(), call: state.call }, (paragraphs) => {
      text.replaceChildren(...paragraphs.map((said) => Object.assign(document.createElement("p"), { textContent: said })));
    });
    const mine = running.answer;
    let waits = true;
    setTimeout(async () => { if (waits && await list(wanted(question)) && waits) results.prepend(line); }, SOON);
    const html = await coming;
    waits = false;
    line.remove();
    if (mine === running.answer) results.removeAttribute("aria-busy");
    if (html === null) return;
    answered(html);
    if (state.call !== kept("call")) state.count = 0;
    count(state.count + 1);
  };
  const answered = (html) => {
    running.results?.abort();
    state.listed = "";
    results.innerHTML = html;
    results.scrollTop = 0;
    const reply = replied();
    state.call = reply.dataset.call;
    // Whoever has gone on to another clause meanwhile keeps it.
    const read = state.moved && hits().find((one) => one.dataset.key === state.shown?.key && one.dataset.start === state.shown.start);
    // The runners-up of a refusal are there to be looked into, but none of them is the answer.
    if (!state.moved) choose(reply.matches(".refused") ? null : hits()[0], { after: 0 });
    else read?.setAttribute("aria-current", "true");
    tell(`${reply.querySelector(".state").textContent} ${reply.querySelector(".said").textContent}`.slice(0, 160));
  };
  const count = (number) => {
    state.count = number;
    keep("call", state.call);
    keep("count", number);
    find("call").textContent = number ? words.call_now.replace("{count}", number) : words.call_none;
  };

  // Copying; without https a browser gives no clipboard, and the old way needs a field with the text selected.
  const copy = async (text) => {
    if (!text) return say(words.no_notice);
    try {
      if (navigator.clipboard) await navigator.clipboard.writeText(text);
      else {
        const field = document.createElement("textarea"), before = document.activeElement;
        field.value = text;
        document.body.append(field);
        field.select();
        const done = document.execCommand("copy");
        field.remove();
        before?.focus();
        if (!done) throw new Error("refused");
      }
      say(words.copied.replace("{text}", text.length > 60 ? `${text.slice(0, 59)}…` : text));
    } catch {
      say(words.not_copied);
    }
  };

  const show = async (kind, address) => {
    const html = await piece(kind, address);
    if (html === null) return;
    wide.querySelector(".piece").innerHTML = html;
    wide.className = kind;
    if (!wide.open) wide.showModal();
    wide.scrollTop = 0;
  };
  const hangUp = () => {
    state.call = box.value = "";
    count(0);
    results.replaceChildren();
  };
  const does = {
    copy: () => copy(state.shown?.label),
    quote: () => copy(state.shown && `${state.shown.label}：“${state.shown.quote}”`),
    aloud: () => copy(state.shown?.aloud),
    compare: () => {
      if (!state.shown) return say(words.no_notice);
      const { key, start, end } = state.shown;
      return show("compare", `/operator/compare?${new URLSearchParams({ key, start, end, q: box.value })}`);
    },
    previous: () => turnTo(-1),
    next: () => turnTo(1),
    outline: () => paper.querySelector(".outline a")?.focus(),
    text: () => paper.querySelector(".sheet")?.focus(),
    lines: () => {
      const line = results.querySelector("[aria-current]") || results;
      line.scrollIntoView({ block: "center" });
      line.focus({ preventScroll: true });
    },
    note: () => {
      const reply = replied();
      if (!reply) return say(words.note_first);
      note.dataset.turn = reply.dataset.turn; // another answer may come while one writes
      note.querySelector(".about").textContent = reply.dataset.question;
      note.returnValue = "";
      note.showModal();
      return note.querySelector("textarea").focus();
    },
    filters: () => { narrow.open = true; narrow.querySelector("select").focus(); },
    shift: () => show("shift", "/operator/shift"),
    clear: () => {
      for (const one of form.querySelectorAll("select")) one.value = "";
      narrowed();
      search();
    },
    call: () => {
      hangUp();
      does.clear();
      box.focus();
    },
    keys: () => find("keys").showModal(),
    box: () => { box.focus(); box.select(); },
  };
  const LETTERS = {
    KeyC: "copy", KeyQ: "quote", KeyR: "aloud", KeyD: "compare", KeyO: "outline", KeyT: "text", KeyN: "note", KeyF: "filters",
    KeyH: "shift", KeyW: "call", BracketLeft: "previous", BracketRight: "next",
  };

  document.addEventListener("keydown", (event) => {
    // An input method's keys pick a word; they are no commands.
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const target = event.target, field = target.matches("input:not([type=checkbox]), textarea, select");
    if (event.key === "Escape") {
      if (!field) return;
      event.preventDefault(); // by itself it would empty a search box
      target.blur();
      return;
    }
    if (target === box && !event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
      return;
    }
    const alone = !event.altKey && !field && single.checked;
    if (!event.altKey && !alone) return;
    const digit = /^Digit([1-9])$/.exec(event.code);
    const choice = digit && !event.shiftKey && results.querySelectorAll("[data-ask]")[digit[1] - 1];
    const command = event.key === "?" ? "keys" : event.code === "Slash" ? "box" : event.shiftKey ? "" : LETTERS[event.code];
    if (!choice && !command) {
      if (alone && !target.closest(".sheet, .outline") && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
        event.preventDefault();
        step(event.key === "ArrowDown" ? 1 : -1);
      }
      return;
    }
    event.preventDefault();
    if (choice) choice.click();
    else does[command]();
  });

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const button = target.closest("[data-do]");
    if (button) { does[button.dataset.do](); return; }
    const asked = target.closest("[data-ask]");
    if (asked) { box.value = asked.dataset.ask; ask(box.value); return; }
    const again = target.closest("[data-asked]");
    if (again) { recall(again.dataset.asked, again.textContent); return; }
    const link = target.closest("a");
    const cited = link?.matches(".marker") && results.querySelectorAll(".cited a.hit")[Number(link.textContent) - 1];
    const hit = link?.closest("a.hit, a.hit-link") || cited;
    if (hit) {
      event.preventDefault();
      wide.close();
      state.moved = true;
      if (hit.matches(".hit")) choose(hit, { after: 0, jump: true });
      else open(hit.dataset, { jump: true });
      return;
    }
    if (link?.matches(".marker") || link && paper.contains(link)) { follow(link, event); return; }
    const clause = target.closest("article [id^=c]");
    if (clause && !String(getSelection())) go(clause);
  });
  const follow = (link, event) => {
    const address = link.getAttribute("href");
    if (address.startsWith("#c")) {
      event.preventDefault();
      go(find(address.slice(1)));
    } else if (address.startsWith("/notices/") && (link.target !== "_blank" || link.matches(".marker"))) {
      event.preventDefault();
      const { pathname, searchParams } = new URL(link.href);
      open({ key: decodeURIComponent(pathname.slice("/notices/".length)), start: searchParams.get("start"), end: searchParams.get("end") }, { jump: true });
    }
  };
  const recall = async (turn, question) => {
    const html = await piece("results", `/operator/asked/${turn}`);
    if (html === null) return;
    running.answer?.abort();
    state.moved = false;
    wide.close();
    const { call } = state;
    answered(html);
    state.call = call; // looking back does not take up an earlier call again
    box.value = question;
  };

  const narrowed = () => {
    const chosen = [...form.querySelectorAll("select")].filter((one) => one.value);
    narrow.querySelector(".chosen").textContent = chosen.map((one) => ` · ${one.selectedOptions[0].textContent}`).join("");
  };
  const later = () => { clearTimeout(waiting); waiting = setTimeout(search, PAUSE); };
  box.addEventListener("input", (event) => { if (!event.isComposing) later(); });
  box.addEventListener("compositionend", later);
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(box.value); });
  form.addEventListener("change", (event) => { if (event.target.matches("select")) { narrowed(); search(); } });

  // A correction or a note needs words, a flag may stand alone.
  const writing = note.querySelector("textarea"), kind = () => note.querySelector("[name=kind]:checked").value;
  const demand = () => { writing.required = kind() !== "flag"; };
  note.addEventListener("change", demand);
  note.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.ctrlKey) note.querySelector("form").requestSubmit(note.querySelector("[value=save]")); });
  note.addEventListener("close", async () => {
    if (note.returnValue !== "save") return;
    const text = writing.value.trim(), label = note.querySelector("[name=kind]:checked").parentElement.textContent.trim();
    const key = note.dataset.turn;
    if (!await request("note", "/operator/notes", { key, kind: kind(), text })) return;
    const line = document.createElement("p"), bold = document.createElement("b");
    line.className = "noted";
    bold.textContent = label;
    line.append(bold, ` ${text}`);
    results.querySelector(`.reply[data-turn="${key}"]`)?.append(line);
    writing.value = "";
    say(words.saved);
  });
  demand();

  try { single.checked = localStorage.getItem("single") !== "no"; } catch { /* private window */ }
  single.addEventListener("change", () => { try { localStorage.setItem("single", single.checked ? "yes" : "no"); } catch { /* private window */ } });
  if (matchMedia("(min-width: 1000px)").matches) narrow.open = true;
  count(state.count);
  narrowed();
  // What is in the box outlasts a reload, another page and a login that ran out, not the operator.
  addEventListener("pagehide", () => keep("typed", box.value));
  document.querySelector(".who").addEventListener("submit", hangUp);
  box.value = kept("typed");
  if (box.value) search();
})();
