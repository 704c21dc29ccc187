(() => {
  const by = (name) => document.getElementById(`by-${name}`);
  const outcome = by("outcome"), why = by("why"), type = by("type"), words = by("words");
  const count = document.getElementById("count");
  const all = [...document.querySelectorAll("details.failure")];
  const apply = () => {
    const wanted = words.value.trim().toLowerCase();
    let shown = 0;
    for (const item of all) {
      item.hidden = (outcome.value && item.dataset.solved !== outcome.value) || (why.value && item.dataset.why !== why.value)
        || (type.value && item.dataset.type !== type.value) || (wanted && !item.textContent.toLowerCase().includes(wanted));
      shown += !item.hidden;
    }
    count.textContent = count.dataset.text.replace("{n}", shown);
  };
  for (const field of [outcome, why, type]) field.addEventListener("change", apply);
  words.addEventListener("input", apply);
  for (const button of document.querySelectorAll("[data-pick]")) {
    button.addEventListener("click", () => {
      outcome.value = "no"; why.value = button.dataset.pick; type.value = ""; words.value = "";
      apply();
      document.querySelector(".filters").scrollIntoView();
    });
  }
  // A link to a question opens it, whatever the filters hide.
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.classList.contains("failure")) return;
    target.hidden = false; target.open = true;
    target.scrollIntoView();
  };
  for (const item of all) {
    item.querySelector("summary").addEventListener("click", () => { if (!item.open) history.replaceState(null, "", `#${item.id}`); });
  }
  window.addEventListener("hashchange", open);
  apply();
  open();
})();
