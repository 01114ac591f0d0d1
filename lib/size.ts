import { formatSize, sizeInText } from "../src/spec/size";
import { isMarked, mark } from "./internal/brands";
import { badSizeText, sizeIsToken, sizeNotWhole } from "./internal/errors";
import { type Place, wrongType } from "./internal/property-errors";
import type { Kind } from "./internal/property-kinds";
import { isToken, numberText } from "./internal/tokens";

/**
 * An exact number of bytes in binary units: `Size.tebibytes(10)` is 10 * 1024^4 bytes.
 *
 * Fractions are welcome where they give whole bytes: `Size.tebibytes(1.5)`.
 */
export class Size {
  /**
   * @param bytes a whole number up to 2^53 - 1, or a token (then nothing is known about it at synthesis, and the executor checks it)
   * @throws ShareSynthesisError for a fraction or a number that JavaScript does not hold exactly
   */
  static bytes(bytes: number): Size {
    if (typeof bytes === "number" && isToken(bytes)) return new Size(undefined, `${numberText(bytes)} B`);
    requireNumber("Size.bytes", bytes);
    if (!Number.isSafeInteger(bytes)) throw sizeNotWhole("Size.bytes", bytes);
    return Size.exact(BigInt(bytes));
  }

  /**
   * @param kibibytes number of 1024 bytes
   * @throws ShareSynthesisError when that is not a whole number of bytes
   */
  static kibibytes(kibibytes: number): Size {
    return Size.of("Size.kibibytes", kibibytes, 1);
  }

  /**
   * @param mebibytes number of 1024^2 bytes
   * @throws ShareSynthesisError when that is not a whole number of bytes
   */
  static mebibytes(mebibytes: number): Size {
    return Size.of("Size.mebibytes", mebibytes, 2);
  }

  /**
   * @param gibibytes number of 1024^3 bytes
   * @throws ShareSynthesisError when that is not a whole number of bytes
   */
  static gibibytes(gibibytes: number): Size {
    return Size.of("Size.gibibytes", gibibytes, 3);
  }

  /**
   * @param tebibytes number of 1024^4 bytes
   * @throws ShareSynthesisError when that is not a whole number of bytes
   */
  static tebibytes(tebibytes: number): Size {
    return Size.of("Size.tebibytes", tebibytes, 4);
  }

  /**
   * @param pebibytes number of 1024^5 bytes
   * @throws ShareSynthesisError when that is not a whole number of bytes
   */
  static pebibytes(pebibytes: number): Size {
    return Size.of("Size.pebibytes", pebibytes, 5);
  }

  /**
   * @param text a number and a unit of 1024: `"10 TiB"`, `"1.5TiB"`, `"512 MiB"`, with B, KiB, MiB, GiB, TiB, PiB or EiB
   * @throws ShareSynthesisError for any other text, such as one with a unit of 1000, and for a fraction of a byte
   */
  static parse(text: string): Size {
    return Size._read(text, { property: "Size.parse" });
  }

  /** @internal */
  static _read(text: unknown, at: Place): Size {
    if (typeof text !== "string" || isToken(text)) throw wrongType(at, text, 'a text such as "10 TiB"', tokenWay);
    const bytes = sizeInText(text);
    if (bytes === undefined) throw badSizeText(at, text);
    return Size.exact(bytes);
  }

  private static exact(bytes: bigint): Size {
    return new Size(bytes, formatSize(bytes));
  }

  // A double times a power of two is exact, so a whole result is the true one.
  private static of(factory: string, count: number, power: number): Size {
    requireNumber(factory, count);
    const bytes = count * 1024 ** power;
    if (!Number.isInteger(bytes)) throw sizeNotWhole(factory, count);
    return Size.exact(BigInt(bytes));
  }

  private constructor(
    private readonly value: bigint | undefined,
    private readonly text: string,
  ) {
    mark(this, "Size");
  }

  /**
   * Exact bytes.
   *
   * @throws ShareSynthesisError for a token
   */
  toBytes(): bigint {
    if (this.value === undefined) throw sizeIsToken();
    return this.value;
  }

  /** In the largest unit that keeps it whole, as plans show it: "10 TiB", "1536 GiB". */
  toString(): string {
    return this.text;
  }

  /** @internal */
  _inspect(): { exact: bigint | undefined; text: string } {
    return { exact: this.value, text: this.text };
  }
}

const tokenWay = "write `Size.bytes(variable.numberValue)`, or Size.bytes(Token.asNumber(...)): in bytes only";

function requireNumber(factory: string, count: unknown): void {
  const rule = 'a number, or Size.parse("10 TiB")';
  if (typeof count !== "number" || isToken(count)) throw wrongType({ property: factory }, count, rule, tokenWay);
}

// ---- as a property ---------------------------------------------------------------------------------------------------------

export const size: Kind = {
  rule: 'Size.tebibytes(10) or "10 TiB"',
  read(value, at) {
    if (isMarked(value, "Size")) return value;
    if (typeof value !== "string" || isToken(value)) {
      throw wrongType(at, value, size.rule, "write `Size.bytes(variable.numberValue)`, or Size.bytes(Token.asNumber(...))");
    }
    return Size._read(value, at);
  },
};

/** One that counts at synthesis. */
export const knownSize: Kind = {
  rule: size.rule,
  read(value, at) {
    const found = size.read(value, at) as Size;
    if (found._inspect().exact === undefined) throw wrongType(at, found.toString(), size.rule);
    return found;
  },
};
