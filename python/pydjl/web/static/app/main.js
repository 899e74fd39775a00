import { render } from "../vendor/lit-html.js";
import { fromAddress, KEPT, toAddress } from "./address.js";
import * as api from "./api.js";
import { runPlayer, wantsLessMotion } from "./player.js";
import { initialState, reduce } from "./reducer.js";
import { inputPreset } from "./selectors.js";
import { createStore } from "./store.js";
import { page } from "./views/page.js";
import { grantWishes } from "./wishes.js";

const START = { input: "shapes", kernel: "Sobel X" };
const THEME = "pydjl-theme";
const ADDRESS_DELAY = 250;

const root = document.getElementById("app");
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

async function start() {
  let catalog;
  try {
    catalog = await api.catalog();
  } catch (error) {
    root.textContent = error.message;
    return;
  }
  const store = createStore(reduce, opened(catalog));
  root.replaceChildren();
  drawWith(store);
  followTheme(store);
  followAddress(store, catalog);
  runPlayer(store);
  grantWishes(store);
}

/** The first state: from the address, else the start. */
function opened(catalog) {
  const theme = localStorage.getItem(THEME) ?? "system";
  const state = initialState({
    catalog,
    problem: firstProblem(catalog),
    theme,
    isDark: isDark(theme),
    isCalm: wantsLessMotion(),
  });
  try {
    const found = fromAddress(location.hash, catalog);
    return found === null ? state : reduce(state, { type: "problem/loaded", ...found });
  } catch (error) {
    return { ...state, notice: error.message };
  }
}

function firstProblem({ inputs, kernels }) {
  const named = (list, name) => list.find((each) => each.name === name) ?? list[0];
  return {
    input: named(inputs, START.input).values,
    kernels: [[named(kernels, START.kernel).weights]],
    bias: [0],
    operation: "cross-correlation",
    mode: "valid",
    stride: [1, 1],
    padding: [0, 0],
    dilation: [1, 1],
  };
}

/** Draw at most once a frame, and leave the focus in the grid where it was. */
function drawWith(store) {
  const effects = effectsOf(store);
  let isDue = false;
  let view = null;
  const draw = () => {
    isDue = false;
    const { state, dispatch } = store;
    const held = document.activeElement?.closest("[data-grid]")?.dataset.grid ?? null;
    document.documentElement.dataset.theme = state.isDark ? "dark" : "light";
    render(page(state, dispatch, effects), root);
    focusCell(held ?? state.editing?.grid, state.editing);
    if (state.view !== view) revealTab();
    view = state.view;
  };
  store.subscribe((state, before) => {
    // The field has to be there before the next key comes, which may be sooner than a frame.
    if (state.editing !== before.editing) {
      draw();
      return;
    }
    if (!isDue) requestAnimationFrame(draw);
    isDue = true;
  });
  draw();
}

/** The active cell of a grid, or the field in it, has the focus. */
function focusCell(name, editing) {
  const grid = name && root.querySelector(`[data-grid="${name}"]`);
  if (!grid) return;
  const editor = grid.querySelector(".editor");
  const target = editor ?? grid.querySelector('[role="gridcell"][tabindex="0"]');
  if (target === null || document.activeElement === target) return;
  target.focus({ preventScroll: true });
  if (editor !== null && editing.text === null) editor.select();
}

/** On a narrow screen the tabs scroll sideways: the chosen one is to be seen. */
function revealTab() {
  const tab = root.querySelector('[role="tab"][aria-selected="true"]');
  const [here, room] = [tab, tab.parentElement].map((each) => each.getBoundingClientRect());
  const beyond = Math.max(0, here.right - room.right) + Math.min(0, here.left - room.left);
  tab.parentElement.scrollLeft += beyond;
}

function followTheme(store) {
  systemIsDark.addEventListener("change", () => {
    store.dispatch({ type: "set", values: { isDark: isDark(store.state.theme) } });
  });
  store.subscribe(({ theme }, before) => {
    if (theme === before.theme) return;
    localStorage.setItem(THEME, theme);
    store.dispatch({ type: "set", values: { isDark: isDark(theme) } });
  });
}

function isDark(theme) {
  return theme === "system" ? systemIsDark.matches : theme === "dark";
}

/** The state is in the address, and an address that someone enters is the state. */
function followAddress(store, catalog) {
  let timer = null;
  const write = () => history.replaceState(null, "", addressOf(store.state));
  store.subscribe((state, before) => {
    if (KEPT.every((part) => state[part] === before[part])) return;
    clearTimeout(timer);
    timer = setTimeout(write, ADDRESS_DELAY);
  });
  addEventListener("hashchange", () => {
    try {
      const found = fromAddress(location.hash, catalog);
      if (found !== null) store.dispatch({ type: "problem/loaded", ...found });
    } catch (error) {
      store.dispatch({ type: "set", values: { notice: error.message } });
    }
  });
}

function addressOf(state) {
  return `#${toAddress(state, inputPreset(state)?.name)}`;
}

/** What views ask for beyond the state: the clipboard, files, and the server's grades. */
function effectsOf(store) {
  const say = (values) => store.dispatch({ type: "set", values });
  const telling =
    (work) =>
    async (...args) => {
      try {
        await work(...args);
      } catch (error) {
        say({ notice: error.message });
      }
    };
  const copy = telling(async (text, announcement) => {
    // Browsers hand the clipboard to pages of this machine, and to others over https alone.
    if (!navigator.clipboard) {
      throw new Error("The browser keeps the clipboard from this page: copy by hand.");
    }
    await navigator.clipboard.writeText(text);
    say({ notice: null, announcement, toast: announcement });
    setTimeout(() => say({ toast: null }), 2500);
  });
  return {
    copy,
    copyLink: () => {
      history.replaceState(null, "", addressOf(store.state));
      return copy(location.href, "The link is on the clipboard.");
    },
    download: telling(async (format) => {
      const blob = await api.download(format, store.state.problem);
      save(blob, `convolution.${format}`);
    }),
    loadPicture: telling(async (file) => {
      const channels = store.state.problem.input.length === 3 ? 3 : 1;
      const size = await fitted(file, store.state.catalog.limits.input);
      const input = await api.picture(file, { ...size, channels });
      store.dispatch({ type: "input/replaced", input });
    }),
    gradeQuiz: telling(async () => {
      const { seed, replies } = store.state;
      const grading = await api.gradeQuiz({ seed, answers: replies });
      store.dispatch({ type: "quiz/graded", grading });
    }),
  };
}

/** The size of a picture in its own proportions, the longer side at most `longest`. */
async function fitted(file, longest) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(`“${file.name}” cannot be read as a picture: take a PNG or a JPEG.`);
  }
  const factor = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const side = (length) => Math.max(1, Math.round(length * factor));
  return { height: side(bitmap.height), width: side(bitmap.width) };
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

start();
