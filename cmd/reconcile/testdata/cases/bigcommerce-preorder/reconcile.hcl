# A preorder is an order, and its units are pending; what can be preordered has a quantity that the point of sale may not have.
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

intentional "not arrived yet" {
  rules  = ["Q"]
  where  = store.availability == "preorder" && pos.qoh == 0
  reason = "The store sells what is to come."
}
