import { html } from "../../vendor/lit-html.js";

const THEMES = { system: "As the system", light: "Light", dark: "Dark" };

/** The title, what can be taken away, and the theme. */
export function header({ theme }, dispatch, { copyLink, download }) {
  return html`<header>
    <div class="brand">
      <svg viewBox="0 0 24 24" aria-hidden="true" class="logo">
        <path class="logo-grid" d="M1 1h22v22H1zM1 8.3h22M1 15.6h22M8.3 1v22M15.6 1v22" />
        <path class="logo-window" d="M1 1h14.6v14.6H1z" />
      </svg>
      <div>
        <h1>Convolution calculator</h1>
        <p>pydjl lab</p>
      </div>
    </div>
    <div class="actions">
      <button type="button" @click=${copyLink}>Copy link</button>
      <div class="downloads" role="group" aria-label="Download">
        <span aria-hidden="true">Download</span>
        ${["png", "svg", "json"].map(
          (format) => html`<button
            type="button"
            aria-label="Download ${format.toUpperCase()}"
            @click=${() => download(format)}
          >
            ${format.toUpperCase()}
          </button>`,
        )}
      </div>
      <select
        aria-label="Colours of the page"
        @change=${(event) => dispatch({ type: "set", values: { theme: event.target.value } })}
      >
        ${Object.entries(THEMES).map(
          ([name, title]) =>
            html`<option value=${name} ?selected=${name === theme}>${title}</option>`,
        )}
      </select>
    </div>
  </header>`;
}
