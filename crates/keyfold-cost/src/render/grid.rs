//! Tables and headings, as text and as Markdown.

use std::fmt::Write as _;

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Text,
    Markdown,
}

impl Style {
    pub(super) fn heading(self, out: &mut String, level: usize, words: &str) {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = match self {
            Style::Text => writeln!(out, "{words}"),
            Style::Markdown => writeln!(out, "{} {words}\n", "#".repeat(level + 1)),
        };
    }

    pub(super) fn line(self, out: &mut String, words: &str) {
        let _ = match self {
            Style::Text => writeln!(out, "{words}"),
            Style::Markdown => writeln!(out, "{words}\n"),
        };
    }

    pub(super) fn item(self, out: &mut String, words: &str) {
        let _ = match self {
            Style::Text => writeln!(out, "  {words}"),
            Style::Markdown => writeln!(out, "- {words}"),
        };
    }
}

/// Rows under headers; the first columns are words, the others numbers.
pub(super) struct Grid {
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
    words: usize,
}

impl Grid {
    /// `words` columns from the left are set to the left.
    pub(super) fn new(headers: &[&str], words: usize) -> Self {
        Self {
            headers: headers.iter().map(|header| (*header).to_owned()).collect(),
            rows: Vec::new(),
            words,
        }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    pub(super) fn print(&self, out: &mut String, style: Style) {
        match style {
            Style::Text => self.as_text(out),
            Style::Markdown => self.as_markdown(out),
        }
    }

    fn as_text(&self, out: &mut String) {
        let widths: Vec<usize> = (0..self.headers.len())
            .map(|column| {
                let all = std::iter::once(&self.headers).chain(&self.rows);
                all.filter_map(|row| row.get(column))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or_default()
            })
            .collect();
        for row in std::iter::once(&self.headers).chain(&self.rows) {
            let mut line = String::from(" ");
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let width = *width;
                let _ = if self.is_words(column) {
                    write!(line, " {cell:<width$} ")
                } else {
                    write!(line, " {cell:>width$} ")
                };
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }

    fn as_markdown(&self, out: &mut String) {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |", cells.join(" | "))
        };
        let _ = writeln!(out, "{}", line(&self.headers));
        let rules: Vec<String> = (0..self.headers.len())
            .map(|column| if self.is_words(column) { "---" } else { "--:" }.to_owned())
            .collect();
        let _ = writeln!(out, "{}", line(&rules));
        for row in &self.rows {
            let _ = writeln!(out, "{}", line(row));
        }
        out.push('\n');
    }

    /// A last column that holds words is set to the left as well.
    fn is_words(&self, column: usize) -> bool {
        let last = self.headers.len() - 1;
        let says_words = self
            .headers
            .get(column)
            .is_some_and(|header| header == "but");
        column < self.words || (column == last && says_words)
    }
}
