// Draws the map: communes by colour step, neighbours and coast as quiet context, stations with their VN_AQI. The shapes
// are one static file; a refresh brings only the attribute data-map. Labels keep clear of each other.
(function () {
  const NS = "http://www.w3.org/2000/svg";
  const files = new Map();
  const drawn = new WeakMap();
  const mercator = (lat) => (Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) * 180) / Math.PI;

  function make(name, attributes, parent) {
    const element = document.createElementNS(NS, name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    if (parent) parent.appendChild(element);
    return element;
  }

  function shapes(url) {
    if (!files.has(url)) {
      files.set(url, fetch(url).then((answer) => answer.json()).catch((error) => { files.delete(url); throw error; }));
    }
    return files.get(url);
  }

  // A projection that fits a box of degrees into a box of pixels.
  function fit(bbox, left, top, width, height) {
    const [west, south, east, north] = bbox;
    const low = mercator(south);
    const high = mercator(north);
    const scale = Math.min(width / (east - west), height / (high - low));
    const x0 = left + (width - (east - west) * scale) / 2;
    const y0 = top + (height - (high - low) * scale) / 2;
    return (lon, lat) => [x0 + (lon - west) * scale, y0 + (high - mercator(lat)) * scale];
  }

  function outline(geometry, project) {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    return polygons
      .map((rings) => rings.map((ring) => "M" + ring.map(([lon, lat]) => project(lon, lat).map((value) => value.toFixed(1)).join(" ")).join("L") + "Z").join(""))
      .join("");
  }

  function boxOf(geometry) {
    const flat = geometry.type === "Polygon" ? geometry.coordinates.flat() : geometry.coordinates.flat(2);
    const lons = flat.map((point) => point[0]);
    const lats = flat.map((point) => point[1]);
    return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  }

  // The middle of the part of a neighbour that is in sight.
  function middle(geometry, project, frame) {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    const points = polygons
      .flatMap((rings) => rings[0])
      .map(([lon, lat]) => project(lon, lat))
      .map(([x, y]) => [Math.min(Math.max(x, frame.x), frame.x + frame.w), Math.min(Math.max(y, frame.y), frame.y + frame.h)]);
    const xs = points.map((point) => point[0]);
    const ys = points.map((point) => point[1]);
    return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
  }

  // Widths come from a canvas: asking the page would lay it out anew for every label.
  const pen = document.createElement("canvas").getContext("2d");
  function measured(text, size) {
    pen.font = `${size}px "Be Vietnam Pro"`;
    return pen.measureText(text).width * 1.03;
  }

  const overlap = (one, other) => one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;

  function label(svg, text, x, y, size, className, taken, frame, places) {
    const node = make("text", { "font-size": size, class: className }, svg);
    const rows = Array.isArray(text) ? text : [text];
    rows.forEach((row, place) => {
      const part = make("tspan", { x: 0, dy: place ? size * 1.12 : 0, class: place ? "map-quiet" : "" }, node);
      part.textContent = row;
    });
    const width = Math.max(...rows.map((row) => measured(row, size)));
    const height = size * 1.12 * rows.length;
    for (const [dx, dy, anchor] of places(width, height)) {
      const box = { x: x + dx - 2, y: y + dy, w: width + 4, h: height };
      if (box.x < frame.x || box.y < frame.y || box.x + box.w > frame.x + frame.w || box.y + box.h > frame.y + frame.h) continue;
      if (taken.some((other) => overlap(box, other))) continue;
      const left = anchor === "middle" ? x + dx + width / 2 : x + dx;
      [...node.children].forEach((part) => part.setAttribute("x", left));
      node.setAttribute("text-anchor", anchor === "middle" ? "middle" : "start");
      node.setAttribute("y", y + dy + size * 0.86);
      taken.push(box);
      return true;
    }
    node.remove();
    return false;
  }

  const centred = (width, height) => [[-width / 2, -height / 2, "middle"], [-width / 2, -height * 1.3, "middle"], [-width / 2, height * 0.3, "middle"]];

  // the name of the panel that the map stands in says what it shows
  function title(element) {
    const name = element.closest(".panel")?.querySelector(".panel-name");
    return (name && name.textContent) || document.title;
  }

  async function draw(element) {
    const text = element.dataset.map;
    const { width, height } = element.getBoundingClientRect();
    if (!text || width < 20 || height < 20) return;
    const mark = `${text.length}|${text}|${Math.round(width)}|${Math.round(height)}`;
    if (drawn.get(element) === mark && element.querySelector("svg")) return;
    drawn.set(element, mark);
    const file = await shapes(element.dataset.geography).catch(() => { drawn.delete(element); return null; });
    if (!file) return;
    const data = JSON.parse(text);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const size = parseFloat(getComputedStyle(element).fontSize);
    const hatchName = `hatch-${element.id || "map"}`;
    const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title(element) });
    const hatch = make("pattern", { id: hatchName, width: size * 0.5, height: size * 0.5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, make("defs", {}, svg));
    make("rect", { width: size * 0.5, height: size * 0.5, fill: "var(--neighbour)" }, hatch);
    make("rect", { width: size * 0.14, height: size * 0.5, fill: "var(--stale)", opacity: 0.5 }, hatch);

    const pad = size * 0.9;
    const communes = file.communes.features;
    const main = communes.filter((part) => !part.properties.inset);
    const far = communes.filter((part) => part.properties.inset);
    const head = element.previousElementSibling ? element.previousElementSibling.offsetHeight : 0;
    const project = fit(file.communes.bbox, pad, head + pad * 0.5, width - 2 * pad, height - head - pad * 1.5);
    file.neighbours.features.forEach((part) => make("path", { d: outline(part.geometry, project), class: "around" }, svg));

    const areas = make("g", {}, svg);
    const paint = (part, how) => {
      const known = data.areas[part.properties.code];
      // where only communes with a station can have a value, the others are ground, not gaps
      const blank = !known && data.sparse ? 0 : "none";
      const step = known && known.step !== null && !known.stale ? known.step : blank;
      const path = make("path", { d: outline(part.geometry, how), class: `area step-${step}`, "data-code": part.properties.code, tabindex: "-1" }, areas);
      if (step === "none") path.style.fill = `url(#${hatchName})`;
      make("title", {}, path).textContent = `${part.properties.full_name}: ${known ? known.text : "–"}`;
    };
    main.forEach((part) => paint(part, project));

    const warned = new Set(data.warnings.flatMap((warning) => warning.areas));
    main.filter((part) => warned.has(part.properties.code)).forEach((part) => make("path", { d: outline(part.geometry, project), class: "warned" }, svg));

    const taken = [];
    const frame = { x: 4, y: head + 4, w: width - 8, h: height - head - 8 };
    // islands far out at sea stand in boxes of their own
    const side = Math.min(width, height) * 0.2;
    far.forEach((part, place) => {
      const x = width - pad - side;
      const y = height - pad - (place + 1) * (side * 1.15);
      make("rect", { x, y, width: side, height: side, fill: "var(--sea)", stroke: "var(--shore)" }, areas);
      paint(part, fit(boxOf(part.geometry), x + side * 0.15, y + side * 0.12, side * 0.7, side * 0.56));
      taken.push({ x, y, w: side, h: side });
      const name = make("text", { x: x + side / 2, y: y + side - size * 0.35, "font-size": Math.min(size, side / 6), "text-anchor": "middle", class: "map-text" }, svg);
      name.textContent = part.properties.name;
    });

    const height_ = size * 1.35;
    const leaders = make("g", {}, svg);
    const stations = [...data.stations].sort((one, other) => other.rank - one.rank);
    const spots = stations.map((station) => {
      const [x, y] = project(station.lon, station.lat);
      const w = size * (0.9 + 0.62 * Math.max(station.text.length, 2));
      // badges of stations that stand close are moved apart, with a line to where each stands
      const free = [[0, 0], [0.7, 0.9], [-0.7, 0.9], [0.7, -0.9], [-0.7, -0.9], [1.1, 0], [-1.1, 0], [0, 1.2], [0, -1.2], [1.3, 1.6], [-1.3, 1.6]]
        .map(([dx, dy]) => ({ x: x - w / 2 + dx * w, y: y - height_ / 2 + dy * height_, w, h: height_ }))
        .filter((box) => !taken.some((other) => overlap(box, other)));
      const spot = free[0] || { x: x - w / 2, y: y - height_ / 2, w, h: height_ };
      taken.push(spot);
      const badge = make("g", {}, svg);
      if (spot.x !== x - w / 2 || spot.y !== y - height_ / 2) {
        make("line", { x1: x, y1: y, x2: spot.x + w / 2, y2: spot.y + height_ / 2, stroke: "var(--text)", "stroke-width": size * 0.08 }, leaders);
        make("circle", { cx: x, cy: y, r: size * 0.16, fill: "var(--text)" }, leaders);
      }
      make("rect", { x: spot.x, y: spot.y, width: w, height: height_, rx: height_ / 2, fill: station.colour || "var(--panel)", stroke: station.lost ? "var(--stale)" : "var(--ground)", "stroke-width": size * 0.09, "stroke-dasharray": station.lost ? "5 4" : "none" }, badge);
      const number = make("text", { x: spot.x + w / 2, y: spot.y + height_ / 2 + size * 0.36, "text-anchor": "middle", "font-size": size, "font-weight": 700, fill: station.ink || "var(--stale)" }, badge);
      number.textContent = station.text;
      return spot;
    });
    stations.forEach((station, place) => {
      const spot = spots[place];
      const cx = spot.x + spot.w / 2;
      const around = (w, h) => [
        [-w / 2, spot.h / 2 + 1, "middle"],
        [spot.w / 2 + 5, -h / 2, "start"],
        [-spot.w / 2 - 5 - w, -h / 2, "start"],
        [-w / 2, -spot.h / 2 - h - 1, "middle"],
        [spot.w / 2, spot.h / 2, "start"],
        [-w - spot.w / 2, spot.h / 2, "start"],
        [-w * 0.85, spot.h / 2 + 1, "middle"],
        [-w * 0.15, spot.h / 2 + 1, "middle"],
        [-w * 0.85, -spot.h / 2 - h - 1, "middle"],
        [-w * 0.15, -spot.h / 2 - h - 1, "middle"],
      ];
      const rows = station.band ? [station.name, station.band] : [station.name];
      label(svg, rows, cx, spot.y + spot.h / 2, size, "map-text", taken, frame, around) || label(svg, station.name, cx, spot.y + spot.h / 2, size, "map-text", taken, frame, around);
    });
    const most = main
      .map((part) => ({ part, known: data.areas[part.properties.code] }))
      .filter(({ known }) => known && known.step !== null && known.rank > 0)
      .sort((one, other) => other.known.rank - one.known.rank)
      .slice(0, 8);
    most.forEach(({ part }) => {
      const [x, y] = project(part.properties.lon, part.properties.lat);
      label(svg, part.properties.name, x, y, size, "map-text", taken, frame, centred);
    });
    file.neighbours.features.forEach((part) => {
      const [x, y] = middle(part.geometry, project, frame);
      label(svg, part.properties.name, x, y, size, "map-around", taken, frame, (w, h) => [[-w / 2, -h / 2, "middle"], [-w * 0.9, -h / 2, "middle"], [-w * 0.1, -h / 2, "middle"], [-w / 2, -h * 1.5, "middle"], [-w / 2, h / 2, "middle"]]);
    });
    element.querySelector("svg")?.remove();
    element.appendChild(svg);
    if (file.communes.approximate) {
      const note = make("text", { x: width - pad * 0.6, y: height - rem * 0.8, "text-anchor": "end", "font-size": size, class: "map-around" }, svg);
      note.textContent = data.approximate;
    }
  }

  // the map that is in sight first, the others when the browser has nothing else to do
  function soon(element) {
    const scene = element.closest(".scene");
    if (!scene || scene.hasAttribute("data-active")) draw(element);
    else requestIdleCallback(() => draw(element), { timeout: 4000 });
  }

  function all() {
    document.querySelectorAll("[data-map]").forEach((element) => {
      if (!element.ioc) {
        element.ioc = new ResizeObserver(() => soon(element));
        element.ioc.observe(element);
      }
      soon(element);
    });
  }
  document.addEventListener("ioc:drawn", all);
  const brings = (node) => node.nodeType === 1 && (node.matches("[data-map]") || node.querySelector("[data-map]"));
  new MutationObserver((changes) => {
    if (changes.some((change) => change.type === "attributes" || [...change.addedNodes].some(brings))) all();
  }).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-map"] });
  document.fonts.ready.then(() => { document.querySelectorAll("[data-map]").forEach((element) => { drawn.delete(element); soon(element); }); });
})();
