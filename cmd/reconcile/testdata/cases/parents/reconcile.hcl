# A row of the POS that only names its variants is no item that the store lacks: it is a parent, where a variant is matched. Nothing else is.
source "file" "shop" {
  path = "pos.csv"
}

source "file" "web" {
  path = "store.csv"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.file.web
  key   = upper(trimspace(item.sku))
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
  note  = "Re-upload."
}
