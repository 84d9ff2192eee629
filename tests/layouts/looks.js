// What a tester's eye asks of a wall, as functions.
window.looks = {
  touched: [],
  scene: () => document.querySelector(".scene[data-active]"),
  says: (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && getComputedStyle(e).display !== "none",

  filled: () =>
    document.querySelectorAll(".tile").length > 20 &&
    !document.querySelector(".scene .is-loading") &&
    Boolean(document.querySelector(".map .area")),

  clipped() {
    const found = [];
    const told = (why, e) => found.push(`${why}: ${e.className} “${e.textContent}”`);
    const boxes = ".tile, .tile > *, .tile-note, .tile-status, .rank-row, .rank-name, .station, .panel-head, .section-title";
    const all = [...this.scene().querySelectorAll(boxes), ...document.querySelectorAll(".head > *")];
    all.filter((e) => e.textContent.trim() && getComputedStyle(e).display !== "none").forEach((e) => {
      if (e.clientWidth && e.scrollWidth > e.clientWidth + 1) told(`wide ${e.scrollWidth}>${e.clientWidth}`, e);
      if (e.matches(".tile, .panel") && e.scrollHeight > e.clientHeight + 1) told(`high ${e.scrollHeight}>${e.clientHeight}`, e);
    });
    this.scene().querySelectorAll(".tile, .panel, .tile-below, .plot, .rank-row, .station, .tick-x").forEach((e) => {
      const box = e.getBoundingClientRect();
      const outer = (e.parentElement.closest(".tile, .panel") || this.scene()).getBoundingClientRect();
      if (box.bottom > outer.bottom + 1 || box.right > outer.right + 2) told("outside", e);
    });
    const page = document.documentElement;
    if (page.scrollHeight > innerHeight || page.scrollWidth > innerWidth) found.push("the page scrolls");
    return found;
  },

  small(least) {
    const size = (e) => parseFloat(getComputedStyle(e).fontSize);
    return [...document.querySelectorAll(".wall *")].filter((e) => this.says(e) && size(e) < least - 0.05).map((e) => e.textContent);
  },

  numbers: () => Math.min(...[...document.querySelectorAll(".tile-value")].map((e) => parseFloat(getComputedStyle(e).fontSize))),

  inks() {
    const hex = (c) => "#" + c.match(/\d+/g).slice(0, 3).map((v) => Number(v).toString(16).padStart(2, "0")).join("");
    const marked = ".is-stale, .is-waiting, .ink-stale, .ink-critical";
    return [...document.querySelectorAll(".scene[data-active] .tile *, .head *")]
      .filter((e) => this.says(e) && !e.matches(".band, .trouble"))
      .map((e) => [hex(getComputedStyle(e).color), e.textContent, Boolean(e.closest(marked))]);
  },

  watch() {
    const part = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest('[id*="-tile-"], [id*="-panel-"]');
    new MutationObserver((all) => all.forEach((change) => {
      const age = change.target.nodeType === 1 && change.target.closest("[data-age]");
      if (part(change.target) && !age) this.touched.push(part(change.target).id);
    })).observe(document.querySelector(".stage"), { subtree: true, childList: true, characterData: true });
  },
};
