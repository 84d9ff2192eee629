// The clock, the ages and the greying: everything that changes with time alone, by the server's time.
(function () {
  const DAYS = {
    vi: ["Chủ Nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"],
    en: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
  };
  const UNITS = { vi: ["giây trước", "phút trước", "giờ trước"], en: ["s ago", "min ago", "h ago"] };
  const live = window.ioc;
  const two = (value) => String(value).padStart(2, "0");
  // the province's wall time, whatever the zone of the machine behind the screen
  const local = (when) => new Date(when.getTime() + 7 * 3600000);

  live.clock = (when) => {
    const at = local(when);
    return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  };

  live.date = (when) => {
    const at = local(when);
    return `${DAYS[live.lang][at.getUTCDay()]}, ${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}`;
  };

  live.age = (seconds, at) => {
    const words = UNITS[live.lang];
    if (seconds < 60) return `${Math.max(1, seconds < 10 ? Math.floor(seconds) : Math.floor(seconds / 10) * 10)} ${words[0]}`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} ${words[1]}`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} ${words[2]}`;
    const day = local(new Date(at * 1000));
    return `${two(day.getUTCDate())}/${two(day.getUTCMonth() + 1)}`;
  };

  function put(id, text) {
    const element = document.getElementById(id);
    if (element && element.textContent !== text) element.textContent = text;
  }

  function tick() {
    if (!document.querySelector("[data-screen]")) return;
    const now = live.now();
    put("clock-time", live.clock(new Date(now)));
    put("clock-date", live.date(new Date(now)));
    document.querySelectorAll("[data-age]").forEach((element) => {
      const at = Number(element.dataset.age);
      const text = at ? live.age(Math.max(0, now / 1000 - at), at) : "";
      if (element.textContent !== text) element.textContent = text;
    });
    document.querySelectorAll("[data-fresh-until]").forEach((element) => {
      const until = Number(element.dataset.freshUntil);
      element.toggleAttribute("data-aged", Boolean(until) && now / 1000 >= until);
    });
  }

  live.tick = tick;
  document.addEventListener("ioc:drawn", tick);
  (function each() {
    tick();
    setTimeout(each, 1000 - (live.now() % 1000) + 5);
  })();
})();
