// The desk's clicks: a bar or a commune narrows the page, "?" opens the basis of a number; theme, menu, drawer.
(function () {
  const root = document.documentElement;
  const chosen = localStorage.getItem("ioc-theme");
  root.dataset.theme = chosen || "light";

  function narrow(pair) {
    const [name, value] = pair.split("=");
    const path = location.pathname.startsWith("/sector/") ? location.pathname : "/sector/public_services";
    const search = new URLSearchParams(location.pathname === path ? location.search : "");
    if (!value) return;
    search.set(name, value);
    window.dash_clientside.set_props("desk-url", { pathname: path, search: `?${search}` });
  }

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-toggle]");
    const why = event.target.closest("[data-why]");
    const filter = event.target.closest("[data-filter]");
    const area = event.target.closest("path[data-code]");
    if (toggle && toggle.dataset.toggle === "theme") {
      root.dataset.theme = root.dataset.theme === "light" ? "dark" : "light";
      localStorage.setItem("ioc-theme", root.dataset.theme);
      document.dispatchEvent(new CustomEvent("ioc:theme"));
    } else if (toggle && toggle.dataset.toggle === "print") {
      window.print();
    } else if (toggle && toggle.dataset.toggle === "menu") {
      document.getElementById("screen").toggleAttribute("data-menu");
    } else if (toggle && toggle.dataset.toggle === "drawer") {
      window.dash_clientside.set_props("desk-why", { data: null });
    } else if (why) {
      window.dash_clientside.set_props("desk-why", { data: { indicator: why.dataset.why, asked: Date.now() } });
    } else if (filter) narrow(filter.dataset.filter);
    else if (area) narrow(`area=${area.dataset.code}`);
    if (event.target.closest(".nav-entry")) document.getElementById("screen").removeAttribute("data-menu");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.querySelector('.drawer[data-open="1"]')) window.dash_clientside.set_props("desk-why", { data: null });
    if ((event.key === "Enter" || event.key === " ") && event.target.matches?.("[data-filter]")) {
      event.preventDefault();
      narrow(event.target.dataset.filter);
    }
  });

  // which entry of the menu is the page one is on
  setInterval(() => {
    document.querySelectorAll(".nav-entry").forEach((entry) => {
      const here = new URL(entry.href, location.href).pathname === location.pathname;
      if (entry.classList.contains("is-here") !== here) entry.classList.toggle("is-here", here);
    });
    const title = document.querySelector(".page-title");
    if (title && document.title !== title.textContent) document.title = title.textContent;
  }, 250);
})();
