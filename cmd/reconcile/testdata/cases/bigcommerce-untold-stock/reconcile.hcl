# A quantity that the store does not tell is unknown, and not 0: Q says nothing of NULL and NOWHERE, and a warning counts them.
source "file" "shop" {
  path = "pos.csv"
}

source "bigcommerce" "web" {
  sandbox         = true
  sandbox_catalog = "store.json"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.bigcommerce.web
}

rule "Q" {
  title = "Quantity on hand"
  when  = pos.qoh != store.qoh
  note  = "Where they should match, re-upload the item."
}
