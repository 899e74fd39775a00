import { parseTable } from "./tables.js";

const WALKS = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -Infinity],
  End: [0, Infinity],
  PageUp: [-10, 0],
  PageDown: [10, 0],
};

/** The keys of a grid: arrows walk, Enter, F2 or a digit edits, Space draws where the brush is on. */
export function gridKeys(grid, { isEditable, isBrush, dispatch }) {
  return (event) => {
    if (event.target.closest("input") || event.altKey) return;
    const { key } = event;
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && (key === "Home" || key === "End")) {
      const far = key === "Home" ? -Infinity : Infinity;
      dispatch({ type: "grid/walked", grid, by: [far, far] });
    } else if (isCommand) {
      return;
    } else if (key in WALKS) {
      dispatch({ type: "grid/walked", grid, by: WALKS[key] });
    } else if (key === " " && isBrush) {
      dispatch({ type: "input/dabbed" });
    } else if (isEditable && (key === "Enter" || key === "F2")) {
      dispatch({ type: "grid/editing", grid, text: null });
    } else if (isEditable && /^[-+.\d]$/.test(key)) {
      dispatch({ type: "grid/editing", grid, text: key });
    } else {
      return;
    }
    event.preventDefault();
  };
}

/** The keys of the field in a cell: Enter and Tab keep what was typed and walk on, Escape does not. */
export function editorKeys(grid, dispatch) {
  return (event) => {
    const by = { Enter: [1, 0], Tab: [0, event.shiftKey ? -1 : 1] }[event.key];
    if (by !== undefined) {
      dispatch({ type: "grid/committed", grid, text: event.target.value });
      dispatch({ type: "grid/walked", grid, by });
    } else if (event.key === "Escape") {
      dispatch({ type: "grid/cancelled" });
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
}

/** A table or a number from the clipboard. */
export function gridPaste(grid, { room, dispatch }) {
  return (event) => {
    if (event.target.closest("input")) return;
    event.preventDefault();
    paste(grid, event.clipboardData.getData("text/plain"), room, dispatch);
  };
}

/** Put a pasted or typed table into a grid; true where it could be read and has room. */
export function paste(grid, text, room, dispatch) {
  try {
    dispatch({ type: "grid/pasted", grid, channels: parseTable(text, room) });
    return true;
  } catch (error) {
    dispatch({ type: "set", values: { notice: error.message } });
    return false;
  }
}

/** A row of tabs: arrows, Home and End choose and focus another one. */
export function tabKeys(event) {
  const tabs = [...event.currentTarget.querySelectorAll('[role="tab"]')];
  const here = tabs.indexOf(event.target.closest('[role="tab"]'));
  const there = {
    ArrowLeft: (here - 1 + tabs.length) % tabs.length,
    ArrowRight: (here + 1) % tabs.length,
    Home: 0,
    End: tabs.length - 1,
  }[event.key];
  if (here < 0 || there === undefined) return;
  event.preventDefault();
  tabs[there].click();
  tabs[there].focus();
}
