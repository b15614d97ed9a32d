# A product that comes without any variant is no item: the run fails rather than calling it missing in the store.
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
