# A text made with a null is unknown.
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
  when = store.name == " ${pos.price}" || store.name == "${pos.price} "
}

rule "T" {
  when = store.name == "${pos.price}!" || store.name == "5.5"
}
