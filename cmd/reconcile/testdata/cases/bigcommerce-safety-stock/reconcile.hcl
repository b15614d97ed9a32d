# Whether safety stock counts is nobody's choice but the shop's: until it is made, the quantity of an item that has some is unknown, and a warning says so.
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
