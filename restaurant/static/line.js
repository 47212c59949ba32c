// How fresh is what this page shows? It listens to the stream, looks anew with all news, and knows
// when it has heard nothing: then it says so and looks by itself.
const AGAIN = 250; // ms between two looks, so that a rush of news is one look
const SILENT = 10_000; // ms without a sign of the stream: stale
const POLL = 2_000; // ms between looks while there is no stream
const IDLE = 15_000; // ms after which it looks although all is quiet: some news have no event
const REOPEN = 5_000; // ms until a stream that was refused or fell silent is tried again

export const fill = (text, facts) => text.replace(/%\((\w+)\)s/g, (_, name) => facts[name]);

/** Say it on the page: beside the heading while it is live, else in a banner. */
export const showLine = ({ state, age }, words) => {
  const [line, banner] = ["line", "banner"].map((id) => document.getElementById(id));
  const isLive = state === "live";
  line.dataset.line = banner.dataset.line = state;
  line.textContent = isLive ? fill(words.live, { age }) : "";
  // Seconds that pass are not said aloud again and again: only the first words are an alert.
  const text = isLive ? "" : fill(words[state], { age });
  if (banner.textContent !== text) banner.textContent = text;
  banner.hidden = isLive;
};

export class Line {
  /** `look` resolves to "ok", "silent" or "left"; `show` is told {state, age} each second. */
  constructor(url, look, show) {
    Object.assign(this, { url, look, show });
    const now = performance.now();
    this.heard = this.seen = this.opened = now;
    this.asked = -Infinity;
    this.answer = "ok";
    this.open();
    setInterval(() => this.tick(), 1000);
    for (const name of ["online", "offline"]) addEventListener(name, () => this.news());
    document.addEventListener("visibilitychange", () => document.hidden || this.news());
    this.tick();
  }

  open() {
    this.source?.close();
    this.opened = performance.now();
    const source = (this.source = new EventSource(this.url));
    const alive = () => (this.heard = performance.now());
    const news = () => (alive(), this.news());
    // What happened while it was away is in no message: a stream that opens is news.
    for (const name of ["open", "message", "reload"]) source.addEventListener(name, news);
    source.addEventListener("ping", alive);
    source.addEventListener("error", () => this.news());
  }

  /** Look, now or as soon as the look before is over; many calls are one look. */
  async news() {
    this.wanted = true;
    if (this.busy) return;
    this.busy = true;
    while (this.wanted) {
      await new Promise((go) => setTimeout(go, this.asked + AGAIN - performance.now()));
      this.wanted = false;
      this.asked = performance.now();
      this.answer = await this.look();
      if (this.answer === "ok") this.seen = performance.now();
      this.tell();
    }
    this.busy = false;
  }

  tick() {
    const now = performance.now();
    const isSilent = now - this.heard > SILENT;
    const streams = this.source.readyState === EventSource.OPEN && !isSilent;
    if (now - this.asked >= (streams ? IDLE : POLL)) this.news();
    const refused = this.source.readyState === EventSource.CLOSED;
    if ((refused || isSilent) && now - this.opened > REOPEN) this.open();
    this.tell();
  }

  get state() {
    if (this.answer === "left") return "left";
    if (this.answer === "silent") return "offline";
    return performance.now() - this.heard > SILENT ? "stale" : "live";
  }

  tell() {
    const state = this.state;
    const since = state === "live" ? Math.max(this.heard, this.seen) : this.seen;
    this.show({ state, age: Math.floor((performance.now() - since) / 1000) });
  }
}
