# The arm of ?: that is not taken may be null.
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

rule "R" {
  when = (pos.qoh > 1 ? pos.price : 5) != 5
}
