# A rule that is not about an item has a - there, which does not matter: it explains nothing and needs no excuse. Where nobody knows whether it is, the item is not checked.
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

rule "Q" {
  when     = pos.qoh != store.qoh
  applies  = pos.tracked
  explains = ["N"]
}

rule "N" {
  when = pos.name != store.name
}

intentional "any quantity" {
  rules  = ["Q"]
  where  = pos.name != "Lamp"
  reason = "Counted on Fridays."
}
