//! The table: its records and the questions asked of it. Nothing else in the project knows a key.

use keyfold::prelude::*;

/// The table; each field is a repository.
#[derive(Table, Clone)]
#[table(
    pk = "PK",
    sk = "SK",
    patterns,
    index(Gsi1, name = "GSI1", pk = "GSI1PK", sk = "GSI1SK")
)]
pub struct Tasks {
    /// Projects.
    pub projects: Repo<Project>,
    /// Tasks.
    pub tasks: Repo<Task>,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "PROJECT#{id}", sk = "META")]
pub struct Project {
    /// Made by [`Table::new_id`](keyfold::Table::new_id).
    pub id: Id<Project>,
    /// Its name.
    pub name: String,
    /// How many of its tasks are open.
    #[counter]
    pub open_tasks: u64,
    /// When it was made.
    #[created]
    pub created_at: Timestamp,
}

/// A task of a project; while it is open it is in the index, under whoever does it.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "PROJECT#{project}", sk = "TASK#{id}")]
#[index(Gsi1, pk = "ASSIGNEE#{assignee}", sk = "DUE#{due}")]
pub struct Task {
    /// The project it is of.
    pub project: Id<Project>,
    /// Sorts by when it was made, to the millisecond.
    pub id: Id<Task>,
    /// What is to be done.
    pub title: String,
    /// Nobody, once it is done.
    pub assignee: Option<String>,
    /// Until when.
    pub due: Timestamp,
}

/// A project with all its tasks: one Query.
#[derive(Debug, PartialEq, ItemCollection)]
#[collection(Project)]
pub struct Board {
    /// The project.
    #[one]
    pub project: Project,
    /// Its tasks, by their ids.
    #[many]
    pub tasks: Vec<Task>,
}

/// Every question the program asks.
#[access_patterns]
impl Tasks {
    /// A project with its tasks.
    #[query(Board, max_items = 1_000)]
    pub fn board(&self, id: &Id<Project>) -> Collect<Board>;

    /// What somebody has to do, the most urgent first.
    #[query(Task, index = Gsi1, page = 20)]
    pub fn tasks_of(&self, assignee: &str) -> Pages<Task>;
}

/// Why a task is not added or closed.
#[derive(Debug, PartialEq, Eq, Refusal)]
pub enum Refused {
    /// There is no such project.
    NoProject,
    /// It was changed or closed meanwhile: load it again.
    Changed,
}

impl Tasks {
    /// Adds a task to a project: both change, or neither.
    ///
    /// # Errors
    /// [`Refused::NoProject`], or what the database says.
    pub async fn add_task(&self, task: Task) -> Result<(), TransactError<Refused>> {
        let project = self.projects.patch(&task.project).add_open_tasks(1);
        self.transact()
            .apply(project)
            .or(Refused::NoProject)
            .create(task)
            .commit()
            .await?;
        Ok(())
    }

    /// Closes a task, whose index entry goes with its assignee.
    ///
    /// # Errors
    /// [`Refused::Changed`], or what the database says.
    pub async fn close_task(&self, task: &Task) -> Result<(), TransactError<Refused>> {
        let project = self.projects.patch(&task.project).add_open_tasks(-1);
        self.transact()
            .apply(self.tasks.edit(task).assignee(None))
            .or(Refused::Changed)
            .apply(project)
            .or(Refused::NoProject)
            .commit()
            .await?;
        Ok(())
    }
}
