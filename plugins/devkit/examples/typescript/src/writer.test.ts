// Tests of what becomes of changes, on the sample shop: lost answers, other apps that write meanwhile, changes that are refused.

import assert from "node:assert/strict";
import { test } from "node:test";

import { sandboxWriteToken, startSandbox } from "./sandbox.js";
import { applyChanges, changeOf, survivesWriteFaults, writerOf } from "./sdk/trials.js";
import { writer } from "./writer.js";

const settings = (url: string, write_token = sandboxWriteToken) => ({ url, token: "sandbox", write_token });

test("writing", async (t) => {
  await survivesWriteFaults(t, {
    platform: async () => (await startSandbox("")).url,
    writer: (url) => writerOf(writer, settings(url)),
    sets: [
      { item: { id: "2", sku: "LAMP-2" }, field: "price", from: 52.5, to: 49.955, other: 50, mark: `"id":2,` },
      { item: { sku: "SHADE-S" }, field: "name", from: "Lamp Shade SHADE-S", to: "Lamp Shade", other: "Shade", mark: `"id":4,` },
      { item: { sku: "BULB-E14" }, field: "qoh", from: 38, to: 40, other: 37, mark: `"id":5,` },
    ],
  });
});

test("a token that may only read", async () => {
  const { url, token } = await startSandbox(""), only = await writerOf(writer, settings(url, token));
  await assert.rejects(only.source.check!(new AbortController().signal), /the write_token may only read/);
  const { outcomes } = await applyChanges(only, await changeOf(only, { sku: "LAMP-2" }, "price", 52.5, 49.95));
  assert.equal(outcomes[0].kind, "failed");
  assert.match(outcomes[0].reason!, /this token may only read/);
});
