# What lies at a location that the store has disabled counts where disabled_locations says so.
source "file" "shop" {
  path = "pos.csv"
}

source "bigcommerce" "web" {
  sandbox            = true
  sandbox_catalog    = "store.json"
  disabled_locations = "count"
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
