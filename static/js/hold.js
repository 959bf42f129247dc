// Says in time that a hold runs out. The end itself needs no script: the page names the hour.

const NOTICE_MS = 120000;

export function hold(root) {
  const place = root.querySelector("[data-hold-left]");
  if (!place) return;
  const { holdLeft, words } = place.dataset;
  setTimeout(() => (place.textContent = words), Math.max(0, holdLeft * 1000 - NOTICE_MS));
}
