# The SKUs of an intentional block are compared with the key, not with the row's own SKU.
source "file" "shop" {
  path = "pos.csv"
}

source "file" "web" {
  path = "store.csv"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.file.web
  key   = upper(trimspace(item.sku))
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
  note  = "Re-upload."
}

intentional "bell" {
  rules  = ["P"]
  skus   = ["A-1"]
  reason = "On offer in the store."
}
