// The embedded engine's endpoint as the AWS SDK for JavaScript sees it. Says nothing unless
// something is wrong.
//
// Usage: node sdk_client.mjs ENDPOINT FOLDER, where FOLDER has the SDK in its node_modules.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const [endpoint, folder] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const {
  CreateTableCommand, DeleteTableCommand, DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient,
  ListTablesCommand, UpdateTimeToLiveCommand, waitUntilTableExists, waitUntilTableNotExists,
} = require("@aws-sdk/client-dynamodb");
const {
  BatchGetCommand, BatchWriteCommand, DynamoDBDocumentClient, ExecuteStatementCommand, GetCommand, NumberValue,
  PutCommand, QueryCommand, TransactGetCommand, TransactWriteCommand, UpdateCommand, paginateQuery, paginateScan,
} = require("@aws-sdk/lib-dynamodb");
const {
  DescribeStreamCommand, DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand, ListStreamsCommand,
} = require("@aws-sdk/client-dynamodb-streams");

const anyone = {
  endpoint,
  region: "eu-central-1",
  credentials: { accessKeyId: "anyone", secretAccessKey: "anything" },
  // What is refused shall show, not be tried again.
  maxAttempts: 1,
};
const client = new DynamoDBClient(anyone);
const documents = DynamoDBDocumentClient.from(client, { unmarshallOptions: { wrapNumbers: NumberValue.from } });
const streams = new DynamoDBStreamsClient(anyone);
const TableName = "sdk";

// A table, with an index and a stream.
await client.send(
  new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: ["pk", "sk", "status"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-status",
        KeySchema: [{ AttributeName: "status", KeyType: "HASH" }],
        Projection: { ProjectionType: "ALL" },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  }),
);
await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 10 }, { TableName });
assert.deepEqual((await client.send(new ListTablesCommand({}))).TableNames, [TableName]);
const { $metadata } = await client.send(new DescribeTableCommand({ TableName }));
assert.ok($metadata.requestId?.length >= 32, "an id of the request");

// Items.
const order = { pk: "TENANT#1", sk: "ORDER#1" };
const item = {
  ...order,
  status: "open",
  amount: NumberValue.from("12345678901234567890.123456789012345678"),
  bytes: new Uint8Array([0, 255]),
  flags: new Set(["a", "b"]),
  lines: [{ sku: "é" }, null, true],
};
await documents.send(new PutCommand({ TableName, Item: item }));
const found = (await documents.send(new GetCommand({ TableName, Key: order, ConsistentRead: true }))).Item;
assert.deepEqual({ ...found, bytes: new Uint8Array(found.bytes) }, item);
const updated = await documents.send(
  new UpdateCommand({
    TableName,
    Key: order,
    UpdateExpression: "SET #status = :closed",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: { ":closed": "closed" },
    ReturnValues: "UPDATED_NEW",
  }),
);
assert.deepEqual(updated.Attributes, { status: "closed" });
await assert.rejects(
  documents.send(new PutCommand({ TableName, Item: order, ConditionExpression: "attribute_not_exists(pk)" })),
  { name: "ConditionalCheckFailedException" },
);
await assert.rejects(client.send(new DescribeTableCommand({ TableName: "nowhere" })), {
  name: "ResourceNotFoundException",
});

// Batches and pages.
const numbers = [...Array(50).keys()].map((number) => String(number).padStart(3, "0"));
for (const some of [numbers.slice(0, 25), numbers.slice(25)]) {
  const written = await documents.send(
    new BatchWriteCommand({
      RequestItems: {
        [TableName]: some.map((sk) => ({
          PutRequest: { Item: { pk: "LONG", sk, status: "open", padding: "x".repeat(30_000) } },
        })),
      },
    }),
  );
  assert.deepEqual(written.UnprocessedItems, {});
}
const pages = [];
for await (const page of paginateQuery(
  { client: documents },
  { TableName, KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": "LONG" } },
)) {
  pages.push(page);
}
assert.deepEqual(pages.map((page) => page.Count), [34, 16]);
assert.deepEqual(pages.flatMap((page) => page.Items.map((one) => one.sk)), numbers);
let scanned = 0;
for await (const page of paginateScan({ client: documents, pageSize: 20 }, { TableName })) scanned += page.Count;
assert.equal(scanned, 51);
const byIndex = await documents.send(
  new QueryCommand({
    TableName,
    IndexName: "by-status",
    KeyConditionExpression: "#status = :closed",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: { ":closed": "closed" },
  }),
);
assert.deepEqual(byIndex.Items.map(({ sk }) => sk), ["ORDER#1"]);
const got = await documents.send(
  new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [order, { pk: "LONG", sk: "none" }] } } }),
);
assert.equal(got.Responses[TableName].length, 1);
assert.deepEqual(got.UnprocessedKeys, {});

// Transactions.
const second = { pk: "TENANT#1", sk: "ORDER#2" };
await documents.send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName, Item: second } }] }));
await assert.rejects(
  documents.send(
    new TransactWriteCommand({
      TransactItems: [
        { Delete: { TableName, Key: second } },
        {
          Put: {
            TableName,
            Item: order,
            ConditionExpression: "attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
        },
      ],
    }),
  ),
  (error) => {
    assert.equal(error.name, "TransactionCanceledException");
    assert.deepEqual(error.CancellationReasons.map(({ Code }) => Code), ["None", "ConditionalCheckFailed"]);
    assert.ok(error.CancellationReasons[1].Item);
    return true;
  },
);
const read = await documents.send(
  new TransactGetCommand({ TransactItems: [second, { pk: "none", sk: "none" }].map((Key) => ({ Get: { TableName, Key } })) }),
);
assert.deepEqual(read.Responses.map((one) => one.Item?.sk), ["ORDER#2", undefined]);

// PartiQL.
const selected = await documents.send(
  new ExecuteStatementCommand({ Statement: `SELECT sk FROM "${TableName}" WHERE pk = ?`, Parameters: ["TENANT#1"] }),
);
assert.deepEqual(selected.Items.map(({ sk }) => sk), ["ORDER#1", "ORDER#2"]);

// Time to live.
await client.send(
  new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: "expires" } }),
);
const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
assert.equal(TimeToLiveDescription.AttributeName, "expires");

// The stream: what happened to the first order, in order.
const [{ StreamArn }] = (await streams.send(new ListStreamsCommand({ TableName }))).Streams;
const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
const records = [];
for (const { ShardId } of StreamDescription.Shards) {
  let { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
  );
  while (ShardIterator) {
    const page = await streams.send(new GetRecordsCommand({ ShardIterator }));
    if (page.Records.length === 0) break;
    records.push(...page.Records);
    ShardIterator = page.NextShardIterator;
  }
}
const ofOrder = records.filter(({ dynamodb }) => dynamodb.Keys.pk.S === order.pk && dynamodb.Keys.sk.S === order.sk);
assert.deepEqual(ofOrder.map(({ eventName }) => eventName), ["INSERT", "MODIFY"]);
assert.equal(ofOrder[1].dynamodb.OldImage.status.S, "open");
assert.equal(ofOrder[1].dynamodb.NewImage.status.S, "closed");

await client.send(new DeleteTableCommand({ TableName }));
await waitUntilTableNotExists({ client, minDelay: 1, maxWaitTime: 10 }, { TableName });
