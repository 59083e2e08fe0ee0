//! Reading TOML so that an error names its line, and an unknown key the nearest valid one.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A place in a file; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// What is wrong in a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {}, column {}: {message}{}", at.line, at.column, hint_text(hint.as_deref()))]
pub struct FileError {
    /// Where.
    pub at: Place,
    /// What.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

fn hint_text(hint: Option<&str>) -> String {
    hint.map(|hint| format!("\nhint: {hint}"))
        .unwrap_or_default()
}

impl FileError {
    pub(crate) fn new(at: Place, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// "did you mean …", or all there is.
pub(crate) fn nearest<'a>(name: &str, valid: impl IntoIterator<Item = &'a str>) -> String {
    let valid: Vec<&str> = valid.into_iter().collect();
    let best = valid
        .iter()
        .map(|known| {
            (
                strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase()),
                *known,
            )
        })
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((score, known)) if score > 0.75 => format!("did you mean `{known}`?"),
        _ if valid.is_empty() => "there is none".to_owned(),
        _ => format!("there are: {}", valid.join(", ")),
    }
}

/// A text and where its lines begin.
pub(crate) struct Source<'t> {
    text: &'t str,
}

impl<'t> Source<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text }
    }

    pub(crate) fn place(&self, byte: usize) -> Place {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    pub(crate) fn parse(&self) -> Result<Spanned<DeTable<'t>>, FileError> {
        DeTable::parse(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            FileError::new(self.place(at), error.message().trim().to_owned())
        })
    }
}

/// One table of a file, of which every key has to be asked for.
pub(crate) struct Keys<'f, 't> {
    source: &'f Source<'t>,
    table: &'f DeTable<'t>,
    what: String,
    at: Place,
}

impl<'f, 't> Keys<'f, 't> {
    pub(crate) fn root(source: &'f Source<'t>, table: &'f Spanned<DeTable<'t>>) -> Self {
        Self {
            source,
            table: table.get_ref(),
            what: "the file".to_owned(),
            at: Place { line: 1, column: 1 },
        }
    }

    pub(crate) fn at(&self) -> Place {
        self.at
    }

    /// Refuses a key that is not among these.
    pub(crate) fn only(&self, valid: &[&str]) -> Result<(), FileError> {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !valid.contains(&name) {
                let at = self.source.place(key.span().start);
                return Err(
                    FileError::new(at, format!("unknown key `{name}` in {}", self.what))
                        .hint(nearest(name, valid.iter().copied())),
                );
            }
        }
        Ok(())
    }

    fn value(&self, key: &str) -> Option<(&'f Spanned<DeValue<'t>>, Place)> {
        let value = self.table.get(key)?;
        Some((value, self.source.place(value.span().start)))
    }

    pub(crate) fn text(&self, key: &str) -> Result<Option<(&'f str, Place)>, FileError> {
        match self.value(key) {
            None => Ok(None),
            Some((value, at)) => match value.get_ref() {
                DeValue::String(text) => Ok(Some((text, at))),
                other => Err(self.wrong(key, "a text", other, at)),
            },
        }
    }

    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, FileError> {
        match self.value(key) {
            None => Ok(None),
            Some((value, at)) => match value.get_ref() {
                DeValue::Boolean(flag) => Ok(Some(*flag)),
                other => Err(self.wrong(key, "true or false", other, at)),
            },
        }
    }

    /// A number of at least 0, and at most this.
    pub(crate) fn number(&self, key: &str, most: f64) -> Result<Option<f64>, FileError> {
        let Some((value, at)) = self.value(key) else {
            return Ok(None);
        };
        let number = match value.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .map(|number| {
                    #[expect(clippy::cast_precision_loss, reason = "a sum of money, not a key")]
                    let number = number as f64;
                    number
                }),
            DeValue::Float(number) => number.as_str().parse().ok(),
            other => return Err(self.wrong(key, "a number", other, at)),
        };
        match number {
            Some(number) if number >= 0.0 && number <= most => Ok(Some(number)),
            _ => {
                let bounds = if most.is_finite() {
                    format!("from 0 to {most}")
                } else {
                    "of at least 0".to_owned()
                };
                Err(FileError::new(
                    at,
                    format!("`{key}` in {} is a number {bounds}", self.what),
                ))
            }
        }
    }

    /// A table inside this one.
    pub(crate) fn inside(&self, key: &str) -> Result<Option<Keys<'f, 't>>, FileError> {
        match self.value(key) {
            None => Ok(None),
            Some((value, at)) => self.as_table(key, value, at).map(Some),
        }
    }

    /// The tables inside this one, by name.
    pub(crate) fn each(&self) -> Result<Vec<(String, Keys<'f, 't>)>, FileError> {
        self.table
            .iter()
            .map(|(key, value)| {
                let name: &str = key.get_ref();
                let at = self.source.place(key.span().start);
                Ok((name.to_owned(), self.as_table(name, value, at)?))
            })
            .collect()
    }

    fn as_table(
        &self,
        key: &str,
        value: &'f Spanned<DeValue<'t>>,
        at: Place,
    ) -> Result<Keys<'f, 't>, FileError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(Keys {
                source: self.source,
                table,
                what: if self.what == "the file" {
                    format!("`{key}`")
                } else {
                    format!("{}.{key}`", self.what.trim_end_matches('`'))
                },
                at,
            }),
            other => Err(self.wrong(key, "a table of keys, as in `{ items = 1_000 }`", other, at)),
        }
    }

    fn wrong(&self, key: &str, wanted: &str, found: &DeValue<'_>, at: Place) -> FileError {
        FileError::new(
            at,
            format!(
                "`{key}` in {} is {wanted}, not {}",
                self.what,
                found.type_str()
            ),
        )
    }
}
