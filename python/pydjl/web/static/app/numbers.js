const MINUS = "\u2212";

/** The shortest text that reads back as the same float32, with an ASCII minus. */
export function exact(value) {
  if (Number.isInteger(value)) return String(value);
  const single = Math.fround(value);
  for (let digits = 1; digits < 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === single) return String(rounded);
  }
  return String(value);
}

/** The same for reading, with a typographic minus. */
export function shown(value) {
  return typographic(exact(value));
}

/**
 * A text of few characters for a cell.
 *
 * @param {number} value
 * @param {number} digits how many of them count
 */
export function short(value, digits = 3) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 10 ** Math.max(digits, 4) || size < 10 ** (1 - digits)) {
    return typographic(
      value
        .toExponential(Math.max(digits - 2, 0))
        .replace(/\.0+e/, "e")
        .replace("e+", "e"),
    );
  }
  const rounded =
    size >= 10 ** (digits - 1) ? Math.round(value) : Number(value.toPrecision(digits));
  return typographic(String(rounded));
}

/** A count with thin spaces between the thousands: 200 704. */
export function count(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}

/** What a person typed as a number, or null. */
export function parseNumber(text) {
  const plain = text.trim().replace(MINUS, "-");
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain)) return null;
  return Number(plain);
}

function typographic(text) {
  return text.replace(/-/g, MINUS);
}
