// The widget: one script line on any page gives a round button and a panel with the chat page in a frame.
"use strict";
(() => {
  const TEXTS = {/* prompts/widget.yaml, put in by the server */};
  const SITES = [/* GAZETTE_ALLOWED_SITES, put in by the server */];
  const MARK = "data-gazette-assistant";
  const KEPT = ["conversation", "district", "larger"];
  const script = document.currentScript || document.querySelector('script[src*="/widget.js"]');
  if (!script || document.querySelector(`[${MARK}]`)) return;
  const base = new URL(".", script.src);
  const asked = script.dataset;
  // The browser refuses the frame on any other site without a word; this is only to explain it.
  const allowed = [base.origin, ...SITES].some((site) => new RegExp(`^${site.replaceAll(".", "\\.").replace("*", "[^/]+")}$`, "i").test(location.origin));
  const PATIENCE = 15000; // milliseconds in which even a slow line brings the head of the page
  const language = Object.hasOwn(TEXTS, asked.language || "") ? asked.language : "zh-CN";
  const words = TEXTS[language];
  const colour = CSS.supports("color", asked.colour || "") ? asked.colour : "#17508a";

  const STYLE = `
    :host { all: initial; }
    @media print { :host { display: none; } }
    * { box-sizing: border-box; font-family: system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
    button, a { font-size: 15px; line-height: 1.5; cursor: pointer; }
    :focus-visible { outline: 3px solid #ffb000; outline-offset: 2px; }
    .round { position: fixed; bottom: max(20px, env(safe-area-inset-bottom)); z-index: 2147483646; width: 60px; height: 60px; padding: 0; border: 2px solid #fff; border-radius: 50%; background: var(--colour); color: var(--on-colour); box-shadow: 0 4px 16px rgba(0, 0, 0, .3); }
    .round svg { display: block; width: 30px; height: 30px; margin: auto; }
    .right { right: 20px; } .left { left: 20px; }
    .panel { position: fixed; bottom: 92px; z-index: 2147483647; width: min(420px, calc(100vw - 40px)); height: min(680px, calc(100vh - 120px)); display: flex; flex-direction: column; overflow: hidden; border-radius: 14px; background: #fff; box-shadow: 0 8px 40px rgba(0, 0, 0, .35); }
    .panel[hidden] { display: none; }
    .bar { display: flex; align-items: center; gap: 12px; padding: 8px 12px; background: var(--colour); color: var(--on-colour); }
    .bar strong { flex: 1; font-size: 16px; line-height: 1.5; }
    .bar a, .bar button { padding: 4px 8px; border: 0; border-radius: 6px; background: transparent; color: inherit; text-decoration: underline; text-underline-offset: 3px; }
    iframe { flex: 1; width: 100%; border: 0; background: #fff; }
    iframe[hidden], .note[hidden], .note [hidden] { display: none; }
    .note { flex: 1; display: flex; flex-direction: column; justify-content: center; align-items: center; gap: 16px; padding: 24px; color: #1c1c1c; text-align: center; }
    .note p { margin: 0; max-width: 24em; font-size: 17px; line-height: 1.7; overflow-wrap: anywhere; }
    .note button { padding: 10px 28px; border: 0; border-radius: 10px; background: var(--colour); color: var(--on-colour); font-size: 17px; }
    @media (max-width: 520px) { .panel { inset: 0; width: auto; height: auto; border-radius: 0; } .bar { padding-top: max(8px, env(safe-area-inset-top)); } }
  `;

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  // Black or white, whichever is easier to read on the colour (relative luminance of WCAG 2).
  const onColour = () => {
    const pixel = document.createElement("canvas").getContext("2d");
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...pixel.getImageData(0, 0, 1, 1).data].map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
  };

  const start = () => {
    const root = element("div");
    root.setAttribute(MARK, "");
    const shadow = root.attachShadow({ mode: "open" });
    // A sheet made by script needs no exception in the site's content policy, a <style> would.
    if ("adoptedStyleSheets" in shadow) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      shadow.adoptedStyleSheets = [sheet];
    } else shadow.append(element("style", { textContent: STYLE }));

    const side = asked.position === "left" ? "left" : "right";
    const own = new URL(base);
    if (asked.district) own.searchParams.set("district", asked.district);
    if (language !== "zh-CN") own.searchParams.set("language", language);
    const address = new URL(own);
    address.searchParams.set("embed", location.origin);
    const icon = new DOMParser().parseFromString('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true"><path d="M4 4h16v12H10l-5 4v-4H4z"/><path d="M8 8.5h8M8 12h5"/></svg>', "image/svg+xml").documentElement;
    const button = element("button", { type: "button", className: `round ${side}` }, icon);
    const close = element("button", { type: "button", textContent: words.close });
    const whole = element("a", { href: own.href, target: "_blank", rel: "noopener", textContent: words.window });
    const bar = element("div", { className: "bar" }, element("strong", { textContent: words.title }), whole, close);
    const told = element("p");
    told.setAttribute("role", "status");
    const retry = element("button", { type: "button", textContent: words.retry });
    const note = element("div", { className: "note" }, told, retry);
    const panel = element("section", { className: `panel ${side}`, hidden: true, id: "panel", tabIndex: -1 }, bar, note);
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", words.title);
    panel.setAttribute("lang", language);
    button.setAttribute("lang", language);
    button.setAttribute("aria-controls", "panel");
    button.setAttribute("aria-haspopup", "dialog");
    shadow.append(button, panel);
    document.body.append(root);
    const on = onColour();
    for (const part of [button, panel]) { part.style.setProperty("--colour", colour); part.style.setProperty("--on-colour", on); }

    let frame = null, failed = false;
    const tell = (message) => frame?.contentWindow.postMessage({ gazette: message }, base.origin);
    const show = (open) => {
      panel.hidden = !open;
      button.setAttribute("aria-expanded", String(open));
      button.setAttribute("aria-label", open ? words.shut : words.open);
      button.title = open ? words.shut : words.open;
      if (!open) { button.focus(); return; }
      if (!frame || failed) load(); // only now: a page whose readers ask nothing loads nothing
      else greet();
    };
    const greet = () => { frame.focus(); tell({ opened: true }); };
    // The frame is seen once the chat page in it has said that it is there; a browser's page for a failure never does.
    const load = () => {
      frame?.remove();
      const made = frame = element("iframe", { src: address.href, title: words.title, allow: "clipboard-write", hidden: true });
      const fail = () => {
        if (frame !== made || !made.hidden) return;
        failed = true;
        told.textContent = allowed ? words.failed : words.refused.replace("{site}", location.origin);
        retry.hidden = !allowed;
      };
      made.addEventListener("load", () => { setTimeout(fail, 1000); tell({ opened: true }); });
      setTimeout(fail, PATIENCE);
      failed = note.hidden = false;
      retry.hidden = true;
      told.textContent = words.opening;
      panel.append(made);
      panel.focus();
    };
    const ready = () => {
      if (!frame.hidden) return;
      failed = frame.hidden = false;
      note.hidden = true;
      if (shadow.activeElement) greet(); // who has gone back to the site's own fields is left there
    };
    retry.addEventListener("click", load);
    button.addEventListener("click", () => show(panel.hidden));
    close.addEventListener("click", () => show(false));
    shadow.addEventListener("keydown", (event) => { if (event.key === "Escape" && !panel.hidden) show(false); });

    // The frame may ask this page to keep a few words where the browser gives a frame of another site no storage.
    const slot = (name) => `gazette-assistant:${name}`;
    const memory = {};
    const kept = (name) => { try { return localStorage.getItem(slot(name)) ?? memory[name]; } catch { return memory[name]; } };
    const keep = (name, value) => {
      if (!KEPT.includes(name) || typeof value !== "string" || value.length > 100) return;
      memory[name] = value;
      try { localStorage.setItem(slot(name), value); } catch { /* kept while the page is open */ }
    };
    window.addEventListener("message", (event) => {
      if (!frame || event.source !== frame.contentWindow || event.origin !== base.origin) return;
      const said = event.data?.gazette;
      if (said?.ready) ready();
      if (said?.close && !panel.hidden) show(false);
      if (said?.keep) for (const [name, value] of Object.entries(said.keep)) keep(name, value);
      if (said?.recall) tell({ recalled: Object.fromEntries(KEPT.map((name) => [name, kept(name) || ""])) });
    });

    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-label", words.open);
    button.title = words.open;
  };
  if (document.body) start(); else document.addEventListener("DOMContentLoaded", start);
})();
