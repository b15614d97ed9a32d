# A quotient is rounded half to even to 34 significant digits.
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
  when = pos.price / 3 * 3 == pos.price
}

rule "D" {
  when = 2 / 3 == 0.6666666666666666666666666666666667 && pos.price > 0
}
