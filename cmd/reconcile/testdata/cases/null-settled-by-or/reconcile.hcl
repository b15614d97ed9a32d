# true || settles a null, on either side of the operator.
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
  when = (pos.qoh != store.qoh || pos.price != store.price) && (pos.price != store.price || pos.qoh != store.qoh)
}
