import { html, nothing, svg } from "../../vendor/lit-html.js";

const [WIDTH, HEIGHT] = [640, 300];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 16, 16, 40];

/**
 * Losses by step on a logarithmic axis.
 *
 * @param {object} spec
 * @param {string} spec.label for a screen reader
 * @param {{name: string, values: (number|null)[]}[]} spec.curves
 * @param {number|null} spec.at the step with the marker
 */
export function chart({ label, curves, at }) {
  const steps = Math.max(...curves.map(({ values }) => values.length));
  const positive = curves.flatMap(({ values }) => values.filter((value) => value > 0));
  const lowest =
    positive.length === 0 ? -1 : Math.floor(Math.log10(Math.max(Math.min(...positive), 1e-18)));
  const highest = positive.length === 0 ? 1 : Math.ceil(Math.log10(Math.max(...positive)));
  const top = Math.max(highest, lowest + 1);
  const x = (step) => LEFT + (steps > 1 ? (step / (steps - 1)) * (WIDTH - LEFT - RIGHT) : 0);
  const y = (value) => {
    const place = (Math.log10(Math.max(value, 10 ** lowest)) - lowest) / (top - lowest);
    return HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM);
  };
  const every = Math.max(1, Math.ceil((top - lowest) / 6));
  const powers = [];
  for (let power = lowest; power <= top; power += every) powers.push(power);
  const stepTicks = [
    ...new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * (steps - 1)))),
  ];
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${label}>
    ${powers.map(
      (power) => svg`<path class="rule" d="M${LEFT} ${y(10 ** power)}H${WIDTH - RIGHT}" />
        <text class="tick" x=${LEFT - 8} y=${y(10 ** power) + 4} text-anchor="end">10${superscript(power)}</text>`,
    )}
    ${stepTicks.map(
      (step) =>
        svg`<text class="tick" x=${x(step)} y=${HEIGHT - BOTTOM + 18} text-anchor="middle">${step + 1}</text>`,
    )}
    <text class="axis" x=${WIDTH - RIGHT} y=${HEIGHT - 4} text-anchor="end">step</text>
    <text class="axis" x=${LEFT - 8} y=${HEIGHT - 4} text-anchor="end">loss</text>
    ${curves.map(({ name, values }) => svg`<path class="curve ${name}" d=${pathOf(values, x, y)} />`)}
    ${
      at === null || curves[0].values[at] === null
        ? nothing
        : svg`<circle class="marker" cx=${x(at)} cy=${y(curves[0].values[at])} r="5" />`
    }
  </svg>`;
}

function pathOf(values, x, y) {
  let isDown = false;
  return values
    .map((value, step) => {
      if (value === null) {
        isDown = false;
        return "";
      }
      const command = isDown ? "L" : "M";
      isDown = true;
      return `${command}${x(step).toFixed(1)} ${y(value).toFixed(1)}`;
    })
    .join("");
}

function superscript(power) {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  return String(power)
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => digits[digit]);
}
