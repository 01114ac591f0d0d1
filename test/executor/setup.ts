// Before each file that may need servers. The files of a worker share their modules; whatever they import first, it has what stands in for the
// transport of executors within the test.
import { afterAll, vi } from "vitest";
import { standInForLocal } from "./in-process";

standInForLocal();

afterAll(() => void vi.unstubAllEnvs());
