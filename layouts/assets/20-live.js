// Keeps a screen live: asks for the heartbeat, fetches the boards whose version changed, puts the parts whose hash changed
// in place, and says so when the server or the collector is lost. Loaded by the wall and the desk.
(function () {
  const EVERY_MS = 4000;
  const live = { offset: 0, lost: null, words: {}, lang: "vi" };
  const boards = new Map(); // board -> { tag, parts }
  const applied = new WeakMap(); // element -> hash of what it shows
  let heard = Date.now();
  window.ioc = live;
  live.now = () => Date.now() + live.offset;

  const root = () => document.querySelector("[data-screen]");

  async function ask(url, headers) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 6000);
    try {
      return await fetch(url, { headers: headers || {}, cache: "no-store", signal: stop.signal });
    } finally {
      clearTimeout(timer);
    }
  }

  async function fetchBoard(name, surface) {
    const known = boards.get(name);
    const answer = await ask(`/screen/${name}?lang=${live.lang}&on=${surface}`, known ? { "If-None-Match": known.etag } : {});
    if (answer.status === 304) return;
    if (!answer.ok) throw new Error(`screen ${name}: ${answer.status}`);
    const body = await answer.json();
    boards.set(name, { tag: "", etag: answer.headers.get("ETag"), parts: body.parts });
    apply();
  }

  function put(element, id, part) {
    if (part.props) {
      window.dash_clientside.set_props(id, part.props);
      return;
    }
    Object.entries(part.attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.innerHTML = part.html;
  }

  function apply() {
    let changed = 0;
    boards.forEach((board) => {
      Object.entries(board.parts).forEach(([id, { hash, part }]) => {
        const element = document.getElementById(id);
        if (!element || applied.get(element) === hash) return;
        put(element, id, part);
        applied.set(element, hash);
        changed += 1;
      });
    });
    if (changed) setTimeout(() => document.dispatchEvent(new CustomEvent("ioc:drawn")), 0);
  }

  function trouble(screen, pulse) {
    const lost = live.lost
      ? ["server_lost", live.lost]
      : pulse && pulse.collector.state !== "live"
        ? ["collector_lost", pulse.collector.at ? pulse.collector.at * 1000 : null]
        : null;
    const box = document.getElementById("trouble");
    if (!lost) {
      screen.removeAttribute("data-lost");
      if (box) box.textContent = "";
      return;
    }
    screen.setAttribute("data-lost", lost[0]);
    const time = lost[1] ? live.clock(new Date(lost[1])) : "–";
    if (box) box.textContent = live.words[lost[0]].replace("{time}", time);
  }

  // Boards come, go and change their tiles: the page is loaded anew, at most once a minute.
  function structuresChanged(screen, pulse) {
    if (screen.dataset.screen !== "wall") return false;
    const built = JSON.parse(screen.dataset.structures || "{}");
    const now = pulse.structures;
    const names = new Set([...Object.keys(built), ...Object.keys(now)]);
    if (![...names].some((name) => built[name] !== now[name])) return false;
    const last = Number(sessionStorage.getItem("ioc-reloaded") || 0);
    if (Date.now() - last < 60000 && Object.keys(built).length) return false;
    sessionStorage.setItem("ioc-reloaded", String(Date.now()));
    location.reload();
    return true;
  }

  let failures = 0;
  let last = null;
  let beating = null;
  // one question at a time, whoever asks
  function beat() {
    if (!beating) beating = pulseOnce().finally(() => { beating = null; });
    return beating;
  }

  async function pulseOnce() {
    const screen = root();
    if (!screen) return;
    live.words = JSON.parse(screen.dataset.words || "{}");
    live.lang = screen.dataset.lang || "vi";
    document.documentElement.lang = live.lang;
    const surface = screen.dataset.screen;
    try {
      const sent = Date.now();
      const answer = await ask(`/heartbeat?lang=${live.lang}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const pulse = await answer.json();
      live.offset = pulse.now * 1000 - (sent + Date.now()) / 2;
      if (structuresChanged(screen, pulse)) return;
      const parts = [...document.querySelectorAll("[data-board]")];
      const shown = parts.filter(window.iocPlaylist.plays).map((part) => part.dataset.board);
      if (document.getElementById("all-sources") && !shown.includes("overview")) shown.push("overview");
      const bring = async (name) => {
        const tag = pulse.boards[name];
        const known = boards.get(name);
        if (!tag || (known && known.tag === tag)) return;
        await fetchBoard(name, surface);
        boards.get(name).tag = tag;
      };
      // what stands on the screen first: the others wait behind it
      const active = document.querySelector(".scene[data-active]")?.dataset.board || window.iocPlaylist.pinned();
      if (shown.includes(active)) await bring(active);
      await Promise.all([...new Set(shown)].filter((name) => name !== active).map(bring));
      failures = 0;
      heard = Date.now();
      live.lost = null;
      last = pulse;
    } catch (error) {
      failures += 1;
      if (failures >= 2 && !live.lost) live.lost = heard + live.offset;
    }
    trouble(screen, last);
    apply();
  }
  live.apply = apply;

  async function run() {
    await beat();
    const wait = root() ? (failures ? 1500 : EVERY_MS * (0.8 + 0.4 * Math.random())) : 150;
    setTimeout(run, wait);
  }
  let asked = Date.now();
  // a page of the desk that was swapped in is filled at once from what is known
  new MutationObserver(() => {
    if (boards.size) apply();
    const names = [...document.querySelectorAll("[data-board]")].map((part) => part.dataset.board);
    if (root() && !failures && Date.now() - asked > 1000 && names.some((name) => !boards.has(name))) {
      asked = Date.now();
      beat();
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
  run();
})();
