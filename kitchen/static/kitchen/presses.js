// What was pressed, until it was answered. Each press is kept by itself, so that two pages never
// overwrite each other's, and has its own key, so that sending it twice is doing it once.
const KEPT = "tamsang.press.";
const AGAIN = 2_000; // ms until a press without an answer is sent again
const TOO_LONG = 8_000; // ms after which an answer does not come any more

// randomUUID exists over HTTPS only; a kitchen may be on plain HTTP.
const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

// Logging in anew in another tab changes it: it is read when it is needed.
const csrfToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? "";

/** One request to the API; a problem for its refusal, null for no answer. */
export const ask = async (method, url, body, key) => {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  if (key) headers["Idempotency-Key"] = key;
  try {
    const answer = await fetch(url, {
      method,
      headers,
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TOO_LONG),
    });
    const told = await answer.json();
    return answer.ok ? { ok: true, ...told } : { ...told, ok: false, status: answer.status };
  } catch {
    return null;
  }
};

export class Presses {
  /** `tell(press, outcome, problem)`: "sent", "refused" or "left". */
  constructor(tell) {
    this.tell = tell;
    addEventListener("online", () => this.send());
    setInterval(() => this.send(), AGAIN);
  }

  /** Those without an answer, in the order in which they were made. */
  get kept() {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(KEPT))
      .map((name) => JSON.parse(localStorage.getItem(name)))
      .sort((one, other) => one.at - other.at);
  }

  add(press) {
    const at = performance.timeOrigin + performance.now();
    const kept = { ...press, at, key: newKey() };
    localStorage.setItem(KEPT + kept.key, JSON.stringify(kept));
    this.send();
  }

  drop(press) {
    localStorage.removeItem(KEPT + press.key);
  }

  /** The last one that is not on its way yet is not sent at all. */
  undo() {
    const press = this.kept.at(-1);
    if (!press || press.key === this.onItsWay) return null;
    this.drop(press);
    return press;
  }

  /** One after the other; it stops at the first without an answer, and begins there again. */
  async send() {
    if (this.sending) return;
    this.sending = true;
    for (let press; (press = this.kept[0]); ) {
      this.onItsWay = press.key;
      const answer = await ask("POST", press.url, press.body, press.key);
      this.onItsWay = null;
      if (!answer || answer.status >= 500 || answer.retryable) break;
      if (answer.status === 401) {
        this.tell(press, "left");
        break;
      }
      this.drop(press);
      this.tell(press, answer.ok ? "sent" : "refused", answer);
    }
    this.sending = false;
  }
}
