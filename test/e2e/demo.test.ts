import { it } from "vitest";
import { demoTimeoutMs, tellDemo } from "./support/demo";

it("the demo holds what it says and leaves nothing behind", () => tellDemo(), demoTimeoutMs);
