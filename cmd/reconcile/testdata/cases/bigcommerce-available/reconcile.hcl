# What is available to sell lacks the safety stock, so that a point of sale that counts all of it differs.
source "file" "shop" {
  path = "pos.csv"
}

source "bigcommerce" "web" {
  sandbox         = true
  sandbox_catalog = "store.json"
  quantity        = "available"
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
