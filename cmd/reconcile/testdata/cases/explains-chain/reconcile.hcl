# A rule that is itself explained still explains: what counts is that its condition is true.
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

rule "A" {
  explains = ["B"]
  when     = pos.qoh == 1
}

rule "B" {
  explains = ["C"]
  when     = pos.qoh <= 2
}

rule "C" {
  when = pos.qoh <= 3
}
