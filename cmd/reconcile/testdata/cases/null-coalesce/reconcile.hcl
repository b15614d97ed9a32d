# coalesce settles a null.
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
  when = coalesce(pos.sale_price, pos.price) != coalesce(store.sale_price, store.price)
}
