// "Số liệu tại thời điểm": a date and a time go into the address, and every link of the page keeps them.
(function () {
  const asked = () => new URLSearchParams(location.search).get("as_of") || "";
  const go = (pathname, search) => window.dash_clientside.set_props("desk-url", { pathname, search: `${search}` ? `?${search}` : "" });

  function choose(value) {
    const search = new URLSearchParams(location.search);
    if (value) search.set("as_of", value);
    else search.delete("as_of");
    document.getElementById("as-of").open = false;
    go(location.pathname, search);
  }

  function build(control) {
    const field = document.createElement("input");
    const show = document.createElement("button");
    const back = document.createElement("button");
    field.type = "datetime-local";
    field.setAttribute("aria-label", control.dataset.then.replace("{time}", ""));
    show.textContent = control.dataset.show;
    back.textContent = control.dataset.back;
    show.className = "button";
    show.addEventListener("click", () => field.value && choose(field.value));
    field.addEventListener("keydown", (event) => { if (event.key === "Enter" && field.value) choose(field.value); });
    back.addEventListener("click", () => choose(""));
    control.querySelector(".as-of-choose").append(field, show, back);
  }

  function told(value) {
    const [day, time] = value.split(/[T ]/);
    return `${(time || "").slice(0, 5)} ${day.split("-").reverse().join("/")}`.trim();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest('[data-toggle="now"]')) return choose("");
    const link = event.target.closest("a[href]");
    if (!link || !asked() || link.target || event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
    const to = new URL(link.href, location.href);
    if (to.origin !== location.origin || !/^\/($|sector\/|sources)/.test(to.pathname) || to.searchParams.has("as_of") || to.searchParams.has("lang")) return undefined;
    event.preventDefault();
    event.stopPropagation();
    to.searchParams.set("as_of", asked());
    go(to.pathname, to.searchParams);
    document.getElementById("screen").removeAttribute("data-menu");
    return undefined;
  }, true);

  setInterval(() => {
    const control = document.getElementById("as-of");
    if (!control) return;
    if (!control.querySelector("input")) build(control);
    const value = asked();
    if (control.dataset.shown === value) return;
    control.dataset.shown = value;
    control.querySelector("summary").textContent = `${value ? control.dataset.then.replace("{time}", told(value)) : control.dataset.now} ▾`;
    document.getElementById("screen").toggleAttribute("data-moment", Boolean(value));
    const field = control.querySelector("input");
    field.value = value.slice(0, 16).replace(" ", "T");
    field.max = new Date(Date.now() + 7 * 3600e3).toISOString().slice(0, 16);
  }, 250);
})();
