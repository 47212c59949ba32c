// Times that run, painted once a second and after each swap, by the house's clock.
const CLOSE = 0.8; // of the time that a ticket may take

let ahead = 0; // ms by which the house's clock is ahead of ours

/** The server's time, as exact as a second; a clock that is nearly right is left alone. */
export const setClock = (moment) => {
  const measured = moment - Date.now();
  if (Math.abs(measured - ahead) > 2000) ahead = measured;
};

const sinceThen = (seconds) => Math.max(0, Math.floor((Date.now() + ahead) / 1000 - Number(seconds)));

const clock = (seconds) => {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
};

const put = (one, text) => {
  if (one.textContent !== text) one.textContent = text;
};

export const paintTimers = (words) => {
  for (const timer of document.querySelectorAll(".timer[data-since]")) {
    const [used, may] = [sinceThen(timer.dataset.since), Number(timer.dataset.seconds)];
    const card = timer.closest(".card");
    const standing = used >= may ? "late" : used >= CLOSE * may ? "close" : "in-time";
    const said = { late: `${words.late} +${clock(used - may)}`, close: words.close }[standing];
    const begun = card.dataset.state === "cooking" ? "" : `${words.waiting} `;
    card.dataset.standing = standing;
    put(timer, `${begun}${clock(used)} / ${clock(may)}${said ? ` · ${said}` : ""}`);
  }
  for (const part of document.querySelectorAll("[data-runs]")) {
    const used = sinceThen(part.dataset.runs);
    const late = used >= Number(part.dataset.seconds) ? ` ⚠ ${words.late}` : "";
    put(part, `${clock(used)} / ${clock(Number(part.dataset.seconds))}${late}`);
  }
  const limit = Number(document.getElementById("board").dataset.limit);
  for (const one of document.querySelectorAll("[data-waits]")) {
    const waited = sinceThen(one.dataset.waits);
    one.toggleAttribute("data-over", waited >= limit);
    put(one.querySelector("b"), `${clock(waited)}${waited >= limit ? ` ⚠ ${words.too_long}` : ""}`);
  }
  for (const one of document.querySelectorAll("[data-promise]")) {
    const late = sinceThen(one.dataset.promise);
    one.closest(".card").toggleAttribute("data-late", late > 0);
    put(one.querySelector("b"), late > 0 ? `· ${words.late} +${clock(late)}` : "");
  }
  for (const one of document.querySelectorAll("[data-until]")) {
    const left = -Math.floor((Date.now() + ahead) / 1000 - Number(one.dataset.until));
    put(one, left > 0 ? clock(left) : "…");
  }
};
