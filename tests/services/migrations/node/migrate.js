// node migrate.js TOOL URL COUNT FOLDER: applies the first COUNT of three migrations.
const [tool, url, count, folder] = [process.argv[2], process.argv[3], Number(process.argv[4]), process.argv[5]];
const fs = require("fs"), path = require("path");
const names = ["0001_users", "0002_orders", "0003_prices"].slice(0, count);
const sql = (name) => `CREATE TABLE ${name.slice(5)} (id INT)`;

async function knex() {
  const db = require("knex")({ client: "pg", connection: url });
  const migrationSource = {
    getMigrations: async () => names,
    getMigrationName: (name) => `${name}.js`,
    getMigration: async (name) => ({ up: (db) => db.raw(sql(name)), down: async () => {} }),
  };
  await db.migrate.latest({ migrationSource });
  await db.destroy();
}

async function typeorm() {
  require("reflect-metadata");
  const { DataSource } = require("typeorm");
  const migrations = names.map((name, index) => {
    const type = { [`Step${1700000000001 + index}`]: class { async up(runner) { await runner.query(sql(name)); } async down() {} } };
    return Object.values(type)[0];
  });
  const source = await new DataSource({ type: "postgres", url, migrations }).initialize();
  await source.runMigrations();
  await source.destroy();
}

async function sequelize() {
  const { Sequelize } = require("sequelize");
  const { Umzug, SequelizeStorage } = require("umzug");
  const db = new Sequelize(url, { logging: false });
  const migrations = names.map((name) => ({ name: `${name}.js`, up: () => db.query(sql(name)) }));
  await new Umzug({ migrations, storage: new SequelizeStorage({ sequelize: db }), logger: undefined }).up();
  await db.close();
}

async function drizzle() {
  const { drizzle } = require("drizzle-orm/node-postgres");
  const { migrate } = require("drizzle-orm/node-postgres/migrator");
  fs.mkdirSync(path.join(folder, "meta"), { recursive: true });
  const entries = names.map((tag, idx) => ({ idx, version: "7", when: 1700000000000 + idx * 86400000, tag, breakpoints: true }));
  fs.writeFileSync(path.join(folder, "meta", "_journal.json"), JSON.stringify({ version: "7", dialect: "postgresql", entries }));
  for (const name of names) fs.writeFileSync(path.join(folder, `${name}.sql`), sql(name));
  const { Pool } = require("pg");
  const pool = new Pool({ connectionString: url });
  await migrate(drizzle(pool), { migrationsFolder: folder });
  await pool.end();
}

({ knex, typeorm, sequelize, drizzle })[tool]().catch((error) => { console.error(error); process.exit(1); });
