// Package examples holds one connector twice, in Go and in TypeScript: small, whole, and built and tested as it stands.
// It is what reconcile plugin new writes.
//
// In all files "example-shop" stands for the connector's name, and may be used for nothing else. The files of Writers, and what stands behind
// "#+ " or "//+ " at the beginning of a line, are for a connector that writes; a line that ends with "#-" or "//-" is for one that does not.
package examples

import "embed"

// Go is the example in Go, in the folder go. It has no go.mod here, where it is part of the project's own module.
//
//go:embed go/main.go go/main_test.go go/apply.go go/apply_test.go go/sandbox.go go/sandbox.json go/inventory.csv go/reconcile.hcl go/conformance.hcl go/README.md go/.gitignore
var Go embed.FS

// Writers are the files of both examples that only a connector that writes has.
var Writers = []string{"apply.go", "apply_test.go", "src/writer.ts", "src/writer.test.ts"}

// TypeScript is the example in TypeScript, in the folder typescript. Its src/sdk is the SDK for that language.
//
//go:embed typescript/src/*.ts typescript/src/sandbox.json typescript/src/sdk/*.ts typescript/src/sdk/source.proto
//go:embed typescript/package.json typescript/package-lock.json typescript/tsconfig.json typescript/build.mjs typescript/.npmrc
//go:embed typescript/inventory.csv typescript/reconcile.hcl typescript/conformance.hcl typescript/README.md typescript/.gitignore
var TypeScript embed.FS
