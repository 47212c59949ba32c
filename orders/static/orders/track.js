// The guest's page, live: with all news its board is fetched anew, and it says how fresh it is.
import { Line, showLine } from "../line.js";

const TOO_LONG = 5_000; // ms after which a look has failed

const byId = (id) => document.getElementById(id);
const words = JSON.parse(byId("words").textContent);
const { board, stream } = document.body.dataset;
let shown = null;

/** Put the board in place if it has changed; what it says on top is said aloud. */
const swap = (html) => {
  if (html === shown) return;
  shown = html;
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("board");
  const said = fresh.querySelector(".state").textContent;
  if (said !== byId("board").querySelector(".state").textContent) byId("said").textContent = said;
  byId("board").replaceWith(fresh);
};

const look = async () => {
  let answer, html;
  try {
    answer = await fetch(board, { signal: AbortSignal.timeout(TOO_LONG) });
    html = await answer.text();
  } catch {
    return "silent";
  }
  if (answer.status === 404) return "left";
  if (!answer.ok) return "silent";
  swap(html);
  return "ok";
};

new Line(stream, look, (told) => showLine(told, words));
