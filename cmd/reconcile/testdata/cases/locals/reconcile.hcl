# Local names hold values, and may be made of one another, in any order.
source "file" "shop" {
  path = "pos.csv"
}

source "file" "web" {
  path = "store.csv"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.file.web
}

locals {
  tolerance = local.half + 0.0
  half      = 1 / 2
  free      = ["Ibanez"]
}

rule "P" {
  when = abs(pos.price - store.price) > local.tolerance && !contains(local.free, pos.brand)
}
