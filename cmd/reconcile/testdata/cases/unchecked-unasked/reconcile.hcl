# Items that are not checked are counted and end with 2, but are listed on request only.
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
  when = pos.price != store.price
}
