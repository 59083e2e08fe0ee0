use keyfold_embedded::{Durability, OpenError, Options, holder};

use crate::fixture::{TABLE, create_table, get, order, put};

#[tokio::test(flavor = "current_thread")]
async fn a_folder_opened_again_has_its_tables() {
    let folder = tempfile::tempdir().unwrap();
    for durability in [Durability::Full, Durability::Normal] {
        let sk = format!("ORDER#{durability:?}");
        {
            let engine = Options::new()
                .durability(durability)
                .open(folder.path())
                .unwrap();
            let client = engine.client();
            if client
                .list_tables()
                .send()
                .await
                .unwrap()
                .table_names()
                .is_empty()
            {
                create_table(&client, TABLE).await;
            }
            put(&client, order("TENANT#1", &sk)).await;
        }
        let client = keyfold_embedded::open(folder.path()).unwrap().client();
        assert!(get(&client, "TENANT#1", &sk).await.is_some());
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_second_opener_is_told_who_holds_the_folder_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(holder(folder.path()).unwrap(), None);
    let engine = keyfold_embedded::open(folder.path()).unwrap();
    let refused = keyfold_embedded::open(folder.path()).unwrap_err();
    assert!(refused.is_held());
    let pid = std::process::id();
    let OpenError::Held { holder: found, .. } = &refused else {
        panic!("{refused}");
    };
    assert_eq!(found.pid, Some(pid));
    assert_eq!(
        refused.to_string(),
        format!(
            "KF5003: the data folder {} is held by process {pid}. hint: it is open in this very process: clone that `Engine`",
            folder.path().display()
        )
    );

    // Clients and clones hold it too.
    let client = engine.client();
    drop(engine);
    assert!(holder(folder.path()).unwrap().is_some());
    drop(client);
    assert_eq!(holder(folder.path()).unwrap(), None);
    keyfold_embedded::open(folder.path()).unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_served_folder_names_its_endpoint_while_it_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let engine = keyfold_embedded::open(folder.path()).unwrap();
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let found = holder(folder.path()).unwrap().unwrap();
    assert_eq!(found.endpoint, Some(served.endpoint()));
    served.stop().await;
    assert_eq!(holder(folder.path()).unwrap().unwrap().endpoint, None);
}

#[test]
fn a_folder_that_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let refused = keyfold_embedded::open(&file).unwrap_err();
    assert!(matches!(refused, OpenError::Folder { .. }), "{refused}");

    std::fs::write(
        folder.path().join("engine.sqlite"),
        "no engine wrote this".repeat(100),
    )
    .unwrap();
    let refused = keyfold_embedded::open(folder.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Engine { .. }), "{refused}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_snapshot_of_a_running_engine_opens_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let engine = keyfold_embedded::open(folder.path().join("live")).unwrap();
    let client = engine.client();
    create_table(&client, TABLE).await;
    put(&client, order("TENANT#1", "ORDER#1")).await;
    let copy = folder.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    engine.snapshot(copy.join("engine.sqlite")).await.unwrap();
    put(&client, order("TENANT#1", "ORDER#2")).await;
    let again = engine
        .snapshot(copy.join("engine.sqlite"))
        .await
        .unwrap_err();
    assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);

    let copied = keyfold_embedded::open(&copy).unwrap().client();
    assert!(get(&copied, "TENANT#1", "ORDER#1").await.is_some());
    assert!(get(&copied, "TENANT#1", "ORDER#2").await.is_none());
}
