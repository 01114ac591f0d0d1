// Mutants that no test has to see, each with the reason, by their key. One that is not a mutant any more fails `mutants.test.ts`.
export const accepted: Readonly<Record<string, string>> = {};
