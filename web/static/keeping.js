// What was typed survives a session that ended, a page that was left and a tab that fell asleep: it stays in this tab, by
// the reply it was typed for, and is offered again where the draft is another text now.
export function startKeeping(form, text) {
  const key = `earshot-typed:${form.querySelector("[name=reply_id]").value}`;
  const line = form.querySelector("[data-kept]");
  const kept = sessionStorage.getItem(key);

  function drop() {
    sessionStorage.removeItem(key);
    line.hidden = true;
  }

  if (kept === text.value) drop();
  line.hidden = kept === null || kept === text.value;
  line.querySelector("[data-kept-use]").addEventListener("click", () => {
    text.value = kept;
    text.dispatchEvent(new Event("input", { bubbles: true }));
    line.hidden = true;
  });
  line.querySelector("[data-kept-drop]").addEventListener("click", drop);
  text.addEventListener("input", () => {
    if (text.value === text.defaultValue) drop();
    else sessionStorage.setItem(key, text.value);
  });
}
