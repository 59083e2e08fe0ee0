//! The table `SNS`.

use keyfold::prelude::*;

/// The table.
#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", tag = none)]
pub struct SNS {
    pub us: Repo<U>,
    pub u_followers: Repo<UFollower>,
    pub u_followings: Repo<UFollowing>,
    pub u_post_ps: Repo<UPostP>,
    pub p_likelist_us: Repo<PLikelistU>,
    pub p_likecounts: Repo<PLikecount>,
    pub u_timeline_ps: Repo<UTimelineP>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "u#{u:raw}", sk = sk)]
pub struct U {
    #[attr(omit_none)]
    #[serde(rename = "follower#")]
    pub follower: Option<u64>,
    #[attr(omit_none)]
    #[serde(rename = "following#")]
    pub following: Option<u64>,
    #[attr(omit_none)]
    #[serde(rename = "post#")]
    pub post: Option<u64>,
    #[attr(omit_none)]
    pub name: Option<String>,
    #[attr(omit_none)]
    pub content: Option<String>,
    #[attr(omit_none)]
    #[serde(rename = "imageUrl")]
    pub image_url: Option<String>,
    #[attr(omit_none)]
    pub etc: Option<String>,
    #[serde(rename = "SK")]
    pub sk: String,
    #[key_only]
    pub u: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "u#{u:raw}#follower", sk = "u#{u2:raw}")]
pub struct UFollower {
    #[key_only]
    pub u: String,
    #[key_only]
    pub u2: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "u#{u:raw}#following", sk = "u#{u2:raw}")]
pub struct UFollowing {
    #[key_only]
    pub u: String,
    #[key_only]
    pub u2: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "u#{u:raw}#post", sk = "p#{p:raw}")]
pub struct UPostP {
    pub content: String,
    #[serde(rename = "imageUrl")]
    pub image_url: String,
    pub timestamp: String,
    #[key_only]
    pub u: String,
    #[key_only]
    pub p: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "p#{p:raw}#likelist", sk = "u#{u:raw}")]
pub struct PLikelistU {
    #[key_only]
    pub p: String,
    #[key_only]
    pub u: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "p#{p:raw}#likecount", sk = sk)]
pub struct PLikecount {
    pub etc: String,
    #[serde(rename = "SK")]
    pub sk: String,
    #[key_only]
    pub p: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "u#{u:raw}#timeline", sk = "p#{p:raw}#u#{u2:raw}")]
pub struct UTimelineP {
    pub ttl: u64,
    #[key_only]
    pub u: String,
    #[key_only]
    pub p: String,
    #[key_only]
    pub u2: String,
}
