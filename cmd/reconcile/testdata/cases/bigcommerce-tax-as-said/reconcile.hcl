# The store enters prices as the configuration says: no warning.
source "file" "shop" {
  path     = "pos.csv"
  currency = "EUR"
}

source "bigcommerce" "web" {
  sandbox         = true
  sandbox_catalog = "store.json"
  prices          = "tax_inclusive"
  currency        = "EUR"
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
