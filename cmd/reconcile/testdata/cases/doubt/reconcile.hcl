# Most items on web orders have the same quantity on both sides, as if the orders were imported already: one warning says so, with the place of the setting.
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
  when  = pos.qoh != store.qoh || store.pending > 0 && pos.qoh - store.pending != store.qoh
  note  = "Where they should match, re-upload the item."
}

rule "QP" {
  title      = "Quantity, web orders pending"
  explains   = ["Q"]
  when       = store.pending > 0 && pos.qoh - store.pending == store.qoh
  note       = "Import the webstore transactions."
  doubt      = store.pending > 0 && pos.qoh == store.qoh
  doubt_note = "They look as if their web orders were imported already: see whether imported_through is the last imported order."
}
