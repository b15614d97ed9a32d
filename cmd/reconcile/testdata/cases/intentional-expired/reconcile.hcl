# From the day after expires the cells are N again, and a warning says so.
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
  expires = "2020-01-31"
}
