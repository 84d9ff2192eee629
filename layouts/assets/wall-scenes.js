// The wall's scenes: rotation without a reload, keys, a scene pinned by its address (/wall/<scene>).
(function () {
  let current = -1;
  let paused = false;
  let since = Date.now();
  const { scenes, pinned } = window.iocPlaylist;

  function show(index) {
    const all = scenes();
    if (!all.length) return;
    current = (index + all.length) % all.length;
    since = Date.now();
    document.querySelectorAll(".scene").forEach((scene) => {
      scene.toggleAttribute("data-active", scene === all[current]);
      scene.setAttribute("aria-hidden", String(scene !== all[current]));
    });
    all.forEach((scene, place) => {
      const dots = scene.querySelector(".dots");
      if (dots && dots.children.length !== all.length) {
        dots.replaceChildren(...all.map((_, dot) => Object.assign(document.createElement("i"), { className: dot === place ? "on" : "" })));
      }
    });
    const title = document.getElementById("scene-title");
    if (title) title.textContent = all[current].dataset.title || "";
    document.title = all[current].dataset.title || "IOC";
  }

  function move(step) {
    show(current + step);
    if (!pinned()) return;
    const active = scenes()[current];
    history.replaceState(null, "", `/wall/${active.dataset.board || ""}${location.search}`);
    current = scenes().indexOf(active);
  }

  function pause(on) {
    paused = on;
    document.getElementById("screen").toggleAttribute("data-paused", paused);
    since = Date.now();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " ") pause(!paused);
    else if (event.key === "ArrowRight" || event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowLeft" || event.key === "ArrowUp") move(-1);
    else if (event.key === "f" || event.key === "F") document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    else if (/^[1-9]$/.test(event.key) && scenes()[Number(event.key) - 1]) move(Number(event.key) - 1 - current);
    else return;
    event.preventDefault();
  });

  setInterval(() => {
    const all = scenes();
    if (!all.length) return;
    if (current < 0 || !all[current] || !all[current].hasAttribute("data-active")) {
      const wanted = all.findIndex((scene) => scene.dataset.board === pinned());
      show(Math.max(wanted, 0));
    }
    const every = Number(document.getElementById("screen").dataset.rotate) * 1000;
    if (!paused && !pinned() && all.length > 1 && Date.now() - since >= every) show(current + 1);
  }, 200);
})();
