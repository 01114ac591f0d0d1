// Whether a directory's default layout is the one asked for, and what it is. Pure.
import { defined } from "../../../spec/defined";
import { formatLayout, type Layout, type LayoutComponent } from "../../../spec/layout";
import type { StripeComponent } from "../parse";

/** Compares what was asked for; what was left open is whatever the file system chose. */
export function sameLayout(want: Layout, seen: readonly StripeComponent[]): boolean {
  return (
    want.length === seen.length && want.every((component, index) => sameComponent(component, seen[index] as StripeComponent))
  );
}

function sameComponent(want: LayoutComponent, seen: StripeComponent): boolean {
  return (
    (want.end ?? "EOF") === seen.end &&
    (want.onMdt ? "mdt" : "raid0") === seen.pattern &&
    seen.index === -1 &&
    (want.stripeCount === undefined || want.stripeCount === seen.count) &&
    (want.stripeSize === undefined || want.stripeSize === seen.size) &&
    (want.pool === undefined || want.pool === seen.pool)
  );
}

/** As `lfs setstripe` would take it, "-E 64M -c 1 -E -1 -c 4", so that it can be compared with what was asked for; what is not set is left out. */
export function describeLayout(seen: readonly StripeComponent[]): string {
  if (seen.length === 0) return "default";
  const layout = seen.map(({ end, count, size, pattern, pool }): LayoutComponent => {
    const isOnMdt = pattern === "mdt";
    return {
      ...(end === "EOF" ? {} : { end }),
      ...(isOnMdt ? { onMdt: true } : {}),
      ...(count === 0 ? {} : { stripeCount: count }),
      // Of data on the MDT it is the end.
      ...(size === 0n || isOnMdt ? {} : { stripeSize: size }),
      ...defined({ pool }),
    };
  });
  const odd = seen.flatMap(({ pattern, index }) => [
    ...(pattern === "mdt" || pattern === "raid0" ? [] : [`-L ${pattern}`]),
    ...(index === -1 ? [] : [`-i ${index}`]),
  ]);
  return [formatLayout(layout) || "-c default", ...odd].join(" ");
}
