// The program that reconcile starts. What the connector is stands in shop.ts.

import { serveSandbox } from "./sandbox.js";
import { serve } from "./sdk/sdk.js";
import { shop } from "./shop.js";

if (process.argv[2] === "sandbox") {
  await serveSandbox(process.argv[3]);
}

serve(shop);
