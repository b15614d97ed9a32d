# An intentional block with where covers the items for which it is true.
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

intentional "vendor sets the web price" {
  rules  = ["P"]
  where  = pos.brand == "Fender"
  reason = "The vendor sets it."
}
