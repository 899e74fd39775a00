/**
 * Diverging scales: blue below zero, red above, neutral at zero. Both ends differ in hue for every
 * kind of colour vision, and the distance from zero is carried by lightness alone.
 */
const STOPS = {
  light: [
    "#053061",
    "#1b5a9c",
    "#3b86c0",
    "#82b9da",
    "#c8e0ee",
    "#f6f6f4",
    "#fbd6c0",
    "#f0a07e",
    "#d45d4a",
    "#ad182b",
    "#67001f",
  ],
  dark: [
    "#c4e1ff",
    "#84bdf7",
    "#4a8fd9",
    "#2f649f",
    "#264261",
    "#24272c",
    "#573630",
    "#8f4438",
    "#cc5e4c",
    "#f29078",
    "#ffcdbd",
  ],
  grey: ["#000000", "#ffffff"],
};
const SIZE = 512;
const BLACK = [0, 0, 0];
const WHITE = [255, 255, 255];

const tables = Object.fromEntries(
  Object.entries(STOPS).map(([name, stops]) => [name, interpolate(stops.map(rgbOf))]),
);

/** Grids draw anew where they get another palette, so the same scale is the same object. */
const palettes = new Map();

/**
 * From a value to its colour (`rgb`), and to a style with the ink that can be read on it.
 *
 * @param {"light"|"dark"|"grey"} name grey goes from 0 to extent, the others from −extent to extent
 * @param {number} extent
 */
export function palette(name, extent) {
  const key = `${name} ${extent}`;
  if (!palettes.has(key)) {
    if (palettes.size >= 100) palettes.clear();
    palettes.set(key, newPalette(name, extent));
  }
  return palettes.get(key);
}

function newPalette(name, extent) {
  const table = tables[name];
  const lowest = name === "grey" ? 0 : -extent;
  const factor = extent > 0 ? (SIZE - 1) / (extent - lowest) : 0;
  const middle = name === "grey" ? 0 : (SIZE - 1) / 2;
  const position = (value) =>
    extent > 0
      ? Math.min(SIZE - 1, Math.max(0, Math.round((value - lowest) * factor)))
      : Math.round(middle);
  return {
    rgb: (value) => table[position(value)].rgb,
    style: (value) => table[position(value)].style,
  };
}

/** The largest distance from zero in an array of any depth. */
export function extentOf(values) {
  let largest = 0;
  for (const value of values) {
    const size = typeof value === "number" ? Math.abs(value) : extentOf(value);
    if (size > largest) largest = size;
  }
  return largest;
}

/** The scale as a CSS gradient, for the legend. */
export function gradient(name) {
  return `linear-gradient(to right, ${STOPS[name].join(", ")})`;
}

function interpolate(stops) {
  return Array.from({ length: SIZE }, (_, index) => {
    const place = (index / (SIZE - 1)) * (stops.length - 1);
    const left = Math.min(Math.floor(place), stops.length - 2);
    const rgb = stops[left].map((channel, k) =>
      Math.round(channel + (place - left) * (stops[left + 1][k] - channel)),
    );
    const ink = contrast(rgb, BLACK) >= contrast(rgb, WHITE) ? "#000" : "#fff";
    return { rgb, style: `background:rgb(${rgb});color:${ink}` };
  });
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(rgb) {
  const [r, g, b] = rgb.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function rgbOf(hex) {
  return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
}
