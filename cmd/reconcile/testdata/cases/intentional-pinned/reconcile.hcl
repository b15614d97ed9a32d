# A discrepancy that is pinned to its values is N again when one of them changes.
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

intentional "accepted: A-1 P" {
  rules    = ["P"]
  skus     = ["A-1"]
  pin      = true
  accepted = { "pos.price" = "10", "store.price" = "12" }
  reason   = "On offer."
}

intentional "accepted: A-2 P" {
  rules    = ["P"]
  skus     = ["A-2"]
  pin      = true
  accepted = { "pos.price" = "999.99", "store.price" = "1200" }
  reason   = "On offer."
}
