import { describe, expect, test } from "vitest";
import { squashEffect } from "../../src/spec/squash";

describe("R-05: whom a squash of everybody lets in", () => {
  const account = { uid: 6000, gid: 6000 };
  test.each<["rw" | "ro", { uid: number; gid: number; mode: number }, string, RegExp]>([
    ["rw", { ...account, mode: 0o770 }, "some", /by mode 0770 that is root, uid 6000, group 6000 alone; mode 0777 would/],
    ["rw", { ...account, mode: 0o700 }, "some", /root, uid 6000 alone/],
    ["ro", { ...account, mode: 0o750 }, "some", /group 6000 alone; mode 0755 would/],
    ["rw", { ...account, mode: 0o755 }, "some", /root, uid 6000 alone/],
    [
      "rw",
      { ...account, mode: 0o777 },
      "everybody",
      /everybody; what they make is 6000's, and only that uid and root can change it/,
    ],
    ["ro", { ...account, mode: 0o755 }, "everybody", /everybody$/],
    ["rw", { uid: 7000, gid: 7000, mode: 0o770 }, "nobody", /the share, of 7000:7000 with mode 0770, does not let in$/],
    ["rw", { uid: 7000, gid: 6000, mode: 0o770 }, "some", /root, uid 6000, group 6000 alone/],
    ["rw", { uid: 7000, gid: 7000, mode: 0o777 }, "everybody", /everybody/],
  ])("%s on %j: %s", (level, share, letsIn, words) => {
    const effect = squashEffect(account, level, share);
    expect(effect).toEqual({ letsIn, words: expect.stringMatching(words) });
  });
});
