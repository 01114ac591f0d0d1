// Which live nodemap becomes which group: the pairing that moves the fewest addresses from one nodemap to another. Pure.
import { intersect, intervalSize, type NidInterval } from "../../spec/address";

/** How many addresses two lists of disjoint intervals share. */
export function overlap(a: readonly NidInterval[], b: readonly NidInterval[]): number {
  let shared = 0n;
  for (const left of a) {
    for (const right of b) {
      const both = intersect(left, right);
      if (both) shared += intervalSize(both);
    }
  }
  return Number(shared);
}

/**
 * Pairs rows with columns so that the sum of their weights is the largest (assignment problem, Hungarian method with potentials).
 * Returns for each row its column, or -1. Only positive weights are worth a pair.
 */
export function bestPairs(weights: readonly (readonly number[])[]): number[] {
  const rows = weights.length;
  const size = Math.max(rows, weights[0]?.length ?? 0);
  const weight = (row: number, column: number) => weights[row]?.[column] ?? 0;
  const rowOfColumn = cheapestAssignment(size, (row, column) => -weight(row, column));
  const pairs = new Array<number>(rows).fill(-1);
  for (const [column, row] of rowOfColumn.entries()) {
    if (row < rows && weight(row, column) > 0) pairs[row] = column;
  }
  return pairs;
}

/** The state of a search for the cheapest perfect assignment. Rows and columns count from 1; column 0 is where a search starts. */
interface Search {
  size: number;
  cost: (row: number, column: number) => number;
  rowPotential: number[];
  columnPotential: number[];
  rowOf: number[];
}

/** The row of each column of a square cost matrix, both counted from 0. */
function cheapestAssignment(size: number, cost: Search["cost"]): number[] {
  const zeros = () => new Array<number>(size + 1).fill(0);
  const search: Search = { size, cost, rowPotential: zeros(), columnPotential: zeros(), rowOf: zeros() };
  for (let row = 1; row <= size; row += 1) assign(search, row);
  return search.rowOf.slice(1).map((row) => row - 1);
}

/** Finds the cheapest way to give `row` a column, moving earlier rows where that is cheaper. */
function assign(search: Search, row: number): void {
  const { size, rowOf } = search;
  rowOf[0] = row;
  const before = new Array<number>(size + 1).fill(0);
  const slack = new Array<number>(size + 1).fill(Number.POSITIVE_INFINITY);
  const visited = new Array<boolean>(size + 1).fill(false);
  let column = 0;
  do {
    visited[column] = true;
    relax(search, column, visited, slack, before);
    const next = nearest(visited, slack);
    shift(search, at(slack, next), visited, slack);
    column = next;
  } while (at(rowOf, column) !== 0);
  for (; column !== 0; column = at(before, column)) rowOf[column] = at(rowOf, at(before, column));
}

/** Notes what it would cost to reach every open column from the row that holds `column`. */
function relax(search: Search, column: number, visited: readonly boolean[], slack: number[], before: number[]): void {
  const row = at(search.rowOf, column);
  for (let next = 1; next <= search.size; next += 1) {
    if (visited[next]) continue;
    const reduced = search.cost(row - 1, next - 1) - at(search.rowPotential, row) - at(search.columnPotential, next);
    if (reduced >= at(slack, next)) continue;
    slack[next] = reduced;
    before[next] = column;
  }
}

function shift(
  { size, rowOf, rowPotential, columnPotential }: Search,
  step: number,
  visited: readonly boolean[],
  slack: number[],
): void {
  for (let column = 0; column <= size; column += 1) {
    if (visited[column]) {
      const row = at(rowOf, column);
      rowPotential[row] = at(rowPotential, row) + step;
      columnPotential[column] = at(columnPotential, column) - step;
    } else slack[column] = at(slack, column) - step;
  }
}

function nearest(visited: readonly boolean[], slack: readonly number[]): number {
  let best = 0;
  for (let column = 1; column < slack.length; column += 1) {
    if (!visited[column] && (best === 0 || at(slack, column) < at(slack, best))) best = column;
  }
  return best;
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] as number;
}
