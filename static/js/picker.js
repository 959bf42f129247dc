// Days and zones. The server computes every time; here only the device's zone is guessed.
import { fill } from "./comfort.js";

const guess = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Names differ between browsers (Katmandu, Kathmandu), so clocks are compared, not names. */
function sameClock(one, other) {
  try {
    return [0, 6].every((month) => {
      const day = new Date(Date.UTC(new Date().getUTCFullYear(), month, 15));
      const shown = (timeZone) => day.toLocaleString("en", { timeZone });
      return shown(one) === shown(other);
    });
  } catch {
    return false; // a name this browser does not know
  }
}

/** Fills empty zone fields with the device's zone and offers it where another one is in use. */
export function zone(root) {
  const device = guess();
  if (!device) return;
  for (const field of root.querySelectorAll("[data-zone-guess]")) {
    if (field.value) continue;
    field.value = device;
    if (field.value) continue;
    const names = [...field.options].map((option) => option.value).filter(Boolean);
    field.value = names.find((name) => sameClock(name, device)) ?? "";
  }
  for (const offer of root.querySelectorAll("[data-zone-offer]")) {
    if (sameClock(offer.dataset.zoneOffer, device)) continue;
    const place = device.split("/").pop().replaceAll("_", " ");
    for (const part of offer.querySelectorAll("[data-words]")) {
      part.textContent = fill(part.dataset.words, { place });
      if (!part.href) continue;
      const url = new URL(part.href);
      url.searchParams.set("zone", device);
      url.searchParams.set("next", location.pathname + location.search);
      part.href = url;
    }
    offer.hidden = false;
  }
}

/** Arrow keys go from free day to free day: sideways in order, up and down by weeks. */
export function days(root) {
  root.addEventListener("keydown", (event) => {
    const link = event.target.closest?.("[data-days] a");
    if (!link || event.ctrlKey || event.altKey || event.metaKey) return;
    const mirrored = getComputedStyle(link).direction === "rtl" ? -1 : 1;
    const step = { ArrowRight: mirrored, ArrowLeft: -mirrored, ArrowDown: 7, ArrowUp: -7 }[event.key];
    if (!step) return;
    event.preventDefault();
    const cells = [...link.closest("table").querySelectorAll("td")];
    const free = (cell) => cell?.querySelector("a");
    let at = cells.indexOf(link.parentElement);
    do at += step; while (cells[at] && !free(cells[at]));
    free(cells[at])?.focus();
  });
}
