// How the executor reaches a host.
import * as z from "zod/mini";

/** The machine that runs Terraform. `path` are directories searched for tools before the PATH. */
export const localConnectionSchema = z.strictObject({
  type: z.literal("local"),
  path: z.optional(z.array(z.string().check(z.startsWith("/")))),
});

export const connectionSchema = z.discriminatedUnion("type", [localConnectionSchema]);
export type ConnectionSpec = z.infer<typeof connectionSchema>;

/** A host with a mount point of its own. */
export const mountedConnectionSchema = z.strictObject({
  connection: connectionSchema,
  mountPoint: z.optional(z.string()),
});
