# Prices with tax and prices without differ by it: a warning tells why all of them do.
source "file" "shop" {
  path     = "pos.csv"
  currency = "EUR"
}

source "bigcommerce" "web" {
  sandbox         = true
  sandbox_catalog = "store.json"
  prices          = "tax_exclusive"
  currency        = "eur"
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
