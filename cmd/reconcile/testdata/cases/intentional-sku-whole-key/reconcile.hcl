# Where the key reads more than the SKU, the SKUs of an intentional block are keys as they stand; one that is none is named.
source "file" "shop" {
  path = "pos.csv"
}

source "file" "web" {
  path = "store.csv"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.file.web
  key   = "${item.sku}/${item.brand}"
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
}

intentional "by key" {
  rules  = ["P"]
  skus   = ["A-1/Lezyne"]
  reason = "On offer."
}

intentional "by SKU" {
  rules  = ["P"]
  skus   = ["A-2"]
  reason = "On offer."
}
