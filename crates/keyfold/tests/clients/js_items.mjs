// Items as the DocumentClient, ElectroDB and DynamoDB-Toolbox write and read them, in a table of
// Keyfold's. Says nothing unless something is wrong.
//
// Usage: node js_items.mjs ENDPOINT TABLE write|read FOLDER, where FOLDER has them in its node_modules.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const [endpoint, tableName, job, folder] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
const { DynamoDBDocumentClient, GetCommand, NumberValue, PutCommand } = require("@aws-sdk/lib-dynamodb");
const electro = require("electrodb");
const toolbox = require("dynamodb-toolbox");

// Each on a client of its own: they leave their options in it.
const client = () =>
  new DynamoDBClient({
    endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "anyone", secretAccessKey: "anything" },
  });
const exact = DynamoDBDocumentClient.from(client(), { unmarshallOptions: { wrapNumbers: NumberValue.from } });
const plain = DynamoDBDocumentClient.from(client());
const key = (source) => ({ PK: `THING#${source}`, SK: "META" });

// The DocumentClient: numbers beyond what JavaScript holds are wrapped.
const values = () => ({
  name: "",
  exact: NumberValue.from("1234567890123456789.0123456789012345678"),
  count: NumberValue.from("18446744073709551615"),
  negative: -7,
  ratio: 0.5,
  yes: true,
  nothing: null,
  bytes: Uint8Array.from([0, 255]),
  texts: new Set(["a", "ü"]),
  numbers: new Set([1, 2.5]),
  binaries: new Set([Uint8Array.from([1]), Uint8Array.from([2, 3])]),
  list: ["x", "", "#"],
  lines: [{ sku: "1", price: 9.99, tags: [] }],
  labels: { de: "Tür", en: "door" },
  kind: { parcel: { grams: 12 } },
});

async function documentClient() {
  if (job === "write") {
    const Item = { ...key("document-client"), entity: "Thing", source: "document-client", ...values() };
    await exact.send(new PutCommand({ TableName: tableName, Item }));
    return;
  }
  const get = new GetCommand({ TableName: tableName, Key: key("keyfold"), ConsistentRead: true });
  const { Item } = await exact.send(get);
  const number = (value) => Number(value.value);
  assert.equal(Item.exact.value, "1234567890123456789.0123456789012345678");
  assert.equal(Item.count.value, "18446744073709551615");
  assert.equal(number(Item.negative), -7);
  assert.equal(number(Item.ratio), 0.5);
  assert.equal(Item.name, "");
  assert.equal(Item.yes, true);
  assert.equal(Item.nothing, null);
  assert.deepEqual(Item.bytes, Uint8Array.from([0, 255]));
  assert.deepEqual(Item.texts, new Set(["a", "ü"]));
  assert.deepEqual(new Set([...Item.numbers].map(number)), new Set([1, 2.5]));
  assert.deepEqual([...Item.binaries].map((bytes) => bytes.length).sort(), [1, 2]);
  assert.deepEqual(Item.list, ["x", "", "#"]);
  assert.equal(number(Item.lines[0].price), 9.99);
  assert.deepEqual(Item.lines[0].tags, []);
  assert.deepEqual(Item.labels, { de: "Tür", en: "door" });
  assert.equal(number(Item.kind.parcel.grams), 12);
}

// ElectroDB: its own templates, told to write keys as they are and no marks of its own.
const Parcel = new electro.Entity(
  {
    model: { entity: "parcel", version: "1", service: "interop" },
    attributes: {
      tenant: { type: "string", required: true },
      number: { type: "string", required: true },
      weight: { type: "number" },
      note: { type: "string" },
      tags: { type: "set", items: "string" },
      sizes: { type: "set", items: "number" },
      stops: { type: "list", items: { type: "map", properties: { at: { type: "string" }, hours: { type: "number" } } } },
      extra: { type: "any" },
    },
    indexes: {
      primary: {
        pk: { field: "PK", composite: ["tenant"], template: "TENANT#${tenant}", casing: "none" },
        sk: { field: "SK", composite: ["number"], template: "PARCEL#${number}", casing: "none" },
      },
    },
  },
  { client: plain, table: tableName },
);
const parcel = {
  weight: 12.5,
  note: "",
  tags: ["a", "b"],
  sizes: [1, 20],
  stops: [{ at: "Bern", hours: 3 }],
  extra: null,
};

async function electrodb() {
  if (job === "write") {
    await Parcel.put({ tenant: "Ada", number: "e1", ...parcel }).go();
    return;
  }
  const { data } = await Parcel.get({ tenant: "Ada", number: "k1" }).go({ ignoreOwnership: true });
  for (const set of ["tags", "sizes"]) data[set] = [...data[set]].sort();
  assert.deepEqual(data, { tenant: "Ada", number: "k1", ...parcel });
}

// DynamoDB-Toolbox: the same items by its schema, without its `_et`.
const Boxes = new toolbox.Table({
  documentClient: plain,
  name: tableName,
  partitionKey: { name: "PK", type: "string" },
  sortKey: { name: "SK", type: "string" },
});
const { string, number, set, list, map, any, item } = toolbox;
const Box = new toolbox.Entity({
  name: "Parcel",
  table: Boxes,
  entityAttribute: { name: "entity", hidden: false },
  timestamps: false,
  schema: item({
    tenant: string().key(),
    number: string().key(),
    weight: number(),
    note: string(),
    tags: set(string()),
    sizes: set(number()),
    stops: list(map({ at: string(), hours: number() })),
    extra: any(),
  }),
  computeKey: ({ tenant, number }) => ({ PK: `TENANT#${tenant}`, SK: `PARCEL#${number}` }),
});

async function dynamodbToolbox() {
  const sets = { tags: new Set(parcel.tags), sizes: new Set(parcel.sizes) };
  if (job === "write") {
    const box = { tenant: "Ada", number: "t1", ...parcel, ...sets };
    await Box.build(toolbox.PutItemCommand).item(box).send();
    return;
  }
  const { Item } = await Box.build(toolbox.GetItemCommand).key({ tenant: "Ada", number: "k1" }).send();
  const { entity, ...rest } = Item;
  assert.equal(entity, "Parcel");
  assert.deepEqual(rest, { tenant: "Ada", number: "k1", ...parcel, ...sets });
}

await documentClient();
await electrodb();
await dynamodbToolbox();
