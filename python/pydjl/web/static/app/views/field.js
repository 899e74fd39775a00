import { noChange } from "../../vendor/lit-html.js";
import { Directive, directive } from "../../vendor/directive.js";

/** Writes a value into a field, but not while someone types there. */
class FieldValue extends Directive {
  render() {
    return noChange;
  }

  update({ element }, [value]) {
    const text = String(value);
    if (element !== document.activeElement && element.value !== text) element.value = text;
    return noChange;
  }
}

/** An element directive for a field: `<input ${fieldValue(3)}>`. */
export const fieldValue = directive(FieldValue);
