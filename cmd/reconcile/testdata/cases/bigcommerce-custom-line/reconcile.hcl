# A line of an order that was written by hand takes no stock, whatever its SKU: QP explains nothing of CUSTOM.
source "file" "shop" {
  path = "pos.csv"
}

source "bigcommerce" "web" {
  sandbox          = true
  sandbox_catalog  = "store.json"
  imported_through = 1000
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

rule "QP" {
  title    = "Quantity, web orders pending"
  explains = ["Q"]
  when     = pos.qoh != store.qoh && store.pending > 0 && pos.qoh - store.pending == store.qoh
  note     = "Import the webstore transactions."
}
