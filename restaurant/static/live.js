"use strict";
// Keeps the dashboard up to date: asks for its parts again and again while somebody looks, and says
// so when the answer does not come.
const EVERY = 3000;

document.addEventListener("DOMContentLoaded", () => {
  const board = document.getElementById("board");
  const stale = document.getElementById("stale");
  if (!board) return;

  const swap = (parts) => {
    for (const part of parts) {
      const old = document.getElementById(part.id);
      if (old.innerHTML === part.innerHTML) continue;
      // Whoever reads a table with the keyboard or has pushed it aside stays where they are.
      const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
      const pushed = [...old.querySelectorAll(".scroll")].map((box) => [box.id, box.scrollLeft]);
      old.replaceWith(part);
      for (const [id, left] of pushed) document.getElementById(id).scrollLeft = left;
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    }
  };

  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(board.dataset.live, { signal: AbortSignal.timeout(5000) });
      if (answer.redirected || answer.status === 403) stale.textContent = stale.dataset.left;
      else if (!answer.ok) throw new Error(answer.status);
      else {
        const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
        swap([...parsed.body.children]);
        stale.textContent = "";
      }
    } catch {
      stale.textContent = stale.dataset.silent;
    }
  };

  const again = () => refresh().finally(() => setTimeout(again, EVERY));
  setTimeout(again, EVERY);
  document.addEventListener("visibilitychange", refresh);
});
