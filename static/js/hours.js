// The hours editor: blocks are added, removed and copied in place, and the preview follows.
// Without script the same buttons send the form and the server does it.

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"];

export function hours(root) {
  for (const form of root.querySelectorAll("form[data-hours]")) edit(form);
  for (const form of root.querySelectorAll("form[data-preview]")) preview(form);
}

function edit(form) {
  const row = (key) => form.querySelector(`[data-day="${key}"]`);
  const list = (day) => day.querySelector("[data-blocks]");

  const show = (day, on) => {
    list(day).hidden = !on;
    day.querySelector("[data-off]").hidden = on;
  };

  const settle = (day) => {
    const any = list(day).children.length > 0;
    day.querySelector("[data-on]").checked = any;
    show(day, any);
    form.dispatchEvent(new Event("change"));
  };

  const add = (day, values) => {
    const block = day.querySelector("[data-block]").content.cloneNode(true);
    values?.forEach((value, index) => (block.querySelectorAll("select")[index].value = value));
    list(day).append(block);
    return list(day).lastElementChild;
  };

  const copy = (day) => {
    const blocks = [...list(day).children].map((block) =>
      [...block.querySelectorAll("select")].map((select) => select.value),
    );
    const targets = new Set();
    for (const box of day.querySelectorAll(`[name="copy_${day.dataset.day}"]:checked`)) {
      for (const key of box.value === "weekdays" ? WEEKDAYS : [box.value]) targets.add(key);
      box.checked = false;
    }
    targets.delete(day.dataset.day);
    for (const key of targets) {
      const other = row(key);
      list(other).replaceChildren();
      for (const values of blocks) add(other, values);
      settle(other);
    }
    const details = day.querySelector("details.copy");
    details.open = false;
    details.querySelector("summary").focus();
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const day = button?.closest("[data-day]");
    if (!day) return;
    event.preventDefault();
    if ("add" in button.dataset) {
      const block = add(day);
      settle(day);
      block.querySelector("select").focus();
    } else if ("remove" in button.dataset) {
      button.closest("li").remove();
      day.querySelector("[data-add]").focus();
      settle(day);
    } else if ("copy" in button.dataset) copy(day);
  });

  form.addEventListener("change", (event) => {
    const day = event.target.closest?.("[data-day]");
    if (!day || !("on" in event.target.dataset)) return;
    if (event.target.checked && !list(day).children.length) add(day);
    show(day, event.target.checked);
  });
}

/** Asks the server what the form would give and replaces the parts marked as live. */
function preview(form) {
  let timer, turn = 0;
  const ask = async () => {
    const mine = ++turn;
    const body = new URLSearchParams(new FormData(form));
    body.set("op", "preview");
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== turn) return;
      for (const part of document.querySelectorAll("[data-live][id]")) {
        const fresh = page.getElementById(part.id);
        if (fresh) part.replaceChildren(...fresh.childNodes);
      }
    } catch {
      // No connection: the numbers stay as they were, and saving says what is wrong.
    }
  };
  form.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 400);
  });
}
