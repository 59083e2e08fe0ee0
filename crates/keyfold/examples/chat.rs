//! A public design of AWS's for a chat, adopted as it is: `cargo run --example chat`.
//!
//! Keys have `:` for glue, a moment stands alone as a sort key, and the index goes by ordinary attributes. Items that
//! others wrote are read, and written again without one byte of difference.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::struct_field_names,
    clippy::duplicate_mod,
    reason = "an example is read as a whole, prints, and names fields as the attributes are; its data are read as the other's are"
)]

use std::error::Error;
use std::ops::Range;

use keyfold::prelude::*;

#[path = "workbench/data.rs"]
mod data;

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", tag = none, patterns,
        index(InRoom, name = "RoomID_Comment_IDX", pk = "RoomID", sk = "CreatedAt"))]
pub struct Chat {
    pub rooms: Repo<Room>,
    pub joins: Repo<Join>,
    pub comments: Repo<Comment>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[key(pk = "Room:{name}", sk = "meta")]
pub struct Room {
    #[key_only]
    pub name: String,
    pub created_by: String,
}

/// A user is in a room.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "User:{user}", sk = "Join:{room}")]
pub struct Join {
    #[key_only]
    pub user: String,
    #[key_only]
    pub room: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[key(pk = "User:{user}", sk = "{at}")]
#[index(InRoom, pk = room, sk = created_at)]
pub struct Comment {
    #[key_only]
    pub user: String,
    #[key_only]
    pub at: Timestamp,
    #[serde(rename = "RoomID")]
    pub room: String,
    pub comment: String,
    pub created_at: Timestamp,
}

#[access_patterns]
impl Chat {
    /// What a user said, wherever.
    #[query(Comment)]
    #[skip(Join)]
    pub fn comments_of(&self, user: &str) -> Pages<Comment>;

    /// A room's comments, the newest first.
    #[query(Comment, index = InRoom, newest_first, page = 10)]
    pub fn comments_in(&self, room: &str) -> Pages<Comment>;

    /// A room's comments since a moment.
    #[query(Comment, index = InRoom)]
    pub fn comments_since(&self, room: &str, #[from] created_at: Timestamp) -> Pages<Comment>;

    /// A room's comments between two moments.
    #[query(Comment, index = InRoom)]
    pub fn comments_between(
        &self,
        room: &str,
        #[between] created_at: Range<Timestamp>,
    ) -> Pages<Comment>;

    /// The rooms a user is in.
    #[query(Join)]
    #[skip(Comment)]
    pub fn rooms_of(&self, user: &str) -> Pages<Join>;
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() -> Result<(), Box<dyn Error>> {
    let client = keyfold::embedded::memory().client();
    let db = Chat::builder(client.clone()).table("chat").build();
    db.create_table().await?;
    let items = data::items(include_str!(
        "../../keyfold-export/tests/data/ChatSystemSchema.json"
    ))?;
    data::load(&client, "chat", &items).await?;

    // What others wrote, read.
    let mut comments = Vec::new();
    for user in ["UserA", "UserB", "UserC"] {
        comments.extend(db.comments_of(user).all(100).await?);
    }
    let mut rooms = Vec::new();
    for name in ["Music", "Art", "Movie"] {
        rooms.push(db.rooms.get(name).await?);
    }
    assert_eq!((comments.len(), rooms.len()), (5, 3));
    let newest = db.comments_in("Art").page().await?.items;
    assert_eq!(
        newest.iter().map(|said| &*said.comment).collect::<Vec<_>>(),
        ["Me too.", "I love aaa."]
    );
    let noon: Timestamp = "2023-04-01T12:00:30.000Z".parse()?;
    let two: Timestamp = "2023-04-01T14:00:00.001Z".parse()?;
    assert_eq!(db.comments_since("Music", noon).all(10).await?.len(), 1);
    assert_eq!(
        db.comments_between("Art", noon..two).all(10).await?.len(),
        0
    );

    // Read and written again, it is what it was.
    let copy = Chat::builder(client.clone()).table("copy").build();
    copy.create_table().await?;
    for room in rooms {
        copy.rooms.put(room).await?;
    }
    for comment in comments {
        copy.comments.put(comment).await?;
    }
    assert_eq!(data::stored(&client, "copy").await?, data::sorted(items));

    // A room is made once, and ended by whoever made it; users come and go.
    let room = Room {
        name: "Jazz".into(),
        created_by: "UserB".into(),
    };
    db.rooms.create(room.clone()).await?;
    assert!(
        db.rooms
            .create(room)
            .await
            .is_err_and(|error| error.is_already_there())
    );
    let by_another = db
        .rooms
        .delete("Jazz")
        .when(|room| room.created_by.eq("UserA"))
        .send()
        .await;
    assert!(by_another.is_err_and(|error| error.is_condition_failed()));
    db.joins
        .create(Join {
            user: "UserA".into(),
            room: "Jazz".into(),
        })
        .await?;
    assert_eq!(db.rooms_of("UserA").all(10).await?.len(), 1);
    db.joins.delete(("UserA", "Jazz")).await?;
    db.rooms
        .delete("Jazz")
        .when(|room| room.created_by.eq("UserB"))
        .send()
        .await?;
    assert!(db.rooms.find("Jazz").await?.is_none());
    println!("{}", db.comments_in("Art").explain()?);
    Ok(())
}
