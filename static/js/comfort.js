// Small comforts of any page: keys, the copy button, the counter of chosen rows.

const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
export { fill };

/** 1 to 4 (0 or - for not observed) while an anchor has the focus; Ctrl+Enter sends the form. */
export function keys(root) {
  root.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = target.closest("form");
      if (!form) return;
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.button-primary"));
    } else if (target.type === "radio" && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const group = target.closest("[data-anchors]");
      const value = /^[1-4]$/.test(key) ? key : /^[0-]$/.test(key) ? "none" : null;
      const radio = value && group?.querySelector(`input[value="${value}"]`);
      if (!radio) return;
      event.preventDefault();
      radio.focus();
      radio.click();
    }
  });
}

/** A button that copies; hidden where there is no script. */
export function copy(root) {
  for (const button of root.querySelectorAll("[data-copy-text]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copyText);
      button.querySelector("span").textContent = button.dataset.done;
    });
  }
}

/** Counts the ticked rows of a list. */
export function bulk(root) {
  for (const form of root.querySelectorAll("[data-bulk]")) {
    const words = form.querySelector("[data-bulk-count]");
    const boxes = () => [...form.querySelectorAll("td.pick input")];
    const count = () => {
      const n = boxes().filter((box) => box.checked).length;
      words.textContent = fill(words.dataset.bulkCount, { n });
    };
    form.addEventListener("change", count);
    form.querySelector("[data-bulk-none]").addEventListener("click", (event) => {
      event.preventDefault();
      for (const box of boxes()) box.checked = false;
      count();
    });
    count();
  }
}
