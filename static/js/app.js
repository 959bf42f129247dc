// Everything here only shortens a way that also works without it.
import "htmx.org";
import { bulk, copy, keys } from "./comfort.js";
import { days, zone } from "./picker.js";
import { feedback } from "./feedback.js";
import { hold } from "./hold.js";
import { hours } from "./hours.js";
import { rounds } from "./rounds.js";

for (const start of [keys, copy, bulk, zone, days, feedback, hold, hours, rounds]) start(document);

document.addEventListener("htmx:after:swap", () => {
  zone(document);
  document.querySelector("#main [data-focus]")?.focus();
});
document.querySelector("[role=alert][data-focus]")?.focus();
