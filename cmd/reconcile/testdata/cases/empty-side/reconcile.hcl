# A side without items: everything of the other one is listed, a warning says why, and the status is 2.
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
