import { defined } from "../../src/spec/defined";
import type { Layout, LayoutComponent } from "../../src/spec/layout";
import { formatLayout } from "../../src/spec/layout";
import { mark } from "../internal/brands";
import * as kind from "../internal/property-kinds";
import { list, properties, type Read, readProperties, type Shape } from "../internal/property-kinds";
import { knownSize, type Size } from "../size";

/** How the data of a file is spread over object storage targets (OSTs). */
export interface LustreStriping {
  /**
   * Number of OSTs a file is spread over, 1 to 2000; -1 is every OST.
   *
   * @default - the default of the file system
   */
  readonly stripeCount?: number;

  /**
   * Bytes written to one OST before the next: a multiple of 64 KiB below 4 GiB.
   *
   * @default - the default of the file system
   */
  readonly stripeSize?: Size | string;

  /**
   * Name of the OST pool to take OSTs from, 1 to 15 of `A-Z a-z 0-9 _ -`.
   *
   * @default - any OST
   */
  readonly pool?: string;
}

/** One part of a progressive layout. */
export interface LustreLayoutComponent extends LustreStriping {
  /**
   * Where this part ends, from the start of the file: a multiple of 64 KiB beyond the end of the part before.
   *
   * @default - the end of the file; the last part, and only the last, leaves it out
   */
  readonly end?: Size | string;
}

const stripingProps: Shape<LustreStriping> = { stripeCount: kind.count, stripeSize: knownSize, pool: kind.literalText };
const componentProps: Shape<LustreLayoutComponent> = { ...stripingProps, end: knownSize };

/**
 * The default layout of new files in a share (`lfs setstripe` on its directory).
 *
 * Changing it later changes new files only; existing files keep their layout until somebody migrates them (`lfs migrate`).
 *
 * @see lfs-setstripe(1)
 */
export class LustreLayout {
  /** Every file is striped alike, whatever its size. */
  static striped(striping: LustreStriping): LustreLayout {
    return new LustreLayout([component(readProperties({ property: "LustreLayout.striped" }, striping, stripingProps))]);
  }

  /** Striping that grows with the file (PFL): small files stay on one OST, large ones are spread. */
  static progressive(components: LustreLayoutComponent[]): LustreLayout {
    const parts = list(properties(componentProps), "{ end: Size.mebibytes(64), stripeCount: 1 }, { stripeCount: -1 }");
    const read = parts.read(components, { property: "LustreLayout.progressive" }) as Read<LustreLayoutComponent>[];
    return new LustreLayout(read.map((part) => ({ ...end(part.end), ...component(part) })));
  }

  /**
   * The first bytes of every file lie on the metadata target (data-on-MDT), which makes small files fast.
   *
   * @param size how much of a file lies there; a multiple of 64 KiB
   * @param rest striping of what lies beyond
   */
  static dataOnMdt(size: Size | string, rest: LustreStriping): LustreLayout {
    const first = knownSize.read(size, { property: "LustreLayout.dataOnMdt.size" }) as Size;
    const beyond = readProperties({ property: "LustreLayout.dataOnMdt.rest" }, rest, stripingProps);
    return new LustreLayout([{ ...end(first), onMdt: true }, component(beyond)]);
  }

  private constructor(private readonly layout: Layout) {
    mark(this, "LustreLayout");
  }

  /** As `lfs setstripe` takes it and plans show it: "-E 64M -c 1 -E -1 -c 4". */
  toString(): string {
    return formatLayout(this.layout);
  }

  /** @internal */
  toSpec(): Layout {
    return this.layout;
  }
}

function component({ stripeCount, stripeSize, pool }: Read<LustreStriping>): LayoutComponent {
  return {
    ...defined({ stripeCount }),
    ...(stripeSize === undefined ? {} : { stripeSize: stripeSize.toBytes() }),
    ...defined({ pool }),
  };
}

function end(size: Size | undefined): LayoutComponent {
  return size === undefined ? {} : { end: size.toBytes() };
}
