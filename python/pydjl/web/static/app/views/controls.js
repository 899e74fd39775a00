import { html } from "../../vendor/lit-html.js";
import { live } from "../../vendor/directives/live.js";
import { fieldValue } from "./field.js";

/**
 * A whole number within limits, applied as soon as it is one.
 *
 * @param {{label: string, value: number, min: number, max: number, onChange: Function}} spec
 */
export function counter({ label, value, min, max, isDisabled = false, onChange }) {
  const change = (event) => {
    const typed = Number(event.target.value);
    const isWithin = event.target.value !== "" && typed >= min && typed <= max;
    if (isWithin && Number.isInteger(typed) && typed !== value) onChange(typed);
  };
  const settle = (event) => {
    event.target.value = value;
  };
  return html`<input
    type="number"
    inputmode="numeric"
    aria-label=${label}
    min=${min}
    max=${max}
    step="1"
    ?disabled=${isDisabled}
    ${fieldValue(value)}
    @input=${change}
    @blur=${settle}
  />`;
}

/** Rows × columns. */
export function pair({ label, value, min, max, isDisabled = false, onChange }) {
  const at = (index) => (typed) => onChange(index === 0 ? [typed, value[1]] : [value[0], typed]);
  return html`<fieldset class="pair">
    <legend>${label}</legend>
    ${counter({ label: `${label}, rows`, value: value[0], min, max, isDisabled, onChange: at(0) })}
    <span aria-hidden="true">×</span>
    ${counter({ label: `${label}, columns`, value: value[1], min, max, isDisabled, onChange: at(1) })}
  </fieldset>`;
}

/**
 * One of a few choices, side by side.
 *
 * @param {{name: string, legend: string, value: *, options: [*, string][], onChange: Function}} spec
 */
export function choice({ name, legend, value, options, onChange }) {
  return html`<fieldset class="choice">
    <legend>${legend}</legend>
    <div class="segments">
      ${options.map(
        ([option, text]) => html`<label>
          <input
            type="radio"
            name=${name}
            value=${option}
            .checked=${live(option === value)}
            @change=${() => onChange(option)}
          />
          <span>${text}</span>
        </label>`,
      )}
    </div>
  </fieldset>`;
}

/** A list to choose from; `text` is what stands there while none of it is chosen. */
export function menu({ label, value, text, options, onChange }) {
  return html`<select aria-label=${label} .value=${live(value ?? "")} @change=${(event) => onChange(event.target.value)}>
    ${value === undefined ? html`<option value="" disabled selected>${text}</option>` : ""}
    ${options.map(
      ([option, title]) =>
        html`<option value=${option} ?selected=${option === value}>${title}</option>`,
    )}
  </select>`;
}

/** Which channel is on screen; nothing where there is only one. */
export function channels({ name, legend, letter, count, value, onChange }) {
  if (count === 1) return "";
  const options = Array.from({ length: count }, (_, index) => [
    index,
    `${letter}${subscript(index)}`,
  ]);
  return choice({ name, legend, value, options, onChange });
}

/** 12 as ₁₂. */
export function subscript(number) {
  return String(number).replace(/\d/g, (digit) => String.fromCharCode(0x2080 + Number(digit)));
}

/** A number that may have a fraction, or stay as it was. */
export function decimal({ label, value, onChange }) {
  return html`<input
    type="number"
    step="any"
    inputmode="decimal"
    aria-label=${label}
    ${fieldValue(value)}
    @change=${(event) => {
      const typed = event.target.valueAsNumber;
      if (Number.isFinite(typed)) onChange(typed);
      else event.target.value = value;
    }}
  />`;
}
