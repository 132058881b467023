"""Pages, charts and pictures: the one place that makes HTML and SVG. Complete without scripts, offline, in print."""
