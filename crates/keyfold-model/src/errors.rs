//! The registry of error codes: one line of truth for compile-time messages, run-time errors and
//! the pages that explain them.

/// An error code and its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// `KF0002`.
    pub code: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Why it happens.
    pub cause: &'static str,
    /// What to do.
    pub fix: &'static str,
}

/// The page of a code.
pub fn explain(code: &str) -> Option<&'static ErrorCode> {
    REGISTRY
        .iter()
        .find(|entry| entry.code.eq_ignore_ascii_case(code))
}

const fn entry(
    code: &'static str,
    title: &'static str,
    cause: &'static str,
    fix: &'static str,
) -> ErrorCode {
    ErrorCode {
        code,
        title,
        cause,
        fix,
    }
}

/// Every code there is. `KF0xxx` while compiling, `KF1xxx` repositories, `KF3xxx` streams, `KF5xxx` the embedded engine,
/// `KF6xxx` operators' commands.
pub const REGISTRY: &[ErrorCode] = &[
    entry(
        "KF0001",
        "key template cannot be read",
        "A template is segments separated by `#`; a segment is literal text with at most one `{part}`, which stands last in it; a sort key may end in `[#{part}]`.",
        "Write the template in this grammar. Two values that belong together, such as `{region}-{id}`, become one part: `#[derive(KeyPart)] #[part(\"{region}-{id}\")]`.",
    ),
    entry(
        "KF0002",
        "two entities can write the same item",
        "Some values of the two templates give one key, so writing one entity would overwrite the other.",
        "Give one of them a literal segment of its own (`sk = \"EVENT#{at}\"`), or accept it knowingly: `#[key(.., shared_with(Other))]`.",
    ),
    entry(
        "KF0003",
        "access pattern does not fit its key",
        "The pattern misses a part of the partition key, skips a part of the sort key, asks for a range of values that do not sort, or reads items of an entity it does not list.",
        "Ask for every part of the partition key and for sort key parts from the left; list what lies in the range, or accept its cost with `#[skip(Entity)]`.",
    ),
    entry(
        "KF0004",
        "attribute of a derive cannot be read",
        "An attribute of `#[derive(Entity)]`, `#[derive(Table)]` or `#[access_patterns]` has an unknown name or the wrong form.",
        "The message lists what is known in this place.",
    ),
    entry(
        "KF0005",
        "template names no field",
        "A `{part}` of a key template is the name of a field, and the struct has none of this name.",
        "Correct the name; the message suggests the nearest.",
    ),
    entry(
        "KF0006",
        "attribute named like a key attribute",
        "A field would be stored under the name of a key attribute and replace the key.",
        "Rename the stored attribute: `#[serde(rename = \"..\")]`, or make the field the key with a bare template.",
    ),
    entry(
        "KF0007",
        "index not declared by the table",
        "An entity has a key in an index that `#[table(..)]` does not declare.",
        "Add `index(Name, pk = \"..\", sk = \"..\")` to the table.",
    ),
    entry(
        "KF0008",
        "kept item is not in the table",
        "`#[unique]` and `#[mirror]` write an ordinary entity, and the table does not list it.",
        "Add a field `Repo<ThatEntity>` to the table.",
    ),
    entry(
        "KF0009",
        "time to live without an attribute",
        "An entity expires and the table has no time-to-live attribute.",
        "Add `ttl = \"ttl\"` to `#[table(..)]`.",
    ),
    entry(
        "KF0010",
        "sort key missing or too many",
        "The table or index has a sort key and the entity's key has none, or the reverse.",
        "Give both a sort key, or neither.",
    ),
    entry(
        "KF0011",
        "key type differs",
        "A template writes text and the key attribute is a number or bytes, or a bare field is stored under another name than the key attribute.",
        "Use a bare field whose attribute is the key.",
    ),
    entry(
        "KF0012",
        "modifier does not fit the type",
        "`desc` needs an integer, a date or a moment; a width an integer; `lower` and `raw` text; `year`, `month`, `day`, `hour` a moment.",
        "Drop the modifier or change the field's type.",
    ),
    entry(
        "KF0013",
        "key part without a value",
        "An `Option` stands in the key of the table, which every item needs.",
        "Make it an optional tail, `[#{part}]`, or not an `Option`. In an index key an `Option` is fine: the index is then sparse.",
    ),
    entry(
        "KF0014",
        "key-only field cannot be read back",
        "The field is stored in the key alone and the template keeps only a piece of it.",
        "Drop `#[key_only]`, or keep the whole value in another part of the key.",
    ),
    entry(
        "KF0015",
        "index key part set alone",
        "An index key is made of several fields; setting one of them without the others would leave the key stale.",
        "Set them together, or `edit(&loaded)`, which knows all of them.",
    ),
    entry(
        "KF0016",
        "view reads another name",
        "A field of a view is read from another attribute than the one its entity stores it as.",
        "Give the view the same `#[serde(rename_all = ..)]` or `#[serde(rename = ..)]` as the entity.",
    ),
    entry(
        "KF0017",
        "key outside its scope",
        "A table with `scopes(..)` keeps each tenant's items apart by what their keys begin with. An entity's partition key, or that of one of its indexes, does not begin with a scope, names one the table does not declare, or the entity is `global` and uses one.",
        "Begin every partition key with a scope, `pk = \"{tenant}#ORDERS\"`; mark a field that is the scope's own identifier `#[scope]`; or say `#[entity(global)]` where the items are everybody's.",
    ),
    entry(
        "KF0018",
        "handle without the scope",
        "The entity belongs to a tenant (or another scope), and the handle was not given one.",
        "Call `db.tenant(tenant_id)` first, and use what it gives.",
    ),
    entry(
        "KF0019",
        "shards that cannot be found again",
        "`#[shard(..)]` needs `{shard}` in a partition key, and the number must follow from the key alone: `by` is a part of the table key without a modifier.",
        "Write `#[key(pk = \"LISTING#{shard}\", sk = \"PRODUCT#{created_at}#{id}\")] #[shard(16, by = id)]`.",
    ),
    entry(
        "KF1001",
        "value cannot be written into a key",
        "A key part is empty, too wide for its width or outside its range.",
        "Check the value before it becomes a key; the message names entity and part.",
    ),
    entry(
        "KF1002",
        "key too long",
        "After encoding, a partition key takes more than 2,048 bytes or a sort key more than 1,024.",
        "Bound the length of the part the message names; free text takes three bytes for each escaped byte.",
    ),
    entry(
        "KF1003",
        "key part has no value",
        "A key is needed and one of its parts is `None`.",
        "Give the part a value.",
    ),
    entry(
        "KF1004",
        "item too large",
        "An item may take 400 KB, names and values together.",
        "Split it into an item collection, or store the large part elsewhere and keep a reference.",
    ),
    entry(
        "KF1005",
        "item does not fit its entity",
        "A stored item lacks an attribute or holds one of another type than the struct.",
        "The message names the attribute. Give the field a default, or repair the item.",
    ),
    entry(
        "KF1006",
        "value cannot be stored",
        "Serialising a value failed.",
        "The message names the field and what serde says.",
    ),
    entry(
        "KF1007",
        "not found",
        "`get`, `patch`, `edit` or `delete` of an item that is not there (or has expired).",
        "Use `find` where absence is ordinary; check `is_not_found()`.",
    ),
    entry(
        "KF1008",
        "already there",
        "`create` of an item that exists, or of a value that a `#[unique]` item holds.",
        "Check `is_already_there()`; the error names the entity, or the unique value.",
    ),
    entry(
        "KF1009",
        "condition not met",
        "The condition given with `when`, or a part or version that changed since the item was loaded.",
        "Load it again and decide anew; `keyfold::retry` is the loop for that.",
    ),
    entry(
        "KF1010",
        "cursor refused",
        "A cursor is garbled, altered, made with another secret, or belongs to another pattern or other arguments.",
        "Start from the first page; pass cursors back exactly as they came, with the same question.",
    ),
    entry(
        "KF1011",
        "collection larger than allowed",
        "`max_items` items were read and there are more.",
        "Raise `max_items` where the growth is meant, or read it in pages.",
    ),
    entry(
        "KF1012",
        "transaction cannot be sent",
        "It has no operation, more than 100, more than 4 MB, or two on one item.",
        "The message names the operations; split it, or join the two into one.",
    ),
    entry(
        "KF1013",
        "transaction refused",
        "An operation's condition failed and no `.or(..)` names a refusal for it.",
        "Name the refusal, or handle `TransactError::Condition`.",
    ),
    entry(
        "KF1014",
        "request failed",
        "DynamoDB, or the way to it, answered with an error; the source says which.",
        "Check `is_throttled()`; the client has already retried as its configuration says.",
    ),
    entry(
        "KF1015",
        "table differs from its model",
        "The table in the account has other keys, indexes, stream or time to live than the model.",
        "`verify()` lists each difference and what to change.",
    ),
    entry(
        "KF1016",
        "collection does not fit",
        "An item collection holds children without the member that must be there, or two where one is expected.",
        "Repair the partition the message describes, or make the member optional.",
    ),
    entry(
        "KF1017",
        "filter on a key attribute",
        "A filter applies to what a Query has read, and DynamoDB takes none on the keys the Query itself goes by.",
        "Give the pattern an argument for that part, `#[from]`, `#[to]` or `#[between]` for a range: then less is read.",
    ),
    entry(
        "KF1018",
        "handle without the scope",
        "A handle was put together by hand, without the scope its type says it has.",
        "Get handles from `db.tenant(..)` and what follows it.",
    ),
    entry(
        "KF1019",
        "another scope than the handle's",
        "The `#[scope]` field of an item, or another operation of the transaction, is of another tenant than the handle that writes it. Nothing was sent.",
        "Use the handle of the item's own tenant; one transaction is one tenant's.",
    ),
    entry(
        "KF1020",
        "change within a value that is not there",
        "An update changes an element of a list, an entry of a map or a field of a nested document, and the item does not have that list, map or document (absent, or NULL).",
        "Set the value whole first. Where it may be missing, ask: `when(|f| f.address.exists())`, and set it whole when that is refused.",
    ),
    entry(
        "KF1021",
        "version that is not read",
        "A stored item is of a newer version than this program knows, or of an older one that its `upcast(..)` does not list.",
        "Newer: deploy the release that knows it everywhere before one writes it. Older: list its struct in `upcast(1 = ..)`, or run `repo.backfill()` with a release that still does.",
    ),
    entry(
        "KF1022",
        "version cannot be brought up to date",
        "The `TryFrom` from an older version of the struct to the next one refused a stored item.",
        "The message says which versions and why. Mend the conversion, or the item.",
    ),
    entry(
        "KF3001",
        "change without the image that is asked of it",
        "A handler asks for the new or the old item, and this kind of change has none (an inserted item has no old one, a removed one no new), or the table's stream was made with a view that leaves it out.",
        "Look at the change's `kind` first. Where the stream leaves it out: declare `stream = new_and_old_images`, and switch the stream off and on with that view once its readers are done.",
    ),
    entry(
        "KF3002",
        "record that cannot be read",
        "A record is of a declared entity by its tag or key, and an image of it does not fit the struct. It was set aside without being tried.",
        "The reason names the attribute. Give the field a default, or repair the item; then `keyfold streams replay`.",
    ),
    entry(
        "KF3003",
        "handler panicked",
        "A handler ended by a panic. That counts as a failed call: the record is tried again and then set aside.",
        "The panic's message is in the log of the worker; mend the handler, then `keyfold streams replay`.",
    ),
    entry(
        "KF3004",
        "handler took too long",
        "A call of a handler ran into the pipeline's time limit and was ended.",
        "Give what the handler waits for a shorter limit of its own, or raise `Pipeline::time_limit`.",
    ),
    entry(
        "KF3005",
        "records deleted before they were read",
        "A stream keeps its records for 24 hours, and the pipeline was stopped or behind for longer. What was deleted is not handled; the pipeline goes on with the oldest record there is.",
        "Bring what the handlers derive up to date from the table itself. `keyfold streams lag` shows a pipeline that falls behind.",
    ),
    entry(
        "KF3006",
        "record set aside",
        "A record failed as often as the pipeline tries, or its handler said that trying again will not help. It lies with the dead letters; what came after it goes on.",
        "`keyfold streams dead-letters` gives the reason. After mending it: `keyfold streams replay`.",
    ),
    entry(
        "KF3007",
        "table without a stream",
        "A pipeline is started on a table whose stream is off.",
        "Switch it on with UpdateTable; `keyfold table verify` says which view the design wants.",
    ),
    entry(
        "KF3008",
        "pipeline cannot begin",
        "`<table>-streams`, where positions, leases and dead letters are kept, cannot be made or written, or the stream's shards cannot be listed.",
        "The message says why. The pipeline needs the right to read the stream, and to create, read and write `<table>-streams`.",
    ),
    entry(
        "KF3009",
        "dead letter cannot be replayed",
        "There is no such dead letter, or its images were too large to be kept with it.",
        "`keyfold streams dead-letters` lists what there is. One without images is mended from the table itself; then discard it.",
    ),
    entry(
        "KF3010",
        "no such pipeline",
        "A command names a pipeline that was never started on this table.",
        "The message lists those that were; check `--table` and the place.",
    ),
    entry(
        "KF5001",
        "the embedded engine cannot do this",
        "The operation exists on AWS and not in the embedded engine.",
        "The message names what to use instead.",
    ),
    entry(
        "KF5002",
        "the embedded engine cannot open its file",
        "The engine's file cannot be opened or made: no space, no right to write, or not a file of the engine.",
        "The message says which; mend the folder, or name another with `--data`.",
    ),
    entry(
        "KF5003",
        "data folder held",
        "Another process holds the data folder; two writers would corrupt each other's view of it.",
        "Stop the process the message names, connect to the endpoint it serves, or name another folder.",
    ),
    entry(
        "KF5004",
        "data folder unusable",
        "The data folder cannot be made, read or locked.",
        "The message says why; check the path and its permissions.",
    ),
    entry(
        "KF5005",
        "the embedded engine failed in a call",
        "The engine panicked while it answered; the call was rolled back and the engine goes on.",
        "Report it with the operation the message names.",
    ),
    entry(
        "KF5006",
        "cannot listen",
        "The address for the embedded engine's endpoint is taken or not allowed.",
        "Name another address, or stop what listens there.",
    ),
    entry(
        "KF5007",
        "disk full",
        "The disk that holds the embedded engine's folder takes no more, or fails; the write was not done, and what was acknowledged before is kept.",
        "Make room on that disk, or move the folder to another one while nothing holds it.",
    ),
    entry(
        "KF6001",
        "nothing there to work on",
        "The table, or the data folder, that a command names is not there.",
        "Check `--table`, and `--data` or `--endpoint`; `keyfold table create` makes a table from its model file.",
    ),
    entry(
        "KF6002",
        "line that is no item",
        "A line of an import is not an item in DynamoDB's JSON, lacks the table's key, or is too large.",
        "The message names file, line and what is wrong. Repair or remove the line, and give the command again: it goes on before it. `--dry-run` finds such lines before anything is written.",
    ),
    entry(
        "KF6003",
        "export cannot be used",
        "An export is unfinished, damaged, lacks a file, or is of a kind that cannot be imported (incremental, ION); or two processes would write the same one.",
        "Fetch the files again, or finish the export with the command that began it. A file must have the MD5 and the number of items its manifest says.",
    ),
    entry(
        "KF6004",
        "checkpoint cannot be used",
        "The file that notes how far a command was belongs to other tables, speaks of what has changed since, or cannot be written.",
        "Remove it to start from the beginning, or name another with `--checkpoint`.",
    ),
    entry(
        "KF6005",
        "stopped before the end",
        "Ctrl-C or SIGTERM ended a command; what was done until then is done.",
        "Give the same command again: it goes on from its checkpoint.",
    ),
    entry(
        "KF6006",
        "items left unprocessed",
        "A table did not take items for about two minutes, each request being retried with longer and longer waits.",
        "Raise its write capacity, or go on slower with `--items-per-second`; the same command goes on from its checkpoint.",
    ),
    entry(
        "KF6007",
        "keys of two tables differ",
        "Items are copied as they are, and the target's key attributes have other names or types.",
        "Copy into a table with the same keys; other keys are written by a program that knows the entities.",
    ),
    entry(
        "KF6008",
        "no snapshot was taken",
        "The folder has no data, the file is there already, or it cannot be written.",
        "The message says which; name another file with `--to`.",
    ),
    entry(
        "KF6009",
        "nothing was restored",
        "The file is no snapshot or is damaged, or the folder is not empty or cannot be written.",
        "The message says which. `--force` replaces the data in a folder.",
    ),
    entry(
        "KF6010",
        "file cannot be read or written",
        "A file of an export, an import or a copy is missing, locked away by its permissions, or the disk is full.",
        "The message names the file and says why. After mending it, the same command goes on from its checkpoint.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        assert!(REGISTRY.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert_eq!(explain("kf0002").map(|entry| entry.code), Some("KF0002"));
    }
}
