export interface NullProvider {
  readonly available: boolean;
  /** Where null_resource comes from, or why it cannot be had; one line for people. */
  readonly how: string;
  /** What Terraform needs in its environment to find it. */
  readonly env: Readonly<Record<string, string>>;
}
export function findNullProvider(options?: { deadlineMs?: number }): Promise<NullProvider>;
