import { html } from "../../vendor/lit-html.js";
import { tabKeys } from "../keyboard.js";

/** The views below the stage, one at a time. */
export function tabs({ view }, dispatch, views, content) {
  return html`<section class="views" aria-label="Views">
    <div class="tabs" role="tablist" aria-label="Views of the same numbers" @keydown=${tabKeys}>
      ${views.map(
        ([name, title]) => html`<button
          type="button"
          role="tab"
          id="tab-${name}"
          aria-selected=${name === view}
          aria-controls="view"
          tabindex=${name === view ? 0 : -1}
          @click=${() => dispatch({ type: "set", values: { view: name } })}
        >
          ${title}
        </button>`,
      )}
    </div>
    <div id="view" class="view" role="tabpanel" aria-labelledby="tab-${view}" tabindex="0">
      ${content()}
    </div>
  </section>`;
}
