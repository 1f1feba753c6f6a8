// One press takes out what a finding quotes, the next one puts it back. Typing in the text box keeps the browser's undo.
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
  const first = () => form.querySelector("[data-findings] [data-fix]");
  const isMended = () => before !== null && text.value === after;

  function show() {
    box.hidden = !isMended() && first() === null;
    label.textContent = isMended() ? "Put it back" : "Mend the first";
  }

  function mend(fix) {
    before = text.value;
    put(text, fix);
    after = text.value;
    show();
  }

  form.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-fix]");
    if (pressed) {
      event.preventDefault();
      mend(pressed.dataset.fix);
    }
  });
  key.addEventListener("click", () => {
    if (!isMended()) return mend(first().dataset.fix);
    put(text, before);
    before = null;
    show();
  });
  text.addEventListener("input", show);
  form.addEventListener("checked", show);
  show();
}
