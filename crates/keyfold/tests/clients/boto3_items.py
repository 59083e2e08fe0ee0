"""Items as boto3 writes and reads them, in a table of Keyfold's. Says nothing unless something is wrong.

Usage: boto3_items.py ENDPOINT TABLE write|read
"""

import sys
from decimal import Decimal

import boto3
from boto3.dynamodb.types import Binary

ENDPOINT, TABLE, JOB = sys.argv[1:]
table = boto3.resource(
    "dynamodb",
    endpoint_url=ENDPOINT,
    region_name="eu-central-1",
    aws_access_key_id="anyone",
    aws_secret_access_key="anything",
).Table(TABLE)

VALUES = {
    "name": "",
    "exact": Decimal("1234567890123456789.0123456789012345678"),
    "count": Decimal(18446744073709551615),
    "negative": Decimal(-7),
    "ratio": Decimal("0.5"),
    "yes": True,
    "nothing": None,
    "bytes": Binary(b"\x00\xff"),
    "texts": {"a", "ü"},
    "numbers": {Decimal(1), Decimal("2.5")},
    "binaries": {Binary(b"\x01"), Binary(b"\x02\x03")},
    "list": ["x", "", "#"],
    "lines": [{"sku": "1", "price": Decimal("9.99"), "tags": []}],
    "labels": {"de": "Tür", "en": "door"},
    "kind": {"parcel": {"grams": Decimal(12)}},
}


def key(source):
    return {"PK": f"THING#{source}", "SK": "META"}


if JOB == "write":
    table.put_item(Item={**key("boto3"), "entity": "Thing", "source": "boto3", **VALUES})
else:
    item = table.get_item(Key=key("keyfold"), ConsistentRead=True)["Item"]
    found = {name: item[name] for name in VALUES}
    assert found == VALUES, found
    assert item["source"] == "keyfold" and item["entity"] == "Thing", item
