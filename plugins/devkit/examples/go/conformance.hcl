# What the conformance suite reads: it shows more where there is an empty source and a large one. The expect blocks say what is
# to be found; docs/plugins.md has more of them.

source "example-shop" "sample" {
  url = "sandbox"
}

source "example-shop" "empty" {
  url = "sandbox:0"
}

source "example-shop" "large" {
  url = "sandbox:20000"
}

expect "sample" {
  count = 7
}

#+ # The suite sets this price, and puts back what was there.
#+ write "sample" {
#+   item  = "LAMP-1"
#+   field = "price"
#+   value = "36.50"
#+ }
#+
expect "empty" {
  count = 0
}

expect "large" {
  count = 20000
}
