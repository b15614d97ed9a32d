# Numbers are exact decimals: 10.99 - 10.00 is 0.99, also from the data.
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
  when = 10.99 - 10.00 == 0.99 && pos.price - pos.sale_price == 0.99
}
