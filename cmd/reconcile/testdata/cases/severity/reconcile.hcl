# Only errors count for the exit status: what is merely a warning or for information leaves it at 0.
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
  severity = "info"
  when     = pos.price != store.price
}
