// What our own factories and constructs make, told apart from anything that merely looks like it. No instanceof: an app may hold two copies of this package.

export type Brand =
  | "Size"
  | "Squash"
  | "Connection"
  | "LustreLayout"
  | "GlusterProvisioning"
  | "LustreFileSystem"
  | "LustreShare"
  | "AnyLustreShare"
  | "GlusterCluster"
  | "GlusterShare"
  | "AnyGlusterShare"
  | "GlusterSnapshot"
  | "CarrierResource";

const prefix = "sharewright.brand.";
const symbolOf = (brand: Brand) => Symbol.for(`${prefix}${brand}`);

export function mark(made: object, brand: Brand): void {
  Object.defineProperty(made, symbolOf(brand), { value: true });
}

export function isMarked(value: unknown, brand: Brand): value is object {
  return typeof value === "object" && value !== null && symbolOf(brand) in value;
}

/** True for whatever our factories and constructs make. */
export function isOurs(value: object): boolean {
  return Object.getOwnPropertySymbols(value).some(({ description }) => description?.startsWith(prefix));
}
