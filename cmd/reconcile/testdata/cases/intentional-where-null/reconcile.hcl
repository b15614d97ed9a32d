# A where that reads a null does not match.
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

rule "B" {
  title = "Brand"
  when  = pos.brand != store.brand
}

intentional "cheap" {
  rules  = ["B"]
  where  = pos.price < 50
  reason = "Not worth the work."
}
