# A side without items is no all-clear even where all of the other one is meant to be of one side.
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

intentional "not online" {
  status = ["pos_only"]
  reason = "The shop begins with nothing."
}
