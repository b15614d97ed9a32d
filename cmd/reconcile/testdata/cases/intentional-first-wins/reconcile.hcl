# Of several intentional blocks that match, the first in the file wins.
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

rule "P" {
  title = "Price"
  when  = pos.price != store.price
  note  = "Re-upload."
}

intentional "first" {
  rules  = ["P"]
  skus   = ["A-2"]
  reason = "First."
}

intentional "second" {
  rules  = ["P"]
  reason = "Second."
}
