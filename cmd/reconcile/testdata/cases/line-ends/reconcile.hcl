# A line within a text ends as the system has it that wrote the file: CRLF, CR and LF are the same.
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

rule "O" {
  when = pos.options != store.options
}
