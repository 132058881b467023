// Pan and zoom over the ring: the same nodes at the same places as in the picture. Without scripts the picture stands.
"use strict";
(() => {
  const box = document.getElementById("ring-live");
  if (!box || typeof cytoscape === "undefined") { return; }
  const told = JSON.parse(box.dataset.graph);
  const fold = document.getElementById("ring-open");
  if (!told.nodes.length || !fold) { return; }
  const draw = () => {
  if (!fold.open || box.dataset.nodes) { return; }
  const css = getComputedStyle(document.documentElement);
  const token = (name) => css.getPropertyValue(name).trim();
  const fills = { controller: "#1B2430", knowing_mule: "#CF8019", misled_mule: "#F6D9A8", taken_over: "#3671CC", victim: "#BBD0F0", good_faith: "#0F6357" };
  const shapes = { account: "round-rectangle", sim: "cut-rectangle", identity: "ellipse", device: "hexagon", exit: "tag" };
  box.dataset.nodes = String(told.nodes.length);
  const ring = cytoscape({
    container: box,
    layout: { name: "preset" },
    elements: [
      ...told.nodes.map((node) => ({ data: { ...node, fill: fills[node.role] || token("--panel"), shape: shapes[node.kind] }, position: { x: node.x, y: node.y } })),
      ...told.edges.map((edge) => ({ data: { ...edge, line: edge.kind === "uses" ? "dotted" : edge.certain ? "solid" : "dashed", arrow: edge.kind === "transfer" || edge.kind === "exit" ? "triangle" : "none" } })),
    ],
    style: [
      { selector: "node", style: { "background-color": "data(fill)", "border-color": token("--ink-2"), "border-width": 1.5, shape: "data(shape)", width: 42, height: 28, label: "data(label)", "font-size": 12, "font-weight": 600, "font-family": "sans-serif", color: token("--ink"), "text-valign": "bottom", "text-margin-y": 5, "text-outline-color": token("--panel"), "text-outline-width": 2 } },
      { selector: "edge", style: { width: "data(width)", "line-color": token("--ink-2"), "line-style": "data(line)", "target-arrow-shape": "data(arrow)", "target-arrow-color": token("--ink-2"), "curve-style": "bezier", label: "data(label)", "font-size": 12, color: token("--ink"), "text-outline-color": token("--panel"), "text-outline-width": 2 } },
    ],
    minZoom: 0.4, maxZoom: 3, autounselectify: true,
  });
  ring.fit(undefined, 30);
  };
  fold.addEventListener("toggle", draw);
})();
