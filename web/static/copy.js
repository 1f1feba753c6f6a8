// Copy buttons; they appear only where copying works.
async function copy(button, text) {
  await navigator.clipboard.writeText(text);
  const label = button.querySelector("span") ?? button;
  const before = label.textContent;
  label.textContent = "Copied";
  setTimeout(() => { label.textContent = before; }, 1500);
}

function copySelected(field) {
  field.focus();
  field.select();
}

export function startCopy() {
  for (const button of document.querySelectorAll("[data-copy], [data-copy-from]")) {
    const field = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
    if (!navigator.clipboard && !field) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      if (!navigator.clipboard) copySelected(field);
      else copy(button, field ? field.value : button.dataset.copy);
    });
  }
}
