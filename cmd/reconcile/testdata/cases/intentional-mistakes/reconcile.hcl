# Mistakes in intentional blocks, websync and rules each give a diagnostic at the place.
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
  names = "yes"
  skus  = "on"
}

rule "P" {
  field    = "price"
  severity = "eror"
  when     = pos.price != store.price
}

rule "M" {
  on   = "pos_only"
  when = pos.price > store.price
}

intentional "a" {
  skus_file = "nowhere.csv"
}

intentional "b" {
  skus_file = "skus.csv"
}

intentional "c" {
  rules = ["P"]
  pin   = true
}
