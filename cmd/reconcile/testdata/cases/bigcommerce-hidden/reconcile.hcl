# Hidden products and those that cannot be bought are items as others are; rules see what they are.
source "file" "shop" {
  path     = "pos.csv"
  currency = "CAD"
}

source "bigcommerce" "web" {
  sandbox         = true
  sandbox_catalog = "store.json"

}

reconciliation "case" {
  pos   = source.file.shop
  store = source.bigcommerce.web
}

rule "P" {
  title = "Price"
  when  = pos.price != store.price
  note  = "Re-upload the item."
}

intentional "not for sale online" {
  rules  = ["P"]
  where  = !store.visible || store.availability == "disabled"
  reason = "Nobody sees its price."
}
