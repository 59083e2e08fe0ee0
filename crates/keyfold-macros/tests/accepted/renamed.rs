//! A crate that knows Keyfold under another name: `keyfold` is not in scope here.

use serde::{Deserialize, Serialize};

/// The other name, in a path of this crate.
pub mod outside {
    pub use keyfold as kf;
}

use outside::kf;
use outside::kf::prelude::{Collect, Pages, Repo, Table as _};

/// A name that gets in the way of paths that are not absolute.
#[allow(dead_code)]
mod keyfold_is_not_here {}

/// A state.
#[derive(kf::KeyPart, Serialize, Deserialize, Clone)]
#[keyfold(crate = outside::kf)]
pub enum State {
    /// Open.
    Open,
}

/// A note.
#[derive(kf::Entity, Serialize, Deserialize)]
#[keyfold(crate = outside::kf)]
#[key(pk = "NOTE#{id}", sk = "{state}")]
pub struct Note {
    id: String,
    state: State,
    text: Option<String>,
}

/// Notes.
#[derive(kf::Table, Clone)]
#[keyfold(crate = outside::kf)]
#[table(pk = "PK", sk = "SK", patterns(notes))]
pub struct Notes {
    notes: Repo<Note>,
}

/// All of one note.
#[derive(kf::ItemCollection)]
#[keyfold(crate = outside::kf)]
#[collection(Note)]
pub struct States {
    /// Its states.
    #[many]
    pub states: Vec<Note>,
}

/// What can be refused.
#[derive(kf::Refusal, Debug)]
#[keyfold(crate = outside::kf)]
pub struct No;

#[kf::access_patterns(group = notes, crate = outside::kf)]
impl Notes {
    /// The states of a note.
    #[query(Note)]
    pub fn states_of(&self, id: &str) -> Pages<Note>;

    /// The same, whole.
    #[query(States)]
    pub fn all_states(&self, id: &str) -> Collect<States>;
}

#[test]
fn a_renamed_crate_is_found() {
    let db = Notes::builder(kf::embedded::memory().client()).build();
    assert!(db.states_of("a").request().is_ok());
    assert!(db.all_states("a").request().is_ok());
    let _ = db
        .notes
        .patch(("a", &State::Open))
        .text(Some("t".to_owned()));
    let _: No = No;
}
