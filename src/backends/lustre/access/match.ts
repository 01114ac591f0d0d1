// Which live nodemap becomes which group: the pairing that moves the fewest addresses from one nodemap to another. Pure.
import { compareIntervals, intersect, intervalSize, type NidInterval, sameNetwork } from "../../../spec/address";

/** How much each row is worth to a column; columns that are worth nothing are left out. */
export type Weights = ReadonlyMap<number, number>;

/** How many addresses each of the rows shares with each of the columns, all of which are lists of disjoint intervals. */
export function sharedAddresses(
  rows: readonly (readonly NidInterval[])[],
  columns: readonly (readonly NidInterval[])[],
): Weights[] {
  const all = columns
    .flatMap((ranges, column) => ranges.map((range) => ({ range, column })))
    .sort((a, b) => compareIntervals(a.range, b.range));
  return rows.map((intervals) => {
    const shared = new Map<number, number>();
    for (const interval of intervals) {
      // Nearly all are disjoint, so those that it meets are next to each other.
      for (let index = firstMeeting(all, interval); index < all.length; index += 1) {
        const { range, column } = all[index] as (typeof all)[number];
        if (!sameNetwork(range, interval) || range.start > interval.end) break;
        const both = intersect(interval, range);
        if (both) shared.set(column, (shared.get(column) ?? 0) + Number(intervalSize(both)));
      }
    }
    return shared;
  });
}

/** The first of the sorted ranges that may reach into an interval. Ranges of several nodemaps are disjoint (golden d042). */
function firstMeeting(sorted: readonly { range: NidInterval }[], interval: NidInterval): number {
  const first = { ...interval, end: interval.start };
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { range } = sorted[middle] as { range: NidInterval };
    const isBefore = compareIntervals(range, first) <= 0 && !(sameNetwork(range, interval) && range.end >= interval.start);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Pairs rows with columns so that the sum of their weights is the largest (assignment problem, Hungarian method with potentials).
 * Returns for each row its column, or -1. Only positive weights are worth a pair.
 */
export function bestPairs(weights: readonly Weights[]): number[] {
  const pairs = new Array<number>(weights.length).fill(-1);
  for (const { rows, columns } of parts(weights)) {
    const weight = (row: number, column: number) => weights[rows[row] ?? -1]?.get(columns[column] ?? -1) ?? 0;
    const rowOfColumn = cheapestAssignment(Math.max(rows.length, columns.length), (row, column) => -weight(row, column));
    for (const [column, row] of rowOfColumn.entries())
      if (weight(row, column) > 0) pairs[rows[row] as number] = columns[column] as number;
  }
  return pairs;
}

interface Part {
  rows: number[];
  columns: number[];
}

/** Rows and columns that have to do with each other: most rows meet one column, and that one nobody else. */
function parts(weights: readonly Weights[]): Part[] {
  const rowsOf = new Map<number, number[]>();
  for (const [row, line] of weights.entries())
    for (const [column, weight] of line) if (weight > 0) rowsOf.set(column, [...(rowsOf.get(column) ?? []), row]);
  const seen = new Set<number>();
  return weights.flatMap((_, first) => {
    if (seen.has(first)) return [];
    const rows = [first];
    const columns = new Set<number>();
    seen.add(first);
    for (const row of rows) {
      for (const column of weights[row]?.keys() ?? []) {
        columns.add(column);
        for (const other of rowsOf.get(column) ?? []) {
          if (seen.has(other)) continue;
          seen.add(other);
          rows.push(other);
        }
      }
    }
    return columns.size === 0 ? [] : [{ rows, columns: [...columns] }];
  });
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
