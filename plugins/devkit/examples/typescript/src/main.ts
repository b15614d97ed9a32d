// The program that reconcile starts. What the connector is stands in shop.ts. //-
//+ // The program that reconcile starts. What the connector is stands in shop.ts and writer.ts.

import { serveSandbox } from "./sandbox.js";
import { serve } from "./sdk/sdk.js";
import { shop } from "./shop.js"; //-
//+ import { writer } from "./writer.js";

if (process.argv[2] === "sandbox") {
  await serveSandbox(process.argv[3]);
}

serve(shop); //-
//+ serve(writer);
