# Options in the result are an object, lists an array, and an unknown number is null.
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

rule "O" {
  when = pos.options != store.options || pos.variation != store.variation || coalesce(pos.price, store.price) == 0
}
