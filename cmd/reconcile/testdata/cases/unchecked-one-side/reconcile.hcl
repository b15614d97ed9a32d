# A rule of severity error that read a null on an item that is meant to be on one side, or on a parent, leaves no all-clear.
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

rule "STOCK" {
  on   = "pos_only"
  when = pos.qoh > 0
}

intentional "services" {
  status = ["pos_only"]
  skus   = ["FIT"]
  reason = "Labour is not sold online."
}
