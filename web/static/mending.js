// One press takes out what a finding quotes, the next one what the next finding quotes; when nothing is left to mend it
// puts back what stood before. Typing in the text box keeps the browser's undo.
function put(text, words) {
  text.focus();
  text.select();
  // the only way that the browser's own undo knows of; where it is gone the text is simply set
  if (!document.execCommand("insertText", false, words)) {
    text.value = words;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
  text.blur();
}

export function startMending(form, text) {
  const box = form.querySelector("[data-mend-key]");
  const key = box.querySelector("[data-mend]");
  const label = key.querySelector("span");
  let before = null;
  let after = null;
  const fixes = () => [...form.querySelectorAll("[data-findings] [data-fix]")];
  const next = () => fixes().find((button) => !button.hasAttribute("data-stale"));
  const isMended = () => before !== null && text.value === after;

  function show() {
    box.hidden = !isMended() && !next();
    label.textContent = next() ? "Mend the next" : "Put it back";
  }

  function mend(button) {
    if (!isMended()) before = text.value;
    put(text, button.dataset.fix);
    after = text.value;
    for (const stale of fixes()) stale.setAttribute("data-stale", ""); // each is the whole text, as it was before
    key.disabled = true; // the check that follows tells what is left
    show();
  }

  form.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-fix]");
    if (pressed) {
      event.preventDefault();
      mend(pressed);
    }
  });
  key.addEventListener("click", () => {
    if (next()) return mend(next());
    put(text, before);
    before = null;
    for (const good of fixes()) good.removeAttribute("data-stale");
    show();
  });
  text.addEventListener("input", show);
  form.addEventListener("checked", () => {
    key.disabled = false;
    show();
  });
  show();
}
