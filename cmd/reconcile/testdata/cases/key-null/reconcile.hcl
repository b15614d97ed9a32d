# A key that reads a null is no key.
source "file" "shop" {
  path = "pos.csv"
}

source "file" "web" {
  path = "store.csv"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.file.web
  key   = "${item.sku}/${item.price}"
}

rule "N" {
  when = pos.name != store.name
}
