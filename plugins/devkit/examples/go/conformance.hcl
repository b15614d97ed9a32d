# What the conformance suite reads: it shows more where there is an empty source and a large one.

source "example-shop" "sample" {
  url = "sandbox"
}

source "example-shop" "empty" {
  url = "sandbox:0"
}

source "example-shop" "large" {
  url = "sandbox:20000"
}
