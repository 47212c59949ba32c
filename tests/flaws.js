// What a person with a screen reader or weak eyes stumbles over on a page; an empty list is good.
() => {
  const flaws = [];
  const shown = (one) =>
    one.checkVisibility({ visibilityProperty: true }) && !one.closest("[aria-hidden=true]");

  const ids = new Set();
  for (const one of document.querySelectorAll("[id]")) {
    if (ids.has(one.id)) flaws.push(`two of #${one.id}`);
    ids.add(one.id);
  }

  for (const image of document.querySelectorAll("img:not([alt])"))
    flaws.push(`no alt: ${image.src}`);

  for (const one of document.querySelectorAll("#content :is(input, select, textarea, a, button)")) {
    if (one.type === "hidden" || !shown(one)) continue;
    const labels = [...(one.labels || [])].map((label) => label.innerText).join("");
    const spoken = one.getAttribute("aria-label") || one.title || one.placeholder || labels;
    if (!(spoken || one.innerText?.trim() || one.value || one.querySelector("[title]")))
      flaws.push(`no name: ${one.outerHTML.slice(0, 160)}`);
  }

  // Colours are painted to be read: they are written as oklch() and color-mix().
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      if (colour[3] === 255) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  // WCAG 2.2, relative luminance and contrast ratio.
  const luminance = (rgb) => {
    const [r, g, b] = rgb
      .map((c) => c / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ours = ".badge, .verb, .views a, a.plain, .tile, .panel h2, .panel p, .stale, .wrong,"
    + " .house :is(dt, dd, td, th, small), .timeline span";
  for (const one of document.querySelectorAll(ours)) {
    if (!shown(one) || !one.innerText.trim()) continue;
    const style = getComputedStyle(one);
    const paper = behind(one);
    const opacity = Number(style.opacity);
    const ink = rgba(style.color).slice(0, 3).map((c, i) => c * opacity + paper[i] * (1 - opacity));
    const [dim, bright] = [luminance(ink), luminance(paper)].sort((a, b) => a - b);
    if ((bright + 0.05) / (dim + 0.05) < 4.5)
      flaws.push(`too pale: ${one.className} ${one.innerText.slice(0, 40)}`);
  }
  return flaws;
}
