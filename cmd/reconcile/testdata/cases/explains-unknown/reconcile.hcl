# A rule that does not apply explains nothing, and one that does not apply stays so when explained.
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
  explains = ["Q"]
  when     = pos.price == store.price
}

rule "Q" {
  when = pos.qoh == store.qoh
}
