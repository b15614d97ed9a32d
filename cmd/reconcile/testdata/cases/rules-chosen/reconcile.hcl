# Rules that the reconciliation leaves out are not evaluated and explain nothing; the list is the order of the columns.
source "file" "shop" {
  path = "pos.csv"
}

source "file" "web" {
  path = "store.csv"
}

reconciliation "case" {
  pos   = source.file.shop
  store = source.file.web
  rules = ["P", "N"]
}

rule "N" {
  when = pos.name != store.name
}

rule "NS" {
  explains = ["N"]
  when     = store.name == "${pos.name} ${pos.sku}"
}

rule "P" {
  when = pos.price != store.price
}
