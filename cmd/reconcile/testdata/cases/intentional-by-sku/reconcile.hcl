# An intentional block with skus covers those items only.
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

intentional "bell" {
  rules  = ["P"]
  skus   = ["A-1", "A-9"]
  reason = "On offer in the store."
}
