import { expect, test } from "vitest";
import { textIn } from "../../src/fronts/terraform-text";

const known: Record<string, string> = { 'local.a["x"]': "X", "b.c": "${not read again}" };

test.each([
  ["", ""],
  ["plain", "plain"],
  ['before ${local.a["x"]} between ${local.a["x"]}', "before X between X"],
  ["$${literal} and %%{this}", "${literal} and %{this}"],
  ["$${local.a} ${b.c}", "${local.a} ${not read again}"],
  ["$5 {} 100%", "$5 {} 100%"],
])("%j says %j", (text, says) => expect(textIn(text, (reference) => known[reference])).toBe(says));

test.each([
  ["a reference that is not known", "${local.other}"],
  ["a call", "${jsonencode(b.c)}"],
  ["an object in a call", "${jsonencode({a = b.c})}"],
  ["a directive", "%{if true}yes%{endif}"],
  ["an expression without an end", "${b.c"],
])("%s is not read: %j", (_, text) => expect(textIn(text, (reference) => known[reference])).toBeUndefined());
