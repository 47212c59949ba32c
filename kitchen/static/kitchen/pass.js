// The pass's screen: trays that come together, and those to be handed out.
import { Screen, byId, fill, words } from "./screen.js";

let known = null; // trays that were ready at the swap before

const painted = (screen) => {
  const ready = [...document.querySelectorAll('article[data-tray][data-state="ready"]')];
  const fresh = ready.filter((card) => known && !known.has(card.dataset.tray));
  if (fresh.length) {
    screen.sound.beep();
    screen.say(fill(words.new, { what: fresh.map((card) => card.dataset.label).join(", ") }));
  }
  known = new Set(ready.map((card) => card.dataset.tray));
};

const SAID = { serve: "served", refire: "refired" };

const screen = new Screen({
  painted,
  done: ({ verb, label }) => screen.say(fill(words[SAID[verb]], { what: label })),
});

addEventListener("keydown", (event) => {
  const writes = event.target.closest("input, textarea, select, dialog[open]");
  if (event.code === "KeyM" && !event.repeat && !event.ctrlKey && !writes) screen.sound.toggle();
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-press]");
  if (!button) return;
  const { tray, label, serve, refire, number } = button.closest("[data-tray]").dataset;
  if (screen.presses.kept.some((press) => press.ref === tray)) return;
  if (button.dataset.press === "serve")
    screen.press({ ref: tray, verb: "serve", label, url: serve, body: { tray: Number(number) } });
  else askToRefire(button.dataset, { ref: tray, verb: "refire", label, url: refire });
});

/** Food is thrown away by this: it wants a reason. */
const askToRefire = ({ line, name }, press) => {
  const [dialog, reason] = [byId("ask"), byId("reason")];
  byId("ask-title").textContent = `${name} · ${press.label}`;
  dialog.returnValue = reason.value = "";
  const closed = () => {
    if (dialog.returnValue !== "yes") return;
    screen.press({ ...press, label: `${name} ${press.label}`, body: { line, reason: reason.value } });
  };
  dialog.addEventListener("close", closed, { once: true });
  dialog.showModal();
};
