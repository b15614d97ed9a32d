// Starts a Vendure server with its sample catalogue on a port of this machine, and says "listening" when that is there. .ci/vendure
// runs it where its packages are installed.
//
//   node vendure-server.js DATABASE PORT
//
// DATABASE is a file of SQLite, which is written once, when the catalogue is there. VENDURE_USERNAME and VENDURE_PASSWORD are the
// administrator's.
const path = require('path');
const { bootstrap, dummyPaymentHandler, DefaultLogger, LogLevel, TransactionalConnection } = require('@vendure/core');
const { populate } = require('@vendure/core/cli');

const [location, port] = [process.argv[2], Number(process.argv[3])];
const { VENDURE_USERNAME: identifier, VENDURE_PASSWORD: password } = process.env;
const sample = path.join(path.dirname(require.resolve('@vendure/create/package.json')), 'assets');
const config = {
  apiOptions: { port, hostname: '127.0.0.1', adminApiPath: 'admin-api', shopApiPath: 'shop-api', cors: false },
  authOptions: { tokenMethod: 'bearer', superadminCredentials: { identifier, password } },
  dbConnectionOptions: { type: 'sqljs', synchronize: true, location, autoSave: false },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  logger: new DefaultLogger({ level: LogLevel.Error }),
  importExportOptions: { importAssetsDir: sample }, // there are no images: a catalogue without them does as well
};

let token = '';
async function admin(query, variables) {
  const answer = await fetch(`http://127.0.0.1:${port}/admin-api`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  token = answer.headers.get('vendure-auth-token') ?? token;
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

// change gives the catalogue what its sample lacks: prices with cents, several stocks, SKUs that come twice, and what is hidden or deleted.
async function change() {
  await admin('mutation($u: String!, $p: String!) { login(username: $u, password: $p) { __typename } }', { u: identifier, p: password });
  const { productVariants: { items } } = await admin('{ productVariants(options: { take: 100, sort: { id: ASC } }) { items { id product { id } } } }');
  const { createStockLocation: { id: stockLocationId } } = await admin('mutation { createStockLocation(input: { name: "Back room" }) { id } }');
  const update = items.slice(0, 30).map(({ id }, i) => ({
    id,
    enabled: i % 7 !== 0,
    price: 1 + i * 999,
    sku: i % 10 === 9 ? 'TWICE' : `SKU ${i} é`,
    trackInventory: ['INHERIT', 'TRUE', 'FALSE'][i % 3],
    ...(i % 2 && { stockLevels: [{ stockLocationId, stockOnHand: i * 3 - 5 }] }),
  }));
  await admin('mutation($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }', { input: update });
  await admin('mutation($id: ID!) { deleteProductVariant(id: $id) { result } }', { id: items[40].id });
  await admin('mutation($id: ID!) { updateProduct(input: { id: $id, enabled: false }) { id } }', { id: items[60].product.id });
}

(async () => {
  const app = await populate(() => bootstrap(config), require(path.join(sample, 'initial-data.json')), path.join(sample, 'products.csv'));
  await change();
  await app.get(TransactionalConnection).rawConnection.driver.save();
  console.log('listening');
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
