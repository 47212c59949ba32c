// A zone's screen: cards that are pressed by touch or by number.
import { ask } from "./presses.js";
import { Screen, byId, fill, words } from "./screen.js";

const SETTLES = 600; // ms in which a finger may still mean what was there before

const cards = () => [...document.querySelectorAll("article[data-ticket]")];
let known = null; // tickets on the screen, and those of them that are to be stopped
let slots = new Map(); // key → the ticket that has it
const settling = new Map(); // ticket → why its next press is not taken yet
let lastDone = null; // what the undo takes back

/** What a press on the card means now, after what was pressed and is not answered yet. */
const verbOf = (card) => {
  const moves = ["start", "done", "stop"];
  const kept = screen.presses.kept.filter(
    ({ ref, verb }) => ref === card.dataset.ticket && moves.includes(verb),
  );
  if (kept.some((press) => press.verb !== "start")) return null;
  if (card.hasAttribute("data-cancelled")) return "stop";
  return card.dataset.state === "cooking" || kept.length ? "done" : "start";
};

const bump = (card) => {
  const { ticket, seen, label } = card.dataset;
  const [verb, why] = [verbOf(card), settling.get(ticket)];
  // The card before has gone, and this one has moved up below the finger.
  if (why?.moved) screen.complain(ticket, words.moved, label);
  if (!verb || why) return;
  screen.press({ ref: ticket, verb, label, url: card.dataset[verb], body: { seen: Number(seen) } });
  // A finger that slips and presses twice does not start and finish at once.
  settle(ticket, { moved: false });
};

const settle = (ticket, why) => {
  settling.set(ticket, why);
  setTimeout(() => {
    if (settling.get(ticket) === why) settling.delete(ticket);
    markSettling();
  }, SETTLES);
  markSettling();
};

const markSettling = () => {
  for (const card of cards()) card.toggleAttribute("data-settling", settling.has(card.dataset.ticket));
};

const reprint = ({ ticket, label, reprint }) =>
  screen.press({ ref: ticket, verb: "reprint", label, url: reprint, body: {} });

const recall = ({ ticket, seen, label, recall }) =>
  screen.press({ ref: ticket, verb: "recall", label, url: recall, body: { seen: Number(seen) } });

/** A press that was not sent is dropped; a done that was sent is taken back. */
const undo = () => {
  const dropped = screen.presses.undo();
  if (dropped) {
    showLast(fill(words.dropped, { what: dropped.label }));
    screen.mark();
  } else if (lastDone) {
    recall(lastDone);
    lastDone = null;
  } else showLast(words.nothing);
};

const showLast = (text) => {
  byId("last-press").textContent = text;
  byId("undo").hidden = !lastDone && !screen.presses.kept.length;
};

const SAID = { start: "started", done: "finished", stop: "stopped", recall: "recalled" };

const done = (press) => {
  if (press.verb === "done")
    lastDone = { ticket: press.ref, seen: press.body.seen, label: press.label, recall: press.url.replace(/done\/$/, "recall/") };
  else if (press.ref === lastDone?.ticket) lastDone = null;
  if (press.verb in SAID) showLast(fill(words[SAID[press.verb]], { what: press.label }));
};

/** What is new since the swap before is heard and said. */
const announce = (screen) => {
  const now = new Map(cards().map((card) => [card.dataset.ticket, card]));
  const stops = [...now.values()].filter((card) => card.hasAttribute("data-cancelled"));
  if (known) {
    const fresh = [...now].filter(([ref]) => !known.cards.has(ref)).map(([, card]) => card.dataset.label);
    const toStop = stops.filter((card) => !known.stops.has(card.dataset.ticket));
    if (toStop.length) {
      screen.sound.beep(330);
      screen.say(toStop.map((card) => fill(words.stop, { what: card.dataset.label })).join(". "), true);
    } else if (fresh.length) {
      screen.sound.beep();
      screen.say(fill(words.new, { what: fresh.join(", ") }));
    }
  }
  known = { cards: new Set(now.keys()), stops: new Set(stops.map((card) => card.dataset.ticket)) };
};

const painted = (screen) => {
  announce(screen);
  const before = slots;
  slots = new Map(cards().map(({ dataset }) => [dataset.key, dataset.ticket]));
  for (const [key, ticket] of slots)
    if (before.has(key) && before.get(key) !== ticket) settle(ticket, { moved: true });
  markSettling();
};

const screen = new Screen({ painted, done });

// By the place of the key, not by its letter: a Thai keyboard has others there.
const KEYS = { KeyU: undo, Backspace: undo, Digit0: undo, Numpad0: undo, KeyM: () => screen.sound.toggle() };

addEventListener("keydown", (event) => {
  const writes = event.target.closest("input, textarea, select, dialog[open]");
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || writes) return;
  const number = event.code.match(/^(?:Digit|Numpad)([1-9])$/)?.[1];
  const card = number && document.querySelector(`article[data-key="${number}"]`);
  if (card) bump(card);
  else if (event.code in KEYS) {
    event.preventDefault();
    KEYS[event.code]();
  }
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.id === "undo") undo();
  else if (button?.dataset.item) askFor86(button);
  else if (button?.dataset.press === "recall") recall(button.closest("[data-ticket]").dataset);
  else if (button?.dataset.press === "reprint") reprint(button.closest("[data-ticket]").dataset);
  else if (button && "press" in button.dataset) bump(button.closest("[data-ticket]"));
});

/** 86, after a second look, and back. It is not kept for later: it would surprise then. */
const askFor86 = ({ dataset }) => {
  const change = async () => {
    const answer = await ask("PATCH", dataset.item, { available: dataset.available === "true" });
    if (!answer?.ok) showLast(answer ? fill(words.refused, { detail: answer.detail }) : words.unreached);
    screen.line.news();
  };
  if (dataset.available === "true") {
    change();
    return;
  }
  const dialog = byId("ask");
  byId("ask-title").textContent = dataset.name;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && change(), { once: true });
  dialog.showModal();
};
