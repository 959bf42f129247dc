// Painting hours: drag over them, or go with the arrow keys. Every hour is a check box, so without
// script a click on each does the same, and the buttons send the form.
import { fill } from "./comfort.js";

export function rounds(root) {
  for (const form of root.querySelectorAll("form[data-paint]")) paint(form);
}

function paint(form) {
  const rows = [...form.querySelectorAll("[data-paint-day]")].map((day) =>
    [...day.querySelector(".paint-hours").children].map((cell) => cell.querySelector("input")),
  );
  const boxes = rows.flat().filter(Boolean);
  const at = new Map();
  rows.forEach((row, y) => row.forEach((box, x) => box && at.set(box, [x, y])));
  const words = form.querySelector("[data-paint-count]");
  form.querySelector("[data-paint-hint]").hidden = false;

  const count = () => {
    const days = rows.filter((row) => row.some((box) => box?.checked)).length;
    const hours = boxes.filter((box) => box.checked).length;
    words.textContent = fill(words.dataset.paintCount, { hours, days });
  };
  form.addEventListener("change", count);
  // What the browser kept when the page was left, it brings back after this script ran.
  window.addEventListener("pageshow", count);

  // One stop for Tab a day: the hour last visited, or the first one painted.
  const stop = (row, box) => {
    for (const other of row) if (other) other.tabIndex = other === box ? 0 : -1;
  };
  for (const row of rows) stop(row, row.find((box) => box?.checked) ?? row[18] ?? row.find(Boolean));

  form.addEventListener("focusin", ({ target }) => {
    if (at.has(target)) stop(rows[at.get(target)[1]], target);
  });
  form.addEventListener("keydown", (event) => {
    const place = at.get(event.target);
    if (!place || event.ctrlKey || event.altKey || event.metaKey) return;
    const mirrored = getComputedStyle(event.target).direction === "rtl" ? -1 : 1;
    const [dx, dy] = {
      ArrowRight: [mirrored, 0], ArrowLeft: [-mirrored, 0], ArrowDown: [0, 1], ArrowUp: [0, -1],
    }[event.key] ?? [0, 0];
    if (!dx && !dy) return;
    event.preventDefault();
    let [x, y] = place;
    do { x += dx; y += dy; } while (rows[y] && x in rows[y] && !rows[y][x]);
    const next = rows[y]?.[x];
    if (!next) return;
    if (event.shiftKey) next.checked = event.target.checked;
    next.focus();
    count();
  });

  drag(form, rows, at, count);

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-paint-copy], [data-paint-clear]");
    if (!button) return;
    event.preventDefault();
    if ("paintClear" in button.dataset) for (const box of boxes) box.checked = false;
    else {
      const day = button.closest("[data-paint-day]");
      const source = rows[[...form.querySelectorAll("[data-paint-day]")].indexOf(day)];
      for (const row of rows) row.forEach((box, x) => box && (box.checked = Boolean(source[x]?.checked)));
    }
    count();
  });
}

/** Painting a rectangle of days by hours; what it leaves again is as it was before. */
function drag(form, rows, at, count) {
  let from, before, colour, moved;
  const under = ({ clientX, clientY }) =>
    document.elementFromPoint(clientX, clientY)?.closest(".paint-hours label")?.querySelector("input");

  form.addEventListener("pointerdown", (event) => {
    const box = event.button === 0 && event.target.closest(".paint-hours label")?.querySelector("input");
    if (!box) return;
    from = box;
    moved = false;
    colour = !box.checked;
    before = rows.map((row) => row.map((one) => one?.checked));
    event.target.releasePointerCapture?.(event.pointerId);
  });
  form.addEventListener("pointermove", (event) => {
    if (!from) return;
    const box = under(event);
    if (!box || !form.contains(box) || (box === from && !moved)) return;
    moved = true;
    const [ax, ay] = at.get(from);
    const [bx, by] = at.get(box);
    const inside = (n, a, b) => n >= Math.min(a, b) && n <= Math.max(a, b);
    rows.forEach((row, y) => row.forEach((one, x) => {
      if (one) one.checked = inside(x, ax, bx) && inside(y, ay, by) ? colour : before[y][x];
    }));
    count();
  });
  for (const kind of ["pointerup", "pointercancel"])
    document.addEventListener(kind, () => {
      from = undefined;
      setTimeout(() => (moved = false)); // after the click
    });
  // The click that ends a drag must not turn its first hour round again.
  form.addEventListener("click", (event) => {
    if (moved && event.target.closest(".paint-hours")) event.preventDefault();
  }, true);
}
