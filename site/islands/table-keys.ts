/** @file Arrow keys in a table: one stop of the Tab key, and from there every cell with its explanation. */

const KEYS: Readonly<Record<string, readonly [rows: number, cells: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** The region that scrolls takes the Tab key; arrows enter the table, Escape leaves it, Enter selects the row. */
export function moveInTable(root: Element): void {
  root.addEventListener("keydown", (event) => {
    if (!(event instanceof KeyboardEvent) || !(event.target instanceof Element)) return;
    const region = event.target.closest(".board-scroll");
    if (region === null) return;
    const cell = event.target.closest<HTMLTableCellElement>("tbody td, tbody th");
    if (event.key === "Escape" && cell !== null) return focus(region as HTMLElement);
    if (event.key === "Enter" && cell === event.target) return cell.click();
    const step = KEYS[event.key];
    if (step === undefined || event.target.closest("input, a, button") !== null) return;
    const next = cell === null ? firstCell(region) : neighbour(cell, step);
    if (next === null) return;
    event.preventDefault();
    next.tabIndex = -1;
    focus(next);
  });
}

function firstCell(region: Element): HTMLElement | null {
  return region.querySelector<HTMLElement>("tbody tr[id] > :nth-child(2)");
}

function neighbour(
  cell: HTMLTableCellElement,
  [rows, cells]: readonly [number, number],
): HTMLElement | null {
  const row = cell.parentElement as HTMLTableRowElement;
  // Rows that name a group have a cell or two, and no column could be kept through them.
  const all = [...row.closest("table")!.querySelectorAll<HTMLTableRowElement>("tbody tr[id]")];
  return all[all.indexOf(row) + rows]?.cells[cell.cellIndex + cells] ?? null;
}

function focus(element: HTMLElement): void {
  element.focus();
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
}
