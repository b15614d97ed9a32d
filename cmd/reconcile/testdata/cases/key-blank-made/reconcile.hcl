# A key that comes to blanks alone is none, either.
source "file" "shop" {
  path = "pos.csv"
}

source "file" "web" {
  path = "store.csv"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.file.web
  key   = lower(item.sku)
}

rule "N" {
  when = pos.name != store.name
}
