# A composed and a decomposed letter are the same: text is brought to NFC.
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

rule "N" {
  when = pos.name != store.name
}

rule "C" {
  when = store.name != "Café"
}
