// The enums of the constructs and the literals of the wire are one list: the compiler checks the types, this file the values.
import { describe, expect, it } from "vitest";
import { AccessLevel, Carrier, GlusterTransport, LustreVersion, type Preflight, RemovalPolicy, type Revocation } from "../../lib";
import { carrierNames } from "../../lib/internal/carriers";
import * as gluster from "../../src/spec/gluster";
import * as spec from "../../src/spec/lustre";
import * as removal from "../../src/spec/removal-policy";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const same = <A, B>(equal: Same<A, B>) => equal;

describe("enums", () => {
  it("have the types of the wire", () => {
    expect([
      same<`${AccessLevel}`, spec.AccessLevel>(true),
      same<`${LustreVersion}`, spec.LustreVersion>(true),
      same<`${RemovalPolicy}`, removal.RemovalPolicy>(true),
      same<`${Revocation}`, spec.FileSystemSpec["revocation"]>(true),
      same<`${Preflight}`, spec.FileSystemSpec["preflight"]>(true),
      same<`${Preflight}`, gluster.ClusterSpec["preflight"]>(true),
      same<`${GlusterTransport}`, gluster.VolumeLayout["transport"]>(true),
      same<`${Carrier}`, (typeof carrierNames)[number]>(true),
    ]).not.toContain(false);
  });

  it("have the values of the wire", () => {
    expect(Object.values(AccessLevel)).toEqual([...spec.accessLevels]);
    expect(Object.values(LustreVersion)).toEqual([...spec.lustreVersions]);
    expect(Object.values(RemovalPolicy)).toEqual([...removal.removalPolicies]);
    expect(Object.values(GlusterTransport)).toEqual([...gluster.transports]);
    expect(Object.values(Carrier)).toEqual([...carrierNames]);
  });
});
