// node compare.js LEFT RIGHT OUT THREADS KEY
//
// The comparison as a user of DuckDB writes it: a full join by SKU, a flag for each column that differs, and every row
// with a difference written to OUT. KEY is what is joined by, such as upper(trim(%.sku)), where % stands for a table.
const { DuckDBInstance } = require('@duckdb/node-api');

async function main([left, right, out, threads, key = '%.sku']) {
  const instance = await DuckDBInstance.create(':memory:', { threads });
  const connection = await instance.connect();
  const compared = ['name', 'brand', 'price', 'qoh', 'options'];
  const differs = (column) => `a.${column} IS DISTINCT FROM b.${column}`;
  const table = (file) => `read_csv('${file}', header = true, all_varchar = true)`;
  const flags = compared.map((column) => `(${differs(column)}) AS d_${column}, a.${column} AS l_${column}, b.${column} AS r_${column}`);
  await connection.run(`
    COPY (
      SELECT coalesce(a.sku, b.sku) AS sku,
             CASE WHEN b.sku IS NULL THEN 'left_only' WHEN a.sku IS NULL THEN 'right_only' ELSE 'changed' END AS kind,
             ${flags.join(', ')}
      FROM ${table(left)} a FULL JOIN ${table(right)} b ON ${key.replace('%', 'a')} = ${key.replace('%', 'b')}
      WHERE a.sku IS NULL OR b.sku IS NULL OR ${compared.map(differs).join(' OR ')}
    ) TO '${out}' (HEADER)`);
  process.exit(0);
}

main(process.argv.slice(2));
