//! The table `Chat`.

use keyfold::prelude::*;

/// The table.
#[derive(Table, Clone)]
#[table(
    pk = "PK",
    sk = "SK",
    tag = none,
    index(RoomIDCommentIDX, name = "RoomID_Comment_IDX", pk = "RoomID", sk = "CreatedAt")
)]
pub struct Chat {
    pub users: Repo<User>,
    pub room_metas: Repo<RoomMeta>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "User:{user:raw}", sk = sk)]
#[index(RoomIDCommentIDX, pk = room_id, sk = created_at)]
pub struct User {
    #[serde(rename = "RoomID")]
    pub room_id: String,
    #[serde(rename = "Comment")]
    pub comment: String,
    #[serde(rename = "CreatedAt")]
    pub created_at: String,
    #[serde(rename = "SK")]
    pub sk: String,
    #[key_only]
    pub user: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "Room:{room:raw}", sk = "meta")]
pub struct RoomMeta {
    #[serde(rename = "CreatedBy")]
    pub created_by: String,
    #[key_only]
    pub room: String,
}
