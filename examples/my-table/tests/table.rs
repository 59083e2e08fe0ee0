//! What the table promises, on the engine in memory: no server, no network.

use std::error::Error;

use keyfold::prelude::*;
use my_table::table::{Project, Refused, Task, Tasks};

type Result = std::result::Result<(), Box<dyn Error>>;

async fn empty() -> std::result::Result<Tasks, Box<dyn Error>> {
    let db = Tasks::builder(keyfold::embedded::memory().client()).build();
    db.create_table().if_missing().await?;
    Ok(db)
}

fn project(db: &Tasks) -> Project {
    Project {
        id: db.new_id(),
        name: "Move house".to_owned(),
        open_tasks: 0,
        created_at: db.now(),
    }
}

fn task(db: &Tasks, project: &Project, title: &str) -> Task {
    Task {
        project: project.id,
        id: db.new_id(),
        title: title.to_owned(),
        assignee: Some("jane".to_owned()),
        due: db.now(),
    }
}

#[tokio::test]
async fn a_board_holds_a_project_and_its_tasks() -> Result {
    let db = empty().await?;
    let (ours, other) = (project(&db), project(&db));
    db.projects.create(ours.clone()).await?;
    db.projects.create(other.clone()).await?;
    let mut tasks = [task(&db, &ours, "Rent a van"), task(&db, &ours, "Pack")];
    for task in tasks.clone() {
        db.add_task(task).await?;
    }
    db.add_task(task(&db, &other, "Another's")).await?;

    let board = db.board(&ours.id).get().await?;
    tasks.sort_by_key(|task| task.id);
    assert_eq!(board.tasks, tasks);
    assert_eq!(board.project.open_tasks, 2);
    Ok(())
}

#[tokio::test]
async fn a_closed_task_is_nobodys() -> Result {
    let db = empty().await?;
    let ours = project(&db);
    db.projects.create(ours.clone()).await?;
    let van = task(&db, &ours, "Rent a van");
    db.add_task(van.clone()).await?;
    assert_eq!(db.tasks_of("jane").page().await?.items, [van.clone()]);

    db.close_task(&van).await?;
    assert!(db.tasks_of("jane").page().await?.items.is_empty());
    assert_eq!(db.projects.get(&ours.id).await?.open_tasks, 0);

    // Whoever closes it again has an old one in hand, and nothing is counted twice.
    let again = db.close_task(&van).await;
    assert!(matches!(
        again,
        Err(TransactError::Refused(Refused::Changed))
    ));
    assert_eq!(db.projects.get(&ours.id).await?.open_tasks, 0);
    Ok(())
}

#[tokio::test]
async fn a_task_of_no_project_is_refused_and_nothing_is_written() -> Result {
    let db = empty().await?;
    let nowhere = project(&db);
    let lost = db.add_task(task(&db, &nowhere, "Rent a van")).await;
    assert!(matches!(
        lost,
        Err(TransactError::Refused(Refused::NoProject))
    ));
    assert!(db.tasks_of("jane").page().await?.items.is_empty());
    Ok(())
}
