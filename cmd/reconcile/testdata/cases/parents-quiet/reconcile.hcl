# Where all that is on one side are parents, nothing is missing: they are counted, and neither listed nor a failure.
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
