# What a rule of severity warning or info does not know leaves an item checked, and the N of one of severity info is nobody's.
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

rule "W" {
  severity = "warning"
  when     = pos.price != store.price
}

rule "I" {
  severity = "info"
  when     = pos.qoh != store.qoh
}
