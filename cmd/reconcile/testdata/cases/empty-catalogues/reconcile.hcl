# Two catalogues without items are in order: no item, no discrepancy.
source "file" "shop" {
  path = "pos.csv"
}

source "file" "web" {
  path = "store.csv"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.file.web
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
  note  = "Re-upload."
}
