/** The last cell of the stroke that is being drawn, or null. */
let stroke = null;
/** Whether the pointer went down on the cell that had the focus: then a click edits it. */
let isSecond = false;

/**
 * The pointer over a grid: looking, choosing, and drawing where the brush is on.
 *
 * @param {string} grid
 * @param {object} spec
 * @param {{top: number, left: number}} spec.frame the padding around the cells
 * @param {number[]} spec.size rows and columns with the padding
 * @param {number[]} spec.cells rows and columns of cells
 */
export function gridPointer(grid, { frame, size, cells, isEditable, isBrush, active, dispatch }) {
  const cellAt = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * size[0]) - frame.top;
    const column = Math.floor(((event.clientX - box.left) / box.width) * size[1]) - frame.left;
    const isInside = row >= 0 && column >= 0 && row < cells[0] && column < cells[1];
    return isInside ? [row, column] : null;
  };
  return {
    down: (event) => {
      if (event.target.closest("input") || event.button !== 0) return;
      const cell = cellAt(event);
      isSecond =
        event.currentTarget.contains(document.activeElement) && String(cell) === String(active);
      if (!isBrush || cell === null) return;
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      stroke = cell;
      dispatch({ type: "input/painted", cells: [cell] });
    },
    move: (event) => {
      const cell = cellAt(event);
      if (stroke !== null) {
        if (cell === null || String(cell) === String(stroke)) return;
        dispatch({ type: "input/painted", cells: line(stroke, cell) });
        stroke = cell;
      } else if (grid !== "kernel" && event.pointerType === "mouse") {
        const found = cell && { grid, row: cell[0], column: cell[1] };
        dispatch({ type: "grid/hovered", cell: found });
      }
    },
    up: () => {
      stroke = null;
    },
    leave: () => dispatch({ type: "grid/hovered", cell: null }),
    click: (event) => {
      const cell = cellAt(event);
      if (event.target.closest("input") || isBrush || cell === null) return;
      if (isEditable && isSecond) {
        dispatch({ type: "grid/editing", grid, text: null });
        return;
      }
      if (!event.currentTarget.contains(document.activeElement)) {
        event.currentTarget.querySelector('[tabindex="0"]').focus();
      }
      dispatch({ type: "grid/moved", grid, row: cell[0], column: cell[1] });
    },
  };
}

/** The cells on a straight line from one to another, both with it. */
function line([row, column], [toRow, toColumn]) {
  const length = Math.max(Math.abs(toRow - row), Math.abs(toColumn - column));
  return Array.from({ length: length + 1 }, (_, index) => [
    Math.round(row + ((toRow - row) * index) / length),
    Math.round(column + ((toColumn - column) * index) / length),
  ]);
}
