//! Collections over an index.

use keyfold::prelude::*;

#[derive(Table, Clone)]
#[table(
    pk = "PK",
    sk = "SK",
    patterns,
    index(Gsi1, name = "GSI1", pk = "GSI1PK", sk = "GSI1SK")
)]
pub struct Works {
    pub teams: Repo<Team>,
    pub people: Repo<Person>,
    pub tasks: Repo<Task>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "TEAM#{id}", sk = "META")]
#[index(Gsi1, pk = "SITE#{site}#{id}", sk = "TEAM")]
pub struct Team {
    pub id: u32,
    pub site: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "PERSON#{name}", sk = "META")]
#[index(Gsi1, pk = "SITE#{site}#{team}", sk = "PERSON#{name}")]
pub struct Person {
    pub name: String,
    pub site: String,
    pub team: u32,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "TASK#{id}", sk = "META")]
#[index(Gsi1, pk = "SITE#{place}#{team}", sk = "TASK#{due}#{id}")]
pub struct Task {
    pub id: u64,
    pub place: String,
    pub team: Option<u32>,
    pub due: Timestamp,
}

/// A team with its people, wherever these are stored; its tasks lie after them in the index.
#[derive(Debug, PartialEq, ItemCollection)]
#[collection(Team, index = Gsi1)]
#[skip(Task)]
pub struct Roster {
    #[one]
    pub team: Team,
    #[many]
    pub people: Vec<Person>,
}

/// The same with what there is to do.
#[derive(Debug, PartialEq, ItemCollection)]
#[collection(Team, index = Gsi1)]
pub struct Board {
    #[one]
    pub team: Option<Team>,
    #[many]
    pub tasks: Vec<Task>,
    #[many]
    pub people: Vec<Person>,
}

#[access_patterns]
impl Works {
    /// A team with its people.
    #[query(Roster)]
    pub fn roster(&self, site: &str, team: u32) -> Collect<Roster>;

    /// A team with its people and tasks.
    #[query(Board, max_items = 4)]
    pub fn board(&self, site: &str, team: u32) -> Collect<Board>;
}

async fn open() -> Works {
    let db = Works::builder(keyfold::embedded::memory().client()).build();
    db.create_table().await.expect("created");
    db
}

fn person(name: &str, team: u32) -> Person {
    Person {
        name: name.to_owned(),
        site: "Bern".to_owned(),
        team,
    }
}

fn team() -> Team {
    Team {
        id: 7,
        site: "Bern".to_owned(),
        name: "Hands".to_owned(),
    }
}

#[tokio::test]
async fn a_collection_is_read_from_an_index_by_one_query() {
    let db = open().await;
    db.teams.create(team()).await.expect("created");
    for (name, team) in [("Cy", 7), ("Ada", 7), ("Bo", 8)] {
        db.people.create(person(name, team)).await.expect("created");
    }
    let task = Task {
        id: 1,
        place: "Bern".to_owned(),
        team: Some(7),
        due: db.now(),
    };
    db.tasks.create(task.clone()).await.expect("created");
    let roster = db.roster("Bern", 7).get().await.expect("read");
    let expected = Roster {
        team: team(),
        people: vec![person("Ada", 7), person("Cy", 7)],
    };
    assert_eq!(roster, expected, "in the order of the index, without tasks");
    let board = db.board("Bern", 7).get().await.expect("read");
    assert_eq!(board.tasks, [task]);
    assert_eq!(db.roster("Bern", 9).find().await.expect("read"), None);
}

#[tokio::test]
async fn its_request_names_the_index_and_its_design_says_so() {
    let db = open().await;
    let request = db.roster("Bern", 7).request().expect("a request");
    assert_eq!(request.index_name(), Some("GSI1"));
    assert_eq!(request.consistent_read(), None);
    let model = Works::model();
    let index = |id: &str| {
        let pattern = model.all_patterns().find(|pattern| pattern.id == id);
        pattern.expect("declared").index.clone()
    };
    assert_eq!(index("roster").as_deref(), Some("Gsi1"));
    let explained = db
        .board("Bern", 7)
        .explain()
        .expect("explained")
        .to_string();
    assert!(explained.contains("works / index GSI1"), "{explained}");
}

#[tokio::test]
async fn an_orphan_and_a_crowd_are_errors_there_too() {
    let db = open().await;
    db.people.create(person("Ada", 7)).await.expect("created");
    let orphan = db.roster("Bern", 7).find().await.expect_err("no team");
    assert!(orphan.to_string().contains("KF1016"), "{orphan}");
    for name in ["B", "C", "D", "E"] {
        db.people.create(person(name, 7)).await.expect("created");
    }
    let crowd = db.board("Bern", 7).find().await.expect_err("five of four");
    assert!(
        matches!(crowd, QueryError::TooMany { max_items: 4, .. }),
        "{crowd}"
    );
}
