# The SKUs of an intentional block go through the key, where that reads the SKU alone; one of which it makes nothing is named.
source "file" "shop" {
  path = "pos.csv"
}

source "file" "web" {
  path = "store.csv"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.file.web
  key   = upper(trimprefix(trimspace(item.sku), "W-"))
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
  note  = "Re-upload."
}

intentional "as people write it" {
  rules  = ["P"]
  skus   = ["ab-1", "W-ab-2"]
  reason = "."
}

intentional "through the key once" {
  rules  = ["P"]
  skus   = ["W-W-3"]
  reason = "."
}

intentional "nothing" {
  rules  = ["P"]
  skus   = ["W-"]
  reason = "."
}
