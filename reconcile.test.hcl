# What the rules of reconcile.hcl say, by example. A test gives an item as both sides have it, and the cells that the
# rules are to make of it; fields that are not given are unknown or empty. After a change of a rule: reconcile test

# N: the names differ.

test "the names are the same" {
  pos    = { name = "Brass Bell" }
  store  = { name = "Brass Bell" }
  expect = { N = "S", NS = "S" }
}

test "the names differ" {
  pos    = { sku = "UKE-C", name = "Concert Ukulele" }
  store  = { sku = "UKE-C", name = "Concert Ukulele, Mahogany" }
  expect = { N = "N", NS = "S" }
}

test "names that differ by case are different names" {
  pos    = { name = "Brass Bell" }
  store  = { name = "Brass bell" }
  expect = { N = "N" }
}

# NS: the SKU is appended to make the name unique. That explains N.

test "the SKU is appended to the name" {
  pos    = { sku = "UKE-S", name = "Soprano Ukulele" }
  store  = { sku = "UKE-S", name = "Soprano Ukulele UKE-S" }
  expect = { N = "S", NS = "N" }
}

test "the key spells the SKU in another case" {
  pos    = { sku = "uke-s", name = "Soprano Ukulele" }
  store  = { sku = "UKE-S", name = "Soprano Ukulele UKE-S" }
  expect = { N = "S", NS = "N" }
}

test "a blank at the end is no SKU" {
  pos    = { name = "Soprano Ukulele" }
  store  = { name = "Soprano Ukulele " }
  expect = { N = "N", NS = "S" }
}

test "a name that is but the SKU is not the same name" {
  pos    = { sku = "UKE-S", name = "" }
  store  = { sku = "UKE-S", name = "UKE-S" }
  expect = { N = "N", NS = "S" }
}

test "another item's SKU is no explanation" {
  pos    = { sku = "UKE-S", name = "Soprano Ukulele" }
  store  = { sku = "UKE-S", name = "Soprano Ukulele UKE-C" }
  expect = { N = "N", NS = "S" }
}

# IV: the option structures or this variant's options differ.

test "the options match" {
  pos    = { options = { Size = "M" }, variation = ["Size=L|M|S"] }
  store  = { options = { Size = "M" }, variation = ["Size=L|M|S"] }
  expect = { IV = "S" }
}

test "an item without options" {
  expect = { IV = "S" }
}

test "a size is missing online" {
  pos    = { options = { Size = "M" }, variation = ["Size=L|M|S"] }
  store  = { options = { Size = "M" }, variation = ["Size=M|S"] }
  expect = { IV = "N" }
}

test "the variant has another option value" {
  pos    = { options = { Size = "M" }, variation = ["Size=M|S"] }
  store  = { options = { Size = "S" }, variation = ["Size=M|S"] }
  expect = { IV = "N" }
}

# B: the brands differ, but for upper and lower case, which BigCommerce does not tell apart.

test "the brands differ by case only" {
  pos    = { brand = "LUMO" }
  store  = { brand = "Lumo" }
  expect = { B = "S" }
}

test "the brands differ" {
  pos    = { brand = "Lumo" }
  store  = { brand = "Lumos" }
  expect = { B = "N" }
}

test "there is no brand online" {
  pos    = { brand = "Lumo" }
  expect = { B = "N" }
}

# Q, and QP and QN, which explain it: the quantities on hand.

test "the quantities are the same" {
  pos    = { qoh = 5 }
  store  = { qoh = 5, pending = 0 }
  expect = { Q = "S", QP = "S", QN = "S" }
}

test "the quantities differ without a web order" {
  pos    = { qoh = 5 }
  store  = { qoh = 3, pending = 0 }
  expect = { Q = "N", QP = "S" }
}

test "stock is not tracked online" {
  pos    = { qoh = -5 }
  store  = { tracked = false, pending = 0 }
  expect = { Q = "-", QP = "-", QN = "-" }
}

test "a quantity is unknown" {
  pos    = { qoh = 5 }
  store  = { pending = 0 }
  expect = { Q = "-", QP = "S" }
}

test "it is unknown what is pending" {
  pos    = { qoh = 5 }
  store  = { qoh = 5 }
  expect = { Q = "-" }
}

test "one web order is still to be imported" {
  pos    = { qoh = 5 }
  store  = { qoh = 4, pending = 1 }
  expect = { Q = "S", QP = "N" }
}

test "a sold unit was put back online" {
  pos    = { qoh = 5 }
  store  = { qoh = 5, pending = 1 }
  expect = { Q = "N", QP = "S" }
}

test "many sold units were put back online" {
  pos    = { qoh = 80 }
  store  = { qoh = 80, pending = 29 }
  expect = { Q = "N", QP = "S" }
}

test "the safety stock makes the difference, and not the web order" {
  pos    = { qoh = 5 }
  store  = { qoh = 3, safety_stock = 2, pending = 2 }
  expect = { Q = "N", QP = "S" }
}

test "there is safety stock, and the web order makes the difference" {
  pos    = { qoh = 5 }
  store  = { qoh = 4, safety_stock = 2, pending = 1 }
  expect = { Q = "S", QP = "N" }
}

test "a web order does not make up for all of the difference" {
  pos    = { qoh = 5 }
  store  = { qoh = 3, pending = 1 }
  expect = { Q = "N", QP = "S" }
}

test "the quantity is negative in AmberPOS" {
  pos    = { qoh = -2 }
  store  = { qoh = 0, pending = 0 }
  expect = { Q = "S", QN = "N" }
}

test "sold out is not negative" {
  pos    = { qoh = 0 }
  store  = { qoh = 0, pending = 0 }
  expect = { Q = "S", QN = "S" }
}

# P: the prices differ. One guitar's are meant to, as long as they are these.

test "the prices are the same, however they are written" {
  pos    = { price = 10.50 }
  store  = { price = 10.5 }
  expect = { P = "S" }
}

test "the prices differ by a cent" {
  pos    = { brand = "Lumo", price = 49.95 }
  store  = { brand = "Lumo", price = 49.94 }
  expect = { P = "N" }
}

test "a price is unknown" {
  pos    = { price = 49.95 }
  expect = { P = "-" }
}

test "the guitar's prices are meant to differ" {
  pos    = { sku = "GTR-STRAT-MN", brand = "Fender", price = 1149.99 }
  store  = { brand = "Fender", price = 1099.99 }
  expect = { P = "I" }
}

test "another price of the guitar is not meant" {
  pos    = { sku = "GTR-STRAT-MN", brand = "Fender", price = 1149.99 }
  store  = { brand = "Fender", price = 1099 }
  expect = { P = "N" }
}

test "the price of another guitar is not meant" {
  pos    = { sku = "GTR-TELE-RW", brand = "Fender", price = 1149.99 }
  store  = { brand = "Fender", price = 1099.99 }
  expect = { P = "N" }
}
