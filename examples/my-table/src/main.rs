//! Adds a project with two tasks, closes one, and shows what is stored and what it costs to ask.

use std::error::Error;

use aws_sdk_dynamodb::Client;
use keyfold::prelude::*;
use my_table::table::{Project, Task, Tasks};

/// The one place that knows what lies below: the engine in this process, which keeps its data in `data/`.
#[cfg(not(feature = "aws"))]
async fn client() -> Result<Client, Box<dyn Error>> {
    Ok(keyfold::embedded::open("data")?.client())
}

/// The one place that knows what lies below: AWS, as the environment names it.
#[cfg(feature = "aws")]
async fn client() -> Result<Client, Box<dyn Error>> {
    Ok(Client::new(&aws_config::load_from_env().await))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let db = Tasks::builder(client().await?).table("tasks").build();
    db.create_table().if_missing().await?;

    let project = Project {
        id: db.new_id(),
        name: "Move house".to_owned(),
        open_tasks: 0,
        created_at: db.now(),
    };
    db.projects.create(project.clone()).await?;
    for title in ["Rent a van", "Pack the books"] {
        let task = Task {
            project: project.id,
            id: db.new_id(),
            title: title.to_owned(),
            assignee: Some("jane".to_owned()),
            due: db.now(),
        };
        db.add_task(task).await?;
    }

    let board = db.board(&project.id).get().await?;
    if let Some(first) = board.tasks.first() {
        db.close_task(first).await?;
    }

    let page = db.tasks_of("jane").page().await?;
    let mut out = "what jane has to do:\n".to_owned();
    for task in &page.items {
        out += &format!("  {}\n", task.title);
    }
    out += &format!("read for {} units by\n", page.cost.read_units);
    out += &db.tasks_of("jane").explain()?.to_string();
    std::io::Write::write_all(&mut std::io::stdout(), out.as_bytes())?;
    Ok(())
}
