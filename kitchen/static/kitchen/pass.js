// The pass's screen: trays that come together, and those to be handed out.
import { Screen, fill, words } from "./screen.js";

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

const screen = new Screen({
  painted,
  done: (press) => screen.say(fill(words.served, { what: press.label })),
});

addEventListener("keydown", (event) => {
  const writes = event.target.closest("input, textarea, select, dialog[open]");
  if (event.code === "KeyM" && !event.repeat && !event.ctrlKey && !writes) screen.sound.toggle();
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-serve]");
  if (!button) return;
  const { tray, label } = button.closest("[data-tray]").dataset;
  if (screen.presses.kept.some((press) => press.ref === tray)) return;
  const { serve, number } = button.dataset;
  screen.press({ ref: tray, verb: "serve", label, url: serve, body: { tray: Number(number) } });
});
