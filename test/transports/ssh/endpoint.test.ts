// What a connection of the spec is really connected to, where ~/.ssh/config has to say something or nothing.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { endpointOf } from "../../../src/transports/ssh/endpoint";
import { faultOf, ssh, testDirectory } from "./support";

const { home } = testDirectory();
const endpoint = (
  config: string,
  spec: Parameters<typeof ssh>[0] = {},
  environment = { SSH_AUTH_SOCK: "/agent" },
  host = "mds1",
) => {
  writeFileSync(join(home, ".ssh/config"), config);
  return endpointOf(ssh(spec, host), host, { environment, home });
};
const agentOf = async (...asked: Parameters<typeof endpoint>) => (await endpoint(...asked)).credentials.agent;

describe("the agent", () => {
  test.each<[string, string, Parameters<typeof ssh>[0], string | undefined]>([
    ["of the environment", "", {}, "/agent"],
    ["of the environment, as ~/.ssh/config says", "IdentityAgent SSH_AUTH_SOCK\n", {}, "/agent"],
    ["that ~/.ssh/config forbids", "IdentityAgent none\n", {}, undefined],
    ["at a path", "IdentityAgent ~/agent\n", {}, join(home, "agent")],
    ["of a variable", "IdentityAgent $OTHER\n", {}, "/other"],
    ["of a variable that is not set", "IdentityAgent $NONE\n", {}, undefined],
    ["of the connection", "IdentityAgent none\n", { agent: "~/mine" }, join(home, "mine")],
    ["of the environment, as the connection says", "IdentityAgent none\n", { agent: "SSH_AUTH_SOCK" }, "/agent"],
    ["that the connection leaves out, for it names a key", "", { privateKeyPath: "~/key" }, undefined],
  ])("%s", async (_, config, spec, agent) => {
    const environment = { SSH_AUTH_SOCK: "/agent", OTHER: "/other" };
    expect(await agentOf(config, spec, environment)).toBe(agent);
  });

  test("of an environment without one is told where it is needed", async () => {
    expect(await agentOf("", { agent: "SSH_AUTH_SOCK" }, { SSH_AUTH_SOCK: "" })).toBe("SSH_AUTH_SOCK");
    expect(await agentOf("", {}, { SSH_AUTH_SOCK: "" })).toBeUndefined();
  });
});

describe("the way", () => {
  const circle = "Host a\n  ProxyJump b\nHost b\n  ProxyJump a\nHost mds1\n  ProxyJump a\n";
  test("in a circle is refused", async () => {
    const { code, text } = await faultOf(endpoint(circle));
    expect([code, text]).toEqual(["CANNOT_CONNECT", expect.stringContaining("leads through more than 8 other hosts")]);
  });
  test("over as many hosts as may be is taken", async () => {
    const hops = Array.from({ length: 8 }, (_, index) => `h${index}`).join(",");
    let at = await endpoint(`Host mds1\n  ProxyJump ${hops}\n`);
    const names: string[] = [];
    for (; at.jump?.[0]; at = at.jump[0]) names.push(at.jump[0].host);
    expect(names).toEqual(hops.split(",").reverse());
    expect((await faultOf(endpoint(`Host mds1\n  ProxyJump ${hops},h8\n`))).code).toBe("CANNOT_CONNECT");
  });
  test("to a jump host does not lead through itself", async () => {
    const { jump } = await endpoint("Host *\n  ProxyJump bastion\n");
    expect([jump?.map(({ host }) => host), jump?.[0]?.jump]).toEqual([["bastion"], undefined]);
    expect((await endpoint("Host *\n  ProxyJump bastion\n", {}, {} as never, "bastion")).jump).toBeUndefined();
  });
  test("by a ProxyCommand is refused, unless a ProxyJump says the same", async () => {
    expect((await faultOf(endpoint("ProxyCommand nc %h %p\n"))).text).toContain("which is not run: nc");
    expect((await endpoint("Host mds1\n  ProxyJump bastion\n  ProxyCommand nc %h %p\n")).jump?.[0]?.host).toBe("bastion");
  });
  test("that cannot be understood is refused", async () => {
    expect((await faultOf(endpoint("ProxyJump a@b@\n"))).text).toContain("cannot be understood");
  });
});
