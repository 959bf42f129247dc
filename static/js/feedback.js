// The feedback form: the draft saves itself, and anchors open once the evidence is long enough.
// The server checks everything again.
import { fill } from "./comfort.js";

const length = (text) => [...text.trim().replace(/\s+/g, " ")].length;

export function feedback(root) {
  for (const group of root.querySelectorAll("[data-anchors][data-evidence-id]")) guard(group);
  for (const button of root.querySelectorAll("[data-pull]")) pull(button);
  for (const form of root.querySelectorAll("form[data-autosave]")) autosave(form);
}

/** Counts the evidence and keeps its anchors locked until it is long enough. */
function guard(group) {
  const box = document.getElementById(group.dataset.evidenceId);
  const lock = group.querySelector(".lock");
  const counter = document.getElementById(`${box.id}-count`);
  const { minimum, edge } = box.dataset;
  const chosen = () => group.querySelector(":checked");
  let kept = chosen();
  const update = () => {
    const n = length(box.value);
    const extreme = ["1", "4"].includes(chosen()?.value);
    const needed = extreme ? edge : minimum;
    const locked = n < minimum;
    if (counter) counter.textContent = fill(counter.dataset.words, { n, minimum, edge });
    lock.textContent = fill(extreme ? lock.dataset.edgeWords : lock.dataset.words, { n, minimum, edge });
    lock.hidden = n >= needed;
    group.classList.toggle("locked", locked);
    for (const radio of group.querySelectorAll("input"))
      radio.setAttribute("aria-disabled", String(locked && radio.value !== "none"));
  };
  // "Not observed" needs no evidence, so it is never locked.
  group.addEventListener("click", (event) => {
    if (event.target.getAttribute("aria-disabled") === "true") event.preventDefault();
  });
  group.addEventListener("change", () => {
    const now = chosen();
    if (now?.getAttribute("aria-disabled") !== "true") kept = now;
    else if (kept) kept.checked = true;
    else now.checked = false;
    update();
  });
  box.addEventListener("input", update);
  update();
}

function pull(button) {
  const box = document.getElementById(button.dataset.into);
  button.hidden = false;
  button.addEventListener("click", () => {
    box.value = [box.value.trim(), button.dataset.pull].filter(Boolean).join("\n");
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
    button.hidden = true;
  });
}

function autosave(form) {
  const status = form.querySelector("[data-save]");
  const live = form.querySelector("[data-save-live]");
  const conflict = form.querySelector("[data-conflict]");
  const hints = form.querySelector("[data-tone]");
  const hintsLive = form.querySelector("[data-tone-live]");
  let timer, running, since, state = "saved", dirty = false, busy = false, stopped = false;

  // The words change with every save; the live region speaks only when the state does.
  const say = (next, words, aloud = words) => {
    status.textContent = words;
    status.dataset.state = ["saved", "unsaved"].includes(next) ? next : "error";
    if (next !== state && next !== "unsaved") live.textContent = aloud;
    if (next !== "unsaved") state = next;
  };

  const save = () => {
    clearTimeout(timer);
    if (dirty && !busy && !stopped) running = send();
  };

  // 0.8 seconds after the last key; while the typing goes on, at most 0.9 after the first one
  // that is not saved, so that whatever ends the browser costs less than a second of words.
  const later = () => {
    clearTimeout(timer);
    since ??= performance.now();
    timer = setTimeout(save, Math.max(0, Math.min(800, since + 900 - performance.now())));
  };

  // A reason that is being typed there stays.
  const hint = ({ tone, said }) => {
    if (hints.contains(document.activeElement) || hints.dataset.shown === tone) return;
    hints.dataset.shown = tone;
    hints.innerHTML = tone;
    hintsLive.textContent = said;
  };

  const post = () => {
    const body = new URLSearchParams(new FormData(form)).toString();
    return fetch(form.dataset.autosave, {
      method: "POST",
      body,
      headers: {
        Accept: "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Autosave": "1",
      },
      keepalive: body.length < 60000, // browsers refuse longer ones
    });
  };

  // After signing in again in another window the form goes on with the new token.
  const renewed = async () => {
    const text = await (await fetch(location.href)).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    const token = page.querySelector("form[data-autosave] [name=csrf_token]")?.value;
    if (token) form.elements.csrf_token.value = token;
    return Boolean(token);
  };

  const send = async () => {
    busy = true;
    dirty = false;
    since = undefined;
    try {
      let answer = await post();
      const shut = () => answer.redirected || answer.status === 400;
      if (shut() && (await renewed())) answer = await post();
      if (answer.status === 409) {
        stopped = true;
        conflict.innerHTML = await answer.text();
        say("conflict", status.dataset.conflictText);
      } else if (answer.ok && !answer.redirected) {
        const told = await answer.json();
        form.elements.revision.value = told.revision;
        say("saved", told.text, status.dataset.back);
        hint(told);
      } else if (shut()) {
        dirty = true;
        say("signed out", status.dataset.signedOut);
      } else throw new Error(answer.status);
    } catch {
      dirty = true;
      say("offline", status.dataset.offline);
    }
    busy = false;
    if (dirty && state === "saved") later();
    else if (dirty && state === "offline") timer = setTimeout(save, 5000);
  };

  form.addEventListener("input", () => {
    dirty = true;
    if (!stopped && state === "saved") say("unsaved", status.dataset.unsaved);
    later();
  });
  form.addEventListener("focusout", save);
  // Sent only after a save under way has brought the newest revision.
  form.addEventListener("submit", (event) => {
    if (busy) {
      event.preventDefault();
      running.then(() => form.requestSubmit(event.submitter));
    } else stopped = true;
  });
  window.addEventListener("pagehide", save);
  window.addEventListener("pageshow", (event) => { if (event.persisted) stopped = false; });
  window.addEventListener("online", save);
  document.addEventListener("visibilitychange", () => document.hidden && save());
}
