// What all screens of the kitchen share: the board that is fetched anew, the line's state, presses
// with their marks and messages, sound, help.
import { Line, fill, showLine } from "../line.js";
import { Presses } from "./presses.js";
import { Sound } from "./sound.js";
import { paintTimers, setClock } from "./timers.js";

const TOO_LONG = 5_000; // ms after which a look has failed
const SAID_FOR = 12_000; // ms for which a refusal stands on its card

export const words = JSON.parse(document.getElementById("words").textContent);
export { fill };
export const byId = (id) => document.getElementById(id);

/** A refusal in the reader's language. */
const inWords = (press, problem) => {
  if (press.verb === "done" && problem.state === "cooking") return words.taken_back;
  if (problem.state in words.states) return fill(words.faster, { state: words.states[problem.state] });
  return fill(words.refused, { detail: problem.detail });
};

export class Screen {
  /** `painted(screen)` is called after each swap; `done(press)` when a press was answered well. */
  constructor({ painted, done }) {
    Object.assign(this, { painted, done });
    this.said = new Map();
    this.html = null;
    const { board, stream, now } = document.body.dataset;
    setClock(Number(now) * 1000);
    this.board = board;
    this.sound = new Sound(byId("sound"), words);
    this.presses = new Presses((...told) => this.answered(...told));
    byId("help-button").addEventListener("click", () => byId("help").showModal());
    setInterval(() => paintTimers(words), 1000);
    this.paint();
    this.line = new Line(stream, () => this.look(), (line) => this.showLine(line));
    this.presses.send();
  }

  /** Fetch the board as it is now, and swap it in if it has changed. */
  async look() {
    let answer, html;
    try {
      answer = await fetch(this.board, { signal: AbortSignal.timeout(TOO_LONG) });
      html = await answer.text();
    } catch {
      return "silent";
    }
    if (answer.status === 401 || answer.status === 403) return "left";
    if (!answer.ok) return "silent";
    setClock(Date.parse(answer.headers.get("Date")));
    // htmx keeps the focus where it was, by the id of its element.
    if (html !== this.html) htmx.swap("#board", html, { swapStyle: "outerHTML", settleDelay: 0 });
    this.html = html;
    this.paint();
    return "ok";
  }

  paint() {
    paintTimers(words);
    this.painted?.(this);
    this.mark();
  }

  showLine(told) {
    showLine(told, words);
    if (this.lineState === told.state) return;
    this.lineState = told.state;
    if (told.state === "live") this.presses.send();
    this.mark();
  }

  press(press) {
    this.said.delete(press.ref);
    this.presses.add(press);
    this.mark();
  }

  answered(press, outcome, problem) {
    if (outcome === "sent") this.done?.(press);
    if (outcome === "refused") this.complain(press.ref, inWords(press, problem), press.label);
    this.mark();
    this.line.news();
  }

  /** A short message on its card; if the card is gone, below the board. */
  complain(ref, text, label = "") {
    this.said.set(ref, { text, label, until: performance.now() + SAID_FOR });
    setTimeout(() => this.mark(), SAID_FOR + 50);
    this.mark();
  }

  /** Marks of what is on its way, and messages, which a swap has taken away. */
  mark() {
    for (const [ref, { until }] of this.said) if (until < performance.now()) this.said.delete(ref);
    const kept = new Map(this.presses.kept.map((press) => [press.ref, press]));
    const gone = [];
    for (const card of document.querySelectorAll("[data-ticket], [data-tray]")) {
      const ref = card.dataset.ticket ?? card.dataset.tray;
      const [message, press] = [card.querySelector(".message"), kept.get(ref)];
      const mark = press && (this.lineState === "live" ? words.sending : words.kept);
      const text = press ? `${words[press.verb] ?? ""} · ${mark}` : this.said.get(ref)?.text ?? "";
      if (message.textContent !== text) message.textContent = text;
      message.hidden = !text;
      card.toggleAttribute("data-kept", Boolean(press));
    }
    for (const [ref, { text, label }] of this.said)
      if (!document.querySelector(`[data-ticket="${ref}"], [data-tray="${ref}"]`)) gone.push(`${label} · ${text}`);
    for (const [ref, press] of kept)
      if (!document.querySelector(`[data-ticket="${ref}"], [data-tray="${ref}"]`)) gone.push(`${press.label} · ${words.kept}`);
    const dock = byId("dock");
    if (dock.textContent !== gone.join("")) {
      dock.replaceChildren(
        ...gone.map((text) => Object.assign(document.createElement("p"), { className: "message", textContent: text })),
      );
    }
  }

  /** For who does not look: a screen reader says it. */
  say(text, urgent = false) {
    byId(urgent ? "cried" : "said").textContent = text;
  }
}
