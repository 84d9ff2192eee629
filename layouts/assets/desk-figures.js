// The theme of all figures, once, in the browser: a published figure brings data and what is its own alone.
(function () {
  const value = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function themed() {
    const line = value("--line");
    const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, tickcolor: line, automargin: true };
    return {
      font: { family: '"Be Vietnam Pro", "Noto Sans", sans-serif', size: 13, color: value("--quiet") },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: 48, r: 12, t: 8, b: 32 },
      hovermode: "x unified",
      hoverlabel: { bgcolor: value("--panel"), bordercolor: line, font: { color: value("--text"), family: '"Be Vietnam Pro", sans-serif' } },
      legend: { orientation: "h", x: 0, y: 1.14 },
      separators: document.querySelector("[data-screen]")?.dataset.lang === "en" ? ".," : ",.",
      xaxis: { ...axis, showgrid: false, tickformat: "%d/%m" },
      yaxis: axis,
    };
  }

  function dress(all) {
    if (!window.Plotly) return;
    document.querySelectorAll(".js-plotly-plot").forEach((plot) => {
      if (!plot.data || (plot.iocTheme === root.dataset.theme && plot.iocData === plot.data && !all)) return;
      plot.iocTheme = root.dataset.theme;
      const theme = themed();
      const changes = {};
      Object.entries(theme).forEach(([key, part]) => {
        if (typeof part === "object" && key.endsWith("axis")) Object.entries(part).forEach(([name, inner]) => { changes[`${key}.${name}`] = inner; });
        else changes[key] = part;
      });
      window.Plotly.relayout(plot, changes).then(() => { plot.iocData = plot.data; }).catch(() => { plot.iocTheme = ""; });
    });
  }
  const root = document.documentElement;
  setInterval(() => dress(false), 400);
  document.addEventListener("ioc:theme", () => dress(true));
})();
