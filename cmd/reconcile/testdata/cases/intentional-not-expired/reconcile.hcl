# Until the day that expires names the cells are I.
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

intentional "sale" {
  rules   = ["P"]
  reason  = "Winter sale."
  expires = "2999-12-31"
}
