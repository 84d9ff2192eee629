// Empty base maps for plotly's geo subplots. Without them plotly 7 fetches a world map from a content network and,
// offline, draws nothing; we draw our own polygons and need no world behind them.
(function () {
  const names = ["coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits"];
  const empty = { type: "Topology", arcs: [], objects: {} };
  names.forEach((name) => {
    empty.objects[name] = { type: "GeometryCollection", geometries: [] };
  });
  window.PlotlyGeoAssets = { topojson: { world_110m: empty, world_50m: empty } };
})();
