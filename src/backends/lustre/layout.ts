// Whether a directory's default layout is the one asked for. Pure.
import type { Layout, LayoutComponent } from "../../spec/layout";
import type { StripeComponent } from "./parse";

/** Compares what was asked for; what was left open is whatever the file system chose. */
export function sameLayout(want: Layout, seen: readonly StripeComponent[]): boolean {
  return (
    want.length === seen.length && want.every((component, index) => sameComponent(component, seen[index] as StripeComponent))
  );
}

function sameComponent(want: LayoutComponent, seen: StripeComponent): boolean {
  return (
    (want.end ?? "EOF") === seen.end &&
    (want.onMdt ?? false) === seen.onMdt &&
    (want.stripeCount === undefined || want.stripeCount === seen.count) &&
    (want.stripeSize === undefined || want.stripeSize === seen.size) &&
    (want.pool === undefined || want.pool === seen.pool)
  );
}
