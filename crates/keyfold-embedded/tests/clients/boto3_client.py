"""The embedded engine's endpoint as boto3 sees it. Says nothing unless something is wrong.

Usage: boto3_client.py ENDPOINT
"""

import sys
import time
import zlib
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]
ANYONE = dict(
    endpoint_url=ENDPOINT,
    region_name="eu-central-1",
    aws_access_key_id="anyone",
    aws_secret_access_key="anything",
    # What is refused shall show, not be tried again.
    config=Config(retries={"total_max_attempts": 1}),
)
resource = boto3.resource("dynamodb", **ANYONE)
client = resource.meta.client


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        return error.response
    raise AssertionError(f"not refused with {code}")


def checksum_fits(response_dict, **_):
    body, headers = response_dict["body"], response_dict["headers"]
    assert int(headers["x-amz-crc32"]) == zlib.crc32(body), headers


# Of every answer, also of those that are errors.
client.meta.events.register("before-parse.dynamodb", checksum_fits)

# A table, with an index and a stream.
table = resource.create_table(
    TableName="boto3",
    BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "status")],
    KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    GlobalSecondaryIndexes=[
        {
            "IndexName": "by-status",
            "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
)
table.wait_until_exists()
assert [found.name for found in resource.tables.all()] == ["boto3"]

# What comes back beside it.
answer = client.describe_table(TableName="boto3")
headers = answer["ResponseMetadata"]["HTTPHeaders"]
assert len(answer["ResponseMetadata"]["RequestId"]) >= 32, headers
assert headers["content-type"] == "application/x-amz-json-1.0", headers

# Items, with every type there is.
item = {
    "pk": "TENANT#1",
    "sk": "ORDER#1",
    "status": "open",
    "amount": Decimal("12345678901234567890.123456789012345678"),
    "bytes": b"\x00\xff",
    "flags": {"a", "b"},
    "sizes": {Decimal(1), Decimal("2.5")},
    "lines": [{"sku": "é", "count": Decimal(2)}, None, True],
}
table.put_item(Item=item)
found = table.get_item(Key={"pk": "TENANT#1", "sk": "ORDER#1"}, ConsistentRead=True)["Item"]
assert {**found, "bytes": bytes(found["bytes"])} == item, found
updated = table.update_item(
    Key={"pk": "TENANT#1", "sk": "ORDER#1"},
    UpdateExpression="SET #status = :closed ADD visits :one",
    ExpressionAttributeNames={"#status": "status"},
    ExpressionAttributeValues={":closed": "closed", ":one": 1},
    ReturnValues="UPDATED_NEW",
)
assert updated["Attributes"] == {"status": "closed", "visits": 1}, updated
answer = refused(
    "ConditionalCheckFailedException",
    table.put_item,
    Item={"pk": "TENANT#1", "sk": "ORDER#1"},
    ConditionExpression=Attr("pk").not_exists(),
    ReturnValuesOnConditionCheckFailure="ALL_OLD",
)
assert answer["Item"]["status"] == "closed" or answer["Item"]["status"] == {"S": "closed"}, answer
refused("ValidationException", table.put_item, Item={"pk": "TENANT#1"})
refused("ResourceNotFoundException", client.describe_table, TableName="nowhere")

# Batches and pages.
with table.batch_writer() as batch:
    for number in range(60):
        batch.put_item(Item={"pk": "LONG", "sk": f"{number:03}", "status": "open", "padding": "x" * 30_000})
pages = list(
    client.get_paginator("query").paginate(
        TableName="boto3", KeyConditionExpression=Key("pk").eq("LONG"), ReturnConsumedCapacity="TOTAL"
    )
)
assert [page["Count"] for page in pages] == [34, 26], [page["Count"] for page in pages]
assert [found["sk"] for page in pages for found in page["Items"]] == [f"{number:03}" for number in range(60)]
by_index = table.query(IndexName="by-status", KeyConditionExpression=Key("status").eq("open"), Limit=7)
assert by_index["Count"] == 7 and "status" in by_index["LastEvaluatedKey"], by_index["LastEvaluatedKey"]
got = resource.batch_get_item(
    RequestItems={"boto3": {"Keys": [{"pk": "LONG", "sk": f"{number:03}"} for number in range(5)]}}
)
assert len(got["Responses"]["boto3"]) == 5 and got["UnprocessedKeys"] == {}, got
segments = [table.scan(Segment=segment, TotalSegments=3, Select="COUNT")["Count"] for segment in range(3)]
assert sum(segments) <= 61 and sum(segments) > 0, segments

# Transactions.
client.transact_write_items(
    TransactItems=[
        {"Put": {"TableName": "boto3", "Item": {"pk": "TENANT#1", "sk": "ORDER#2"}}},
        {"ConditionCheck": {"TableName": "boto3", "Key": {"pk": "TENANT#1", "sk": "ORDER#1"},
                            "ConditionExpression": "attribute_exists(pk)"}},
    ]
)
answer = refused(
    "TransactionCanceledException",
    client.transact_write_items,
    TransactItems=[
        {"Delete": {"TableName": "boto3", "Key": {"pk": "TENANT#1", "sk": "ORDER#2"}}},
        {"Put": {"TableName": "boto3", "Item": {"pk": "TENANT#1", "sk": "ORDER#1"},
                 "ConditionExpression": "attribute_not_exists(pk)"}},
    ],
)
assert [reason["Code"] for reason in answer["CancellationReasons"]] == ["None", "ConditionalCheckFailed"], answer
read = client.transact_get_items(
    TransactItems=[{"Get": {"TableName": "boto3", "Key": {"pk": "TENANT#1", "sk": sk}}} for sk in ("ORDER#2", "NONE")]
)
assert [one.get("Item", {}).get("sk") for one in read["Responses"]] == ["ORDER#2", None], read

# PartiQL.
client.execute_statement(Statement="INSERT INTO \"boto3\" VALUE {'pk': 'SQL', 'sk': 'A', 'count': 1}")
client.execute_statement(Statement='UPDATE "boto3" SET "count" = ? WHERE pk = ? AND sk = ?', Parameters=[2, "SQL", "A"])
selected = client.execute_statement(Statement='SELECT * FROM "boto3" WHERE pk = ?', Parameters=["SQL"])["Items"]
assert selected == [{"pk": "SQL", "sk": "A", "count": 2}], selected
client.execute_statement(Statement="DELETE FROM \"boto3\" WHERE pk = 'SQL' AND sk = 'A'")
refused("ValidationException", client.execute_statement, Statement="SELECT nothing")

# An index more, filled from what is there; and one less.
client.update_table(
    TableName="boto3",
    AttributeDefinitions=[{"AttributeName": "sk", "AttributeType": "S"}],
    GlobalSecondaryIndexUpdates=[
        {
            "Create": {
                "IndexName": "by-sk",
                "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        }
    ],
)
until = time.monotonic() + 30
while any(index["IndexStatus"] != "ACTIVE" for index in client.describe_table(TableName="boto3")["Table"]["GlobalSecondaryIndexes"]):
    assert time.monotonic() < until, "the new index is not active after 30 s"
    time.sleep(0.1)
by_sk = table.query(IndexName="by-sk", KeyConditionExpression=Key("sk").eq("ORDER#1"))["Items"]
assert by_sk == [{"pk": "TENANT#1", "sk": "ORDER#1"}], by_sk
client.update_table(TableName="boto3", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-sk"}}])
refused("ValidationException", table.query, IndexName="by-sk", KeyConditionExpression=Key("sk").eq("ORDER#1"))

# Time to live.
client.update_time_to_live(
    TableName="boto3", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
)
described = client.describe_time_to_live(TableName="boto3")["TimeToLiveDescription"]
assert described["AttributeName"] == "expires" and described["TimeToLiveStatus"] in ("ENABLING", "ENABLED"), described

# The stream: what happened to the first order, in order.
streams = boto3.client("dynamodbstreams", **ANYONE)
arn = streams.list_streams(TableName="boto3")["Streams"][0]["StreamArn"]
records = []
for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    while iterator:
        page = streams.get_records(ShardIterator=iterator)
        records += page["Records"]
        if not page["Records"]:
            break
        iterator = page.get("NextShardIterator")
plain = TypeDeserializer().deserialize
of_order = [
    record
    for record in records
    if {name: plain(value) for name, value in record["dynamodb"]["Keys"].items()} == {"pk": "TENANT#1", "sk": "ORDER#1"}
]
assert [record["eventName"] for record in of_order] == ["INSERT", "MODIFY"], of_order
assert plain(of_order[1]["dynamodb"]["OldImage"]["status"]) == "open", of_order
assert plain(of_order[1]["dynamodb"]["NewImage"]["status"]) == "closed", of_order
assert abs(time.time() - of_order[0]["dynamodb"]["ApproximateCreationDateTime"].timestamp()) < 600, of_order

# Other credentials, as good as the first.
other = boto3.client("dynamodb", **{**ANYONE, "aws_access_key_id": "else", "aws_session_token": "token"})
assert other.list_tables()["TableNames"] == ["boto3"]

table.delete()
table.wait_until_not_exists()
