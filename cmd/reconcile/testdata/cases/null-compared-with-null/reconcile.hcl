# Comparing a field with null is the way to ask whether it is known.
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

rule "R" {
  when = (pos.price == null) != (store.price == null)
}
