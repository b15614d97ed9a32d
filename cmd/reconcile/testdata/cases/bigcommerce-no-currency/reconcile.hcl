# Prices of a store that names no currency cannot be held against the one that is said: they are unknown, and a warning says so.
source "file" "shop" {
  path = "pos.csv"
}

source "bigcommerce" "web" {
  sandbox         = true
  sandbox_catalog = "store.json"
  currency        = "CAD"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.bigcommerce.web
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
  note  = "Re-upload the item."
}
