# Where websync is off for a rule's field its discrepancies are intentional by themselves; where it is manual, the note says that the background sync will not do it.
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

websync {
  brands = "off"
  prices = "manual"
}

rule "B" {
  field = "brands"
  when  = pos.brand != store.brand
}

rule "P" {
  field = "prices"
  when  = pos.price != store.price
  note  = "Look at it."
}
